// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import RuleLanguage
import Simulation
import Testing

/// A near miss is near only if a rule that is a little laxer takes it for a match.
@Suite struct StreamNearMissTests {
    struct Laxer: Sendable, CustomTestStringConvertible {
        let rule: String
        let file: String
        let strict: String
        let lax: String
        let stream: String
        let note: String

        init(
            _ rule: String, _ file: String, _ strict: String, _ lax: String, _ stream: String,
            finds note: String
        ) {
            self.rule = rule
            self.file = file
            self.strict = strict
            self.lax = lax
            self.stream = stream
            self.note = note
        }

        var testDescription: String { "\(rule): \(note)" }
    }

    static let laxer = [
        Laxer(
            "card_testing", "card-fraud", "at least 3 authorization", "at least 2 authorization",
            "cards.jsonl", finds: "only two test charges"),
        Laxer(
            "impossible_travel", "card-fraud", "> 900 *", "> 300 *", "cards.jsonl",
            finds: "Berlin to Lisbon with a flight"),
        Laxer(
            "card_enumeration", "card-fraud", "at least 8 distinct", "at least 7 distinct",
            "cards.jsonl", finds: "7 numbers, 4s apart"),
        Laxer(
            "ssh_guessed_password", "ssh", "when within 10m", "when within 11m", "sshd.log",
            finds: "in after more than ten minutes"),
        Laxer(
            "ssh_user_enumeration", "ssh", "at least 10 distinct", "at least 9 distinct",
            "sshd.log", finds: "nine names"),
        Laxer(
            "ssh_distributed_guessing", "ssh", "at least 12 distinct", "at least 11 distinct",
            "sshd.log", finds: "eleven addresses"),
        Laxer(
            "unpaid_order", "orders", "for 30m", "for 29m59s", "orders.jsonl",
            finds: "paid in the last moment"),
        Laxer(
            "shipped_unpaid", "orders", "within 3d", "within 4d", "orders.jsonl",
            finds: "sent after three days"),
        Laxer(
            "double_charge", "orders", "within 1h", "within 61m", "orders.jsonl",
            finds: "more than an hour apart"),
        Laxer(
            "silent_device", "iot", "for 5m", "for 4m59s", "sensors.jsonl",
            finds: "a heartbeat in the last moment"),
        Laxer(
            "mute_device", "iot", "no heartbeat for 30m", "no heartbeat for 28m", "sensors.jsonl",
            finds: "the first heartbeat just in time"),
        Laxer(
            "overheating", "iot", "temp > 90", "temp >= 90", "sensors.jsonl",
            finds: "90 degrees, not more"),
        Laxer(
            "stuck_sensor", "iot", "next 19 reading", "next 18 reading", "sensors.jsonl",
            finds: "19 times the same"),
        Laxer(
            "bad_deployment", "operations", "then 20 request", "then 19 request",
            "operations.jsonl", finds: "nineteen errors"),
        Laxer(
            "crash_loop", "operations", "within 1m", "within 61s", "operations.jsonl",
            finds: "each lives for more than a minute"),
        Laxer(
            "broken_branch", "operations", "next 3 build", "next 2 build", "operations.jsonl",
            finds: "builds +--+--+-+--+"),
        Laxer(
            "price_run", "trading", "run where price > ", "run where price >= ", "ticks.csv",
            finds: "the price rests once"),
        Laxer(
            "wash_trade", "trading", "within 5m", "within 301s", "ticks.csv",
            finds: "a second too late"),
        Laxer(
            "brute_force", "identity", "at least 5", "at least 4", "identity.jsonl",
            finds: "four failures, then in"),
        Laxer(
            "account_takeover", "identity", "within 5m", "within 301s", "identity.jsonl",
            finds: "a second more than five minutes apart"),
        Laxer(
            "dormant_account", "identity", "for 90d", "for 88d", "identity.jsonl",
            finds: "back after 89 days"),
        Laxer(
            "exfiltration", "data-loss", "reset on logout\n", "", "identity.jsonl",
            finds: "logged out before"),
        Laxer(
            "port_scan", "network", "at least 20", "at least 19", "network.jsonl",
            finds: "19 ports"),
        Laxer(
            "host_sweep", "network", "at least 15", "at least 14", "network.jsonl",
            finds: "14 hosts"),
        Laxer("beacon", "network", "next 9", "next 8", "network.jsonl", finds: "nine calls"),
        Laxer(
            "error_rate", "web", "0.05 * count(c)", "0.04 * count(c)", "web.jsonl",
            finds: "exactly one in twenty"),
        Laxer(
            "request_burst", "web", "count(h) > 60", "count(h) > 59", "web.jsonl",
            finds: "60 requests in nine seconds"),
        Laxer(
            "long_visit", "web", "count(v) >= 120", "count(v) >= 119", "web.jsonl",
            finds: "119 pages"),
        Laxer(
            "latency_jump", "web", "> 3 * avg", "> 2 * avg", "web.jsonl",
            finds: "four slow answers"),
        Laxer(
            "repeated_guessing", "risk", "within 1d { 2 brute", "within 26h { 2 brute",
            "identity.jsonl", finds: "guessed again more than a day later"),
        Laxer(
            "risk_score", "risk", ">= 80", ">= 60", "identity.jsonl",
            finds: "two high ones are not enough"),
        Laxer(
            "unusual_hour", "baseline", ">= 20", ">= 14", "hosts.jsonl",
            finds: "loud for this host, but a handful"),
    ]

