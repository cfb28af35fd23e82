// SPDX-License-Identifier: Apache-2.0

import AttemptTracing
import Diagnostics
import Engine
import EventModel
import Foundation
import Oracle
import RuleLanguage
import Simulation
import Testing

/// Scenarios and the stories that are told of them, as text.
@Suite struct StoryGoldenTests {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "fixtures/golden/why")

    static var names: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".txt") }.sorted()
    }

    @Test(arguments: names)
    func aKeyHasItsStory(name: String) throws {
        let source = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
        var found = ""
        for scenario in try MatchingScenario.read(source) {
            let story = try TracedScenario(scenario).story(attempts: 3)
            found += "== \(scenario.name)\n" + StoryText(story, colour: false).text + "\n"
        }
        let golden = Self.folder.appending(path: name.dropLast(4) + ".golden")
        if ProcessInfo.processInfo.environment["MARTLET_UPDATE_GOLDEN"] == "1" {
            try Data(found.utf8).write(to: golden)
        }
        #expect(found == (try String(contentsOf: golden, encoding: .utf8)))
    }
}

/// A scenario whose rules begin with `// why [RULE] [FIELD=VALUE]… [at=TIME]`.
struct TracedScenario {
    let ruleset: CheckedRuleset
    let rule: CheckedRule
    var key: [String] = []
    var at: StreamTime?
    let scenario: MatchingScenario

    init(_ scenario: MatchingScenario) throws {
        self.scenario = scenario
        let check = scenario.check()
        ruleset = try #require(
            check.ruleset, "\(DiagnosticRenderer.human(check.diagnostics, colour: false))")
        let question = scenario.rules.split(separator: "\n").first ?? ""
        var name = ruleset.rules.last?.name
        for word in question.split(separator: " ").dropFirst(2) {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 1 {
                name = parts[0]
            } else if parts[0] == "at" {
                at = TimeSpan(parts[1].utf8.span).map { MatchingScenario.zero + $0 }
            } else {
                key.append(parts[1])
            }
        }
        rule = try #require(ruleset.rules.first { $0.name == name })
    }

    func story(attempts: Int) -> KeyStory {
        var trace = RuleTrace(
            ruleset, rule, key: key, watchedFrom: scenario.watchedFrom, at: at)
        for event in scenario.events.sorted(by: { $0.time < $1.time }) {
            trace.take(TracedEvent(event))
        }
        trace.expectFates()
        let decisions = EngineSubject(ruleset).decisions(
            in: scenario.events, watchedFrom: scenario.watchedFrom,
            drainUntil: scenario.drainUntil)
        for decision in decisions where ruleset.rules[decision.rule].name == rule.name {
            let obstacle: MatchFate.Obstacle? =
                switch decision.obstacle {
                case .openAlert(let end)?: .openAlert(end: end)
                case .suppression(let end)?: .suppression(end: end)
                case .limit(let count, let since)?: .limit(count: count, since: since)
                case nil: nil
                }
            trace.take(
                MatchFate(
                    key: decision.key, start: decision.start, end: decision.end,
                    eventCount: decision.eventCount, obstacle: obstacle))
        }
        return trace.story(drainUntil: scenario.drainUntil, attempts: attempts)
    }
}

extension TracedEvent {
    init(_ event: ReferenceEvent) {
        self.init(
            type: event.type, time: event.time, id: event.id,
            fields: event.fields.map { ($0.name, $0.value) })
    }
}
