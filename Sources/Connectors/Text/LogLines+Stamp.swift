// SPDX-License-Identifier: Apache-2.0
// Exercised by DatedRecordsTests.

internal import EventModel

extension LogLines {
    /// The time of a line, and where it stands in it.
    struct Stamp {
        var time: StreamTime
        var place: Range<Int>
        /// It is one of RFC 3164.
        var isOld = false
    }

    /// The stamp of the next line; nil: it has none.
    mutating func stamp(of line: Span<UInt8>) -> Stamp? {
        var cursor = TextCursor(at: 0)
        let hasPriority = skipPriority(line, &cursor)
        let start = cursor.position
        if hasPriority, start + 1 < line.count, line[start] == 0x31, line[start + 1] == 0x20,
            let header = LogLineParts.newHeader(line, from: start + 2)
        {
            return header.stamp.isEmpty ? nil : LogLines.stamp(in: line, header.stamp)
        }
        if let time = stamps.read(line, &cursor) {
            return Stamp(time: time, place: start..<cursor.position, isOld: true)
        }
        let end = LogLineParts.word(line, from: start)
        if end - start > 10, let stamp = LogLines.stamp(in: line, start..<end) { return stamp }
        // `2027-01-31 12:00:00`
        guard end == start + 10, end < line.count else { return nil }
        return LogLines.stamp(in: line, start..<LogLineParts.word(line, from: end + 1))
    }

    private static func stamp(in line: Span<UInt8>, _ place: Range<Int>) -> Stamp? {
        guard case .time(let time) = TimeFormat.automatic.read(text: line.extracting(place)) else {
            return nil
        }
        return Stamp(time: time, place: place)
    }
}
