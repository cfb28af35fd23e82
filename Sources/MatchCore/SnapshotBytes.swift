// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Why a snapshot cannot be restored.
package enum SnapshotError: Error, Hashable, Sendable, CustomStringConvertible {
    case notASnapshot
    /// Written by a version with another format.
    case otherFormat(UInt32)
    /// Taken of other rules than those it is restored into.
    case otherRules
    /// Cut short, or changed since it was written.
    case damaged
    /// Taken after more events than can be counted on.
    case tooManyEvents

    package var description: String {
        switch self {
        case .notASnapshot: "this is no snapshot"
        case .otherFormat(let version):
            "the snapshot has format \(version), which is not known here"
        case .otherRules: "the snapshot was taken of other rules"
        case .damaged: "the snapshot is damaged"
        case .tooManyEvents: "the snapshot was taken after more events than can be counted"
        }
    }
}

/// Writes integers little-endian and byte strings with their length: into memory, or piece by piece
/// to whoever takes them, so that what is large never is there as a whole.
///
/// A part that is sealed has a checksum behind it. Parts stand inside of each other.
package struct SnapshotWriter {
    /// Bytes of a piece, or a few more.
    private static let pieceByteCount = 1 << 20

    /// What has been written and not been handed on; all of it where nobody takes pieces.
    package private(set) var bytes: [UInt8] = []
    private var handedOnByteCount = 0
    private let take: (([UInt8]) -> Void)?
    /// Whether all that is wanted is how long it is.
    private let isCounting: Bool
    private let heldByteCap: Int
    /// Of the parts that are open, the outer ones first: where in `bytes` each begins, and the
    /// checksum of what has been handed on of it.
    private var parts: [(start: Int, checksum: UInt64)] = []

    package init() {
        take = nil
        isCounting = false
        heldByteCap = .max
    }

    /// - Parameter take: gets the bytes in order. `finish` hands on the last ones.
    package init(handingOnTo take: @escaping ([UInt8]) -> Void) {
        self.take = take
        isCounting = false
        heldByteCap = SnapshotWriter.pieceByteCount
    }

    /// One of which nothing is left but `byteCount`.
    package static var counting: SnapshotWriter { SnapshotWriter(isCounting: true) }

    private init(isCounting: Bool) {
        take = nil
        self.isCounting = isCounting
        heldByteCap = SnapshotWriter.pieceByteCount
    }

    /// Bytes that have been written.
    package var byteCount: Int { handedOnByteCount + bytes.count }

    /// Makes room for so many bytes at once.
    package mutating func reserve(_ byteCount: Int) { bytes.reserveCapacity(byteCount) }

    package mutating func write(_ value: Int64) {
        let bits = UInt64(bitPattern: value)
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
        }
        if bytes.count >= heldByteCap { handOn() }
    }

    package mutating func write(_ value: Int) { write(Int64(value)) }

    package mutating func write(_ text: some Collection<UInt8>) {
        write(text.count)
        bytes.append(contentsOf: text)
    }

    /// Appends what was written elsewhere, without its length.
    package mutating func append(written text: [UInt8]) {
        bytes.append(contentsOf: text)
        if bytes.count >= heldByteCap { handOn() }
    }

    /// - Parameter payload: the bytes of the symbol that the slot holds.
    mutating func write(_ slot: Slot, payload: [UInt8]) {
        bytes.append(slot.tag.rawValue)
        if slot.holdsSymbol {
            write(payload)
        } else {
            write(Int64(bitPattern: slot.bits))
        }
    }

    mutating func write(_ slot: Slot, _ symbols: borrowing SymbolTable) {
        bytes.append(slot.tag.rawValue)
        if slot.holdsSymbol {
            write(symbols.bytes(of: slot.symbol))
        } else {
            write(Int64(bitPattern: slot.bits))
        }
    }

    /// Begins a part.
    package mutating func begin() {
        parts.append((start: bytes.count, checksum: SnapshotWriter.emptyChecksum))
    }

    /// Ends the last part that is open with a checksum of it.
    ///
    /// - Precondition: there is one.
    package mutating func seal() {
        let part = parts.removeLast()
        write(Int64(bitPattern: checksum(of: part)))
    }

    /// Hands on what is left.
    package mutating func finish() { handOn() }

    private func checksum(of part: (start: Int, checksum: UInt64)) -> UInt64 {
        if isCounting { return 0 }
        return SnapshotWriter.checksum(bytes[part.start...], behind: part.checksum)
    }

    private mutating func handOn() {
        for index in parts.indices {
            parts[index] = (start: 0, checksum: checksum(of: parts[index]))
        }
        handedOnByteCount += bytes.count
        take?(bytes)
        bytes.removeAll(keepingCapacity: true)
    }

    private static let emptyChecksum: UInt64 = 0xcbf2_9ce4_8422_2325

    /// FNV-1a, 64 bits.
    package static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        checksum(bytes, behind: emptyChecksum)
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>, behind checksum: UInt64) -> UInt64 {
        var hash = checksum
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }
}

/// Reads what `SnapshotWriter` wrote; every length and index is checked.
package struct SnapshotReader {
    private let bytes: ArraySlice<UInt8>
    private var place: Int
    private let end: Int

    /// - Throws: `damaged` if the checksum does not fit.
    package init(_ bytes: ArraySlice<UInt8>) throws(SnapshotError) {
        guard bytes.count >= 8 else { throw .notASnapshot }
        self.bytes = bytes
        place = bytes.startIndex
        end = bytes.endIndex - 8
        var tail: UInt64 = 0
        for i in (end..<bytes.endIndex).reversed() { tail = tail << 8 | UInt64(bytes[i]) }
        guard tail == SnapshotWriter.checksum(bytes[..<end]) else { throw .damaged }
    }

    package mutating func int64() throws(SnapshotError) -> Int64 {
        guard end - place >= 8 else { throw .damaged }
        var bits: UInt64 = 0
        for i in (place..<place + 8).reversed() { bits = bits << 8 | UInt64(bytes[i]) }
        place += 8
        return Int64(bitPattern: bits)
    }

    /// A count or an index below `limit`.
    package mutating func int(below limit: Int = countCap) throws(SnapshotError) -> Int {
        let value = try int64()
        guard value >= 0, value < limit else { throw .damaged }
        return Int(value)
    }

    /// A time, a position or a number that is not behind `limit`.
    package mutating func int64(upTo limit: Int64) throws(SnapshotError) -> Int64 {
        let value = try int64()
        guard value <= limit else { throw .damaged }
        return value
    }

    package mutating func byteString() throws(SnapshotError) -> ArraySlice<UInt8> {
        let count = try int(below: end - place + 1)
        guard end - place >= count else { throw .damaged }
        place += count
        return bytes[place - count..<place]
    }

    mutating func byte() throws(SnapshotError) -> UInt8 {
        guard place < end else { throw .damaged }
        place += 1
        return bytes[place - 1]
    }

    package var isAtEnd: Bool { place == end }
}
