// SPDX-License-Identifier: Apache-2.0
// Exercised by DayMemoTests, which holds it against the reading of stamps without it.

import EventModel

/// The day of the last stamp: of stamps such as `2026-01-31T12:00:00.5Z` most are of the same one,
/// and then only the time of day has to be read.
struct DayMemo: Sendable {
    /// The first ten bytes of the stamp.
    private var head: UInt64 = 0
    private var tail: UInt16 = 0
    /// When the day begins; nil: none is known.
    private var start: Int64?

    /// The time of a stamp of the day; nil where it has to be read in full.
    @inline(__always)
    func read(_ text: Span<UInt8>) -> StreamTime? {
        guard let start, let time = DayMemo.timeOfDay(text), DayMemo.head(text) == head,
            DayMemo.tail(text) == tail
        else { return nil }
        let (sum, over) = start.addingReportingOverflow(time)
        return over ? nil : StreamTime(nanoseconds: sum)
    }

    /// Takes note of the day of a stamp that was read in full.
    mutating func learn(_ text: Span<UInt8>, _ time: StreamTime) {
        guard let timeOfDay = DayMemo.timeOfDay(text) else { return }
        let (difference, over) = time.nanoseconds.subtractingReportingOverflow(timeOfDay)
        if over { return }
        (head, tail, start) = (DayMemo.head(text), DayMemo.tail(text), difference)
    }

    private static func head(_ text: Span<UInt8>) -> UInt64 {
        var bytes: UInt64 = 0
        for i in 0..<8 { bytes = bytes << 8 | UInt64(text[i]) }
        return bytes
    }

    private static func tail(_ text: Span<UInt8>) -> UInt16 {
        UInt16(text[8]) << 8 | UInt16(text[9])
    }

    /// The nanoseconds since the day began of a stamp of ten bytes, `T` or a blank, the time with
    /// up to nine digits behind the second, and `Z`; nil for every other one.
    private static func timeOfDay(_ text: Span<UInt8>) -> Int64? {
        let count = text.count
        guard count >= 20, count <= 30, text[count - 1] == UInt8(ascii: "Z"),
            text[10] == UInt8(ascii: "T") || text[10] == UInt8(ascii: " "),
            text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
            let hour = digits(text, 11), let minute = digits(text, 14),
            let second = digits(text, 17), hour < 24, minute < 60, second < 60
        else { return nil }
        let seconds = (hour * 60 + minute) * 60 + second
        if count == 20 { return seconds * 1_000_000_000 }
        guard text[19] == UInt8(ascii: "."), count > 21 else { return nil }
        var fraction: Int64 = 0
        for i in 20..<count - 1 {
            let digit = text[i] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            fraction = fraction * 10 + Int64(digit)
        }
        for _ in count - 21..<9 { fraction *= 10 }
        return seconds * 1_000_000_000 + fraction
    }

    @inline(__always)
    private static func digits(_ text: Span<UInt8>, _ place: Int) -> Int64? {
        let (a, b) = (text[place] &- UInt8(ascii: "0"), text[place + 1] &- UInt8(ascii: "0"))
        return a < 10 && b < 10 ? Int64(a) * 10 + Int64(b) : nil
    }
}