    @Test func thereIsALaxerFormOfEachRule() throws {
        let rules = try StreamFixtures.ruleset().rules.filter { !$0.onlyEmits }.map(\.name)
        #expect(Self.laxer.map(\.rule).sorted() == rules.sorted())
    }

    @Test(arguments: laxer)
    func aLaxerRuleFindsTheNearMiss(laxer: Laxer) throws {
        let path = "/\(laxer.file).martlet"
        let files = try StreamFixtures.files(around: laxer.file).map { file in
            guard file.name.hasSuffix(path) else { return file }
            let text = String(decoding: file.bytes, as: UTF8.self)
            try #require(text.contains(laxer.strict), "\(laxer.file) has no `\(laxer.strict)`")
            return SourceFile(
                name: file.name,
                text: text.replacingOccurrences(of: laxer.strict, with: laxer.lax))
        }
        var ruleset = try StreamFixtures.checked(files)
        // Rules that read the alerts of others need those.
        let isChained = ruleset.rules.contains { $0.name == laxer.rule && $0.rank > 0 }
        if !isChained { ruleset.rules.removeAll { $0.name != laxer.rule } }
        let nearMiss = try #require(
            StreamFixtures.stream(laxer.stream).incidents.first {
                $0.isNearMiss && $0.rule == laxer.rule && $0.note == laxer.note
            })
        let file = try Self.part(of: laxer.stream, with: nearMiss)
        defer { try? FileManager.default.removeItem(at: file.deletingLastPathComponent()) }
        let alerts = try StreamFixtures.alerts(of: file.path, rules: ruleset)
        let found = try StreamFixtures.marks(alerts, withEnd: false)
        #expect(found.contains(StreamFixtures.mark(nearMiss, withEnd: false)))
    }

    /// The records that hold the key of an incident, and the first line: CSV needs it, and a leading
    /// absence has to be watched from the stream's start.
    private static func part(of name: String, with incident: PlantedIncident) throws -> URL {
        let values = incident.key.map(\.value.plainText)
        let lines = StreamFixtures.stream(name).text.split(separator: UInt8(ascii: "\n"))
            .map { String(decoding: $0, as: UTF8.self) }
        let part = lines.enumerated().filter { index, line in
            index == 0 || values.allSatisfy(line.contains)
        }
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "martlet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: name)
        try Data((part.map(\.element).joined(separator: "\n") + "\n").utf8).write(to: file)
        return file
    }
}
