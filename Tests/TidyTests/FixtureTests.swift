// SPDX-License-Identifier: Apache-2.0

import Testing

/// Nothing is kept that nobody reads, nothing is said that has no page, and no test is named that
/// is not there.
@Suite struct FixtureTests {
    @Test func everyFolderOfFixturesIsReadBySomething() {
        let code = (SourceTree.sources + SourceTree.tests).map(\.text).joined()
        let folders = Set(
            SourceTree.names(in: "fixtures").map { name in
                name.split(separator: "/").dropLast().joined(separator: "/")
            })
        for folder in folders.sorted() {
            // Some are named whole, some as the last part behind a folder that is named.
            let last = folder.split(separator: "/").last.map(String.init) ?? folder
            let isNamed =
                code.contains(folder) || code.contains("\"\(last)\"")
                || code.contains("/\(last)/") || code.contains("/\(last)\"")
            #expect(isNamed, "\(folder)")
        }
    }

    @Test func testsThatSourcesNameAreThere() {
        let files = SourceTree.names(in: "Tests").map { $0.split(separator: "/").last ?? "" }
        let code = SourceTree.tests.map(\.text).joined()
        let tests = /\b[A-Z]\w+Tests\b/
        var count = 0
        for file in SourceTree.sources {
            for line in file.lines where line.hasPrefix("//") {
                for match in line.matches(of: tests) {
                    let name = String(match.output)
                    count += 1
                    #expect(
                        files.contains("\(name).swift") || code.contains("struct \(name) "),
                        "\(name), in \(file.path)")
                }
            }
        }
        #expect(count > 100)
    }

    @Test func everyCodeHasAPageAndEveryPageACode() throws {
        let code = try LinePattern(#"\bcase \w+ = "([EW]\d{4})""#)
        var codes: Set<String> = []
        for file in SourceTree.sources where file.target == "RuleLanguage" {
            for given in code.firstGroups(in: file.text) {
                #expect(codes.insert(given).inserted, "\(given) is given twice")
            }
        }
        let pages = SourceTree.names(in: "docs/reference/diagnostics").compactMap { name in
            name.firstMatch(of: /([EW]\d{4})\.md$/).map { String($0.output.1) }
        }
        #expect(codes.count > 100)
        #expect(codes.sorted() == pages.sorted())
    }

    @Test func everyCodeHasAGoldenFile() {
        let goldens = Set(
            SourceTree.names(in: "fixtures/golden/diagnostics").compactMap { name in
                name.firstMatch(of: /([EW]\d{4})\.golden$/).map { String($0.output.1) }
            })
        // Those of the lexer and the parser are in fixtures/golden/syntax, many in one file.
        let syntax = SourceTree.files(in: "fixtures/golden/syntax", ".golden").map(\.text).joined()
        for name in SourceTree.names(in: "docs/reference/diagnostics") {
            guard let match = name.firstMatch(of: /([EW]\d{4})\.md$/) else { continue }
            let code = String(match.output.1)
            #expect(goldens.contains(code) || syntax.contains(code), "\(code)")
        }
    }
}
