// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Foundation
import Oracle
import RuleLanguage
import Simulation
import Testing

/// The engine over the same scenarios as the reference matcher.
@Suite struct ScenarioTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "fixtures/golden/matching")

    static let files: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".txt") }.sorted()
    }()

    @Test func thereAreScenarios() { #expect(!Self.files.isEmpty) }

    @Test(arguments: files)
    func theEngineFindsTheMatchesOfTheScenarios(file: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: file), encoding: .utf8)
        for scenario in try MatchingScenario.read(text) {
            let result = scenario.check()
            let ruleset = try #require(result.ruleset, "\(file):\(scenario.line)")
            let subject = EngineSubject(ruleset)
            let matches = subject.matches(
                in: scenario.events, watchedFrom: scenario.watchedFrom,
                drainUntil: scenario.drainUntil)
            #expect(
                scenario.describe(matches, ruleset) == scenario.expected,
                "\(file):\(scenario.line): \(scenario.name)")
        }
    }
}
