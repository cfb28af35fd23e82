// SPDX-License-Identifier: Apache-2.0
// Exercised by LookupTableTests.

/// Rows under named columns, found by the value in one of them: what `table` declares.
///
/// It never changes, and knows nothing of symbols, so engines of several threads look into one.
///
/// - Shape: a cell is 16 bytes and, where it is a text, its bytes; `find` is one probe, and in a
///   table of networks one for each length of prefix that they have. Neither it nor `slot`
///   allocates, but for a text that the symbol table does not hold yet.
package struct LookupTable: Sendable {
    package struct Column: Hashable, Sendable {
        package var name: String
        package var type: ValueType
        /// The line whose cell made the column one of texts, where those before it were not.
        package var firstTextLine: Int64?

        package init(name: String, type: ValueType, firstTextLine: Int64? = nil) {
            self.name = name
            self.type = type
            self.firstTextLine = firstTextLine
        }
    }

    /// A row that no look-up finds.
    package struct HiddenRow: Hashable, Sendable {
        package var line: Int64
        /// The line of the row of the same key that is found instead; nil: the row has no key.
        package var hiddenBy: Int64?

        package init(line: Int64, hiddenBy: Int64?) {
            self.line = line
            self.hiddenBy = hiddenBy
        }
    }

    /// How many of the hidden rows are told.
    static let hiddenRowCap = 3

    package let columns: [Column]
    package let keyColumn: Int
    package let rowCount: Int
    /// The first few.
    package let hiddenRows: [HiddenRow]
    package let hiddenRowCount: Int
    /// Column by column. Where a slot would hold a symbol, this one has a place in `texts`.
    private let cells: [Slot]
    private let texts: [UInt8]
    private let index: TableIndex

    /// - Parameters:
    ///   - cells: of each column, one for each row.
    ///   - lines: where each row stands; none: from 1 up.
    init(
        columns: [Column], keyColumn: Int, cells: [[Slot]], texts: [UInt8], lines: [Int64] = []
    ) {
        precondition(columns.indices.contains(keyColumn), "the key is one of the columns")
        self.columns = columns
        self.keyColumn = keyColumn
        self.texts = texts
        let keys = cells[keyColumn]
        rowCount = keys.count
        var index = TableIndex(rowCount: keys.count)
        var hidden: [HiddenRow] = []
        var hiddenCount = 0
        for row in keys.indices {
            let older = index.insert(row, keys, texts)
            guard older != row else { continue }
            hiddenCount += 1
            if hidden.count < LookupTable.hiddenRowCap {
                let line = row < lines.count ? lines[row] : Int64(row + 1)
                guard let older else {
                    hidden.append(HiddenRow(line: line, hiddenBy: nil))
                    continue
                }
                let olderLine = older < lines.count ? lines[older] : Int64(older + 1)
                hidden.append(HiddenRow(line: olderLine, hiddenBy: line))
            }
        }
        self.index = index
        hiddenRows = hidden
        hiddenRowCount = hiddenCount
        var all: [Slot] = []
        all.reserveCapacity(cells.count * keys.count)
        for column in cells { all += column }
        self.cells = all
    }

    /// The row of a key; -1: there is none. Of the networks that hold an address the smallest
    /// counts; of several rows of one key the last.
    package func find(_ key: Slot, _ symbols: borrowing SymbolTable) -> Int {
        let first = keyColumn * rowCount
        switch key.tag {
        case .missing, .excerpt, .list, .network: return -1
        case .string:
            let hash = symbols.hash(of: key.symbol)
            var bucket = index.bucket(hash)
            while true {
                let row = index.next(hash, &bucket)
                if row < 0 { return -1 }
                let cell = cells[first + row]
                if cell.tag == .string, isText(cell.place, key.symbol, symbols) { return row }
            }
        case .ipv4, .ipv6:
            guard let address = symbols.address(of: key) else { return -1 }
            return index.find(address) { AddressBlock(cells[first + $0], texts) == $1 }
        case .bool, .int, .float, .time, .duration:
            let key = key.identity
            return index.find(TableIndex.hash(key)) { cells[first + $0].identity == key }
        }
    }

    private func isText(
        _ place: Range<Int>, _ symbol: Symbol, _ symbols: borrowing SymbolTable
    ) -> Bool {
        guard symbols.length(of: symbol) == place.count else { return false }
        return symbols.withBytes(of: symbol) { bytes in
            texts.span.extracting(place).isEqual(to: copy bytes)
        }
    }

    /// The cell of a row as a slot of `symbols`.
    package func slot(row: Int, column: Int, in symbols: inout SymbolTable) -> Slot {
        let cell = cells[column * rowCount + row]
        guard cell.holdsSymbol else { return cell }
        let symbol = symbols.intern(texts.span.extracting(cell.place))
        return Slot(tag: cell.tag, bits: UInt64(symbol.id))
    }

    package func value(row: Int, column: Int) -> Value {
        let cell = cells[column * rowCount + row]
        guard cell.holdsSymbol else { return Value(cell, payload: [UInt8]().span) }
        return Value(cell, payload: texts.span.extracting(cell.place))
    }
}

