// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Live

@Suite struct LineFileTests {
    private let folder: ScratchFolder
    private let disk = SystemDisk()
    private var path: String { "\(folder.path)/out.jsonl" }

    init() throws { folder = try ScratchFolder() }

    private func open(_ cursor: LineCursor?) throws -> LineFile {
        try LineFile(disk, path: path, cursor: cursor, firstNumber: 1)
    }

    @Test func linesThatComeAgainAreNotWrittenTwice() throws {
        try folder.write("old\n", to: "out.jsonl")
        var first = try open(nil)
        let cursor = first.cursor
        #expect(cursor == LineCursor(nextNumber: 1, place: 4))
        try first.append(Array("one\ntwo\n".utf8), upTo: 3)
        // The process ended, and nobody had noted how far it was; half a line is there too.
        try folder.append("thr", to: "out.jsonl")
        var second = try open(cursor)
        try second.append(Array("one\n".utf8), upTo: 2)
        try second.append(Array("two\nthree\n".utf8), upTo: 4)
        #expect(try folder.text(of: "out.jsonl") == "old\none\ntwo\nthree\n")
        #expect(second.cursor == LineCursor(nextNumber: 4, place: 18))
        #expect(second.takeProblem() == nil)
    }

    @Test func whatIsNotWhatWasWrittenIsCutOffAndNamed() throws {
        var first = try open(nil)
        let cursor = first.cursor
        try first.append(Array("one\ntwo\n".utf8), upTo: 3)
        try folder.write("one\ntxo\nmore", to: "out.jsonl")
        var second = try open(cursor)
        try second.append(Array("one\ntwo\n".utf8), upTo: 3)
        #expect(try folder.text(of: "out.jsonl") == "one\ntwo\n")
        #expect(second.takeProblem()?.contains("cut off there") == true)
        #expect(second.takeProblem() == nil)
    }

    @Test func aFileThatLostSomethingIsNamed() throws {
        try folder.write("one\n", to: "out.jsonl")
        var file = try open(LineCursor(nextNumber: 3, place: 8))
        #expect(
            file.takeProblem()
                == "`\(path)` has 4 bytes, and had 8: what is missing is not written again")
    }

    @Test(arguments: ["", "one\n", "one\n" + String(repeating: "x", count: 200_000)])
    func aFileThatWasCutWithinALineGoesOnBehindAWholeOne(whole: String) throws {
        try folder.write(whole + "tw", to: "out.jsonl")
        var file = try open(LineCursor(nextNumber: 3, place: 1_000_000))
        try file.append(Array("three\n".utf8), upTo: 4)
        let kept = whole.hasPrefix("one") ? "one\n" : ""
        #expect(try folder.text(of: "out.jsonl") == kept + "three\n")
    }
}
