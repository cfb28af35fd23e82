// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import Testing

@testable import RuleLanguage

/// The pages of docs/reference/diagnostics: each shows a mistake and how to mend it, and both are
/// checked here.
@Suite struct CheckingPageTests {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs/reference/diagnostics")

    private func page(_ code: DiagnosticCode) throws -> String {
        let path = Self.folder.appending(path: "\(code.rawValue).md")
        return try String(contentsOf: path, encoding: .utf8)
    }

    /// The rules in the page's blocks.
    private func examples(_ page: String) -> [String] {
        page.components(separatedBy: "```martlet\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
    }

    @Test(arguments: DiagnosticCode.allCases)
    func aCodeHasAPageOfItsTitle(code: DiagnosticCode) throws {
        #expect(try page(code).hasPrefix("# \(code.rawValue): \(code.title)\n"))
    }

    @Test(arguments: DiagnosticCode.allCases)
    func aPageShowsTheMistakeAloneAndThenMendsIt(code: DiagnosticCode) throws {
        let examples = examples(try page(code))
        try #require(examples.count == 2)
        let mistaken = checked(examples[0]).diagnostics
        let found = mistaken.filter { $0.code != DiagnosticCode.untestedRule.rawValue }
        if code != .untestedRule {
            #expect(
                found.map(\.code) == [code.rawValue],
                "\(DiagnosticRenderer.human(found, colour: false))")
        } else {
            #expect(mistaken.map(\.code) == [code.rawValue])
        }
        let mended = checked(examples[1]).diagnostics
        let left = mended.filter {
            $0.code != DiagnosticCode.untestedRule.rawValue || code == .untestedRule
        }
        #expect(left.isEmpty, "\(DiagnosticRenderer.human(left, colour: false))")
    }

    @Test(arguments: DiagnosticCode.allCases)
    func aCodeHasAGoldenThatReportsIt(code: DiagnosticCode) throws {
        let result = try CheckingGoldens("diagnostics").result("\(code.rawValue).martlet")
        #expect(result.diagnostics.contains { $0.code == code.rawValue })
        #expect((result.ruleset == nil) == !code.isWarning)
    }
}
