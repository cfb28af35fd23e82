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

/// Writes integers little-endian and byte strings with their length.
package struct SnapshotWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// Makes room for so many bytes at once.
    package mutating func reserve(_ byteCount: Int) { bytes.reserveCapacity(byteCount) }

    package mutating func write(_ value: Int64) {
        let bits = UInt64(bitPattern: value)
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
        }
    }

    package mutating func write(_ value: Int) { write(Int64(value)) }

    package mutating func write(_ text: some Collection<UInt8>) {
        write(text.count)
        bytes.append(contentsOf: text)
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

    /// Appends a checksum of all that was written.
    package mutating func seal() { write(Int64(bitPattern: SnapshotWriter.checksum(bytes[...]))) }

    /// FNV-1a, 64 bits.
    package static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }
}

/// Reads what `SnapshotWriter` wrote; every length and index is checked.
package struct SnapshotReader {
    private let bytes: [UInt8]
    private var place = 0
    private let end: Int

    /// - Throws: `damaged` if the checksum does not fit.
    package init(_ bytes: [UInt8]) throws(SnapshotError) {
        guard bytes.count >= 8 else { throw .notASnapshot }
        self.bytes = bytes
        end = bytes.count - 8
        var tail: UInt64 = 0
        for i in (end..<bytes.count).reversed() { tail = tail << 8 | UInt64(bytes[i]) }
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
