// SPDX-License-Identifier: Apache-2.0
// The files that tables are read from: CSV, JSON lines, or one value a line. Exercised by
// TableFileTests.

package import EventModel

/// Reads a table's file, unpacked where it is packed.
///
/// The name says what it is: `.csv` and `.tsv` have a row of names and then rows, `.jsonl`,
/// `.ndjson` and `.json` an object a line, `.txt` and `.list` a value a line (`#` begins a
/// comment); `.gz` and `.zst` behind that count for nothing.
///
/// - Shape: one pass; memory is what the table takes.
package struct TableFile: ~Copyable {
    /// A line, or a row of CSV over several.
    static let lineByteCap = 1 << 20
    /// What the cells of a table may take up together.
    static let byteCap = 2 << 30

    enum Format: Hashable {
        case csv(delimiter: UInt8)
        case jsonLines
        case list

        init?(path: String) {
            var name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
            for packing in [".gz", ".zst"] where name.hasSuffix(packing) {
                name.removeLast(packing.count)
            }
            switch name.split(separator: ".").last {
            case "csv": self = .csv(delimiter: UInt8(ascii: ","))
            case "tsv": self = .csv(delimiter: UInt8(ascii: "\t"))
            case "jsonl", "ndjson", "json": self = .jsonLines
            case "txt", "list": self = .list
            default: return nil
            }
        }
    }

    private var builder = LookupTableBuilder()
    private var reader: LineReader
    private let format: Format
    private var rows: CSVRows
    private var scratch: [UInt8] = []
    /// The keys of objects as they are written, and the column of each.
    private var keys: [[UInt8]] = []
    private var keyColumns: [Int] = []
    /// The key expected next, by the order in which the others came.
    private var nextKey = 0
    /// A column whose cell in this row is a list or an object.
    private var nested: String?

    /// Reads the table at `path`.
    ///
    /// - Parameter key: the name of its key column; nil: the first.
    package static func read(
        _ path: String, key: String?
    ) throws(TableFileProblem) -> LookupTable {
        let format = try format(of: path)
        let source: ByteSource
        do throws(FeedError) {
            source = try ByteSource(path: path)
        } catch {
            throw TableFileProblem(reason: "\(error)", advice: TableFile.advice(error))
        }
        return try read(source, format, key: key)
    }

    /// The table of a file that was read before, by its name and its bytes.
    package static func read(
        _ path: String, bytes: [UInt8], key: String?
    ) throws(TableFileProblem) -> LookupTable {
        try read(ByteSource(path: path, bytes: bytes), try format(of: path), key: key)
    }

    private static func read(
        _ source: consuming ByteSource, _ format: Format, key: String?
    ) throws(TableFileProblem) -> LookupTable {
        var file = TableFile(format, LineReader(source, maxLineBytes: TableFile.lineByteCap))
        while let line = try file.nextLine() { try file.take(line) }
        return try file.finish(key: key)
    }

    private static func format(of path: String) throws(TableFileProblem) -> Format {
        guard let format = Format(path: path) else {
            throw TableFileProblem(
                reason: "its name does not say what it is",
                advice: "call it `.csv`, `.tsv`, `.jsonl` or `.txt`")
        }
        return format
    }

    private init(_ format: Format, _ reader: consuming LineReader) {
        self.format = format
        self.reader = reader
        var delimiter = UInt8(ascii: ",")
        if case .csv(let given) = format { delimiter = given }
        rows = CSVRows(delimiter: delimiter, rowByteCap: TableFile.lineByteCap)
    }

    private static func advice(_ error: FeedError) -> String {
        if case .cannotOpen = error { return "the path counts from the folder of the rules file" }
        return ""
    }

    private mutating func nextLine() throws(TableFileProblem) -> LineReader.Line? {
        do throws(FeedError) {
            return try reader.next()
        } catch {
            throw TableFileProblem(reason: "\(error)")
        }
    }

    private mutating func take(_ line: LineReader.Line) throws(TableFileProblem) {
        guard !line.isTooLong else {
            throw problem("this line has \(line.byteCount) bytes: more than a row may have")
        }
        guard builder.byteCount <= TableFile.byteCap else {
            throw problem("the table is larger than \(TableFile.byteCap >> 30) GB")
        }
        let buffer = reader.buffer
        let bytes = buffer.span.extracting(line.range)
        switch format {
        case .list: try takeValue(bytes.extracting(TableFile.inner(bytes)))
        case .jsonLines:
            let text = bytes.extracting(TableFile.inner(bytes))
            if !text.isEmpty { try takeObject(text) }
        case .csv: try takeRow(bytes)
        }
    }

    private func problem(_ reason: String, _ advice: String = "") -> TableFileProblem {
        TableFileProblem(line: reader.lineNumber, reason: reason, advice: advice)
    }

    /// Where the bytes are without the blanks around them.
    private static func inner(_ bytes: Span<UInt8>) -> Range<Int> {
        var (start, end) = (0, bytes.count)
        while end > start, JSONScanner.isBlank(bytes[end - 1]) { end -= 1 }
        while start < end, JSONScanner.isBlank(bytes[start]) { start += 1 }
        return start..<end
    }

    private static func name(_ bytes: Span<UInt8>) -> String {
        String(copying: bytes.extracting(inner(bytes)))
    }

    // MARK: lists

    private mutating func takeValue(_ text: Span<UInt8>) throws(TableFileProblem) {
        guard !text.isEmpty, text[0] != UInt8(ascii: "#") else { return }
        guard JSONScanner.firstInvalidUTF8(text) == nil else { throw problem("invalid UTF-8") }
        builder.beginRow(line: reader.lineNumber)
        builder.set(builder.column("value"), text: text, isTextual: true)
    }

    // MARK: CSV

    private mutating func takeRow(_ bytes: Span<UInt8>) throws(TableFileProblem) {
        let taken: CSVRows.Taken
        do throws(Undecodable) {
            taken = try rows.take(bytes)
        } catch {
            throw problem(error.reason, "quote a cell that has a comma or a quote in it")
        }
        switch taken {
        case .blank, .unfinished: break
        case .header: try takeHeader()
        case .row:
            let joined = rows.joined
            try takeCells(of: joined.isEmpty ? bytes : joined.span)
        }
    }

    private mutating func takeCells(of row: Span<UInt8>) throws(TableFileProblem) {
        if let offset = JSONScanner.firstInvalidUTF8(row) {
            throw problem(JSONFailure(.invalidUTF8, at: offset).reason)
        }
        builder.beginRow(line: reader.lineNumber)
        for (column, cell) in rows.cells.enumerated() where !cell.isMissing {
            if cell.hasQuotes {
                var value: [UInt8] = []
                cell.append(from: row, to: &value)
                setText(column, value.span)
            } else {
                setText(column, row.extracting(cell.range))
            }
        }
    }

    /// Sets a text as people write it: without the blanks around it, and none where that is all.
    private mutating func setText(_ column: Int, _ text: Span<UInt8>) {
        let inner = TableFile.inner(text)
        if !inner.isEmpty { builder.set(column, text: text.extracting(inner), isTextual: true) }
    }

    private mutating func takeHeader() throws(TableFileProblem) {
        for name in rows.columns?.names ?? [] {
            let text = TableFile.name(name.span)
            guard !builder.columnNames.contains(text) else {
                throw problem("two columns are called `\(text)`")
            }
            guard !text.isEmpty else { throw problem("a column has no name") }
            _ = builder.column(text)
        }
    }
}

