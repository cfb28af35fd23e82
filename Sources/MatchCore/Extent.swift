// SPDX-License-Identifier: Apache-2.0

/// A run of rows of some array. A `Range` is twice as long, and no row itself.
struct Extent: BitwiseCopyable {
    var start: Int32
    var end: Int32

    init(_ range: Range<Int>) {
        start = Int32(range.lowerBound)
        end = Int32(range.upperBound)
    }

    static let none = Extent(0..<0)

    var count: Int { Int(end - start) }
    var isEmpty: Bool { start == end }
    var rows: Range<Int> { Int(start)..<Int(end) }
}
