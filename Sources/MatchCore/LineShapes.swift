// SPDX-License-Identifier: Apache-2.0
// Lines of one event type mostly differ in some values alone. Some of them are kept as *shapes*,
// and others as what differs from one: where it does and what stands there instead
// (`lines.c`). That takes less than half of the bytes, and some 70 ns a line. Exercised by
// LineShapesTests.

internal import CByteScan
internal import EventModel

/// The lines that others are kept as differences from.
///
/// - Shape: at most `shapeCap` lines of at most `lineByteCap` bytes; packing a line tries
///   `recentCount` of them.
@safe
struct LineShapes: ~Copyable {
    private let inPlace = InPlace()
    static let shapeCap = 256
    static let lineByteCap = 4096
    /// A line that is shorter is not worth it.
    static let leastByteCount = 32
    /// The number of the shape, and two bytes for the length of the line.
    static let headerByteCount = 3

    /// Not private, like `Recent`: the compiler then loses it (Swift 6.3.1).
    struct Shape {
        var start: Int32
        var length: Int32
    }

    /// The shapes that lines of one type were last packed with, the last one first.
    struct Recent {
        var shapes: InlineArray<4, Int32> = InlineArray(repeating: -1)
        /// Lines that have fitted no shape, less those that have.
        var failures: Int32 = 0
        /// Lines that are not tried, since too few of those before have fitted.
        var idle: Int32 = 0
    }
    private static let recentCount = 4
    private static let failureCap: Int32 = 8
    private static let idleCount: Int32 = 63

    private var shapes = RowArray<Shape>()
    /// The lines, with a margin behind each.
    private var bytes = RowArray<UInt8>()
    /// By byte: see `martlet_shape`.
    private var stops = RowArray<UInt16>()
    private var recent: RowArray<Recent>

    /// - Parameter typeCount: numbers of types are below.
    init(typeCount: Int) { recent = RowArray(repeating: Recent(), count: typeCount) }

    /// Bytes that `pack` may write.
    static let roomByteCount =
        headerByteCount + lineByteCap * 5 / 8 + Int(MARTLET_LINE_MARGIN)

    /// Writes the line at `range` of `text` to `packed`, from `start` on, as what differs from a
    /// shape.
    ///
    /// - Returns: where it ends; -1 where that would not be worth it.
    /// - Precondition: there are `roomByteCount` bytes behind `start`.
    mutating func pack(
        _ text: [UInt8], _ range: Range<Int>, ofType type: Int, to packed: inout RowArray<UInt8>,
        from start: Int
    ) -> Int {
        guard range.count >= LineShapes.leastByteCount, range.count <= LineShapes.lineByteCap else {
            return -1
        }
        if recent[type].idle > 0 {
            recent[type].idle -= 1
            return -1
        }
        let place = start + LineShapes.headerByteCount
        for rank in 0..<LineShapes.recentCount {
            let shape = recent[type].shapes[rank]
            if shape < 0 { break }
            let count = pack(text, range, shape, to: &packed, place)
            if count < 0 { continue }
            prefer(rank, ofType: type)
            recent[type].failures = max(recent[type].failures - 1, 0)
            packed.setWord(UInt64(shape) | UInt64(range.count) << 8, at: start, byteCount: 3)
            return place + count
        }
        add(text, range, ofType: type)
        return -1
    }

    private func pack(
        _ text: [UInt8], _ range: Range<Int>, _ shape: Int32, to packed: inout RowArray<UInt8>,
        _ place: Int
    ) -> Int {
        precondition(
            packed.count - place >= LineShapes.roomByteCount - LineShapes.headerByteCount
                && range.lowerBound >= 0 && range.upperBound <= text.count,
            "there is room for the line")
        // SAFETY: the shape is as long as it says, with its margin behind it; the line is inside of
        // the text, whose bytes that can be read are counted; and there is room for what is
        // written, with a margin.
        return unsafe text.withUnsafeBufferPointer { text in
            guard let base = text.baseAddress else { return -1 }
            var shape = unsafe self.shape(shape)
            return unsafe Int(
                martlet_pack_line(
                    &shape, base + range.lowerBound, Int64(range.count),
                    Int64(text.count - range.lowerBound), packed.address(of: place),
                    Int64(range.count * 5 / 8)))
        }
    }

    private func shape(_ number: Int32) -> martlet_shape {
        let shape = shapes[Int(number)]
        // SAFETY: a shape is a range of the bytes, and has a stop for each and for its end.
        return unsafe martlet_shape(
            bytes: bytes.address(of: Int(shape.start)), stops: stops.address(of: Int(shape.start)),
            length: Int64(shape.length))
    }

    /// Puts the shape that was the `rank`-th first.
    private mutating func prefer(_ rank: Int, ofType type: Int) {
        if rank == 0 { return }
        let shape = recent[type].shapes[rank]
        for i in stride(from: rank, to: 0, by: -1) {
            recent[type].shapes[i] = recent[type].shapes[i - 1]
        }
        recent[type].shapes[0] = shape
    }

    /// Makes a line that fits no shape one, in the place of that which has not fitted for longest.
    private mutating func add(_ text: [UInt8], _ range: Range<Int>, ofType type: Int) {
        let last = LineShapes.recentCount - 1
        recent[type].failures += 1
        // Where lines have nothing in common, trying to find it takes time for nothing.
        if recent[type].failures >= LineShapes.failureCap {
            recent[type].failures /= 2
            recent[type].idle = LineShapes.idleCount
        }
        // A single odd line is no shape.
        let isOdd = recent[type].failures == 1 && recent[type].shapes[last] >= 0
        guard !isOdd, shapes.count < LineShapes.shapeCap else { return }
        let start = bytes.count
        let margin = Int(MARTLET_LINE_MARGIN)
        bytes.appendSpace(range.count + margin)
        bytes.copy(text.span.extracting(range), to: start)
        stops.append(repeating: 0, count: range.count + margin)
        // SAFETY: there is a stop for each byte and for the end.
        unsafe martlet_find_stops(
            bytes.address(of: start), Int64(range.count), stops.address(of: start))
        shapes.append(Shape(start: Int32(start), length: Int32(range.count)))
        recent[type].shapes[last] = Int32(shapes.count - 1)
        prefer(last, ofType: type)
    }

    /// Appends the line that is packed in a block from `start` on.
    func append(
        _ block: TextBlock, from start: Int, of blocks: borrowing TextBlocks,
        to line: inout [UInt8]
    ) {
        let header = blocks.word(at: start, of: block)
        let shape = Int32(header & 0xff)
        let length = Int(header >> 8 & 0xffff)
        let place = start + LineShapes.headerByteCount
        let count = Int(block.length) - place
        precondition(shape < shapes.count && count >= 0, "a packed line has a shape")
        let end = line.count + length
        line.append(addingCapacity: length + Int(MARTLET_LINE_MARGIN)) { output in
            // SAFETY: there is room for the line and a margin; behind a block there is one as well.
            unsafe output.withUnsafeMutableBufferPointer { room, written in
                guard let base = room.baseAddress else { return }
                var shape = unsafe self.shape(shape)
                let failure = unsafe martlet_unpack_line(
                    &shape, blocks.address(of: block, at: place), Int64(count), base + written,
                    Int64(length))
                precondition(failure == 0, "what was packed can be unpacked")
                written += length
            }
        }
        assert(line.count == end, "the line is there")
    }
}