extension TableFile {
    // MARK: objects

    private mutating func takeObject(_ text: Span<UInt8>) throws(TableFileProblem) {
        builder.beginRow(line: reader.lineNumber)
        nextKey = 0
        do throws(JSONFailure) {
            guard text[0] == UInt8(ascii: "{") else { throw JSONFailure(.notAnObject, at: 0) }
            var place = JSONScanner.skipBlanks(text, 1)
            var isOpen = place >= text.count || text[place] != UInt8(ascii: "}")
            while isOpen {
                place = try takeField(text, place)
                isOpen = try JSONScanner.isFollowed(text, place, closer: UInt8(ascii: "}"))
                if isOpen { place = JSONScanner.skipBlanks(text, place + 1) }
            }
            guard place + 1 == text.count else { throw JSONFailure(.trailingText, at: place + 1) }
        } catch {
            throw problem(
                error.reason, error.kind == .notAnObject ? "write one object a line" : "")
        }
        if let nested {
            throw problem(
                "`\(nested)` is a list or an object", "a cell is one text, number or truth")
        }
    }

    /// Takes a key and its value; the place behind them and the blanks that follow.
    private mutating func takeField(
        _ text: Span<UInt8>, _ start: Int
    ) throws(JSONFailure) -> Int {
        let key = try JSONScanner.key(text, start)
        let name = text.extracting(start + 1..<key.end - 1)
        let place = try JSONScanner.colon(text, key.end)
        let value = try JSONScanner.value(text, place, depth: 1)
        let end = JSONScanner.skipBlanks(text, value.end)
        let column = column(name, isEscaped: key.kind == .escapedText)
        switch value.kind {
        case .text:
            let bytes = text.extracting(place + 1..<value.end - 1)
            builder.set(column, text: bytes, isTextual: false)
        case .escapedText:
            var unescaped = scratch
            scratch = []
            JSONScanner.unescape(
                text.extracting(place + 1..<value.end - 1), into: &unescaped)
            builder.set(column, text: unescaped.span, isTextual: false)
            scratch = unescaped
        case .integer, .fraction:
            builder.set(column, number: text.extracting(place..<value.end))
        case .yes: builder.set(column, bool: true)
        case .no: builder.set(column, bool: false)
        case .null: break
        case .object, .array: nested = builder.columnNames[column]
        }
        return end
    }

    /// The column of a key as it is written.
    private mutating func column(_ name: Span<UInt8>, isEscaped: Bool) -> Int {
        for offset in keys.indices {
            let index = (nextKey + offset) % keys.count
            if keys[index].count == name.count, isEqual(keys[index], name) {
                nextKey = index + 1
                return keyColumns[index]
            }
        }
        var plain = Array(copying: name)
        if isEscaped { JSONScanner.unescape(name, into: &plain) }
        let text = TableFile.name(plain.span)
        keys.append(Array(copying: name))
        keyColumns.append(builder.column(text))
        return keyColumns[keyColumns.count - 1]
    }

    private func isEqual(_ a: [UInt8], _ b: Span<UInt8>) -> Bool {
        for i in a.indices where a[i] != b[i] { return false }
        return true
    }

    // MARK: the end

    private consuming func finish(key: String?) throws(TableFileProblem) -> LookupTable {
        if rows.isInsideRow { throw problem(rows.abandon().reason, "close it with a quote") }
        let names = builder.columnNames
        guard !names.isEmpty else {
            // An empty list is one of no values; other files have to say what their columns are.
            guard format == .list || key != nil else {
                throw TableFileProblem(
                    reason: "the file is empty", advice: "begin with a row of column names")
            }
            _ = builder.column(key ?? "value")
            return builder.finish(keyColumn: 0)
        }
        guard let key else { return builder.finish(keyColumn: 0) }
        guard let index = names.firstIndex(of: key) else {
            throw TableFileProblem(reason: "it has no column `\(key)`", columns: names)
        }
        return builder.finish(keyColumn: index)
    }
}
