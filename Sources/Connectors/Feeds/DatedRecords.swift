// SPDX-License-Identifier: Apache-2.0
// Exercised by DatedRecordsTests.

package import EventModel

/// Finds the times in the records of a file, line by line.
package struct DatedRecords: Sendable {
    /// What a line brought.
    package enum Taken: Hashable, Sendable {
        case record(DatedRecord)
        /// The row of names of CSV.
        case header([UInt8])
        /// A record without a time that can be read.
        case undated([UInt8])
        /// Nothing, or a row that goes on in the next line.
        case nothing
    }

    private static let commonTimeFields = ["time", "ts", "timestamp", "@timestamp"]

    private let format: FeedFormat
    private let timeFields: [String]
    private let delimiter: UInt8
    private var logLines: LogLines
    /// Of CSV: the lines of a row that is not whole yet.
    private var row: [UInt8] = []
    private var hasHeader = false
    /// Of CSV: the cell that holds the time.
    private var timeCell: Int?

    /// - Parameters:
    ///   - timeField: the path of the field that holds the time; nil: the usual names.
    ///   - modified: when the file was last changed, for stamps without a year.
    package init(
        format: FeedFormat, timeField: String? = nil, delimiter: UInt8 = UInt8(ascii: ","),
        modified: StreamTime? = nil
    ) {
        self.format = format
        timeFields = timeField.map { [$0] } ?? DatedRecords.commonTimeFields
        self.delimiter = delimiter
        logLines = LogLines(stamps: OldStamps(modified: modified))
    }

    /// Takes the next line, without its newline.
    package mutating func take(_ line: [UInt8]) -> Taken {
        switch format {
        case .jsonLines: json(line)
        case .csv: csv(line)
        case .lines: logLine(line)
        }
    }

    // MARK: JSON lines

    private func json(_ line: [UInt8]) -> Taken {
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { return .nothing }
        guard let object = JSONValue(line), case .object = object else { return .undated(line) }
        for field in timeFields {
            guard let (value, marked) = DatedRecords.mark(field, in: object) else { continue }
            return record(value, marked) ?? .undated(line)
        }
        return .undated(line)
    }

    /// No JSON text that is written here has this byte, but for the place of the time.
    private static let mark = UInt8(1)

    /// The value at a path, and the object with a mark in its place: of the field of that very
    /// name first, then of nested ones.
    private static func mark(
        _ path: String, in object: JSONValue
    ) -> (value: JSONValue, marked: JSONValue)? {
        guard case .object(var members) = object else { return nil }
        if let place = members.lastIndex(where: { $0.name == path }) {
            let value = members[place].value
            members[place].value = .number(String(decoding: [mark], as: UTF8.self))
            return (value, .object(members))
        }
        for dot in path.indices where path[dot] == "." {
            let (head, rest) = (path[..<dot], path[path.index(after: dot)...])
            guard let place = members.lastIndex(where: { $0.name == head }),
                let (value, marked) = DatedRecords.mark(String(rest), in: members[place].value)
            else { continue }
            members[place].value = marked
            return (value, .object(members))
        }
        return nil
    }

    private func record(_ value: JSONValue, _ marked: JSONValue) -> Taken? {
        let reading: TimeReading
        let text: String
        switch value {
        case .string(let string): (text, reading) = (string, TimeFormat.read(string, isText: true))
        case .number(let number): (text, reading) = (number, TimeFormat.read(number, isText: false))
        default: return nil
        }
        guard case .time(let time) = reading else { return nil }
        var form = DatedRecord.Form.quotedText
        if case .number = value { form = DatedRecord.form(ofNumber: Array(text.utf8), time) }
        var writer = JSONWriter()
        marked.append(to: &writer)
        let parts = writer.bytes.split(
            separator: DatedRecords.mark, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        return .record(DatedRecord(time: time, before: parts[0], form: form, after: parts[1]))
    }

    // MARK: CSV

    private mutating func csv(_ line: [UInt8]) -> Taken {
        if row.isEmpty, line.allSatisfy({ $0 == 0x0d }) { return .nothing }
        row += row.isEmpty ? line : [0x0a] + line
        let quotes = row.count { $0 == UInt8(ascii: "\"") }
        if quotes % 2 == 1 { return .nothing }
        defer { row = [] }
        if hasHeader { return dated(row) }
        hasHeader = true
        let names = cells(of: row).map { String(decoding: unquoted(row[$0]), as: UTF8.self) }
        timeCell = timeFields.lazy.compactMap(names.firstIndex).first
        return .header(row)
    }

    private func dated(_ row: [UInt8]) -> Taken {
        let cells = cells(of: row)
        guard let timeCell, timeCell < cells.count else { return .undated(row) }
        let cell = cells[timeCell]
        let text = unquoted(row[cell])
        guard
            case .time(let time) = TimeFormat.automatic.read(
                text: text.span, isTextual: true)
        else { return .undated(row) }
        var form = DatedRecord.Form.text
        if case .time = TimeFormat.automatic.read(number: text.span) {
            form = DatedRecord.form(ofNumber: text, time)
        }
        return .record(
            DatedRecord(
                time: time, before: row[..<cell.lowerBound], form: form,
                after: row[cell.upperBound...]))
    }

    /// Where the cells of a row are, with their quotes.
    private func cells(of row: [UInt8]) -> [Range<Int>] {
        var cells: [Range<Int>] = []
        var start = 0
        var isQuoted = false
        let end = row.last == 0x0d ? row.count - 1 : row.count
        for place in 0..<end {
            if row[place] == UInt8(ascii: "\"") { isQuoted.toggle() }
            guard row[place] == delimiter, !isQuoted else { continue }
            cells.append(start..<place)
            start = place + 1
        }
        return cells + [start..<max(start, end)]
    }

    private func unquoted(_ cell: ArraySlice<UInt8>) -> [UInt8] {
        let quote = UInt8(ascii: "\"")
        guard cell.count >= 2, cell.first == quote, cell.last == quote else { return Array(cell) }
        return Array(cell.dropFirst().dropLast())
    }

    // MARK: Lines

    private mutating func logLine(_ line: [UInt8]) -> Taken {
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { return .nothing }
        guard let stamp = logLines.stamp(of: line.span) else { return .undated(line) }
        return .record(
            DatedRecord(
                time: stamp.time, before: line[..<stamp.place.lowerBound],
                form: stamp.isOld ? .oldStamp : .text, after: line[stamp.place.upperBound...]))
    }
}

extension TimeFormat {
    fileprivate static func read(_ text: String, isText: Bool) -> TimeReading {
        let bytes = Array(text.utf8)
        return isText
            ? automatic.read(text: bytes.span) : automatic.read(number: bytes.span)
    }
}