extension LookupTable {
    /// A table of values that fit the types of their columns.
    package init(columns: [Column], keyColumn: Int, rows: [[Value]]) {
        var writer = CellWriter()
        let cells = columns.enumerated().map { index, column in
            rows.map { writer.cell($0[index], as: column.type) }
        }
        self.init(columns: columns, keyColumn: keyColumn, cells: cells, texts: writer.texts)
    }
}

/// Makes cells, whose bytes it collects.
struct CellWriter {
    var texts: [UInt8] = []

    /// A cell with its bytes in `texts`.
    mutating func cell(_ tag: SlotTag, _ bytes: Span<UInt8>) -> Slot {
        let start = texts.count
        texts.append(copying: bytes)
        // A place beyond 4 GB has no room in a slot: whoever reads files keeps them smaller.
        return Slot.excerpt(start..<texts.count).map { Slot(tag: tag, bits: $0.bits) } ?? .missing
    }

    private mutating func cell(_ tag: SlotTag, _ bytes: [UInt8]) -> Slot {
        let copy = bytes
        return cell(tag, copy.span)
    }

    mutating func cell(_ address: IPAddress) -> Slot {
        if address.isIPv4 { return Slot(tag: .ipv4, bits: address.low) }
        let bytes = (0..<16).map { address.byte($0) }
        return cell(.ipv6, bytes)
    }

    mutating func cell(_ network: IPNetwork) -> Slot {
        let bytes = (network.base.isIPv4 ? 12..<16 : 0..<16).map { network.base.byte($0) }
        return cell(.network, [UInt8(network.prefixLength)] + bytes)
    }

    /// A value as one of its column's type. Lists have no place in a cell.
    mutating func cell(_ value: Value, as type: ValueType) -> Slot {
        switch value {
        case .missing, .list: return .missing
        case .bool(let value): return .bool(value)
        case .int(let value): return type == .float ? .float(Double(value)) : .int(value)
        case .float(let value): return .float(value)
        case .string(let text): return cell(.string, Array(text.utf8))
        case .time(let value): return .time(value)
        case .duration(let value): return .duration(value)
        case .network(let network): return cell(network)
        case .ip(let address):
            let length = address.isIPv4 ? 32 : 128
            guard type == .network, let network = IPNetwork(address, prefixLength: length) else {
                return cell(address)
            }
            return cell(network)
        }
    }
}

extension Span<UInt8> {
    /// Whether both hold the same bytes.
    func isEqual(to other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var i = 0
        while i + 8 <= count {
            if word(at: i) != other.word(at: i) { return false }
            i += 8
        }
        while i < count {
            if self[i] != other[i] { return false }
            i += 1
        }
        return true
    }
}
