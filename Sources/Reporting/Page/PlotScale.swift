// SPDX-License-Identifier: Apache-2.0
// Exercised by PlotTests.

package import EventModel

/// Where the marks of an axis stand, and what they say.
package enum PlotScale {
    /// Counts from 0 up to at least `maximum`, at whole steps of 1, 2 or 5 times a power of ten.
    package static func counts(upTo maximum: Int, marks: Int = 4) -> [Int] {
        let least = max(maximum, 1)
        var step = 1
        var factors = [2, 5, 10][...]
        var decade = 1
        while least.dividedRoundingUp(by: step) > max(marks, 1) {
            if let factor = factors.popFirst() {
                let (next, isOver) = decade.multipliedReportingOverflow(by: factor)
                if isOver { break }
                step = next
                if factor == 10 {
                    decade = next
                    factors = [2, 5, 10]
                }
            }
        }
        let last = least.dividedRoundingUp(by: step)
        return (0...last).map { step.multipliedReportingOverflow(by: $0).partialValue }
    }

    /// Lengths that people divide time by.
    static let lengths: [TimeSpan] = {
        let seconds: [Int64] = [
            1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200,
            86_400, 172_800, 604_800, 1_209_600, 2_592_000, 7_776_000, 15_552_000, 31_536_000,
            63_072_000, 157_680_000, 315_360_000, 1_576_800_000, 3_153_600_000,
        ]
        let short = [1, 2, 5, 10, 20, 50, 100, 200, 500].map { TimeSpan(milliseconds: $0) }
        return short + seconds.map { TimeSpan(seconds: $0) }
    }()

    /// Times at whole multiples of a length that people use, or at the beginning of months and
    /// years, at most `marks` of them but one.
    package static func times(
        from start: StreamTime, to end: StreamTime, marks: Int = 7
    ) -> (times: [StreamTime], step: TimeSpan) {
        let span = Double(end.nanoseconds) - Double(start.nanoseconds)
        let week = TimeSpan(seconds: 1_209_600)
        guard
            let step = lengths.first(where: { span / Double($0.nanoseconds) <= Double(marks) }),
            step <= week
        else { return months(from: start, to: end, marks) }
        var times: [StreamTime] = []
        let rest = start.nanoseconds % step.nanoseconds
        var time = rest == 0 ? start : start - TimeSpan(nanoseconds: rest)
        if time < start { time = time + step }
        while time <= end, times.count <= marks {
            times.append(time)
            let next = time + step
            if next <= time { break }
            time = next
        }
        return (times, step)
    }

    private static func months(
        from start: StreamTime, to end: StreamTime, _ marks: Int
    ) -> (times: [StreamTime], step: TimeSpan) {
        let month: Int64 = 2_592_000_000_000_000
        let span = Double(end.nanoseconds) - Double(start.nanoseconds)
        let steps = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400]
        let step = steps.first { span / Double(month) <= Double(marks * $0) } ?? 6000
        let first = CalendarTime(start)
        var number = first.year * 12 + first.month - 1
        let rest = number % step
        number -= rest
        var times: [StreamTime] = []
        // The first may be before the beginning of time, and the last behind its end.
        for _ in 0..<(marks + 3) where times.count <= marks {
            let fields = CalendarTime(year: number / 12, month: number % 12 + 1, day: 1)
            number += step
            guard let time = fields.streamTime else { continue }
            if time > end { break }
            if time >= start { times.append(time) }
        }
        return (times, TimeSpan(nanoseconds: month * Int64(step)))
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// As short as marks that far apart allow: `12:30`, and at midnight the day.
    package static func label(_ time: StreamTime, step: TimeSpan) -> String {
        let fields = CalendarTime(time)
        let isMidnight =
            fields.hour == 0 && fields.minute == 0 && fields.second == 0
            && fields.nanosecond < 1_000_000
        if step >= TimeSpan(seconds: 31_104_000) { return "\(fields.year)" }
        if step >= TimeSpan(seconds: 2_592_000) {
            return "\(months[fields.month - 1]) \(fields.year)"
        }
        if step >= TimeSpan(seconds: 86_400) || isMidnight {
            return "\(months[fields.month - 1]) \(fields.day)"
        }
        var text = "\(two(fields.hour)):\(two(fields.minute))"
        if step < TimeSpan(seconds: 60) { text += ":\(two(fields.second))" }
        if step < TimeSpan(seconds: 1) {
            let thousandths = String(fields.nanosecond / 1_000_000)
            text += "." + String(repeating: "0", count: 3 - thousandths.count) + thousandths
        }
        return text
    }

    /// `2027-01-31 12:00:00`, with what is below a second where there is anything.
    package static func full(_ time: StreamTime) -> String {
        let text = time.description
        let whole = text.hasSuffix(".000Z") ? text.dropLast(5) : text.dropLast(1)
        return whole.split(separator: "T", maxSplits: 1).joined(separator: " ")
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// `fraction` of the whole as a percentage with two digits, written without an exponent.
    package static func percent(_ fraction: Double) -> String {
        let bounded = fraction.isFinite ? min(max(fraction, 0), 1) : 0
        return decimal(bounded * 100) + "%"
    }

    /// A number with at most two digits behind the point.
    package static func decimal(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        let magnitude = hundredths.magnitude
        var text = (hundredths < 0 ? "-" : "") + "\(magnitude / 100)"
        let rest = magnitude % 100
        if rest > 0 {
            text += "." + (rest < 10 ? "0" : "") + (rest % 10 == 0 ? "\(rest / 10)" : "\(rest)")
        }
        return text
    }
}

extension Int {
    fileprivate func dividedRoundingUp(by other: Int) -> Int {
        self / other + (self % other > 0 ? 1 : 0)
    }
}
