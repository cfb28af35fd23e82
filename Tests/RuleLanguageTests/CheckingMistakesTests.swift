// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import Testing

@testable import RuleLanguage

/// All mistakes of a file come out in one run, each once and at its place.
@Suite struct CheckingMistakesTests {
    private struct Mark: Hashable, CustomStringConvertible {
        let line: Int
        let code: String
        var description: String { "\(line) \(code)" }
    }

    /// The `//! CODE` marks at the ends of a file's lines.
    private func marks(_ file: SourceFile) -> [Mark] {
        (1...file.lineStarts.count).flatMap { line in
            file.lineText(line).components(separatedBy: "//! ").dropFirst().map {
                Mark(line: line, code: $0.trimmingCharacters(in: .whitespaces))
            }
        }
    }

    @Test func twoHundredMistakesGiveTwoHundredErrors() throws {
        let name = "two-hundred.martlet"
        let goldens = CheckingGoldens("diagnostics")
        let expected = marks(try goldens.source(name))
        let errors = try goldens.result(name).diagnostics.filter { $0.severity == .error }
        let found = errors.map { Mark(line: $0.span.line, code: $0.code) }
        #expect(expected.count == 200)
        #expect(found.count == 200)
        for mark in expected where !found.contains(mark) { Issue.record("missed: \(mark)") }
        for mark in found where !expected.contains(mark) { Issue.record("unexpected: \(mark)") }
    }

    @Test func everyKindOfErrorIsAmongTheTwoHundred() throws {
        let codes = Set(
            marks(try CheckingGoldens("diagnostics").source("two-hundred.martlet")).map(\.code))
        let missing = DiagnosticCode.allCases.filter {
            !$0.isWarning && !codes.contains($0.rawValue)
        }
        #expect(missing.isEmpty)
    }
}
