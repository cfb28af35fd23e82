// SPDX-License-Identifier: Apache-2.0
// Rows that the decoder reads and writes several times a value: an array would check there each
// time whether it is shared and whether the row is inside. Exercised by all tests of decoders,
// where the assertion holds.

/// A fixed number of rows, read and written without a check in release builds.
@safe struct RawTable<Row: BitwiseCopyable>: ~Copyable {
    /// For C functions that work on all of them.
    let rows: UnsafeMutablePointer<Row>
    let count: Int

    init(repeating row: Row, count: Int) {
        // SAFETY: there is room for `count` rows, each of which is initialised.
        unsafe rows = .allocate(capacity: max(count, 1))
        unsafe rows.initialize(repeating: row, count: count)
        self.count = count
    }

    deinit {
        // SAFETY: allocated in `init`, owned by this value alone; rows need no deinitialisation.
        unsafe rows.deallocate()
    }

    subscript(_ row: Int) -> Row {
        @inline(__always)
        get {
            assert(row >= 0 && row < count, "a row of the table")
            // SAFETY: 0 <= row < count, as whoever numbers the rows sees to.
            return unsafe rows[row]
        }
        @inline(__always)
        set {
            assert(row >= 0 && row < count, "a row of the table")
            // SAFETY: like the getter.
            unsafe rows[row] = newValue
        }
    }

    /// Calls `body` with the row where it lies.
    @inline(__always)
    mutating func change(_ row: Int, _ body: (inout Row) -> Void) {
        assert(row >= 0 && row < count, "a row of the table")
        // SAFETY: 0 <= row < count.
        unsafe body(&rows[row])
    }
}
