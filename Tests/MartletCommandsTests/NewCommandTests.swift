// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Testing

@testable import MartletCommands

@Suite struct NewCommandTests {
    @Test func aNewRulesetIsGreen() throws {
        let folder = try RulesFolder(["x/keep.txt": ""])
        let path = "\(folder.path)/a/new one"
        let made = outcome(["new", path])
        #expect(made.status == .clean, "\(made.errors)")
        #expect(made.output.split(separator: "\n").count == StarterRuleset.files.count)
        #expect(outcome(["check", "--strict", path]).status == .clean)
        #expect(outcome(["fmt", "--check", path]).status == .clean)
        let test = outcome(["test", path])
        #expect(test.status == .clean && test.errors == "5 passed in 1 rule\n")
        let replay = try run(["replay", path, "\(path)/logins.jsonl", "--format", "csv", "-q"])
        #expect(replay.output.contains("ann: 5 failures, then in from 10.0.0.9"))
        #expect(replay.output.split(separator: "\n").count == 2)
    }

    @Test func aFolderWithSomethingInItIsRefused() throws {
        let folder = try RulesFolder(["notes.txt": "x"])
        #expect(
            outcome(["new", folder.path])
                == .failed("`\(folder.path)` is not empty", .usage))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names == ["notes.txt"])
    }

    @Test func anEmptyFolderIsTaken() throws {
        let folder = try RulesFolder(["x.txt": ""])
        try FileManager.default.removeItem(atPath: "\(folder.path)/x.txt")
        #expect(outcome(["new", folder.path]).status == .clean)
    }

    @Test func aFileIsNoFolder() throws {
        let folder = try RulesFolder(["x": ""])
        #expect(outcome(["new", "\(folder.path)/x"]).status == .environment)
        #expect(outcome(["new", "\(folder.path)/x/y"]).status == .environment)
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func aShellCompletesEveryCommand(shell: String) throws {
        let script = outcome(["completions", shell])
        #expect(script.status == .clean)
        for command in Martlet.configuration.subcommands {
            let name = try #require(command.configuration.commandName)
            #expect(script.output.contains(name), "\(name)")
        }
        #expect(script.output.contains("strict"))
    }

    @Test func bashReadsItsCompletions() throws {
        let script = outcome(["completions", "bash"]).output
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-n"]
        let pipe = Pipe()
        process.standardInput = pipe
        try process.run()
        pipe.fileHandleForWriting.write(Data(script.utf8))
        try pipe.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test func anotherShellIsRefused() {
        #expect(outcome(["completions", "tcsh"]).status == .usage)
    }
}
