// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Live

@Suite struct FileTailTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func tail(_ resumption: [UInt8] = [], fromEnd: Bool = false) -> FileTail {
        FileTail(
            pattern: "\(folder.path)/*.log", startsAtEnd: fromEnd, maxLineByteCount: 100,
            resumption: resumption)
    }

    private func all(_ tail: FileTail) -> String {
        var bytes: [UInt8] = []
        while let (lines, _) = tail.next() ?? tail.look() ?? tail.next() { bytes += lines }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func rename(_ name: String, _ newName: String) throws {
        try SystemDisk().rename("\(folder.path)/\(name)", to: "\(folder.path)/\(newName)")
    }

    @Test func aFileIsFollowedLineByLine() throws {
        try folder.write("one\ntw", to: "a.log")
        let tail = tail()
        #expect(all(tail) == "one\n")
        try folder.append("o\nthree", to: "a.log")
        #expect(all(tail) == "two\n")
        try folder.append("\n", to: "a.log")
        #expect(all(tail) == "three\n")
        try folder.write("new\n", to: "b.log")
        #expect(all(tail) == "new\n")
    }

    @Test func rowsComeBehindTheirHeader() throws {
        func tail(_ resumption: [UInt8] = []) -> FileTail {
            FileTail(
                pattern: "\(folder.path)/*.log", maxLineByteCount: 100, resumption: resumption,
                delimiter: 0x2c)
        }
        try folder.write("a,b\n1,2\n3,\"4\n", to: "a.log")
        let first = tail()
        #expect(all(first) == "a,b\n1,2\n")
        try folder.append("5\"\n6,7\n", to: "a.log")
        // A row that was not whole has not been taken, and a later life takes it whole.
        #expect(all(tail(first.resumption)) == "a,b\n3,\"4\n5\"\n6,7\n")
        #expect(all(first) == "a,b\n3,\"4\n5\"\n6,7\n")
        #expect(all(tail(first.resumption)) == "")
        try folder.write("c\n8\n", to: "b.log")
        #expect(all(first) == "c\n8\n")
    }

    @Test func aRotatedFileIsReadToItsEnd() throws {
        try folder.write("one\n", to: "a.log")
        let tail = tail()
        #expect(all(tail) == "one\n")
        try rename("a.log", "a.log.1")
        try folder.append("two\n", to: "a.log.1")
        try folder.write("three\n", to: "a.log")
        let text = all(tail)
        #expect(text.split(separator: "\n").sorted() == ["three", "two"])
        // Whoever writes may not know of the new name yet.
        try folder.append("four\nlast", to: "a.log.1")
        #expect(all(tail) == "four\n")
        var rest = ""
        for _ in 0...FileTail.farewellLookCount { rest += all(tail) }
        #expect(rest == "last\n")
    }

    @Test func aFileThatIsCutOffBeginsAnew() throws {
        try folder.write("one\ntwo\n", to: "a.log")
        let tail = tail()
        #expect(all(tail) == "one\ntwo\n")
        try SystemDisk().openForAppending("\(folder.path)/a.log").truncate(to: 0)
        try folder.append("three\n", to: "a.log")
        #expect(all(tail) == "three\n")
        #expect(tail.truncationCount == 1)
    }

    /// As `copytruncate` and a busy program do between two looks: the new content is longer than
    /// the old was.
    @Test(arguments: ["one\ntwo\n", String(repeating: "old\n", count: 100)])
    func aFileThatIsWrittenAnewFurtherThanItWasBeginsAnew(old: String) throws {
        try folder.write(old, to: "a.log")
        let tail = tail()
        #expect(all(tail) == old)
        let new = (0..<200).map { "line \($0)\n" }.joined()
        try SystemDisk().openForAppending("\(folder.path)/a.log").truncate(to: 0)
        try folder.append(new, to: "a.log")
        #expect(all(tail) == new)
        #expect(tail.truncationCount == 1)
    }

    /// As `echo "…" > a.log` does.
    @Test func aFileThatIsWrittenAnewAsFarAsItWasBeginsAnew() throws {
        try folder.write("one\n", to: "a.log")
        let tail = tail()
        #expect(all(tail) == "one\n")
        for new in ["two\n", "six\n"] {
            try SystemDisk().openForAppending("\(folder.path)/a.log").truncate(to: 0)
            try folder.append(new, to: "a.log")
            #expect(all(tail) == new)
        }
        #expect(tail.truncationCount == 2)
    }

    @Test func aLinkToAFileIsNoOtherFile() throws {
        try folder.write("one\n", to: "b.log")
        for name in ["a.log", "c.log"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder.path)/\(name)", withDestinationPath: "b.log")
        }
        let first = tail()
        #expect(all(first) == "one\n")
        try folder.append("two\n", to: "b.log")
        #expect(all(first) == "two\n")
        #expect(all(tail(first.resumption)) == "")
    }

    @Test func moreFilesThanMayBeOpenWaitTheirTurn() throws {
        for name in ["b", "c", "d"] { try folder.write("\(name)\n", to: "\(name).log") }
        let tail = FileTail(
            pattern: "\(folder.path)/*.log", maxLineByteCount: 100, fileCap: 2)
        #expect(all(tail) == "b\nc\n")
        #expect(
            tail.takeProblems() == [
                "`\(folder.path)/d.log` and what comes behind it waits: there may be no more than "
                    + "2 files open"
            ])
        // Those that are followed stay so.
        try folder.write("a\n", to: "a.log")
        #expect(all(tail) == "")
        #expect(tail.takeProblems() == [])
        try SystemDisk().remove("\(folder.path)/b.log")
        try SystemDisk().remove("\(folder.path)/a.log")
        var rest = ""
        for _ in 0...FileTail.farewellLookCount + 1 { rest += all(tail) }
        #expect(rest == "d\n")
    }

    @Test func whatCannotBeOpenedIsToldOnce() throws {
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/a.log", withDestinationPath: "a.log")
        try FileManager.default.createDirectory(
            atPath: "\(folder.path)/b.log", withIntermediateDirectories: false)
        let tail = tail()
        #expect(all(tail) == "")
        #expect(
            tail.takeProblems() == [
                "cannot open `\(folder.path)/a.log`: Too many levels of symbolic links"
            ])
        #expect(all(tail) == "")
        #expect(tail.takeProblems() == [])
    }

    /// A descriptor that is closed twice is that of another file the second time.
    @Test func aFolderThatIsNoFileClosesNothingOfOthers() throws {
        let path = folder.path
        try folder.write("one\n", to: "a.log")
        let isDone = Guarded(false)
        let opener = try WorkerThread {
            for _ in 0..<20_000 { _ = TailedFile(path, maxLineByteCount: 100) }
            isDone.with { $0 = true }
        }
        var lostCount = 0
        while !isDone.with({ $0 }) {
            if (try? SystemDisk().read("\(path)/a.log")) != Array("one\n".utf8) { lostCount += 1 }
        }
        opener.join()
        #expect(lostCount == 0)
    }

    @Test func aRestartGoesOnBehindWhatWasTaken() throws {
        try folder.write("one\ntw", to: "a.log")
        let first = tail()
        #expect(all(first) == "one\n")
        try folder.append("o\n", to: "a.log")
        let second = tail(first.resumption)
        #expect(all(second) == "two\n")
        // Another file at the same path, whatever its place on the disk.
        try SystemDisk().remove("\(folder.path)/a.log")
        try folder.write("a new file\n", to: "a.log")
        #expect(all(tail(second.resumption)) == "a new file\n")
    }

    @Test func aFileRotatedWhileAwayIsFound() throws {
        try folder.write("one\n", to: "a.log")
        let first = tail()
        #expect(all(first) == "one\n")
        try folder.append("two\n", to: "a.log")
        try rename("a.log", "a.log.1")
        try folder.write("three\n", to: "a.log")
        let text = all(tail(first.resumption))
        #expect(text.split(separator: "\n").sorted() == ["three", "two"])
    }

    @Test func whatWasThereBeforeCanBePassedOver() throws {
        try folder.write("one\n", to: "a.log")
        let tail = tail(fromEnd: true)
        #expect(all(tail) == "")
        try folder.append("two\n", to: "a.log")
        try folder.write("three\n", to: "b.log")
        #expect(all(tail) == "two\nthree\n")
    }

    @Test func ofALineThatIsTooLongTheBeginningIsGiven() throws {
        let long = String(repeating: "x", count: 250)
        var cutter = LineCutter(maxLineByteCount: 100)
        var lines: [UInt8] = []
        for piece in ["short\n", long, long, "\nshort\n"] {
            cutter.take(Array(piece.utf8)[...], into: &lines)
        }
        #expect(
            String(decoding: lines, as: UTF8.self)
                == "short\n" + String(repeating: "x", count: 101) + "\nshort\n")
    }

    @Test(arguments: [1, 2, 7, 1000])
    func linesThatAreTooLongAreCutAlikeHoweverTheyCome(_ pieceByteCount: Int) {
        let text = Array("short\n\n0123456789ab\nshort\n0123456789\n01234567890123\nend".utf8)
        var cutter = LineCutter(maxLineByteCount: 10)
        var lines: [UInt8] = []
        var rest = text[...]
        while !rest.isEmpty {
            cutter.take(rest.prefix(pieceByteCount), into: &lines)
            rest = rest.dropFirst(pieceByteCount)
        }
        cutter.finish(into: &lines)
        #expect(
            String(decoding: lines, as: UTF8.self)
                == "short\n\n0123456789a\nshort\n0123456789\n01234567890\nend\n")
    }

    @Test func aRotatedFileIsFollowedOverARestartThoughItWasReadToItsEnd() throws {
        try folder.write("one\n", to: "a.log")
        let first = tail()
        #expect(all(first) == "one\n")
        let resumption = first.resumption
        try rename("a.log", "a.1")
        let second = tail(resumption)
        #expect(all(second) == "")
        // Whoever writes has not opened a new file yet.
        try folder.append("two\n", to: "a.1")
        try folder.write("three\n", to: "a.log")
        #expect(all(second) == "two\nthree\n")
    }

    @Test func whatWasRotatedComesBeforeWhatTookItsName() throws {
        try folder.write("one\n", to: "a.log")
        let first = tail()
        #expect(all(first) == "one\n")
        let resumption = first.resumption
        try folder.append("two\n", to: "a.log")
        try rename("a.log", "a.1")
        try folder.write("three\n", to: "a.log")
        #expect(all(first) == "two\nthree\n")
        #expect(all(tail(resumption)) == "two\nthree\n")
    }
}
