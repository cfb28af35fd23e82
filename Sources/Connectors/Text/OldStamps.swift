// SPDX-License-Identifier: Apache-2.0
// The stamps of RFC 3164. Exercised by LogLinesTests, JSONLineDecoderTests and
// PushedFeedTests.

import EventModel

/// Times as `Oct 11 22:14:15`, which have neither a year nor an offset: they are taken as UTC.
///
/// In a file, of which one knows when it was last changed, the year goes up when the month falls
/// from December to January. (A December stamp among those of January is one of the year before,
/// out of order.) Of what comes in live one knows more: the year is the last with which a stamp
/// is not after the day that follows on the one on which it came.
struct OldStamps: Hashable, Sendable {
    private var year: Int
    private var lastMonth = 0
    /// No stamp of the first year may be after this: the file was last changed then.
    private let modified: StreamTime?
    /// When what is read came in.
    private var accepted: StreamTime?
    /// How far a sender's clock may be ahead.
    private static let aheadSpan = TimeSpan(seconds: 86_400)
    /// `Mmm dd ` of the stamp read last, as `dayMask` takes it out of 8 bytes, and when that day
    /// began; 0: the next one is to be read with care.
    private var day: UInt64 = 0
    private var dayStart = StreamTime.zero
    private static let dayMask: UInt64 = 0x00ff_ffff_ffff_ffff
    /// Bytes of `Mmm dd hh:mm:ss`.
    private static let byteCount = 15

    /// - Parameter year: of the first stamp; nil: that of `modified`, or the one before it where
    ///   the first stamp would be later than a day after `modified`; 1970 without either.
    init(year: Int? = nil, modified: StreamTime? = nil) {
        self.modified = year == nil ? modified : nil
        self.year = year ?? modified.map { CalendarTime($0).year } ?? 1970
    }

    /// For stamps that come in live, at `accepted`.
    init(accepted: StreamTime) {
        self.init()
        self.accepted = accepted
    }

    /// Reads a text that is a stamp and nothing else.
    mutating func read(_ text: Span<UInt8>) -> StreamTime? {
        var ahead = self
        var cursor = TextCursor(at: 0)
        guard let time = ahead.read(text, &cursor), cursor.position == text.count else {
            return nil
        }
        self = ahead
        return time
    }

    /// Reads a stamp and moves the cursor behind it: `Mmm dd hh:mm:ss`, the day padded with a blank
    /// or a zero.
    mutating func read(_ line: Span<UInt8>, _ cursor: inout TextCursor) -> StreamTime? {
        let start = cursor.position
        if let time = timeOfSameDay(line, start) {
            cursor.position = start + OldStamps.byteCount
            return time
        }
        day = 0
        guard let time = readWithCare(line, &cursor) else { return nil }
        noteDay(line, start, time)
        return time
    }

    /// The time of a stamp without a fraction, where the day is that of the stamp before, which has
    /// settled the year.
    private func timeOfSameDay(_ line: Span<UInt8>, _ start: Int) -> StreamTime? {
        let end = start + OldStamps.byteCount
        guard end <= line.count, line.word(at: start) & OldStamps.dayMask == day,
            end == line.count || line[end] != UInt8(ascii: ".")
        else { return nil }
        return OldStamps.secondOfDay(line.word(at: start + 7)).map {
            dayStart + TimeSpan(seconds: $0)
        }
    }

    /// The seconds that `hh:mm:ss` stands for; nil where it is anything else, or a leap second.
    private static func secondOfDay(_ text: UInt64) -> Int64? {
        // Digits become their values and colons 0; of all else the high bit is set.
        let digits = text ^ 0x3030_3a30_303a_3030
        let beyond = (digits &+ 0x7676_7f76_767f_7676) | digits
        guard beyond & 0x8080_8080_8080_8080 == 0 else { return nil }
        func pair(_ shift: UInt64) -> UInt64 {
            (digits >> shift & 15) * 10 + (digits >> (shift + 8) & 15)
        }
        let (hour, minute, second) = (pair(0), pair(24), pair(48))
        guard hour < 24, minute < 60, second < 60 else { return nil }
        return Int64(truncatingIfNeeded: hour * 3600 + minute * 60 + second)
    }

    /// Keeps the day of a stamp that was read with care.
    private mutating func noteDay(_ line: Span<UInt8>, _ start: Int, _ time: StreamTime) {
        // What is near the ends of the range of times, or before 1970, is always read with care.
        guard start + OldStamps.byteCount <= line.count, time >= .zero,
            time < .distantFuture - TimeSpan(seconds: 86_400),
            let second = OldStamps.secondOfDay(line.word(at: start + 7))
        else { return }
        day = line.word(at: start) & OldStamps.dayMask
        let whole = time.nanoseconds - time.nanoseconds % 1_000_000_000
        dayStart = StreamTime(nanoseconds: whole) - TimeSpan(seconds: second)
    }

    private mutating func readWithCare(
        _ line: Span<UInt8>, _ cursor: inout TextCursor
    ) -> StreamTime? {
        var ahead = cursor
        var fields = TimeFields()
        guard let month = ahead.monthName(in: line), ahead.take(" ", in: line) else { return nil }
        let isPadded = ahead.take(" ", in: line)
        let day = isPadded ? ahead.digits(1, in: line) : ahead.digits(2, in: line)
        guard let day = day ?? ahead.digits(1, in: line), ahead.take(" ", in: line),
            let hour = ahead.digits(2, in: line), ahead.take(":", in: line),
            let minute = ahead.digits(2, in: line), ahead.take(":", in: line),
            let second = ahead.digits(2, in: line)
        else { return nil }
        (fields.month, fields.day) = (month, day)
        (fields.hour, fields.minute, fields.second) = (hour, minute, second)
        if ahead.take(".", in: line) {
            guard let fraction = ahead.fraction(in: line) else { return nil }
            fields.nanosecond = fraction
        }
        guard let time = dated(&fields) else { return nil }
        cursor = ahead
        return time
    }

    private mutating func dated(_ fields: inout TimeFields) -> StreamTime? {
        if let accepted { return OldStamps.latest(&fields, upTo: accepted + OldStamps.aheadSpan) }
        return following(&fields)
    }

    /// Gives `fields` the last year with which their day is not after that of `limit`: all of a day
    /// is of one year, in whatever order it comes.
    private static func latest(_ fields: inout TimeFields, upTo limit: StreamTime) -> StreamTime? {
        let last = CalendarTime(limit)
        let isPast = (fields.month, fields.day) <= (last.month, last.day)
        fields.year = isPast ? last.year : last.year - 1
        guard case .time(let time) = fields.reading else { return nil }
        return time
    }

    /// Gives `fields` the year that keeps time from jumping backwards.
    private mutating func following(_ fields: inout TimeFields) -> StreamTime? {
        fields.year = year
        if lastMonth == 12, fields.month == 1 { fields.year += 1 }
        if lastMonth == 1, fields.month == 12 { fields.year -= 1 }
        guard case .time(var time) = fields.reading else { return nil }
        if lastMonth == 0, let modified, time > modified + OldStamps.aheadSpan {
            year -= 1
            fields.year = year
            guard case .time(let earlier) = fields.reading else { return nil }
            time = earlier
        }
        if fields.year >= year {
            year = fields.year
            lastMonth = fields.month
        }
        return time
    }
}
