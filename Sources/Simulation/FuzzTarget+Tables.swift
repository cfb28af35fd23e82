// SPDX-License-Identifier: Apache-2.0

internal import Connectors
internal import EventModel

extension FuzzTarget {
    /// The first byte says what the file is.
    static let tables = FuzzTarget(
        "tables", law: "any file is a table whose rows are found, or says why it is none",
        corpus: ["fixtures/corpus/tables", "fixtures/corpus/csv", "fixtures/corpus/json"],
        dictionary: [
            "ip,reason\n", "10.0.0.0/8", "2001:db8::/32", "10.1.2.3", ",", "\"", "\r\n", "\n",
            "007",
            "true", "-1", "1.5", "2027-01-31", "{\"a\":", "{\"a\": 1, \"b\": \"x\"}\n", "null",
            "[]",
            "12345678901234567890", "\\u0061", "#",
        ]
    ) { bytes in
        let isObject = bytes.first == UInt8(ascii: "{")
        let name = isObject ? "t.jsonl" : ["t.csv", "t.tsv", "t.txt"][bytes.count % 3]
        let path = "\(folder)/\(name)"
        guard ScratchFiles.write(bytes, to: path) else { return .failed("cannot write to \(path)") }
        var verdict = FuzzVerdict()
        do throws(TableFileProblem) {
            let table = try TableFile.read(path, key: nil)
            if let lost = lostRow(table) { return .failed("row \(lost) is not found") }
            verdict.reached("rows", table.rowCount)
            verdict.reached("hidden", table.hiddenRowCount)
            for column in table.columns { verdict.reached("\(column.type)") }
        } catch {
            verdict.reached(error.reason.filter(\.isLetter).prefix(40).description)
        }
        return verdict
    }

    private static let folder = ScratchFiles.makeScratchFolder()

    /// A row whose key finds no row, or one of another key.
    private static func lostRow(_ table: LookupTable) -> Int? {
        var symbols = SymbolTable()
        for row in 0..<table.rowCount {
            let value = table.value(row: row, column: table.keyColumn)
            var key = value
            if case .network(let network) = value { key = .ip(network.base) }
            let found = table.find(Slot(key, in: &symbols), symbols)
            if value.isMissing { continue }
            guard found >= 0 else { return row }
            let other = table.value(row: found, column: table.keyColumn)
            if case .network(let network) = other, case .ip(let address) = key {
                guard network.contains(address) else { return row }
            } else if ValueOperations.equal(other, value) != true {
                return row
            }
        }
        return nil
    }
}
