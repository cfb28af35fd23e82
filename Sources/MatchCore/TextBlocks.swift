// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// A piece of a `TextBlocks`.
struct TextBlock: Hashable, BitwiseCopyable, Sendable {
    /// In units of `TextBlocks.unit`.
    fileprivate var start: UInt32
    fileprivate(set) var length: Int32
}

/// Texts of any length in one buffer, in blocks of so many times 8 bytes, and long ones in blocks
/// whose sizes are powers of two or halfway between.
///
/// - Shape: storing and releasing O(length); a released block serves the next text of its size. At
///   most 32 GB.
struct TextBlocks: ~Copyable {
    private let inPlace = InPlace()
    /// Behind the last block there are some more bytes, so that a word can be read at any byte.
    private var storage = RowArray<UInt8>()
    /// By size class: the block that was released last, in which the one before is named.
    private var firstFree: RowArray<UInt32>

    fileprivate static let unit = 8
    private static let marginByteCount = 32
    private static let none = UInt32.max
    /// Up to here each multiple of the unit is a class.
    private static let evenByteCap = 1024

    init() {
        let classCount = TextBlocks.sizeClass(Int(Int32.max)) + 1
        firstFree = RowArray(repeating: TextBlocks.none, count: classCount)
        storage.appendSpace(TextBlocks.marginByteCount)
    }

    /// Of a text of that many bytes.
    @inline(__always)
    private static func sizeClass(_ byteCount: Int) -> Int {
        if byteCount <= evenByteCap { return (max(byteCount, 1) + unit - 1) / unit - 1 }
        // 2^k holds it for the least k; perhaps 2^(k-1) + 2^(k-2) does.
        let power = Int.bitWidth - (byteCount - 1).leadingZeroBitCount
        let isHalfEnough = byteCount <= 3 << (power - 2)
        return evenByteCap / unit + 2 * (power - 11) + (isHalfEnough ? 0 : 1)
    }

    private static func size(ofClass sizeClass: Int) -> Int {
        let long = sizeClass - evenByteCap / unit
        if long < 0 { return (sizeClass + 1) * unit }
        return long % 2 == 0 ? 3 << (9 + long / 2) : 1 << (11 + long / 2)
    }

    /// Whether a text of that many bytes can be stored without more memory than so many bytes.
    @inline(__always)
    func hasRoom(for byteCount: Int, within memoryByteCount: Int) -> Bool {
        storage.count < memoryByteCount
            || firstFree[TextBlocks.sizeClass(byteCount)] != TextBlocks.none
    }

    /// Stores two texts, one behind the other.
    mutating func store(_ head: Span<UInt8>, _ text: Span<UInt8>) -> TextBlock {
        let block = makeBlock(head.count + text.count)
        let start = Int(block.start) * TextBlocks.unit
        storage.copy(head, to: start)
        storage.copy(text, to: start + head.count)
        return block
    }

    /// Stores the details of an event, and its text behind them.
    ///
    /// - Precondition: the text has `leastTextByteCount` bytes: what is written behind the details
    ///   stays within the block.
    mutating func store(_ details: EventDetails.Layout, _ text: Span<UInt8>) -> TextBlock {
        precondition(text.count >= TextBlocks.leastTextByteCount, "a text that is written over")
        let block = makeBlock(details.byteCount + text.count)
        let start = Int(block.start) * TextBlocks.unit
        details.write(to: &storage, at: start)
        storage.copy(text, to: start + details.byteCount)
        return block
    }

    static let leastTextByteCount = 8

    private mutating func makeBlock(_ byteCount: Int) -> TextBlock {
        let sizeClass = TextBlocks.sizeClass(byteCount)
        let start = firstFree[sizeClass]
        guard start == TextBlocks.none else {
            let next = UInt32(
                truncatingIfNeeded: storage.word(at: Int(start) * TextBlocks.unit))
            firstFree[sizeClass] = next
            // The block that is used next is in no cache.
            if next != TextBlocks.none {
                prefetch(TextBlock(start: next, length: Int32((sizeClass + 1) * TextBlocks.unit)))
            }
            return TextBlock(start: start, length: Int32(byteCount))
        }
        let end = (storage.count - TextBlocks.marginByteCount) / TextBlocks.unit
        precondition(end < Int(UInt32.max), "at most 32 GB of texts")
        storage.appendSpace(TextBlocks.size(ofClass: sizeClass))
        return TextBlock(start: UInt32(end), length: Int32(byteCount))
    }

    /// Asks for the beginning of a block.
    @inline(__always)
    func prefetch(_ block: TextBlock) {
        let start = Int(block.start) * TextBlocks.unit
        var offset = 0
        while offset < min(Int(block.length), 256) {
            storage.prefetch(start + offset)
            offset += 64
        }
    }

    @inline(__always)
    mutating func release(_ block: TextBlock) {
        let sizeClass = TextBlocks.sizeClass(Int(block.length))
        storage.setWord(UInt64(firstFree[sizeClass]), at: Int(block.start) * TextBlocks.unit)
        firstFree[sizeClass] = block.start
    }

    /// The eight bytes of a block from `offset` on, the first the least significant; what is behind
    /// the block may be anything.
    @inline(__always)
    func word(at offset: Int, of block: TextBlock) -> UInt64 {
        precondition(offset >= 0 && offset <= Int(block.length), "a place in the block")
        return storage.word(at: Int(block.start) * TextBlocks.unit + offset)
    }

    /// Where a byte of a block is, as long as nothing is stored.
    func address(of block: TextBlock, at offset: Int) -> UnsafeMutablePointer<UInt8> {
        // SAFETY: a place in a block is one of the rows.
        unsafe storage.address(of: Int(block.start) * TextBlocks.unit + offset)
    }

    /// Calls `body` with the bytes of a block from `offset` on.
    func withSpan<Result>(
        of block: TextBlock, from offset: Int, _ body: (Span<UInt8>) -> Result
    ) -> Result {
        let start = Int(block.start) * TextBlocks.unit
        return storage.withSpan(start + offset..<start + Int(block.length), body)
    }
}
