// SPDX-License-Identifier: Apache-2.0
// Exercised by TimeHistogramTests.

package import EventModel

/// The length of time that the bars of several histograms have in common; it grows with the time
/// that they cover, so that there are never more than `cap` of them.
package struct TimeBuckets: Hashable, Sendable {
    /// Enough to draw at most `TimeHistogram.barCap` bars of a round length out of them.
    package static let cap = 960

    /// Each is a multiple of the one before, so that counts can be added up.
    private static let widths: [Int64] = {
        let seconds: [Int64] = [
            1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400, 172_800,
            604_800 * 2, 604_800 * 8, 604_800 * 40, 604_800 * 400,
        ]
        return [1_000_000, 10_000_000, 100_000_000, 500_000_000]
            + seconds.map { $0 * 1_000_000_000 }
    }()

    private var level = 0
    /// The numbers of the first and the last bucket in use; nil: there is none.
    private(set) var range: ClosedRange<Int64>?

    package init() {}

    package var width: TimeSpan { TimeSpan(nanoseconds: Self.widths[level]) }

    func bucket(of time: StreamTime) -> Int64 {
        TimeBuckets.divide(time.nanoseconds, by: Self.widths[level])
    }

    static func divide(_ number: Int64, by divisor: Int64) -> Int64 {
        let (quotient, rest) = number.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? quotient - 1 : quotient
    }

    /// Makes room for a time.
    ///
    /// - Returns: by how much buckets grew; 1: they did not.
    mutating func cover(_ time: StreamTime) -> Int64 {
        var factor: Int64 = 1
        while true {
            let bucket = bucket(of: time)
            guard let known = range else {
                range = bucket...bucket
                return factor
            }
            let wider = min(known.lowerBound, bucket)...max(known.upperBound, bucket)
            // The widest cover all of time with a few.
            if wider.upperBound - wider.lowerBound < Int64(Self.cap)
                || level + 1 == Self.widths.count
            {
                range = wider
                return factor
            }
            let step = Self.widths[level + 1] / Self.widths[level]
            level += 1
            factor *= step
            range =
                Self.divide(known.lowerBound, by: step)...Self.divide(known.upperBound, by: step)
        }
    }
}

/// How many things there were in each stretch of time.
package struct TimeHistogram: Sendable {
    /// Bars that are drawn.
    package static let barCap = 96

    private var counts: [Int64: Int] = [:]
    /// The bucket that was counted last: things come in order of time.
    private var last = (bucket: Int64.min, count: 0)

    package init() {}

    mutating func add(to bucket: Int64) {
        if bucket != last.bucket {
            flush()
            last = (bucket, 0)
        }
        last.count += 1
    }

    private mutating func flush() {
        if last.count > 0 { counts[last.bucket, default: 0] += last.count }
        last = (.min, 0)
    }

    /// Adds up each `factor` buckets.
    mutating func coarsen(by factor: Int64) {
        flush()
        var coarse: [Int64: Int] = [:]
        for (bucket, count) in counts {
            coarse[TimeBuckets.divide(bucket, by: factor), default: 0] += count
        }
        counts = coarse
    }

    /// The counts of `frame`'s bars.
    package func bars(of buckets: TimeBuckets, in frame: TimeFrame) -> [Int] {
        var bars = Array(repeating: 0, count: frame.barCount)
        var all = counts
        if last.count > 0 { all[last.bucket, default: 0] += last.count }
        for (bucket, count) in all {
            let start = bucket.multipliedReportingOverflow(by: buckets.width.nanoseconds)
            // What begins before time does belongs to the first bar.
            let bar =
                start.overflow ? 0 : frame.bar(of: StreamTime(nanoseconds: start.partialValue))
            bars[bar] += count
        }
        return bars
    }
}

/// The bars that are drawn of histograms over the same buckets.
package struct TimeFrame: Hashable, Sendable {
    package let start: StreamTime
    package let width: TimeSpan
    package let barCount: Int

    /// - Parameters:
    ///   - first: the time from which there could be something.
    ///   - last: the time up to which.
    package init(_ buckets: TimeBuckets, first: StreamTime, last: StreamTime) {
        let from = min(first, last)
        let span = Double(last.nanoseconds) - Double(from.nanoseconds)
        // A round length, and a whole number of buckets.
        let unit = buckets.width.nanoseconds
        let width =
            PlotScale.lengths.map(\.nanoseconds).first {
                $0 >= unit && $0 % unit == 0
                    && span / Double($0) < Double(TimeHistogram.barCap - 1)
            } ?? unit * max(1, Int64(span / Double(unit) / Double(TimeHistogram.barCap - 2)) + 1)
        let low = TimeBuckets.divide(from.nanoseconds, by: width)
        let high = TimeBuckets.divide(last.nanoseconds, by: width)
        self.width = TimeSpan(nanoseconds: width)
        let (begin, isOver) = low.multipliedReportingOverflow(by: width)
        start = isOver ? .distantPast : StreamTime(nanoseconds: begin)
        barCount = Int(max(high - low, 0)) + 1
    }

    /// The bar of a time, the first or last of one outside.
    func bar(of time: StreamTime) -> Int {
        let first = TimeBuckets.divide(start.nanoseconds, by: width.nanoseconds)
        let number = TimeBuckets.divide(time.nanoseconds, by: width.nanoseconds) - first
        return min(max(Int(number), 0), barCount - 1)
    }
}
