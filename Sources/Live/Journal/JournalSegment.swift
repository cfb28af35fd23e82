// SPDX-License-Identifier: Apache-2.0
// The form is fixed by docs/reference/state-folder.md. Exercised by JournalTests.

/// One file of a journal: a head, then entries with consecutive numbers.
struct JournalSegment: Hashable, Sendable {
    /// The number of its first entry.
    let firstNumber: Int64

    private static let prefix = "journal-"
    private static let suffix = ".log"
    private static let digitCount = 20

    init(firstNumber: Int64) { self.firstNumber = firstNumber }

    /// Nil: the name is not that of a segment.
    init?(name: String) {
        guard name.hasPrefix(JournalSegment.prefix), name.hasSuffix(JournalSegment.suffix) else {
            return nil
        }
        let digits = name.dropFirst(JournalSegment.prefix.count)
            .dropLast(JournalSegment.suffix.count)
        guard digits.utf8.count == JournalSegment.digitCount, digits.first != "+",
            let number = Int64(digits), number > 0
        else { return nil }
        firstNumber = number
    }

    var name: String {
        let digits = String(firstNumber)
        let zeros = String(repeating: "0", count: JournalSegment.digitCount - digits.count)
        return JournalSegment.prefix + zeros + digits + JournalSegment.suffix
    }

    // MARK: Head

    /// `MARTLETJ`, the format, the number of the first entry, and a checksum of these.
    static let headByteCount = 24
    private static let magic: [UInt8] = Array("MARTLETJ".utf8)
    static let format: UInt32 = 2

    var head: [UInt8] {
        var bytes = JournalSegment.magic
        bytes.append(littleEndian: JournalSegment.format)
        bytes.append(littleEndian: UInt64(bitPattern: firstNumber))
        bytes.append(littleEndian: Checksum.crc32c(bytes.span))
        return bytes
    }

    /// What is wrong with the head of the file that has this segment's name; nil: nothing.
    func problem(ofHead bytes: ArraySlice<UInt8>) -> String? {
        if bytes.elementsEqual(head) { return nil }
        guard bytes.starts(with: JournalSegment.magic) else { return "it is no journal" }
        var rest = ByteCursor(bytes.dropFirst(JournalSegment.magic.count))
        if let format = rest.halfWord(), format != JournalSegment.format {
            return "its format is \(format), and this version knows \(JournalSegment.format)"
        }
        return "its head is damaged"
    }

    /// Whether entries of this version stand behind a head, whatever else is wrong with it.
    static func isOfThisFormat(_ head: ArraySlice<UInt8>) -> Bool {
        var rest = ByteCursor(head.dropFirst(magic.count))
        return head.starts(with: magic) && rest.halfWord() == format
    }

    // MARK: Frames

    /// Checksum, length and number stand before an entry; the checksum is of all that follows it.
    static let frameByteCount = 16
    /// The longest entry: what is longer is no entry.
    static let entryByteCap = 256 << 20
    /// The longest record or body that a feed may let in. There is room in an entry for what
    /// becomes of it: newlines that are written out, a row of names before one of CSV.
    static let recordByteCap = 32 << 20

    static func appendFrame(_ entry: JournalEntry, number: Int64, to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: UInt64(bitPattern: number))
        entry.write(to: &bytes)
        let count = bytes.count - start - frameByteCount
        precondition(count <= entryByteCap, "an entry can be read again")
        put(UInt32(count), into: &bytes, at: start + 4)
        put(
            Checksum.crc32c(bytes.span.extracting(start + 4..<bytes.count)), into: &bytes, at: start
        )
    }

    private static func put(_ value: UInt32, into bytes: inout [UInt8], at place: Int) {
        for k in 0..<4 { bytes[place + k] = UInt8(truncatingIfNeeded: value >> UInt32(8 * k)) }
    }

    /// An entry in the bytes of a segment.
    struct Frame {
        var number: Int64
        var content: Range<Int>
    }

    /// The whole entry at a place in `bytes`; nil: there is none.
    static func frame(in bytes: [UInt8], at place: Int) -> Frame? {
        guard bytes.count - place >= frameByteCount else { return nil }
        var head = ByteCursor(bytes[place..<place + frameByteCount])
        guard let checksum = head.halfWord(), let count = head.halfWord(), let number = head.word(),
            count <= entryByteCap, bytes.count - place - frameByteCount >= Int(count)
        else { return nil }
        let end = place + frameByteCount + Int(count)
        guard Checksum.crc32c(bytes.span.extracting(place + 4..<end)) == checksum else {
            return nil
        }
        return Frame(
            number: Int64(bitPattern: number), content: place + frameByteCount..<end)
    }

    /// Where the next whole entry begins behind a place that holds none: if
    /// there is one, that place was damaged, and is not where a write was cut off.
    ///
    /// - Parameter number: entries with smaller ones are none.
    static func nextFrame(in bytes: [UInt8], behind place: Int, number: Int64) -> Int? {
        guard bytes.count - place > frameByteCount else { return nil }
        let least = UInt64(max(number, 0))
        for start in place + 1...bytes.count - frameByteCount {
            // The number is looked at first: a checksum at each place would take too long.
            let found = bytes[start + 8..<start + 16].reversed().reduce(0) { $0 << 8 | UInt64($1) }
            guard found >= least, found - least < 1 << 20 else { continue }
            if frame(in: bytes, at: start) != nil { return start }
        }
        return nil
    }
}
