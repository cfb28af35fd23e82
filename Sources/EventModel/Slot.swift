// SPDX-License-Identifier: Apache-2.0

/// What the 8 bytes of a slot hold.
package enum SlotTag: UInt8, BitwiseCopyable, Sendable {
    /// No value.
    case missing
    case bool
    case int
    case float
    /// A symbol: the UTF-8 bytes of a text.
    case string
    case time
    case duration
    case ipv4
    /// A symbol: 16 bytes, most significant first.
    case ipv6
    /// A symbol: 1 byte of prefix length, then 4 or 16 bytes of the base address.
    case network
    /// A symbol: the elements in the encoding of `SymbolTable.encode(list:)`.
    case list
    /// A text that only the patterns of event types read: where it is in the text of the event
    /// under test (`Slot.excerpt`). No stored event has one.
    case excerpt
}

/// A value on the hot path: a tag and 8 bytes.
///
/// Two slots of the same symbol table are the same value exactly if tag and bits are equal, but for
/// ints and floats, which compare as numbers (`Slot.isEqual`).
package struct Slot: Hashable, BitwiseCopyable, Sendable {
    package var tag: SlotTag
    package var bits: UInt64

    @inlinable
    package init(tag: SlotTag, bits: UInt64) {
        self.tag = tag
        self.bits = bits
    }

    @inlinable package static var missing: Slot { Slot(tag: .missing, bits: 0) }
    @inlinable package static func bool(_ value: Bool) -> Slot {
        Slot(tag: .bool, bits: value ? 1 : 0)
    }
    @inlinable package static func int(_ value: Int64) -> Slot {
        Slot(tag: .int, bits: UInt64(bitPattern: value))
    }
    /// Negative zero and the many NaNs are each made one value, so that equal bits mean equal
    /// floats.
    @inlinable package static func float(_ value: Double) -> Slot {
        if value == 0 { return Slot(tag: .float, bits: 0) }
        return Slot(tag: .float, bits: value.isNaN ? Double.nan.bitPattern : value.bitPattern)
    }
    @inlinable package static func string(_ symbol: Symbol) -> Slot {
        Slot(tag: .string, bits: UInt64(symbol.id))
    }
    @inlinable package static func time(_ value: StreamTime) -> Slot {
        Slot(tag: .time, bits: UInt64(bitPattern: value.nanoseconds))
    }
    @inlinable package static func duration(_ value: TimeSpan) -> Slot {
        Slot(tag: .duration, bits: UInt64(bitPattern: value.nanoseconds))
    }
    /// A piece of the event's own text; nil where its place does not fit.
    @inlinable package static func excerpt(_ place: Range<Int>) -> Slot? {
        guard let start = UInt32(exactly: place.lowerBound),
            let count = UInt32(exactly: place.count)
        else { return nil }
        return Slot(tag: .excerpt, bits: UInt64(count) << 32 | UInt64(start))
    }

    /// Where an excerpt is in the event's text.
    @inlinable package var place: Range<Int> {
        let start = Int(UInt32(truncatingIfNeeded: bits))
        return start..<start + Int(bits >> 32)
    }

    /// The one slot of all that are equal: a whole float is the int of that number.
    @inlinable package var identity: Slot {
        guard tag == .float, let whole = Int64(exactly: asFloat) else { return self }
        return .int(whole)
    }

    @inlinable package var isMissing: Bool { tag == .missing }
    @inlinable package var isTrue: Bool { tag == .bool && bits == 1 }
    @inlinable package var asInt: Int64 { Int64(bitPattern: bits) }
    @inlinable package var asFloat: Double { Double(bitPattern: bits) }
    @inlinable package var symbol: Symbol { Symbol(id: UInt32(truncatingIfNeeded: bits)) }
}

/// An interned byte string of one `SymbolTable`.
package struct Symbol: Hashable, BitwiseCopyable, Sendable {
    package let id: UInt32
    @inlinable package init(id: UInt32) { self.id = id }
}
