// SPDX-License-Identifier: Apache-2.0
// The one kind of memory that the hot path works on. Unlike an array's, a look at a row neither
// checks bounds in release builds nor whether somebody shares the rows; it begins with a line of
// the cache; and large ones grow by moving their pages, so that neither time nor memory goes into
// a copy of the old rows. Exercised by RowArrayTests and, with its assertions, by all tests of the
// engine.

internal import CByteScan

/// Rows without references, which grow in place as far as that is possible.
@safe struct RowArray<Row: BitwiseCopyable>: ~Copyable {
    private var rows: UnsafeMutablePointer<Row>
    private(set) var count = 0
    private var capacity = 0

    @inline(__always)
    init() {
        // SAFETY: of no rows nothing is read; an alignment is no null.
        unsafe rows = UnsafeMutablePointer(bitPattern: MemoryLayout<Row>.alignment)!
    }

    init(repeating row: Row, count: Int) {
        self.init()
        reserve(count)
        for _ in 0..<count { append(row) }
    }

    init(copying list: [Row]) {
        self.init()
        reserve(list.count)
        for row in list { append(row) }
    }

    deinit {
        // SAFETY: rows that there is room for were allocated; they need no deinitialisation.
        if capacity > 0 { unsafe martlet_resize(rows, Int64(byteCount), 0) }
    }

    @inline(__always) var isEmpty: Bool { count == 0 }
    @inline(__always) var indices: Range<Int> { 0..<count }

    @inline(__always)
    subscript(_ row: Int) -> Row {
        _read {
            assert(row >= 0 && row < count, "a row of the array")
            // SAFETY: 0 <= row < count, as whoever numbers the rows sees to.
            yield unsafe rows[row]
        }
        _modify {
            assert(row >= 0 && row < count, "a row of the array")
            // SAFETY: like reading.
            yield unsafe &rows[row]
        }
    }

    @inline(__always)
    mutating func append(_ row: Row) {
        if count == capacity { grow(to: count + 1) }
        // SAFETY: count < capacity.
        unsafe (rows + count).initialize(to: row)
        count += 1
    }

    /// Appends `number` rows that are like `row`.
    mutating func append(repeating row: Row, count number: Int) {
        if count + number > capacity { grow(to: count + number) }
        // SAFETY: count + number <= capacity.
        unsafe (rows + count).initialize(repeating: row, count: number)
        count += number
    }

    /// Makes rows that are there be like `row`.
    @inline(__always)
    mutating func fill(_ range: Range<Int>, with row: Row) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a range of the rows")
        // SAFETY: the range is inside.
        unsafe (rows + range.lowerBound).update(repeating: row, count: range.count)
    }

    @inline(__always)
    mutating func popLast() -> Row? {
        if count == 0 { return nil }
        count -= 1
        // SAFETY: that was the last row.
        return unsafe rows[count]
    }

    @inline(__always)
    mutating func removeLast(_ number: Int) {
        precondition(number >= 0 && number <= count, "no more rows than there are")
        count -= number
    }

    /// Empties the array, which keeps its memory.
    @inline(__always)
    mutating func removeAll() { count = 0 }

    mutating func reserve(_ wanted: Int) {
        if wanted > capacity { resize(to: wanted) }
    }

    @inline(never)
    private mutating func grow(to least: Int) {
        // What is not used yet is no memory until it is written to.
        resize(to: max(least, capacity + capacity / 2, 8))
    }

    private mutating func resize(to wanted: Int) {
        let (wantedByteCount, overflow) = wanted.multipliedReportingOverflow(
            by: MemoryLayout<Row>.stride)
        precondition(!overflow, "rows fit into memory")
        // SAFETY: the block is this array's and of that size, or there is none yet; what it held
        // is moved with it.
        unsafe rows = martlet_resize(
            capacity > 0 ? rows : nil, Int64(byteCount), Int64(wantedByteCount)
        ).assumingMemoryBound(to: Row.self)
        capacity = wanted
    }

    private var byteCount: Int { capacity * MemoryLayout<Row>.stride }

    /// Where a row is, as long as nothing is appended.
    @inline(__always)
    func address(of row: Int) -> UnsafeMutablePointer<Row> {
        assert(row >= 0 && row <= count, "a row of the array")
        // SAFETY: 0 <= row <= count.
        return unsafe rows + row
    }

    /// Asks for the memory of a row, so that it is there when it is looked at.
    @inline(__always)
    func prefetch(_ row: Int) {
        // SAFETY: nothing is read, and any address may be asked for.
        unsafe martlet_prefetch(rows + row)
    }

    /// Like `prefetch`, of a row that may lie in two lines of the cache.
    @inline(__always)
    func prefetchWhole(_ row: Int) {
        prefetch(row)
        // SAFETY: as in `prefetch`; the last byte of the row is meant.
        unsafe martlet_prefetch(
            UnsafeRawPointer(rows + row) + (MemoryLayout<Row>.stride - 1))
    }
}

// SAFETY: the rows are owned by the array alone, like those of `Array`.
extension RowArray: @unchecked Sendable where Row: Sendable {}

extension RowArray<UInt8> {
    /// Copies bytes to rows that are there.
    mutating func copy(_ bytes: Span<UInt8>, to start: Int) {
        precondition(start >= 0 && bytes.count <= count - start, "there is room for the bytes")
        // SAFETY: both buffers hold as many bytes, and a span of another's memory does not overlap.
        unsafe bytes.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return }
            unsafe (rows + start).update(from: base, count: source.count)
        }
    }

    /// Appends bytes that hold nothing in particular: whoever reads them has written them before.
    mutating func appendSpace(_ number: Int) {
        if count + number > capacity { grow(to: count + number) }
        count += number
    }

    /// The eight bytes from `start` on, the first the least significant.
    @inline(__always)
    func word(at start: Int) -> UInt64 {
        precondition(start >= 0 && start + 8 <= count, "a word of the bytes")
        // SAFETY: the eight bytes are inside.
        let word = unsafe UnsafeRawPointer(rows + start).loadUnaligned(as: UInt64.self)
        return UInt64(littleEndian: word)
    }

    /// Writes so many bytes of a word, the least significant ones.
    mutating func setWord(_ word: UInt64, at start: Int, byteCount: Int) {
        for i in 0..<byteCount {
            self[start + i] = UInt8(truncatingIfNeeded: word >> UInt64(i * 8))
        }
    }

    @inline(__always)
    mutating func setWord(_ word: UInt64, at start: Int) {
        precondition(start >= 0 && start + 8 <= count, "a word of the bytes")
        // SAFETY: the eight bytes are inside.
        unsafe UnsafeMutableRawPointer(rows + start).storeBytes(
            of: word.littleEndian, as: UInt64.self)
    }

    /// Calls `body` with the bytes of a range.
    func withSpan<Result>(_ range: Range<Int>, _ body: (Span<UInt8>) -> Result) -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a range of the rows")
        // SAFETY: the range is inside, and the buffer is valid for the closure.
        let bytes = unsafe UnsafeBufferPointer(start: rows + range.lowerBound, count: range.count)
        return unsafe body(bytes.span)
    }
}
