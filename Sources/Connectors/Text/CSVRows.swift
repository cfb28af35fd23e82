// SPDX-License-Identifier: Apache-2.0
// RFC 4180, line by line. Exercised by CSVRowsTests.

import EventModel

/// Rows of comma-separated values, each made a JSON object of texts.
///
/// The first row names the cells of the others. A cell without quotes that is empty is a missing
/// value and left out; a quoted one is the empty text. Blank lines are passed over. A quote is only
/// allowed around a whole cell, doubled inside it.
struct CSVRows: Sendable {
    enum Taken: Hashable {
        /// The row goes on in the next line.
        case unfinished
        case blank
        case header
        /// The object is in `text`.
        case row
    }

    private enum Place { case cellStart, bare, quoted, afterQuote }

    /// The last row as a JSON object.
    private(set) var text: [UInt8] = []
    /// By cell of the last row: where its value is in `text`; nothing where it has none. Empty
    /// where the values are not all just as they stand in the row.
    private(set) var places: [Range<Int>] = []
    /// Whether a quoted cell goes on in the next line.
    var isInsideRow: Bool { place == .quoted }

    private let delimiter: UInt8
    private let rowByteCap: Int
    /// The names of the cells.
    private(set) var names: [[UInt8]] = []
    /// What stands before each value in an object, one behind the other, and where each ends:
    /// `,"name":"`.
    private var heads: [UInt8] = []
    private var headEnds: [Int] = []
    private var hasHeader = false
    private var headerProblem: String?
    private var place = Place.cellStart
    private var cells: [UInt8] = []
    private var cellEnds: [Int] = []
    private var isQuoted: [Bool] = []

    init(delimiter: UInt8, rowByteCap: Int) {
        self.delimiter = delimiter
        self.rowByteCap = rowByteCap
    }

    /// Takes the next line, without its newline.
    mutating func take(_ line: Span<UInt8>) throws(Undecodable) -> Taken {
        if place != .quoted {
            if writePlain(line) { return .row }
            reset()
        }
        do throws(Undecodable) {
            try split(line)
            if place == .quoted {
                cells.append(0x0a)
                guard cells.count <= rowByteCap else {
                    throw Undecodable("a row longer than \(rowByteCap) bytes")
                }
                return .unfinished
            }
            return try finish()
        } catch {
            reset()
            if !hasHeader {
                hasHeader = true
                headerProblem = error.reason
            }
            throw error
        }
    }

    /// The reason why the row under way is none, at the end of the data.
    mutating func abandon() -> Undecodable {
        reset()
        return Undecodable("a quoted cell is not closed")
    }

    private mutating func reset() {
        place = .cellStart
        cells.removeAll(keepingCapacity: true)
        cellEnds.removeAll(keepingCapacity: true)
        isQuoted.removeAll(keepingCapacity: true)
    }

    /// Makes the object of a row without quotes, escapes and bytes beyond ASCII, which is most of
    /// them, as it stands in the line.
    ///
    /// - Returns: false where the row is not like that, or not as long as the header.
    private mutating func writePlain(_ line: Span<UInt8>) -> Bool {
        guard hasHeader, headerProblem == nil, headEnds.count > 1 else { return false }
        let lineEnd =
            line.count > 0 && line[line.count - 1] == 0x0d ? line.count - 1 : line.count
        guard line.plainEnd(from: 0) >= lineEnd, findCells(of: line, lineEnd) else { return false }
        // Braces, the cells with their heads and closing quotes, without the delimiters.
        setTextCount(heads.count + lineEnd + 3)
        // Apart from the rest, which is read while it is written.
        var bytes: [UInt8] = []
        swap(&bytes, &text)
        defer { swap(&bytes, &text) }
        var object = bytes.mutableSpan
        var end = 0
        var headStart = 0
        for cell in headEnds.indices {
            let (range, head) = (places[cell], headStart..<headEnds[cell])
            headStart = head.upperBound
            if range.isEmpty {
                places[cell] = end..<end
                continue
            }
            object.copy(heads.span.extracting(head), to: end)
            end += head.count
            object.copy(line.extracting(range), to: end)
            places[cell] = end..<end + range.count
            end += range.count
            object[end] = UInt8(ascii: "\"")
            end += 1
        }
        // Where the first cell has a comma in front of it.
        end = max(end, 1)
        object[0] = UInt8(ascii: "{")
        object[end] = UInt8(ascii: "}")
        bytes.removeLast(bytes.count - end - 1)
        return true
    }

