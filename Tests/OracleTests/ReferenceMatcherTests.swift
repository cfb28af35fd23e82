// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import Oracle
import RuleLanguage
import Testing

/// The scenarios of fixtures/golden/matching.
enum Scenarios {
    struct Named: Sendable, CustomTestStringConvertible {
        let file: String
        let scenario: MatchingScenario
        var testDescription: String { "\(file):\(scenario.line) \(scenario.name)" }
    }

    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "fixtures/golden/matching")

    static let files: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".txt") }.sorted()
    }()

    static func read(_ file: String) throws -> [Named] {
        let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
        return try MatchingScenario.read(text).map { Named(file: file, scenario: $0) }
    }
}

@Suite struct ReferenceMatcherTests {
    @Test func thereAreScenarios() {
        #expect(Scenarios.files.count >= 3)
    }

    @Test(arguments: Scenarios.files)
    func aScenarioGivesItsMatches(file: String) throws {
        for named in try Scenarios.read(file) {
            let scenario = named.scenario
            let result = scenario.check()
            guard let ruleset = result.ruleset else {
                let found = result.diagnostics.map { "\($0.code): \($0.message)" }
                Issue.record("\(named.testDescription) does not compile: \(found)")
                continue
            }
            let matches = ReferenceMatcher(ruleset).allMatches(
                in: scenario.events, watchedFrom: scenario.watchedFrom,
                drainUntil: scenario.drainUntil)
            let found = scenario.describe(matches, ruleset)
            #expect(found == scenario.expected, "\(named.testDescription)")
        }
    }
}
