// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import MartletCommands

/// The rules with which the language is introduced, at work.
@Suite struct TestedPageTests {
    private static let golden = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "fixtures/golden")
    private static let folder = golden.appending(path: "tested")

    private func text(_ name: String) throws -> String {
        try String(contentsOf: Self.golden.appending(path: name), encoding: .utf8)
    }

    @Test func everyRuleOfTheTourHasCasesThatPass() {
        let result = outcome(["test", Self.folder.path])
        #expect(result.status == .clean)
        #expect(result.output.contains("✓ exfiltration (9 cases)\n"))
        #expect(result.errors.contains(" passed in 11 rules"), "\(result.errors)")
    }

    @Test func theyAreTheRulesOfTheTour() throws {
        let page = try text("tested/page.martlet")
        let tour = try text("syntax/tour.martlet").components(separatedBy: "\n\n")
        let rules = tour.filter { $0.hasPrefix("rule ") }
        #expect(rules.count == 10)
        for rule in rules { #expect(page.contains(rule), "\(rule)") }
    }

    @Test func theCasesReachAllThatCanBeReached() {
        let result = outcome(["test", "--coverage", Self.folder.path])
        let missed = result.output.split(separator: "\n").filter { $0.contains(": never ") }
        // What comes within 20 minutes of a login is within the hour.
        #expect(missed == ["          within 1h: never too late"])
    }
}
