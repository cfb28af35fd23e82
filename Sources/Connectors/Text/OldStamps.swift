// SPDX-License-Identifier: Apache-2.0
// The stamps of RFC 3164. Exercised by LogLinesTests and JSONLineDecoderTests.

import EventModel

/// Times as `Oct 11 22:14:15`, of one file in turn.
///
/// They have neither a year nor an offset: they are taken as UTC, and the year goes up when the
/// month falls from December to January. (A December stamp among those of January is one of the
/// year before, out of order.)
struct OldStamps: Hashable, Sendable {
    private var year: Int
    private var lastMonth = 0
    /// No stamp of the first year may be after this: the file was last changed then.
    private let modified: StreamTime?

    /// - Parameter year: of the first stamp; nil: that of `modified`, or the one before it where
    ///   the first stamp would be later than a day after `modified`; 1970 without either.
    init(year: Int? = nil, modified: StreamTime? = nil) {
        self.modified = year == nil ? modified : nil
        self.year = year ?? modified.map { CalendarTime($0).year } ?? 1970
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

    /// Gives `fields` the year that keeps time from jumping backwards.
    private mutating func dated(_ fields: inout TimeFields) -> StreamTime? {
        fields.year = year
        if lastMonth == 12, fields.month == 1 { fields.year += 1 }
        if lastMonth == 1, fields.month == 12 { fields.year -= 1 }
        guard case .time(var time) = fields.reading else { return nil }
        if lastMonth == 0, let modified, time > modified + TimeSpan(seconds: 86_400) {
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
