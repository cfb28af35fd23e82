// SPDX-License-Identifier: Apache-2.0
// Lines of text and of syslog: RFC 3164 as programs write it, RFC 5424, and the form of today's
// rsyslog, which is RFC 3164 with an RFC 3339 stamp. Exercised by LogLinesTests.

import EventModel

/// Lines of text, each made a JSON object with the field `line` and, where the line is one of
/// syslog, `time`, `host`, `app`, `pid` and `message`.
///
/// Stamps without a year are read by `OldStamps`.
struct LogLines: Sendable {
    /// The last line as a JSON object.
    private(set) var text: [UInt8] = []

    var stamps: OldStamps

    init(stamps: OldStamps) { self.stamps = stamps }

    /// A line taken apart.
    struct Reading {
        var time: StreamTime?
        var form = TextForm(.plainLine)
        var parts = LogLineParts()
    }

    /// Takes the next line, without its newline; false: it is blank.
    mutating func take(_ line: Span<UInt8>) -> Bool {
        let line = line.extracting(0..<LogLines.end(of: line))
        guard let reading = read(line) else { return false }
        write(line, reading)
        return true
    }

    /// The end of a line without the carriage return that it may have.
    static func end(of line: Span<UInt8>) -> Int {
        line.count > 0 && line[line.count - 1] == 0x0d ? line.count - 1 : line.count
    }

    /// Takes the next line, which `end` has been applied to; nil: it is blank.
    mutating func read(_ line: Span<UInt8>) -> Reading? {
        guard JSONScanner.skipBlanks(line, 0) < line.count else { return nil }
        return parts(line)
    }

    /// Makes `text` of the line that was read last.
    mutating func write(_ line: Span<UInt8>, _ reading: Reading) {
        text.removeAll(keepingCapacity: true)
        text.append(logLine: line, reading.parts, time: reading.time)
    }

    private mutating func parts(_ line: Span<UInt8>) -> Reading {
        var cursor = TextCursor(at: 0)
        let hasPriority = skipPriority(line, &cursor)
        if hasPriority, cursor.position + 1 < line.count, line[cursor.position] == 0x31,
            line[cursor.position + 1] == 0x20,
            let reading = newHeader(line, from: cursor.position + 2)
        {
            return reading
        }
        if let time = stamps.read(line, &cursor) {
            guard cursor.take(" ", in: line) else { return Reading(time: time) }
            return oldHeader(line, from: cursor.position, time: time)
        }
        let stampEnd = LogLineParts.word(line, from: cursor.position)
        if case .time(let time) = TimeFormat.automatic.read(
            text: line.extracting(cursor.position..<stampEnd)), stampEnd - cursor.position > 10
        {
            guard stampEnd < line.count else { return Reading(time: time) }
            let full = oldHeader(line, from: stampEnd + 1, time: time)
            return full.parts.app.isEmpty ? Reading(time: time) : full
        }
        return Reading(time: blankStamp(line, from: cursor.position))
    }

    private func oldHeader(_ line: Span<UInt8>, from start: Int, time: StreamTime) -> Reading {
        guard let parts = LogLineParts.oldHeader(line, from: start) else {
            return Reading(time: time)
        }
        return Reading(time: time, form: TextForm(.oldHeader, place: start), parts: parts)
    }

    private func newHeader(_ line: Span<UInt8>, from start: Int) -> Reading? {
        guard let (parts, stamp) = LogLineParts.newHeader(line, from: start) else { return nil }
        var reading = Reading(form: TextForm(.newHeader, place: start), parts: parts)
        if !stamp.isEmpty {
            guard case .time(let time) = TimeFormat.automatic.read(text: line.extracting(stamp))
            else { return nil }
            reading.time = time
        }
        return reading
    }

    /// "<" 1*3DIGIT ">": the priority, at most 191.
    func skipPriority(_ line: Span<UInt8>, _ cursor: inout TextCursor) -> Bool {
        var ahead = cursor
        guard ahead.take("<", in: line) else { return false }
        var value = 0
        let start = ahead.position
        while let digit = ahead.position - start < 3 ? ahead.digits(1, in: line) : nil {
            value = value * 10 + digit
        }
        guard ahead.position > start, value <= 191, ahead.take(">", in: line) else { return false }
        cursor = ahead
        return true
    }

    /// `2027-01-31 12:00:00`, with what may follow in the same or the next word.
    private func blankStamp(_ line: Span<UInt8>, from start: Int) -> StreamTime? {
        let middle = LogLineParts.word(line, from: start)
        guard middle == start + 10, middle < line.count else { return nil }
        let end = LogLineParts.word(line, from: middle + 1)
        guard case .time(let time) = TimeFormat.automatic.read(text: line.extracting(start..<end))
        else { return nil }
        return time
    }
}
