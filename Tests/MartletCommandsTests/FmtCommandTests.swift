// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import MartletCommands

@Suite struct FmtCommandTests {
    private static let untidy = "rule r {by user // who\n when{a}}\n"
    private static let tidy = "rule r {\n  by user  // who\n  when { a }\n}\n"

    private func fmt(_ folder: RulesFolder, _ arguments: String...) -> CommandOutcome {
        var result = outcome(["fmt", folder.path] + arguments)
        result.output = folder.shortened(result.output)
        result.errors = folder.shortened(result.errors)
        return result
    }

    private func text(_ folder: RulesFolder, _ name: String) throws -> String {
        try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)
    }

    @Test func filesAreRewrittenInPlace() throws {
        let folder = try RulesFolder(["a.martlet": Self.untidy, "b/b.martlet": Self.tidy])
        let path = "\(folder.path)/a.martlet"
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        #expect(fmt(folder) == CommandOutcome(errors: "1 of 2 files changed\n"))
        #expect(try text(folder, "a.martlet") == Self.tidy)
        #expect(try text(folder, "b/b.martlet") == Self.tidy)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o640)
        #expect(fmt(folder) == CommandOutcome(errors: "0 of 2 files changed\n"))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.sorted() == ["a.martlet", "b"])
    }

    @Test func linksStayLinks() throws {
        let folder = try RulesFolder(["a.martlet": Self.untidy])
        let link = "\(folder.path)/link"
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: "a.martlet")
        #expect(outcome(["fmt", link]).status == .clean)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "a.martlet")
        #expect(try text(folder, "a.martlet") == Self.tidy)
    }

    @Test func aCheckNamesWhatDiffersAndChangesNothing() throws {
        let folder = try RulesFolder(["a.martlet": Self.untidy, "b.martlet": Self.tidy])
        #expect(
            fmt(folder, "--check")
                == CommandOutcome(
                    output: "FOLDER/a.martlet\n", errors: "1 of 2 files would change\n",
                    status: .findings))
        #expect(try text(folder, "a.martlet") == Self.untidy)
    }

    @Test func aDiffShowsWhatWouldChange() throws {
        let folder = try RulesFolder(["a.martlet": Self.untidy])
        let result = fmt(folder, "--diff")
        #expect(result.status == .clean)
        #expect(
            result.output == """
                --- FOLDER/a.martlet
                +++ FOLDER/a.martlet
                @@ -1,2 +1,4 @@
                -rule r {by user // who
                - when{a}}
                +rule r {
                +  by user  // who
                +  when { a }
                +}

                """)
        #expect(try text(folder, "a.martlet") == Self.untidy)
        #expect(fmt(folder, "--diff", "--check").status == .findings)
    }

    @Test func aFileWithMistakesIsLeftAlone() throws {
        let folder = try RulesFolder(["a.martlet": "rule r { when { a", "b.martlet": Self.untidy])
        let result = fmt(folder)
        #expect(result.status == .findings)
        #expect(result.errors.hasPrefix("error[E00"))
        #expect(result.errors.hasSuffix("1 of 2 files changed, 1 left alone\n"))
        #expect(try text(folder, "a.martlet") == "rule r { when { a")
        #expect(try text(folder, "b.martlet") == Self.tidy)
    }

    @Test func standardInputGoesToStandardOutput() throws {
        #expect(try run(["fmt", "-"], input: Self.untidy) == CommandOutcome(output: Self.tidy))
        let refused = try run(["fmt", "-"], input: "rule {")
        #expect(refused.status == .findings && refused.output.isEmpty && !refused.errors.isEmpty)
        #expect(outcome(["fmt", "-", "a.martlet"]).status == .usage)
    }

    @Test func aFileThatCannotBeWrittenIsAFaultOfTheSurroundings() throws {
        // Who may write everywhere cannot try this.
        guard getuid() != 0 else { return }
        let folder = try RulesFolder(["a.martlet": Self.untidy])
        try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder.path)
        let result = fmt(folder)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path)
        #expect(result.status == .environment)
        #expect(result.errors.contains("cannot write `FOLDER/a.martlet`"))
    }
}

@Suite struct UnifiedDiffTests {
    @Test func equalTextsHaveNone() {
        #expect(UnifiedDiff("a\nb\n", "a\nb\n", name: "x").text.isEmpty)
    }

    @Test func changesFarApartAreHunksOfTheirOwn() {
        let old = (1...30).map { "\($0)\n" }.joined()
        let new = old.replacing("\n2\n", with: "\nzwei\n").replacing("\n28\n", with: "\n")
        #expect(
            UnifiedDiff(old, new, name: "x").text == """
                --- x
                +++ x
                @@ -1,5 +1,5 @@
                 1
                -2
                +zwei
                 3
                 4
                 5
                @@ -25,6 +25,5 @@
                 25
                 26
                 27
                -28
                 29
                 30

                """)
    }

    @Test func aMissingLastLineEndIsSaid() {
        #expect(
            UnifiedDiff("a\nb", "a\nb\n", name: "x").text == """
                --- x
                +++ x
                @@ -1,2 +1,2 @@
                 a
                -b
                \\ No newline at end of file
                +b

                """)
        #expect(UnifiedDiff("", "a\n", name: "x").text.contains("@@ -0,0 +1 @@\n+a\n"))
    }
}
