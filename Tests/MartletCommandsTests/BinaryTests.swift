// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import MartletCommands

/// The built program: exit codes, streams, help.
@Suite struct BinaryTests {
    @Test func theVersionIsTold() throws {
        #expect(try run(["--version"]) == CommandOutcome(output: "0.1.0\n"))
    }

    @Test(arguments: [[], ["--help"], ["help", "check"], ["check", "--help"], ["test", "-h"]])
    func helpGoesToStandardOutput(arguments: [String]) throws {
        let result = try run(arguments)
        #expect(result.status == .clean)
        #expect(result.output.contains("USAGE: martlet"))
        #expect(result.errors.isEmpty)
    }

    @Test(arguments: [
        ["check"], ["chekc", "x"], ["check", "--no-such-option", "x"],
        ["check", "x", "--format", "xml"], ["test", "x", "--filter"],
    ])
    func wrongUseExitsWithTwo(arguments: [String]) throws {
        let result = try run(arguments)
        #expect(result.status == .usage)
        #expect(result.output.isEmpty)
        #expect(result.errors.hasPrefix("Error: "))
    }

    @Test func rulesComeFromStandardInputToo() throws {
        let result = try run(["check", "-", "--color", "never"], input: "rule {")
        #expect(result.status == .findings)
        #expect(result.output.contains("--> <stdin>:1:"))
        let clean = try run(["check", "-"], input: CheckCommandTests.clean)
        #expect(clean == CommandOutcome(errors: "1 rule in 1 file, no mistakes\n"))
    }

    @Test func statusesOfCommandsAreThoseOfTheProcess() throws {
        let folder = try RulesFolder(["a.martlet": CheckCommandTests.mistaken])
        #expect(try run(["check", folder.path]).status == .findings)
        #expect(try run(["test", folder.path]).status == .findings)
        #expect(try run(["check", folder.path + "/nothing"]).status == .environment)
    }

    @Test func outputsAreTheSameEveryTime() throws {
        let folder = try RulesFolder([
            "a.martlet": CheckCommandTests.clean, "b/c.martlet": "rule {\nevent x {",
        ])
        for command in ["check", "test"] {
            let first = try run([command, folder.path])
            #expect(try run([command, folder.path]) == first)
        }
    }

    @Test(arguments: [
        ["check", "a"], ["check", "a", "--format", "json"], ["test", "b"], ["explain", "b"],
    ])
    func aFullDiskIsAFailure(arguments: [String]) throws {
        let folder = try RulesFolder([
            "a": CheckCommandTests.mistaken, "b": CheckCommandTests.clean,
        ])
        let process = Process()
        let program: URL = try #require(builtBinary())
        process.executableURL = program
        process.currentDirectoryURL = URL(filePath: folder.path)
        process.arguments = arguments
        process.standardOutput = FileHandle(forWritingAtPath: "/dev/full")
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let told = String(
            decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == ExitStatus.environment.rawValue)
        #expect(told.hasSuffix("error: cannot write `standard output`: No space left on device\n"))
    }
}
