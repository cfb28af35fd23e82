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
            let code = CodeText.withoutTextsAndComments(file.text)
            for function in CodeText.functions(in: code) where function.lineCount > 70 {
                found["\(file.path) \(function.name)", default: 0] += function.lineCount
            }
        }
        expectExceptions(found, are: Self.longFunctions, "functions have at most 70 lines")
    }

    /// Flat, exhaustive switches, which may be longer.
    private static let longFunctions: [String: Int] = [:]

    @Test func noLineHasMoreThan100Columns() {
        var found: [String: Int] = [:]
        for file in Self.swift {
            let count = file.lines.count { $0.count > 100 }
            if count > 0 { found[file.path] = count }
        }
        expectExceptions(found, are: Self.longLines, "lines have at most 100 columns")
    }

    private static let longLines: [String: Int] = [:]

    @Test func everyFileOfCodeBeginsWithItsLicence() {
        let files =
            Self.swift + SourceTree.files(in: "Sources", ".h", ".c")
            + SourceTree.files(in: "rules", ".martlet")
        for file in files {
            let heading = file.lines.first { !$0.hasPrefix("// swift-tools-version") } ?? ""
            #expect(heading == "// SPDX-License-Identifier: Apache-2.0", "\(file.path)")
        }
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
