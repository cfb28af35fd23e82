// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Live

/// Packed files among those that a feed follows.
@Suite struct PackedFileTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func tail(_ resumption: [UInt8] = [], fromEnd: Bool = false) -> FileTail {
        FileTail(
            pattern: "\(folder.path)/*log*", startsAtEnd: fromEnd, maxLineByteCount: 100,
            resumption: resumption)
    }

    private func all(_ tail: FileTail) -> String {
        var bytes: [UInt8] = []
        while let (lines, _) = tail.next() ?? tail.look() ?? tail.next() { bytes += lines }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Until a file that has gone is left.
    private func allForAWhile(_ tail: FileTail) -> String {
        var text = ""
        for _ in 0...FileTail.farewellLookCount + 1 { text += all(tail) }
        return text
    }

    /// A gzip member that holds a text as it is.
    private func gzip(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        var packed: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(60_000)
            rest = rest.dropFirst(block.count)
            packed.append(rest.isEmpty ? 1 : 0)
            let count = UInt16(block.count)
            for word in [count, ~count] { packed += [UInt8(word & 255), UInt8(word >> 8)] }
            packed += block
        } while !rest.isEmpty
        var checksum = ~UInt32(0)
        for byte in bytes {
            checksum ^= UInt32(byte)
            for _ in 0..<8 {
                checksum = checksum >> 1 ^ (checksum & 1 == 1 ? 0xedb8_8320 : 0)
            }
        }
        packed.append(littleEndian: ~checksum)
        packed.append(littleEndian: UInt32(bytes.count))
        return packed
    }

    private func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(filePath: "\(folder.path)/\(name)"))
    }

    private func append(_ bytes: some Collection<UInt8>, to name: String) throws {
        let file = try SystemDisk().openForAppending("\(folder.path)/\(name)")
        try file.append(Array(bytes))
        try file.close()
    }

    private func remove(_ name: String) throws {
        try SystemDisk().remove("\(folder.path)/\(name)")
    }

    /// Lines with their numbers, longer than what is looked at of a beginning.
    private func lines(_ numbers: ClosedRange<Int>) -> String {
        numbers.map { "this is the line with the number \($0)\n" }.joined()
    }

    @Test func aPackedFileIsReadOnceAndWhole() throws {
        try write(gzip(lines(1...4000) + "last"), to: "a.log.gz")
        let first = tail()
        #expect(all(first) == lines(1...4000) + "last\n")
        #expect(allForAWhile(first) == "")
        #expect(all(tail(first.resumption)) == "")
        try write([0x28, 0xb5, 0x2f, 0xfd, 0x20, 4, 0x21, 0, 0] + Array("two\n".utf8), to: "b.log")
        #expect(all(first) == "two\n")
        #expect(first.takeProblems() == [])
    }

    @Test func whatPzstdWritesIsPackedToo() {
        #expect(PackedContent.isPacked([0x50, 0x2a, 0x4d, 0x18]) == true)
        #expect(PackedContent.isPacked([0x50, 0x2a, 0x4d]) == nil)
        #expect(PackedContent.isPacked(Array("P*M ".utf8)) == false)
    }

    @Test func oneThatIsBeingWrittenIsReadAsItGrows() throws {
        let packed = gzip(lines(1...4000))
        try write([], to: "a.log.gz")
        let tail = tail()
        var text = all(tail)
        for start in stride(from: 0, to: packed.count, by: 30_011) {
            try append(packed[start..<min(start + 30_011, packed.count)], to: "a.log.gz")
            text += all(tail)
        }
        #expect(text == lines(1...4000))
    }

    @Test func aRestartInTheMiddleGoesOn() throws {
        try write(gzip(lines(1...20_000)), to: "a.log.gz")
        let first = tail()
        var text = ""
        _ = first.look()
        for _ in 0..<2 {
            text += String(decoding: first.next()?.lines ?? [], as: UTF8.self)
        }
        let second = all(tail(first.resumption))
        #expect(!text.isEmpty && !second.isEmpty)
        #expect(text + second == lines(1...20_000))
    }

    @Test(arguments: [true, false]) func aFileThatIsPackedIsNotReadAgain(restarts: Bool) throws {
        try folder.write(lines(1...50), to: "log.1")
        var tail = tail()
        #expect(all(tail) == lines(1...50))
        let packed = gzip(lines(1...52))
        try folder.append(lines(51...51), to: "log.1")
        if !restarts {
            // As gzip does: both are there while it works.
            try append(packed.prefix(300), to: "log.1.gz")
            #expect(all(tail) == lines(51...51))
            try append(packed.dropFirst(300), to: "log.1.gz")
            #expect(all(tail) == "")
            try remove("log.1")
            #expect(allForAWhile(tail) == lines(52...52))
        } else {
            try write(packed, to: "log.1.gz")
            try remove("log.1")
            tail = self.tail(tail.resumption)
            #expect(all(tail) == lines(51...52))
        }
        #expect(allForAWhile(tail) == "")
        try SystemDisk().rename("\(folder.path)/log.1.gz", to: "\(folder.path)/log.2.gz")
        #expect(allForAWhile(tail) == "")
        #expect(all(self.tail(tail.resumption)) == "")
    }

    @Test func oneThatBeginsLikeAnotherIsReadAllTheSame() throws {
        try folder.write(lines(1...50), to: "a.log")
        let tail = tail()
        #expect(all(tail) == lines(1...50))
        let other = lines(1...30) + lines(100...130)
        try write(gzip(other), to: "a.log.1.gz")
        #expect(all(tail) == other)
    }

    @Test func whatWasThereBeforeCanBePassedOver() throws {
        try write(gzip(lines(1...5)), to: "a.log.gz")
        let tail = tail(fromEnd: true)
        #expect(all(tail) == "")
        #expect(all(self.tail(tail.resumption, fromEnd: true)) == "")
        try write(gzip(lines(6...7)), to: "b.log.gz")
        #expect(all(tail) == lines(6...7))
    }

    @Test func damageIsToldOnceAndWhatCouldBeReadIsGiven() throws {
        var packed = gzip(lines(1...4000))
        packed[packed.count - 5] ^= 1
        try write(packed, to: "a.log.gz")
        let tail = tail()
        #expect(all(tail) == lines(1...4000))
        let problems = tail.takeProblems()
        #expect(problems.count == 1)
        #expect(problems.first?.contains("a.log.gz` cannot be unpacked: ") ?? false)
        #expect(all(tail) == "")
        #expect(tail.takeProblems() == [])
    }

    @Test func rowsOfAPackedFileComeBehindTheirHeader() throws {
        func tail(_ resumption: [UInt8] = []) -> FileTail {
            FileTail(
                pattern: "\(folder.path)/*.gz", maxLineByteCount: 100, resumption: resumption,
                delimiter: 0x2c)
        }
        try write(gzip("a,b\n1,2\n3,\"4\n5\"\n6,7"), to: "a.csv.gz")
        let first = tail()
        #expect(all(first) == "a,b\n1,2\n3,\"4\n5\"\na,b\n6,7\n")
        #expect(all(tail(first.resumption)) == "")
    }
}
