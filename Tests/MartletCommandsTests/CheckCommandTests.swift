// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import MartletCommands

@Suite struct CheckCommandTests {
    static let clean = """
        event login { user: string }
        rule twice { by user when within 1m { 2 login as l } alert "{user}" }
        test twice { case "c" { at 0s 2 login { user: "a" } expect alert } }

        """
    static let mistaken = """
        event login { user: string }
        rule twice { by user when within 1m { 2 login as l where usr == "a" } alert "{user}" }
        test twice { case "c" { at 0s 2 login { user: "a" } expect alert } }

        """
    static let untested = """
        event login { user: string }
        rule twice { by user when within 1m { 2 login as l } alert "{user}" }

        """

    private func check(
        _ files: [String: String], _ arguments: String...,
        in surroundings: Surroundings = Surroundings()
    ) throws -> CommandOutcome {
        let folder = try RulesFolder(files)
        var result = outcome(["check", folder.path] + arguments, in: surroundings)
        result.output = folder.shortened(result.output)
        result.errors = folder.shortened(result.errors)
        return result
    }

    @Test func rulesWithoutMistakesGiveNothingButASummary() throws {
        #expect(
            try check(["a.martlet": Self.clean])
                == CommandOutcome(errors: "1 rule in 1 file, no mistakes\n"))
    }

    @Test func anEmptyFileIsFine() throws {
        #expect(
            try check(["a.martlet": ""])
                == CommandOutcome(errors: "no rules in 1 file, no mistakes\n"))
    }

    @Test func mistakesAreShownAtTheirPlaceWithWhatWasMeant() throws {
        let result = try check(["a.martlet": Self.mistaken])
        #expect(result.status == .findings)
        #expect(result.errors == "1 error in 1 file\n")
        #expect(result.output.hasPrefix("error[E0204]: `login` has no field `usr`\n"))
        #expect(result.output.contains("--> FOLDER/a.martlet:2:58\n"))
        #expect(result.output.contains("^^^ did you mean `user`?\n"))
        #expect(!result.output.contains("\u{1b}"))
    }

    @Test func mistakesOfAllFilesAreShownInOneRun() throws {
        let result = try check([
            "b/z.martlet": "rule {", "a.martlet": Self.mistaken, "b/notes.txt": "rule {",
            ".hidden/x.martlet": "rule {",
        ])
        #expect(result.errors.hasSuffix(" in 2 files\n"))
        let places = result.output.split(separator: "\n").filter { $0.contains("-->") }
        #expect(places.first?.contains("FOLDER/a.martlet") == true)
        #expect(places.last?.contains("FOLDER/b/z.martlet") == true)
        #expect(!result.output.contains("notes.txt") && !result.output.contains("hidden"))
    }

    @Test func warningsAloneFailOnlyWhenStrict() throws {
        let lenient = try check(["a.martlet": Self.untested])
        #expect(lenient.status == .clean)
        #expect(lenient.errors == "1 warning in 1 file\n")
        #expect(try check(["a.martlet": Self.untested], "--strict").status == .findings)
        #expect(try check(["a.martlet": Self.clean], "--strict").status == .clean)
    }

    @Test func jsonIsOneObjectALineAndNothingElse() throws {
        let result = try check(["a.martlet": Self.mistaken], "--format", "json")
        #expect(result.errors.isEmpty)
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 1)
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        let fields = try #require(object as? [String: Any])
        #expect(fields["code"] as? String == "E0204")
        #expect(fields["fix"] as? String == "user")
    }

    @Test func lintsAreListedByName() throws {
        let list = outcome(["check", "--lints"])
        #expect(list.status == .clean && list.errors.isEmpty)
        let line = "untested-rule        warning  W0107  a rule without a test\n"
        #expect(list.output.contains(line))
        let json = outcome(["check", "--lints", "--format", "json"]).output
        let first = try #require(json.split(separator: "\n").first)
        let object = try JSONSerialization.jsonObject(with: Data(first.utf8))
        #expect((object as? [String: String])?["name"] == "no-time-limit")
    }

    @Test func withoutRulesThereIsNothingToDo() {
        let result = outcome(["check"])
        #expect(result.status == .usage)
        #expect(
            result.errors.hasPrefix("Error: no rules are named: `.` takes those of this folder\n"))
    }

    @Test func aFirstWordThatIsNoCommandIsNamed() {
        let result = outcome(["tset", "rules"])
        #expect(result.status == .usage)
        #expect(
            result.errors.hasPrefix("Error: there is no command `tset`: did you mean `test`?\n"))
        #expect(
            outcome(["frobnicate"]).errors.hasPrefix("Error: there is no command `frobnicate`\n"))
        #expect(outcome(["help", "test"]).status == .clean)
    }

    @Test func gitHubGetsAnnotations() throws {
        let result = try check(["a.martlet": Self.mistaken], "--format", "github")
        #expect(result.output.hasPrefix("::error file=FOLDER/a.martlet,line=2,col=58,"))
    }

    @Test(arguments: [
        ("auto", Surroundings(outputIsTerminal: true), true),
        ("auto", Surroundings(outputIsTerminal: true, refusesColour: true), false),
        ("auto", Surroundings(), false), ("always", Surroundings(refusesColour: true), true),
        ("never", Surroundings(outputIsTerminal: true), false),
    ])
    func coloursAreForTerminals(choice: String, surroundings: Surroundings, isOn: Bool) throws {
        let result = try check(
            ["a.martlet": Self.mistaken], "--color", choice, in: surroundings)
        #expect(result.output.contains("\u{1b}[") == isOn)
    }

    @Test func aFileNamedTwiceCountsOnce() throws {
        let folder = try RulesFolder(["a.martlet": Self.clean])
        let result = outcome(["check", folder.path, folder.path + "/./a.martlet"])
        #expect(result == CommandOutcome(errors: "1 rule in 1 file, no mistakes\n"))
    }

    @Test func circlesOfLinksEnd() throws {
        let folder = try RulesFolder(["a/a.martlet": Self.clean])
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/a/back", withDestinationPath: folder.path)
        #expect(outcome(["check", folder.path]).status == .clean)
    }

    @Test func whatIsNoTextIsOneMistake() throws {
        let result = try check(["a.martlet": "rule\u{0}x {"])
        #expect(result.status == .findings)
        #expect(result.errors == "1 error in 1 file\n")
        #expect(result.output.hasPrefix("error[E0004]: this is not a text file"))
    }

    @Test func aFolderWithoutRulesIsAMistakeOfUse() throws {
        let result = try check(["notes.txt": "x"])
        #expect(result.status == .usage)
        #expect(result.errors == "error: there is no rules file (`*.martlet`) in `FOLDER`\n")
    }

    @Test func aMissingFileIsAFaultOfTheSurroundings() throws {
        let result = outcome(["check", "/nowhere/a.martlet"])
        #expect(result.status == .environment)
        #expect(
            result.errors == "error: cannot open `/nowhere/a.martlet`: No such file or directory\n")
    }

    @Test func aDeviceIsNoRulesFile() throws {
        let result = outcome(["check", "/dev/zero"])
        #expect(result.status == .usage)
        #expect(result.errors == "error: `/dev/zero` is neither a file nor a folder\n")
    }
}
