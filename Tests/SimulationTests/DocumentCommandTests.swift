// SPDX-License-Identifier: Apache-2.0

import Foundation
import Simulation
import Testing

/// The commands that the documents show write what the documents say.
///
/// Each page is worked through from top to bottom in a folder of its own, which holds the blocks
/// that are named `file:…` so far, and the repository's `rules/` and `fixtures/`. Of a shell's
/// own commands `cd` and `cp -r` are known, and `*` in front of a name's end is replaced. The steps
/// of the tutorial go on with the files of the steps before.
@Suite struct DocumentCommandTests {
    static let pages = DocumentTests.rulePages.filter {
        let page = try? DocumentTests.page($0)
        return page?.blocks.contains { DocumentSession($0) != nil } ?? true
    }

    @Test(arguments: pages)
    func theCommandsOfThePageWriteWhatItShows(path: String) throws {
        let folder = try WorkingFolder()
        for earlier in DocumentTests.rulePages
        where path.hasPrefix("docs/tutorial/") && earlier.hasPrefix("docs/tutorial/")
            && earlier < path
        {
            for block in try DocumentTests.page(earlier).blocks {
                if let name = block.fileName { try folder.write(block.text, to: name) }
            }
        }
        for block in try DocumentTests.page(path).blocks {
            if let name = block.fileName { try folder.write(block.text, to: name) }
            guard let session = DocumentSession(block) else { continue }
            var place = folder.path
            for step in session.steps {
                if step.command.first == "cd", step.command.count == 2 {
                    place += "/" + step.command[1]
                    continue
                }
                let command = step.command.joined(separator: " ")
                if command.hasPrefix("cp -r "), step.command.count == 4 {
                    try FileManager.default.copyItem(
                        atPath: "\(place)/\(step.command[2])",
                        toPath: "\(place)/\(step.command[3])")
                    continue
                }
                try #require(
                    step.command.first == "martlet", "\(path):\(block.line): \(command)")
                let output = try folder.run(Array(step.command.dropFirst()), in: place)
                #expect(
                    DocumentSession.fits(output, step.output),
                    "\(path):\(block.line): \(command)\n\(output.joined(separator: "\n"))")
            }
        }
    }
}

/// A folder in which the commands of one page are run; removed with this object.
private final class WorkingFolder {
    var path: String { folder.path }
    private let folder = FileManager.default.temporaryDirectory
        .appending(path: "martlet-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in ["rules", "fixtures"] {
            try FileManager.default.createSymbolicLink(
                at: folder.appending(path: name),
                withDestinationURL: DocumentTests.root.appending(path: name))
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func write(_ text: String, to name: String) throws {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// The lines that `martlet` writes, output and complaints in the order in which they come.
    func run(_ arguments: [String], in place: String) throws -> [String] {
        let process = Process()
        let program: URL = try #require(builtBinary(), "martlet has been built")
        process.executableURL = program
        process.arguments = try arguments.flatMap { try expanded($0, in: place) }
        process.currentDirectoryURL = URL(filePath: place)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    /// The names of a folder that end as `*.jsonl` says, in order.
    private func expanded(_ word: String, in place: String) throws -> [String] {
        guard let star = word.firstIndex(of: "*") else { return [word] }
        let folder = String(word[..<star])
        let end = String(word[star...].dropFirst())
        let names = try FileManager.default.contentsOfDirectory(atPath: place + "/" + folder)
        return names.filter { $0.hasSuffix(end) && !$0.hasPrefix(".") }.sorted()
            .map { folder + $0 }
    }

    private func builtBinary() -> URL? {
        (CommandLine.arguments + [Bundle.main.bundlePath]).lazy
            .map { URL(filePath: $0).deletingLastPathComponent().appending(path: "martlet") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }
}
