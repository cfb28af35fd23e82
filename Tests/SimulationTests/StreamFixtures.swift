// SPDX-License-Identifier: Apache-2.0

import Automata
import Connectors
import Diagnostics
import EventModel
import Foundation
import Pipeline
import RuleLanguage
import Simulation
import Testing

/// The committed streams, and replays of them.
enum StreamFixtures {
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    static let folder = root.appending(path: "fixtures/streams")
    static let rules = root.appending(path: "rules")

    static let streams = RecordedStream.all(seed: RecordedStream.committedSeed)
    static let names = streams.map(\.name)

    /// Events are up to so late in these streams.
    static let lateness = TimeSpan(seconds: 10)

    static func stream(_ name: String) -> RecordedStream { streams.first { $0.name == name }! }

    /// The committed file of a stream, packed or not.
    static func path(_ name: String) -> String {
        let packed = ["network.jsonl": "network.jsonl.zst", "sshd.log": "sshd.log.gz"]
        return folder.appending(path: packed[name] ?? name).path
    }

    static func expectedAlerts(_ name: String) -> URL {
        folder.appending(path: "expected/" + name.split(separator: ".")[0] + ".jsonl")
    }

    /// The lines of a file, unpacked.
    static func lines(_ path: String) throws -> [[UInt8]] {
        var reader = LineReader(try ByteSource(path: path), maxLineBytes: 1 << 16)
        var lines: [[UInt8]] = []
        while let line = try reader.next() { lines.append(Array(reader.buffer[line.range])) }
        return lines
    }

    /// The alerts that rules give on a file, as `martlet replay --format jsonl` writes them.
    static func alerts(of path: String, rules: CheckedRuleset) throws -> Data {
        let program = RulesetCompiler.compile(rules)
        var files = ReplayFiles()
        files.events = [path]
        files.common.lateness = lateness
        let output = FileManager.default.temporaryDirectory
            .appending(path: "martlet-\(UUID().uuidString).jsonl")
        defer { try? FileManager.default.removeItem(at: output) }
        var options = ReplayOptions()
        options.outputPath = output.path
        var session = try ReplaySession(
            program, inputs: try files.inputs(for: rules, program), options: options)
        while try session.step() {}
        try session.runOut()
        let report = try session.finish()
        guard report.late == 0, report.undecodableReasons.isEmpty, report.lines > 0 else {
            throw Unfit(report: "\(report)")
        }
        return try Data(contentsOf: output)
    }

    struct Unfit: Error { let report: String }

    /// All shipped rules.
    static func ruleset() throws -> CheckedRuleset {
        try checked(try RulesetLoader.sources([rules.path]))
    }

    /// A file of shipped rules, by its name, with those whose event types or alerts it reads.
    static func files(around name: String) throws -> [SourceFile] {
        let others = ["data-loss": ["identity"], "risk": ["data-loss", "identity"]]
        let names = (others[name] ?? []) + [name]
        return try RulesetLoader.sources(
            names.map { rules.appending(path: "\($0).martlet").path })
    }

    static func checked(_ files: [SourceFile]) throws -> CheckedRuleset {
        let result = RulesetLoader.check(files)
        guard let ruleset = result.ruleset else {
            throw Unfit(report: DiagnosticRenderer.human(result.diagnostics, colour: false))
        }
        return ruleset
    }

    /// What tells an alert of a stream from the others, with its end where that counts.
    static func mark(_ rule: String, _ key: [String: String], _ end: String? = nil) -> String {
        let parts = key.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return ([rule] + parts + (end.map { [$0] } ?? [])).joined(separator: " ")
    }

    static func mark(_ incident: PlantedIncident, withEnd: Bool = true) -> String {
        let key = Dictionary(
            uniqueKeysWithValues: incident.key.map { ($0.name, "\($0.value.plainText)") })
        guard withEnd, case .alert(let end) = incident.outcome else {
            return mark(incident.rule, key)
        }
        return mark(incident.rule, key, end.description)
    }

    /// The marks of alerts written as JSON lines.
    static func marks(_ alerts: Data, withEnd: Bool = true) throws -> [String] {
        try alerts.split(separator: UInt8(ascii: "\n")).map { line in
            let alert = try #require(
                try JSONSerialization.jsonObject(with: line) as? [String: Any])
            let rule = try #require(alert["rule"] as? String)
            let key = try #require(alert["key"] as? [String: Any])
            let end = try #require(alert["end"] as? String)
            return mark(rule, key.mapValues { "\($0)" }, withEnd ? end : nil)
        }
    }
}

extension PlantedIncident {
    var isNearMiss: Bool {
        if case .nearMiss = outcome { true } else { false }
    }
}

extension Value {
    var plainText: String {
        if case .int(let number) = self { return "\(number)" }
        if case .string(let text) = self { return text }
        return "\(self)"
    }
}
