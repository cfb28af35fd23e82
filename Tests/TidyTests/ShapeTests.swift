// SPDX-License-Identifier: Apache-2.0

import Testing

/// Sizes, line lengths and headings of files.
@Suite struct ShapeTests {
    private static let swift = SourceTree.sources + SourceTree.tests

    @Test func noFileHasMoreThan600Lines() {
        var found: [String: Int] = [:]
        for file in Self.swift {
            // A file that ends with a newline has an empty part behind it.
            let count = file.lines.count - 1
            let isTable = file.lines.prefix(2).contains { $0.hasPrefix("// A table") }
            if count > 600, !isTable { found[file.path] = count }
        }
        expectExceptions(found, are: [:], "files have at most 600 lines")
    }

    @Test func noFunctionHasMoreThan70Lines() {
        var found: [String: Int] = [:]
        for file in SourceTree.sources {
            for function in CodeText.functions(in: file.code) where function.lineCount > 70 {
                found["\(file.path) \(function.name)", default: 0] += function.lineCount
            }
        }
        expectExceptions(found, are: Self.longFunctions, "functions have at most 70 lines")
    }

    /// Flat, exhaustive switches may be longer; others are to be shortened.
    private static let longFunctions = [
        "Sources/MatchCore/ExpressionMachine.swift run": 79,
        "Sources/RuleLanguage/Checking/PatternBuilder.swift sequence": 74,
    ]

    @Test func noLineHasMoreThan100Columns() {
        var found: [String: Int] = [:]
        for file in Self.swift {
            let count = file.lines.count { $0.utf8.count > 100 && $0.count > 100 }
            if count > 0 { found[file.path] = count }
        }
        expectExceptions(found, are: Self.longLines, "lines have at most 100 columns")
    }

    private static let longLines = [
        "Sources/Simulation/DifferentialCase.swift": 1,
        "Tests/HarnessTests/TestRunnerTests.swift": 2,
        "Tests/MartletCommandsTests/ExplainCommandTests.swift": 5,
        "Tests/PipelineTests/AlertWriterTests.swift": 16,
        "Tests/PipelineTests/ReplayHarness.swift": 4,
        "Tests/RuleLanguageTests/CheckingPatternTests.swift": 3,
        "Tests/RuleLanguageTests/FormatExamples.swift": 7,
        "Tests/SimulationTests/StreamNearMissTests.swift": 1,
    ]

    @Test func everyFileOfCodeBeginsWithItsLicence() {
        let files =
            Self.swift + SourceTree.files(in: "Sources", ".h", ".c")
            + SourceTree.files(in: "rules", ".martlet")
        for file in files {
            let heading = file.lines.first { !$0.hasPrefix("// swift-tools-version") } ?? ""
            #expect(heading == "// SPDX-License-Identifier: Apache-2.0", "\(file.path)")
        }
    }

    @Test func aPatternFindsItsLines() throws {
        let text = "a é 1\nb\n\n c2 3\na"
        #expect(try LinePattern(#"[0-9]"#).lines(in: text) == [0, 3])
        #expect(try LinePattern(#"^a"#).lines(in: text) == [0, 4])
        #expect(try LinePattern(#"c"#).isIn(text) && !LinePattern(#"^c"#).isIn(text))
        #expect(try LinePattern(#"([a-z])[0-9]"#).firstGroups(in: text) == ["c"])
    }

    @Test func theStripperFindsCode() {
        let text = ##"""
            let a = "x { \(f("}")) // no" /* { */ + #"{"\#(b)"# // {
            func f(g: Int = 1) -> [Int] {
                { }
            }
            protocol P { func h() -> Int }
            """##
        let code = CodeText.withoutTextsAndComments(text)
        #expect(!code.contains("no") && code.filter { $0 == "{" }.count == 3)
        #expect(CodeText.functions(in: code) == [.init(name: "f", lineCount: 3)])
    }
}
