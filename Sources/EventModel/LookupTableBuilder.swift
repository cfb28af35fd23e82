// SPDX-License-Identifier: Apache-2.0
// The types of columns are found out by looking at every cell. Exercised by LookupTableTests.

/// Collects the rows of a file and makes a table of them.
///
/// A column is one of bools, ints, floats, addresses, networks (with addresses among them, if need
/// be) or times if every cell that has a value is, and else of texts.
///
/// - Shape: O(cells); what a column can't be any more is not asked of its later cells.
package struct LookupTableBuilder {
    /// What a column may still be.
    fileprivate struct Kinds: OptionSet {
        var rawValue: UInt8
        static let bool = Kinds(rawValue: 1)
        static let int = Kinds(rawValue: 2)
        static let float = Kinds(rawValue: 4)
        static let address = Kinds(rawValue: 8)
        static let network = Kinds(rawValue: 16)
        static let time = Kinds(rawValue: 32)
        static let all: Kinds = [.bool, .int, .float, .address, .network, .time]
    }

    fileprivate struct Column {
        var name: String
        var cells: [Slot]
        var kinds = Kinds.all
        /// It has a cell with a value.
        var isFilled = false
        var firstTextLine: Int64?
    }

    private var columns: [Column] = []
    private var lines: [Int64] = []
    private var writer = CellWriter()

    package init() {}

    package var columnNames: [String] { columns.map(\.name) }
    package var rowCount: Int { lines.count }
    /// Bytes that the table takes up.
    package var byteCount: Int { writer.texts.count + columns.count * lines.count * 16 }

    /// The number of the column of that name, made if need be.
    package mutating func column(_ name: String) -> Int {
        if let known = columns.firstIndex(where: { $0.name == name }) { return known }
        columns.append(
            Column(name: name, cells: [Slot](repeating: .missing, count: lines.count)))
        return columns.count - 1
    }

    /// The next row, all of whose cells are missing.
    package mutating func beginRow(line: Int64) {
        lines.append(line)
        for index in columns.indices { columns[index].cells.append(.missing) }
    }

    /// Fills a cell of the row with a text.
    ///
    /// - Parameter isTextual: the file writes every value as a text.
    package mutating func set(_ column: Int, text: Span<UInt8>, isTextual: Bool) {
        note(column) { LookupTableBuilder.kinds(of: text, asking: $0, isTextual: isTextual) }
        columns[column].cells[lines.count - 1] = writer.cell(.string, text)
    }

    /// Fills a cell of the row with a number as JSON writes it.
    package mutating func set(_ column: Int, number: Span<UInt8>) {
        note(column) {
            LookupTableBuilder.kinds(of: number, asking: $0.intersection([.int, .float]))
        }
        columns[column].cells[lines.count - 1] = writer.cell(.string, number)
    }

    package mutating func set(_ column: Int, bool: Bool) {
        note(column) { $0.intersection(.bool) }
        let text = bool ? "true" : "false"
        columns[column].cells[lines.count - 1] = writer.cell(.string, text.utf8.span)
    }

    private mutating func note(_ column: Int, _ rest: (Kinds) -> Kinds) {
        let before = columns[column].kinds
        if !before.isEmpty {
            columns[column].kinds = rest(before)
            if columns[column].kinds.isEmpty, columns[column].isFilled {
                columns[column].firstTextLine = lines.last
            }
        }
        columns[column].isFilled = true
    }

    private static func kinds(
        of text: Span<UInt8>, asking kinds: Kinds, isTextual: Bool = true
    ) -> Kinds {
        var result: Kinds = []
        if text.isEmpty { return result }
        if isTextual, !kinds.isDisjoint(with: [.int, .float]), isPlainNumber(text) {
            let isInt = NumberText.int64(text) != nil
            if isInt { result.formUnion(kinds.intersection([.int, .float])) }
            // More digits than 64 bits have are an id, which a float would round.
            if !isInt, kinds.contains(.float), !NumberText.isInteger(text),
                NumberText.double(text) != nil
            {
                result.insert(.float)
            }
        }
        if isTextual, kinds.contains(.bool), isBool(text) { result.insert(.bool) }
        if !kinds.isDisjoint(with: [.address, .network]) {
            if IPAddress.parse(text) != nil {
                result.formUnion(kinds.intersection([.address, .network]))
            } else if kinds.contains(.network), network(text) != nil {
                result.insert(.network)
            }
        }
        if kinds.contains(.time), text[0] &- 48 < 10,
            case .time = TimeFormat.automatic.read(text: text)
        {
            result.insert(.time)
        }
        return result
    }

    private static func isBool(_ text: Span<UInt8>) -> Bool {
        NumberText.isEqual("true", text) || NumberText.isEqual("false", text)
    }

    /// `007` and `+5` are no numbers: whoever writes them means the letters.
    private static func isPlainNumber(_ text: Span<UInt8>) -> Bool {
        let start = text[0] == UInt8(ascii: "-") ? 1 : 0
        guard start < text.count, text[start] &- 48 < 10 else { return false }
        return text[start] != 48 || start + 1 == text.count || text[start + 1] &- 48 >= 10
    }

    private static func network(_ text: Span<UInt8>) -> IPNetwork? {
        // A text of another length is none, and need not be copied.
        text.count <= 49 && text[0] &- 48 < 55 ? IPNetwork(String(copying: text)) : nil
    }

    // MARK: The table

    /// The table of all rows.
    ///
    /// - Precondition: there is such a column.
    package consuming func finish(keyColumn: Int) -> LookupTable {
        var cells: [[Slot]] = []
        var finished: [LookupTable.Column] = []
        for index in columns.indices {
            let type = columns[index].type
            finished.append(
                LookupTable.Column(
                    name: columns[index].name, type: type,
                    firstTextLine: columns[index].firstTextLine))
            var column: [Slot] = []
            swap(&column, &columns[index].cells)
            if type != .string, type != .any {
                for row in column.indices where !column[row].isMissing {
                    column[row] = converted(column[row].place, type)
                }
            }
            cells.append(column)
        }
        return LookupTable(
            columns: finished, keyColumn: keyColumn, cells: cells, texts: writer.texts,
            lines: lines)
    }

    /// The cell whose text has been found to be of the type.
    private mutating func converted(_ place: Range<Int>, _ type: ValueType) -> Slot {
        let bytes = Array(writer.texts[place])
        let text = bytes.span
        switch type {
        case .bool: return .bool(NumberText.isEqual("true", text))
        case .int: return NumberText.int64(text).map(Slot.int) ?? .missing
        case .float: return NumberText.double(text).map(Slot.float) ?? .missing
        case .time:
            guard case .time(let time) = TimeFormat.automatic.read(text: text) else {
                return .missing
            }
            return .time(time)
        case .ip:
            guard let address = IPAddress.parse(text) else { return .missing }
            return writer.cell(address)
        default:
            guard let network = LookupTableBuilder.network(text) else { return .missing }
            return writer.cell(network)
        }
    }
}

fileprivate extension LookupTableBuilder.Column {
    var type: ValueType {
        guard isFilled else { return .any }
        if kinds.contains(.bool) { return .bool }
        if kinds.contains(.int) { return .int }
        if kinds.contains(.float) { return .float }
        if kinds.contains(.address) { return .ip }
        if kinds.contains(.network) { return .network }
        return kinds.contains(.time) ? .time : .string
    }
}
