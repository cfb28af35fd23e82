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

    private var stamps: OldStamps

    init(stamps: OldStamps) { self.stamps = stamps }

    private struct Parts {
        var time: StreamTime?
        var host = 0..<0
        var app = 0..<0
        var pid = 0..<0
        var message = 0..<0
        var isSyslog = false
    }

    /// Takes the next line, without its newline; false: it is blank.
    mutating func take(_ line: Span<UInt8>) -> Bool {
        var end = line.count
        if end > 0, line[end - 1] == 0x0d { end -= 1 }
        let line = line.extracting(0..<end)
        guard JSONScanner.skipBlanks(line, 0) < line.count else { return false }
        write(line, parts(line))
        return true
    }

    private mutating func parts(_ line: Span<UInt8>) -> Parts {
        var cursor = TextCursor(at: 0)
        let hasPriority = skipPriority(line, &cursor)
        if hasPriority, cursor.position + 1 < line.count, line[cursor.position] == 0x31,
            line[cursor.position + 1] == 0x20,
            let parts = rfc5424(line, from: cursor.position + 2)
        {
            return parts
        }
        if let time = stamps.read(line, &cursor) {
            guard cursor.take(" ", in: line) else { return Parts(time: time) }
            return oldHeader(line, from: cursor.position, time: time) ?? Parts(time: time)
        }
        let stampEnd = word(line, from: cursor.position)
        if case .time(let time) = TimeFormat.automatic.read(
            text: line.extracting(cursor.position..<stampEnd)), stampEnd - cursor.position > 10
        {
            let parts = Parts(time: time)
            guard stampEnd < line.count,
                let full = oldHeader(line, from: stampEnd + 1, time: time), !full.app.isEmpty
            else { return parts }
            return full
        }
        return Parts(time: blankStamp(line, from: cursor.position))
    }

    /// "<" 1*3DIGIT ">": the priority, at most 191.
    private func skipPriority(_ line: Span<UInt8>, _ cursor: inout TextCursor) -> Bool {
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
        let middle = word(line, from: start)
        guard middle == start + 10, middle < line.count else { return nil }
        let end = word(line, from: middle + 1)
        guard case .time(let time) = TimeFormat.automatic.read(text: line.extracting(start..<end))
        else { return nil }
        return time
    }

    /// HOSTNAME SP TAG [ "[" pid "]" ] ":" SP message; what has no tag is a message as a whole.
    private func oldHeader(_ line: Span<UInt8>, from start: Int, time: StreamTime) -> Parts? {
        let hostEnd = word(line, from: start)
        guard hostEnd > start, hostEnd < line.count else { return nil }
        var parts = Parts(time: time)
        parts.isSyslog = true
        parts.host = start..<hostEnd
        parts.message = hostEnd + 1..<line.count
        var i = hostEnd + 1
        while i < line.count, line[i] > 0x20, line[i] != UInt8(ascii: ":"),
            line[i] != UInt8(ascii: "[")
        { i += 1 }
        let app = hostEnd + 1..<i
        var pid = 0..<0
        if i < line.count, line[i] == UInt8(ascii: "[") {
            let pidStart = i + 1
            while i < line.count, line[i] != UInt8(ascii: "]") { i += 1 }
            guard i < line.count else { return parts }
            pid = pidStart..<i
            i += 1
        }
        guard !app.isEmpty, i < line.count, line[i] == UInt8(ascii: ":") else { return parts }
        i += 1
        if i < line.count, line[i] == 0x20 { i += 1 }
        (parts.app, parts.pid, parts.message) = (app, pid, i..<line.count)
        return parts
    }

    /// TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP STRUCTURED-DATA [SP MSG]
    private func rfc5424(_ line: Span<UInt8>, from start: Int) -> Parts? {
        var parts = Parts()
        parts.isSyslog = true
        var words: [Range<Int>] = []
        var i = start
        for _ in 0..<5 {
            let end = word(line, from: i)
            guard end > i, end < line.count else { return nil }
            let isNil = end == i + 1 && line[i] == UInt8(ascii: "-")
            words.append(isNil ? i..<i : i..<end)
            i = end + 1
        }
        if !words[0].isEmpty {
            let reading = TimeFormat.automatic.read(text: line.extracting(words[0]))
            guard case .time(let time) = reading else { return nil }
            parts.time = time
        }
        (parts.host, parts.app, parts.pid) = (words[1], words[2], words[3])
        guard var end = structuredData(line, from: i) else { return nil }
        if end < line.count {
            guard line[end] == 0x20 else { return nil }
            end += 1
        }
        if end + 2 < line.count, line[end] == 0xef, line[end + 1] == 0xbb, line[end + 2] == 0xbf {
            end += 3
        }
        parts.message = end..<line.count
        return parts
    }

    /// The end of "-" or of elements in brackets, whose quoted values may hold brackets.
    private func structuredData(_ line: Span<UInt8>, from start: Int) -> Int? {
        guard start < line.count else { return nil }
        if line[start] == UInt8(ascii: "-") { return start + 1 }
        var i = start
        while i < line.count, line[i] == UInt8(ascii: "[") {
            var isQuoted = false
            i += 1
            while i < line.count, isQuoted || line[i] != UInt8(ascii: "]") {
                if line[i] == UInt8(ascii: "\"") { isQuoted.toggle() }
                i += isQuoted && line[i] == UInt8(ascii: "\\") ? 2 : 1
            }
            guard i < line.count else { return nil }
            i += 1
        }
        return i > start ? i : nil
    }

    private func word(_ line: Span<UInt8>, from start: Int) -> Int {
        var i = start
        while i < line.count, line[i] != 0x20 { i += 1 }
        return i
    }

    private mutating func write(_ line: Span<UInt8>, _ parts: Parts) {
        text.removeAll(keepingCapacity: true)
        text.append(UInt8(ascii: "{"))
        if let time = parts.time {
            text.append(contentsOf: "\"time\":\"".utf8)
            append(time)
            text.append(contentsOf: "\",".utf8)
        }
        if parts.isSyslog {
            append("host", line, parts.host)
            append("app", line, parts.app)
            append("pid", line, parts.pid)
            text.append(contentsOf: "\"message\":".utf8)
            JSONWriter.append(string: line.extracting(parts.message), to: &text)
            text.append(UInt8(ascii: ","))
        }
        text.append(contentsOf: "\"line\":".utf8)
        JSONWriter.append(string: line, to: &text)
        text.append(UInt8(ascii: "}"))
    }

    private mutating func append(_ name: String, _ line: Span<UInt8>, _ range: Range<Int>) {
        if range.isEmpty { return }
        text.append(UInt8(ascii: "\""))
        text.append(contentsOf: name.utf8)
        text.append(contentsOf: "\":".utf8)
        JSONWriter.append(string: line.extracting(range), to: &text)
        text.append(UInt8(ascii: ","))
    }

    /// RFC 3339 in UTC with every digit there is, so that no nanosecond of the time is lost.
    private mutating func append(_ time: StreamTime) {
        let c = CalendarTime(time)
        append(digits: c.year, 4)
        text.append(UInt8(ascii: "-"))
        append(digits: c.month, 2)
        text.append(UInt8(ascii: "-"))
        append(digits: c.day, 2)
        text.append(UInt8(ascii: "T"))
        append(digits: c.hour, 2)
        text.append(UInt8(ascii: ":"))
        append(digits: c.minute, 2)
        text.append(UInt8(ascii: ":"))
        append(digits: c.second, 2)
        if c.nanosecond > 0 {
            text.append(UInt8(ascii: "."))
            append(digits: c.nanosecond, 9)
            while text[text.count - 1] == 48 { text.removeLast() }
        }
        text.append(UInt8(ascii: "Z"))
    }

    private mutating func append(digits value: Int, _ width: Int) {
        let start = text.count
        for _ in 0..<width { text.append(48) }
        var rest = value
        for k in stride(from: start + width - 1, through: start, by: -1) {
            text[k] = 48 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }
}
