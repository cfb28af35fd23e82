// SPDX-License-Identifier: Apache-2.0
// Exercised by EventStoreTests.

internal import EventModel

/// What alerts say of a bound event and conditions hardly ever ask for. It stands in front of the
/// event's text, in as few bytes as it takes.
struct EventDetails: Hashable {
    var position: Int64
    var feed: Int32
    var typeName: Symbol
    var id: Slot
    var form: TextForm

    init(position: Int64, feed: Int32, typeName: Symbol, id: Slot, form: TextForm) {
        self.position = position
        self.feed = feed
        self.typeName = typeName
        self.id = id
        self.form = form
    }

    /// Of a row of CSV the form is that of its object, which is what is kept.
    init(of event: borrowing CurrentEvent) {
        self.init(
            position: event.position, feed: event.feed, typeName: event.typeName, id: event.id,
            form: event.form.kind == .row ? .object : event.form)
    }
}

// Two bytes of what there is, then each number in 1, 2, 4 or 8 bytes:
//
//     byte 0: the sizes of position, feed, name and id, two bits each
//     byte 1: 4 bits for the tag of the id, 2 for the form, 1 for a line that is packed
//     the position less the arrival number; the feed, which may be -2 or -1; the name; the id
//     4 bytes for where the header starts, if the form is not that of an object
extension EventDetails {
    private static let isPacked: UInt64 = 1 << 14

    /// Notes in what `write` wrote that the text behind it is packed.
    static func markPacked(_ bytes: inout RowArray<UInt8>) {
        bytes[1] |= UInt8(isPacked >> 8)
    }

    /// No details take more bytes.
    static let byteCap = 2 + 4 * 8 + 4

    /// 0, 1, 2 or 3 for what fits into 1, 2, 4 or 8 bytes.
    @inline(__always)
    private static func sizeClass(_ number: UInt64) -> UInt64 {
        // Two bits for each place that the highest byte may have.
        let classes: UInt64 = 0b11_11_11_11_10_10_01_00
        let highest = UInt64(truncatingIfNeeded: 63 &- (number | 1).leadingZeroBitCount) &>> 3
        return classes &>> (highest &<< 1) & 3
    }

    /// Signed numbers that are small either way as small ones.
    @inline(__always)
    private static func folded(_ number: Int64) -> UInt64 {
        UInt64(bitPattern: number << 1 ^ number >> 63)
    }

    @inline(__always)
    private static func unfolded(_ number: UInt64) -> Int64 {
        Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
    }

    /// The details of an event as they are written.
    struct Layout {
        fileprivate var head: UInt64
        fileprivate var position: UInt64
        fileprivate var feed: UInt64
        fileprivate var name: UInt64
        fileprivate var id: UInt64
        fileprivate var headerStart: UInt64
        fileprivate var sizes: (position: Int, feed: Int, name: Int, id: Int)
        /// How many bytes they take.
        private(set) var byteCount: Int

        @inline(__always)
        init(_ details: EventDetails, arrival: Int64) {
            assert(details.form.kind != .row, "two bits hold the other kinds")
            position = EventDetails.folded(details.position &- arrival)
            feed = UInt64(UInt32(bitPattern: details.feed &+ 2))
            name = UInt64(details.typeName.id)
            id = details.id.bits
            let classes = (
                EventDetails.sizeClass(position), EventDetails.sizeClass(feed),
                EventDetails.sizeClass(name), EventDetails.sizeClass(id)
            )
            head =
                classes.0 | classes.1 << 2 | classes.2 << 4 | classes.3 << 6
                | UInt64(details.id.tag.rawValue) << 8
                | UInt64(details.form.kind.rawValue) << 12
            sizes = (
                1 &<< Int(classes.0), 1 &<< Int(classes.1), 1 &<< Int(classes.2),
                1 &<< Int(classes.3)
            )
            // A header is inside of its line, whose length fits.
            headerStart = UInt64(details.form.place)
            let hasHeader = details.form.kind != .object
            byteCount =
                2 &+ sizes.position &+ sizes.feed &+ sizes.name &+ sizes.id &+ (hasHeader ? 4 : 0)
        }

        /// Writes the details to the bytes from `start` on, and up to 7 bytes behind them.
        @inline(__always)
        func write(to bytes: inout RowArray<UInt8>, at start: Int) {
            bytes.setWord(head, at: start)
            var end = start &+ 2
            bytes.setWord(position, at: end)
            end &+= sizes.position
            bytes.setWord(feed, at: end)
            end &+= sizes.feed
            bytes.setWord(name, at: end)
            end &+= sizes.name
            bytes.setWord(id, at: end)
            end &+= sizes.id
            if end < start &+ byteCount { bytes.setWord(headerStart, at: end) }
        }
    }

    /// Reads what `write` wrote to the beginning of a block.
    ///
    /// - Returns: the details, where they end, and whether the text behind them is packed.
    @inline(__always)
    static func read(
        arrival: Int64, from block: TextBlock, of blocks: borrowing TextBlocks
    ) -> (details: EventDetails, end: Int, isPacked: Bool) {
        let head = blocks.word(at: 0, of: block)
        var end = 2
        let position = number(head, &end, block, blocks)
        let feed = number(head >> 2, &end, block, blocks)
        let name = number(head >> 4, &end, block, blocks)
        let id = number(head >> 6, &end, block, blocks)
        guard let tag = SlotTag(rawValue: UInt8(truncatingIfNeeded: head >> 8 & 15)),
            let kind = TextForm.Kind(rawValue: UInt8(truncatingIfNeeded: head >> 12 & 3))
        else { preconditionFailure("what was written is read") }
        var headerStart = 0
        if kind != .object {
            headerStart = Int(UInt32(truncatingIfNeeded: blocks.word(at: end, of: block)))
            end += 4
        }
        let details = EventDetails(
            position: unfolded(position) &+ arrival,
            feed: Int32(bitPattern: UInt32(truncatingIfNeeded: feed)) &- 2,
            typeName: Symbol(id: UInt32(truncatingIfNeeded: name)),
            id: Slot(tag: tag, bits: id), form: TextForm(kind, place: headerStart))
        return (details, end, head & isPacked != 0)
    }

    @inline(__always)
    private static func number(
        _ sizeClass: UInt64, _ end: inout Int, _ block: TextBlock, _ blocks: borrowing TextBlocks
    ) -> UInt64 {
        let size = 1 << Int(sizeClass & 3)
        let word = blocks.word(at: end, of: block)
        end += size
        return word & (UInt64.max >> UInt64(64 - size * 8))
    }
}
