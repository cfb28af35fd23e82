// SPDX-License-Identifier: Apache-2.0

/// Rules over made events whose matches are known: what speed is measured on.
package struct BenchWorkload: Sendable {
    /// The events of which `knownAlerts` speaks.
    package static let knownEventCount = 1_000_000
    static let folder = "fixtures/streams/bench"

    package let name: String
    /// What `generate.py` calls the events.
    let stream: String
    /// The file of its rules in `folder`.
    let rulesFile: String
    /// Copies of the rules' one rule, each with other names and numbers; 1: the file as it stands.
    var copies = 1
    /// What another copy has in the place of what the first one has.
    var changes: @Sendable (Int) -> [Change] = { _ in [] }
    /// Whether alerts are only counted.
    var isCounted = false
    /// Whether they are gone through one by one all the same.
    var isVisited = false
    /// What `martlet replay` needs to know to read the events.
    let readingOptions: [String]
    /// The alerts for `knownEventCount` events; nil where nobody else has counted them.
    let knownAlerts: Int?
    /// The same for the events of the second seed.
    var knownAlertsOfSecondSeed: Int?
    package static let secondSeed = 8

    struct Change: Sendable {
        var old: String
        var new: String
    }

    package static let all: [BenchWorkload] =
        [
            BenchWorkload(
                name: "W1", stream: "login", rulesFile: "w1.martlet", readingOptions: [],
                knownAlerts: 28_432),
            counted(3, alerts: 28_707_497), counted(6, alerts: 26_991_592_500),
            counted(9, alerts: 4_481_921_708_643), visited(3, alerts: 28_707_497),
            manyRules(1, alerts: 2_990, 2_993), manyRules(100, alerts: 13_770, 13_617),
            manyRules(1_000, alerts: 29_308, 28_996), manyRules(10_000, alerts: 61_173, 60_842),
            BenchWorkload(
                name: "W4", stream: "absence", rulesFile: "w4.martlet", readingOptions: [],
                knownAlerts: 52_552),
            BenchWorkload(
                name: "W5", stream: "iter", rulesFile: "w5.martlet", readingOptions: [],
                knownAlerts: 4_760),
            // Counted by brute force over the lines, as docs/reference/matching.md reads the rule.
            BenchWorkload(
                name: "W6", stream: "syslog", rulesFile: "w6.martlet",
                readingOptions: ["--input", "lines", "--type", "syslog"], knownAlerts: 2_006),
        ] + manyDifferences

    /// So many steps joined by `each`, in a window of 1,000 events: every way to match counts.
    private static func counted(_ steps: Int, alerts: Int) -> BenchWorkload {
        BenchWorkload(
            name: "W2(\(steps))", stream: "unary", rulesFile: "w2-\(steps).martlet",
            isCounted: true, readingOptions: [], knownAlerts: alerts)
    }

    /// The same, but each match is found with its events.
    private static func visited(_ steps: Int, alerts: Int) -> BenchWorkload {
        BenchWorkload(
            name: "W2(\(steps)) visited", stream: "unary", rulesFile: "w2-\(steps).martlet",
            isCounted: true, isVisited: true, readingOptions: [], knownAlerts: alerts)
    }

    private static func manyRules(_ count: Int, alerts: Int, _ second: Int) -> BenchWorkload {
        var workload = BenchWorkload(
            name: "W3(\(count))", stream: "login", rulesFile: "w3.martlet", copies: count,
            readingOptions: [], knownAlerts: alerts)
        workload.changes = { [.init(old: "\"u0\"", new: "\"u\($0)\""), name("w3", $0)] }
        workload.knownAlertsOfSecondSeed = second
        return workload
    }

    /// The rules' text; nil where the file cannot be read.
    func rules() -> String? {
        guard let bytes = ScratchFiles.read("\(BenchWorkload.folder)/\(rulesFile)") else {
            return nil
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard copies > 1 else { return text }
        return (0..<copies).map { copy(of: text, number: $0) }.joined(separator: "\n")
    }

    /// The rules' first rule as that of another number.
    func copy(of rule: String, number: Int) -> String {
        changes(number).reduce(rule) { rule, change in
            BenchWorkload.replacing(change.old, with: change.new, in: rule)
        }
    }

    static func replacing(_ old: String, with new: String, in text: String) -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.indices.first(where: { rest[$0...].hasPrefix(old) }) {
            result += rest[..<start] + new
            rest = rest[start...].dropFirst(old.count)
        }
        return result + rest
    }
}