    /// Notes in `places` where the cells are in the line; false where they are not as many as the
    /// header has.
    private mutating func findCells(of line: Span<UInt8>, _ end: Int) -> Bool {
        let count = headEnds.count
        if places.count != count { places = Array(repeating: 0..<0, count: count) }
        var cell = 0
        var start = 0
        for i in 0..<end where line[i] == delimiter {
            // The last cell ends with the line.
            guard cell < count - 1 else { return false }
            places[cell] = start..<i
            cell += 1
            start = i + 1
        }
        places[cell] = start..<end
        return cell == count - 1
    }

    private mutating func setTextCount(_ count: Int) {
        if text.count < count {
            text.append(contentsOf: repeatElement(0, count: count - text.count))
        } else {
            text.removeLast(text.count - count)
        }
    }

    private mutating func split(_ line: Span<UInt8>) throws(Undecodable) {
        let quote = UInt8(ascii: "\"")
        var i = 0
        while i < line.count {
            let byte = line[i]
            // The carriage return of a CRLF ends the row, but inside quotes it is text.
            if byte == 0x0d, i == line.count - 1, place != .quoted { break }
            i += 1
            switch place {
            case .quoted:
                if byte == quote { place = .afterQuote } else { cells.append(byte) }
            case .cellStart where byte == quote:
                isQuoted.append(true)
                place = .quoted
            case .afterQuote where byte == quote:
                cells.append(byte)
                place = .quoted
            case _ where byte == delimiter:
                endCell()
            case .afterQuote:
                throw Undecodable("text behind a closing quote at byte \(i)")
            case .cellStart, .bare:
                guard byte != quote else {
                    throw Undecodable("a quote inside a cell without quotes at byte \(i)")
                }
                if place == .cellStart { isQuoted.append(false) }
                cells.append(byte)
                place = .bare
            }
        }
    }

    private mutating func endCell() {
        if place == .cellStart { isQuoted.append(false) }
        cellEnds.append(cells.count)
        place = .cellStart
    }

    private mutating func finish() throws(Undecodable) -> Taken {
        if place == .cellStart, cellEnds.isEmpty { return .blank }
        endCell()
        guard hasHeader else {
            for k in cellEnds.indices {
                let name = Array(cells[range(k)])
                names.append(name)
                heads.append(UInt8(ascii: ","))
                JSONWriter.append(string: name.span, to: &heads)
                heads.append(literal: ":\"")
                headEnds.append(heads.count)
            }
            hasHeader = true
            return .header
        }
        if let headerProblem {
            throw Undecodable("the row of names could not be read: \(headerProblem)")
        }
        guard cellEnds.count == names.count else {
            throw Undecodable("\(cellEnds.count) cells where the header has \(names.count)")
        }
        write()
        return .row
    }

    private func range(_ cell: Int) -> Range<Int> {
        (cell == 0 ? 0 : cellEnds[cell - 1])..<cellEnds[cell]
    }

    private mutating func write() {
        places.removeAll(keepingCapacity: true)
        let (names, cells) = (names, cells)
        var object = text
        text = []
        object.removeAll(keepingCapacity: true)
        object.append(UInt8(ascii: "{"))
        for k in names.indices {
            let range = range(k)
            if range.isEmpty, !isQuoted[k] { continue }
            if object.count > 1 { object.append(UInt8(ascii: ",")) }
            let name = names[k]
            JSONWriter.append(string: name.span, to: &object)
            object.append(UInt8(ascii: ":"))
            JSONWriter.append(string: cells.span.extracting(range), to: &object)
        }
        object.append(UInt8(ascii: "}"))
        text = object
    }
}
