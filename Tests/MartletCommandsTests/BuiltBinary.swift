// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import MartletCommands

/// Runs the built `martlet`, which stands beside the test bundle.
func run(_ arguments: [String], input: String? = nil) throws -> CommandOutcome {
    let process = Process()
    let program: URL = try #require(builtBinary(), "martlet has been built")
    process.executableURL = program
    process.arguments = arguments
    let (output, errors, feed) = (Pipe(), Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = feed
    try process.run()
    // Beside the reading: whoever has written much waits until it is read, and reads nothing.
    let (writing, data) = (feed.fileHandleForWriting, Data((input ?? "").utf8))
    Thread.detachNewThread {
        writing.write(data)
        try? writing.close()
    }
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let problems = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let status = try #require(ExitStatus(rawValue: process.terminationStatus))
    return CommandOutcome(
        output: String(decoding: text, as: UTF8.self),
        errors: String(decoding: problems, as: UTF8.self), status: status)
}

func builtBinary() -> URL? {
    (CommandLine.arguments + [Bundle.main.bundlePath]).lazy
        .map { URL(filePath: $0).deletingLastPathComponent().appending(path: "martlet") }
        .first { FileManager.default.isExecutableFile(atPath: $0.path) }
}

/// A folder of rules files for one test, removed with this object.
final class RulesFolder {
    let path: String

    init(_ files: [String: String]) throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "martlet-\(UUID().uuidString)")
        for (name, text) in files {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        path = folder.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// `text` without the folder's own path.
    func shortened(_ text: String) -> String { text.replacingOccurrences(of: path, with: "FOLDER") }
}

/// Parses and runs a command as a value.
func outcome(
    _ arguments: [String], in surroundings: Surroundings = Surroundings()
) -> CommandOutcome {
    Martlet.outcome(of: arguments, in: surroundings)
}
