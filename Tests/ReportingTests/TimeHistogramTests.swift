// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Reporting

@Suite struct TimeHistogramTests {
    /// Counts times as the recorder does.
    private struct Counter {
        var buckets = TimeBuckets()
        var histogram = TimeHistogram()
        var first = StreamTime.distantFuture
        var last = StreamTime.distantPast

        mutating func add(_ time: StreamTime) {
            let factor = buckets.cover(time)
            if factor > 1 { histogram.coarsen(by: factor) }
            histogram.add(to: buckets.bucket(of: time))
            first = min(first, time)
            last = max(last, time)
        }

        var frame: TimeFrame { TimeFrame(buckets, first: first, last: last) }
        var bars: [Int] { histogram.bars(of: buckets, in: frame) }
    }

    private static func time(_ seconds: Int64) -> StreamTime {
        StreamTime(nanoseconds: seconds * 1_000_000_000)
    }

    @Test(arguments: [1, 60, 3_600, 86_400, 900_000, 40_000_000] as [Int64])
    func everyTimeIsInTheBarThatHoldsIt(length: Int64) {
        var counter = Counter()
        var expected: [StreamTime: Int] = [:]
        var times: [StreamTime] = []
        for step in 0..<1000 {
            let time = Self.time(1_000_000_007) + TimeSpan(milliseconds: length * Int64(step))
            times.append(time)
            counter.add(time)
        }
        let frame = counter.frame
        #expect(frame.barCount <= TimeHistogram.barCap + 1)
        #expect(frame.barCount > 12)
        for time in times {
            let number = (time.nanoseconds - frame.start.nanoseconds) / frame.width.nanoseconds
            let start = frame.start + TimeSpan(nanoseconds: number * frame.width.nanoseconds)
            expected[start, default: 0] += 1
        }
        for (bar, count) in counter.bars.enumerated() {
            let start = frame.start + TimeSpan(nanoseconds: frame.width.nanoseconds * Int64(bar))
            #expect(expected[start] ?? 0 == count)
        }
        #expect(counter.bars.reduce(0, +) == times.count)
    }

    @Test func allOfTimeHasBars() {
        var counter = Counter()
        for time in [.distantPast, .distantFuture, .zero] as [StreamTime] { counter.add(time) }
        #expect(counter.bars.reduce(0, +) == 3)
        #expect(counter.frame.barCount <= TimeHistogram.barCap + 1)
    }

    @Test func oneMomentIsOneBar() {
        var counter = Counter()
        for _ in 0..<5 { counter.add(Self.time(-1)) }
        #expect(counter.bars == [5])
    }

    @Test func theOrderOfTimesDoesNotMatter() {
        let times = (0..<500).map { Self.time(Int64($0 * $0 % 7919) * 61) }
        var (forth, back) = (Counter(), Counter())
        for time in times { forth.add(time) }
        for time in times.reversed() { back.add(time) }
        #expect(forth.bars == back.bars)
        #expect(forth.frame == back.frame)
    }
}
