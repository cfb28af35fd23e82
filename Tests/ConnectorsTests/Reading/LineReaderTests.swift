// SPDX-License-Identifier: Apache-2.0

import Foundation
import GzipPacking
import Testing

@testable import Connectors

@Suite struct LineReaderTests {
    private let folder = ScratchFolder()

    private func lines(_ bytes: [UInt8], cap: Int = 1000) throws -> [String] {
        var reader = try LineReader(
            ByteSource(path: folder.file("data", bytes)), maxLineBytes: cap)
        var result: [String] = []
        while let line = try reader.next() {
            let text = String(decoding: reader.buffer[line.range], as: UTF8.self)
            let marks =
                (line.isTooLong ? "~\(line.byteCount)" : "") + (line.isTerminated ? "" : "|")
            result.append(text + marks)
            #expect(reader.lineNumber == Int64(result.count))
        }
        return result
    }

    @Test(arguments: [
        ("", []), ("\n", [""]), ("a", ["a|"]), ("a\n", ["a"]), ("a\nb", ["a", "b|"]),
        ("\n\na\n", ["", "", "a"]), ("a\r\nb\r\n", ["a\r", "b\r"]), ("\u{feff}a\n", ["a"]),
        ("a\n\u{feff}b\n", ["a", "\u{feff}b"]), ("\u{feff}", []),
    ])
    func linesComeWithoutTheirNewline(_ text: String, _ expected: [String]) throws {
        #expect(try lines(Array(text.utf8)) == expected)
    }

    @Test(arguments: [10, 11, 5000, 262_143, 262_144, 262_145, 700_000])
    func anOverlongLineIsMarkedAndTheNextOneComesWhole(_ length: Int) throws {
        let long = String(repeating: "x", count: length)
        let excerpt =
            String(long.prefix(LineReader.excerptByteCount)) + (length > 10 ? "~\(length)" : "")
        let text = "a\n\(long)\nb\n\(long)\n\(long)\nc"
        let expected = ["a", excerpt, "b", excerpt, excerpt, "c|"]
        #expect(try lines(Array(text.utf8), cap: 10) == expected)
        #expect(try lines(Array("\(long)".utf8), cap: 10) == [excerpt + "|"])
    }

    @Test func linesAcrossChunksComeWhole() throws {
        let wanted = (0..<30_000).map { "line \($0) " + String(repeating: "y", count: $0 % 97) }
        #expect(try lines(Array((wanted.joined(separator: "\n") + "\n").utf8)) == wanted)
    }

    @Test func linesBeforeATruncationComeFirst() throws {
        let text = (0..<50_000).map { "line \($0 &* 7919 % 50_021)\n" }.joined()
        let packed = gzip(Array(text.utf8))
        let path = try folder.file("cut", Array(packed[..<(packed.count * 3 / 4)]))
        var reader = try LineReader(ByteSource(path: path), maxLineBytes: 1000)
        var count = 0
        var caught: FeedError?
        do throws(FeedError) {
            while try reader.next() != nil { count += 1 }
        } catch {
            caught = error
        }
        #expect(caught == .truncated(path: path))
        #expect(count > 25_000)
        #expect(try reader.next() == nil)
    }
}
