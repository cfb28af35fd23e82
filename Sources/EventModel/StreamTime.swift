// SPDX-License-Identifier: Apache-2.0

/// A point in event time.
///
/// - Unit: nanoseconds since 1970-01-01T00:00:00Z, leap seconds ignored; about ±292 years.
package struct StreamTime: Hashable, Comparable, BitwiseCopyable, Sendable {
    package var nanoseconds: Int64

    @inlinable package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static let zero = StreamTime(nanoseconds: 0)
    package static let distantPast = StreamTime(nanoseconds: .min)
    package static let distantFuture = StreamTime(nanoseconds: .max)

    @inlinable package static func < (a: StreamTime, b: StreamTime) -> Bool {
        a.nanoseconds < b.nanoseconds
    }

    /// The time `span` later, held at the ends of the representable range.
    @inlinable package static func + (a: StreamTime, span: TimeSpan) -> StreamTime {
        let (sum, overflow) = a.nanoseconds.addingReportingOverflow(span.nanoseconds)
        if overflow { return span.nanoseconds < 0 ? .distantPast : .distantFuture }
        return StreamTime(nanoseconds: sum)
    }

    /// The time `span` earlier, held at the ends of the representable range.
    @inlinable package static func - (a: StreamTime, span: TimeSpan) -> StreamTime {
        let (sum, overflow) = a.nanoseconds.subtractingReportingOverflow(span.nanoseconds)
        if overflow { return span.nanoseconds > 0 ? .distantPast : .distantFuture }
        return StreamTime(nanoseconds: sum)
    }
}

/// A length of event time, as written in rules: `500ms`, `1h30m`.
///
/// - Unit: nanoseconds.
package struct TimeSpan: Hashable, Comparable, Sendable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
    package init(milliseconds: Int64) { self.nanoseconds = milliseconds * 1_000_000 }
    package init(seconds: Int64) { self.nanoseconds = seconds * 1_000_000_000 }

    package static let zero = TimeSpan(nanoseconds: 0)

    package static func < (a: TimeSpan, b: TimeSpan) -> Bool { a.nanoseconds < b.nanoseconds }
}

extension TimeSpan: CustomStringConvertible {
    /// The span as the rule language writes it, shortest exact form: `1h30m`, `10ms`, `0s`.
    package var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The units of the rule language, largest first, with their nanoseconds.
    package static let units: [(name: String, nanoseconds: UInt64)] = [
        ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000),
        ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1),
    ]
}
