// SPDX-License-Identifier: Apache-2.0
// What stands behind the stamp of a line of syslog: RFC 3164 as programs write it, and RFC 5424.
// Exercised by LogLinesTests.

/// Where the parts of a log line stand in it; an empty one is not there.
package struct LogLineParts: Sendable {
    package var host = 0..<0
    package var app = 0..<0
    package var pid = 0..<0
    /// Where there is a header: there even if it is empty.
    package var message = 0..<0
    package var hasHeader = false

    package init() {}

    /// The parts of a line whose form is known.
    package init(_ line: Span<UInt8>, _ form: TextForm) {
        switch form.kind {
        case .object, .plainLine, .row: self.init()
        case .oldHeader: self = .oldHeader(line, from: form.place) ?? LogLineParts()
        case .newHeader: self = .newHeader(line, from: form.place)?.parts ?? LogLineParts()
        }
    }

    /// HOSTNAME SP TAG [ "[" pid "]" ] ":" SP message; what has no tag is a message as a whole.
    package static func oldHeader(_ line: Span<UInt8>, from start: Int) -> LogLineParts? {
        let hostEnd = word(line, from: start)
        guard hostEnd > start, hostEnd < line.count else { return nil }
        var parts = LogLineParts()
        parts.hasHeader = true
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
    package static func newHeader(
        _ line: Span<UInt8>, from start: Int
    ) -> (parts: LogLineParts, stamp: Range<Int>)? {
        var words = InlineArray<5, Range<Int>>(repeating: 0..<0)
        var i = start
        for k in 0..<5 {
            let end = word(line, from: i)
            guard end > i, end < line.count else { return nil }
            let isNil = end == i + 1 && line[i] == UInt8(ascii: "-")
            words[k] = isNil ? i..<i : i..<end
            i = end + 1
        }
        var parts = LogLineParts()
        parts.hasHeader = true
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
        return (parts, words[0])
    }

    /// The end of "-" or of elements in brackets, whose quoted values may hold brackets.
    private static func structuredData(_ line: Span<UInt8>, from start: Int) -> Int? {
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

    /// The end of what is no blank.
    package static func word(_ line: Span<UInt8>, from start: Int) -> Int {
        var i = start
        while i < line.count, line[i] != 0x20 { i += 1 }
        return i
    }
}

extension Array where Element == UInt8 {
    /// Appends a log line as a JSON object: `time`, `host`, `app`, `pid` and `message` as far as
    /// they are there, and the whole as `line`.
    package mutating func append(
        logLine line: Span<UInt8>, _ parts: LogLineParts, time: StreamTime?
    ) {
        append(UInt8(ascii: "{"))
        if let time {
            append(contentsOf: "\"time\":\"".utf8)
            append(exactTime: time)
            append(contentsOf: "\",".utf8)
        }
        if parts.hasHeader {
            append(part: "host", line, parts.host)
            append(part: "app", line, parts.app)
            append(part: "pid", line, parts.pid)
            append(contentsOf: "\"message\":".utf8)
            append(jsonString: line.extracting(parts.message))
            append(UInt8(ascii: ","))
        }
        append(contentsOf: "\"line\":".utf8)
        append(jsonString: line)
        append(UInt8(ascii: "}"))
    }

    private mutating func append(part name: String, _ line: Span<UInt8>, _ range: Range<Int>) {
        if range.isEmpty { return }
        append(UInt8(ascii: "\""))
        append(contentsOf: name.utf8)
        append(contentsOf: "\":".utf8)
        append(jsonString: line.extracting(range))
        append(UInt8(ascii: ","))
    }

    /// RFC 3339 in UTC with every digit there is, so that no nanosecond of the time is lost.
    private mutating func append(exactTime time: StreamTime) {
        let c = CalendarTime(time)
        append(digits: c.year, 4)
        append(UInt8(ascii: "-"))
        append(digits: c.month, 2)
        append(UInt8(ascii: "-"))
        append(digits: c.day, 2)
        append(UInt8(ascii: "T"))
        append(digits: c.hour, 2)
        append(UInt8(ascii: ":"))
        append(digits: c.minute, 2)
        append(UInt8(ascii: ":"))
        append(digits: c.second, 2)
        if c.nanosecond > 0 {
            append(UInt8(ascii: "."))
            append(digits: c.nanosecond, 9)
            while self[count - 1] == 48 { removeLast() }
        }
        append(UInt8(ascii: "Z"))
    }

    private mutating func append(digits value: Int, _ width: Int) {
        let start = count
        for _ in 0..<width { append(48) }
        var rest = value
        for k in stride(from: start + width - 1, through: start, by: -1) {
            self[k] = 48 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }
}
