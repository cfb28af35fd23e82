// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Live

@Suite struct JournalTests {
    private let folder: ScratchFolder
    private let disk = SystemDisk()

    init() throws { folder = try ScratchFolder() }

    private static let entries: [JournalEntry] = [
        .records(
            AcceptedRecords(
                feed: "a", acceptedAt: at(0), firstLine: 1, resumption: [1, 2],
                lines: Array("one\ntwo\n".utf8))),
        .tick(at(3)),
        .records(AcceptedRecords(feed: "b", acceptedAt: at(4), firstLine: 9, lines: [])),
        .alertsContinue(at: 77),
    ]

    private func writer(segmentByteCount: Int64 = 1 << 20) throws -> JournalWriter {
        var reader = try JournalReader(disk, folder: folder.path)
        while try reader.next() != nil {}
        return try JournalWriter(
            disk, goingOnBehind: reader, in: folder.path, segmentByteCount: segmentByteCount)
    }

    private func read(from first: Int64? = nil) throws -> [JournalEntry] {
        var reader = try JournalReader(disk, folder: folder.path, from: first)
        var entries: [JournalEntry] = []
        while let entry = try reader.next() { entries.append(entry) }
        return entries
    }

    private func change(_ name: String, _ body: (inout [UInt8]) -> Void) throws {
        var bytes = try disk.read("\(folder.path)/\(name)")
        body(&bytes)
        try disk.remove("\(folder.path)/\(name)")
        let file = try disk.openForAppending("\(folder.path)/\(name)")
        try file.append(bytes)
    }

    private var segments: [String] {
        get throws { try disk.names(in: folder.path) }
    }

    /// Of the largest message each newline may become four bytes.
    @Test func theMostThatComesInAtOnceIsReadAgain() throws {
        let entry = JournalEntry.records(
            AcceptedRecords(
                feed: "a", acceptedAt: at(0),
                lines: [UInt8](repeating: 0x61, count: 4 * JournalSegment.recordByteCap)))
        try writer().append([entry, .tick(at(1))])
        #expect(try read() == [entry, .tick(at(1))])
    }

    @Test func whatIsWrittenIsReadInOrder() throws {
        try writer().append(Self.entries)
        try writer().append([.tick(at(9))])
        #expect(try read() == Self.entries + [.tick(at(9))])
        #expect(try read(from: 4) == [Self.entries[3], .tick(at(9))])
        #expect(try read(from: 6) == [])
    }

    @Test func entriesGoOnInSegmentsAndOldOnesAreRemoved() throws {
        let writer = try writer(segmentByteCount: 60)
        for entry in Self.entries { try writer.append([entry]) }
        #expect(try segments.count > 2)
        #expect(try read() == Self.entries)
        try JournalWriter.removeEntries(before: 4, in: self.folder.path, disk)
        #expect(try read(from: 4) == [Self.entries[3]])
        let folder = folder.path
        #expect(throws: StateError.journalLacks(folder: folder, from: 1, to: 3)) {
            try read(from: 1)
        }
    }

    @Test func aJournalThatIsGoneIsNoNewOne() throws {
        #expect(try read(from: 1) == [])
        let folder = folder.path
        #expect(throws: StateError.gone(folder)) { try read(from: 5) }
    }

    @Test(arguments: 1...20) func whatACrashCutOffIsLeftOut(byteCount: Int) throws {
        try writer().append(Self.entries)
        try change(segments[0]) { $0.removeLast(byteCount) }
        #expect(try read() == Array(Self.entries.dropLast()))
        try writer().append([.tick(at(5))])
        #expect(try read() == Self.entries.dropLast() + [.tick(at(5))])
    }

    @Test(arguments: [24, 30, 45, 60, 70]) func damageInTheMiddleIsRefused(place: Int) throws {
        try writer().append(Self.entries)
        try change(segments[0]) { $0[place] ^= 4 }
        #expect { try read() } throws: { error in
            guard case .journalDamaged = error as? StateError else { return false }
            return "\(error)".contains("is damaged at byte")
        }
    }

    @Test func aMissingSegmentIsRefused() throws {
        let writer = try writer(segmentByteCount: 30)
        for entry in Self.entries { try writer.append([entry]) }
        try disk.remove("\(folder.path)/\(segments[1])")
        #expect { try read() } throws: { "\($0)".contains("lacks entries 2 to 2") }
    }

    @Test func aJournalOfAnotherVersionIsRefused() throws {
        try writer().append(Self.entries)
        try change(segments[0]) { $0[8] = 9 }
        #expect { try read() } throws: {
            "\($0)".contains("its format is 9, and this version knows 2")
        }
    }

    /// The check value of the catalogue of CRCs, and both ways on all short lengths.
    @Test func theChecksumIsCRC32C() {
        let digits = Array("123456789".utf8)
        #expect(Checksum.crc32c(digits.span) == 0xe306_9283)
        let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 * 37) }
        for count in 0..<100 {
            let whole = Checksum.crc32c(bytes.span.extracting(0..<count))
            let half = Checksum.crc32c(bytes.span.extracting(0..<count / 2))
            let rest = bytes.span.extracting(count / 2..<count)
            #expect(Checksum.crc32c(rest, behind: half) == whole)
            #expect(Checksum.plainCRC32C(bytes.span.extracting(0..<count)) == whole)
        }
    }
}
