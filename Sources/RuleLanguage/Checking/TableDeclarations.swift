// SPDX-License-Identifier: Apache-2.0
// `table` declarations: rows written out, or those of a file that the caller has read.

import Diagnostics
import EventModel

extension RulesetChecker {
    func checkTables() {
        for case .table(let declaration) in declarations {
            // Of two tables of one name the first counts.
            guard let symbol = symbols[declaration.name.text],
                symbol.name.span.range == declaration.name.span.range,
                symbol.name.span.file === declaration.name.span.file,
                let contents = contents(of: declaration)
            else { continue }
            noteColumns(declaration, contents)
            tableIDs[declaration.name.text] = TableID(tables.count)
            tables.append(
                CheckedTable(
                    name: declaration.name.text, contents: contents, span: declaration.name.span))
        }
    }

    /// The names of the columns of a table that is written out; the first row declares.
    private func noteColumns(_ declaration: TableDeclaration, _ contents: LookupTable) {
        guard notes != nil, case .rows(let rows, let key) = declaration.source else { return }
        var declared: Set<String> = []
        for name in rows.flatMap({ $0.map(\.name) }) {
            guard let column = contents.columns.firstIndex(where: { $0.name == name.text }) else {
                continue
            }
            let isFirst = declared.insert(name.text).inserted
            note(.column(TableID(tables.count), column), at: name.span, declares: isFirst)
        }
        if let key {
            note(.column(TableID(tables.count), contents.keyColumn), at: key.span)
        }
    }

    private func contents(of declaration: TableDeclaration) -> LookupTable? {
        switch declaration.source {
        case .inline(let values): return table(of: values)
        case .rows(let rows, let key): return table(of: rows, declaration, key: key)
        case .file(let path, let key): return table(at: path, key: key, declaration)
        case .invalid: return nil
        }
    }

    // MARK: written out

    /// A list of values is a table of one column.
    private func table(of values: [ExprSyntax]) -> LookupTable? {
        let cells = values.map(cell)
        guard let type = columnType(cells), !cells.contains(where: { $0 == nil }) else {
            return nil
        }
        let table = LookupTable(
            columns: [.init(name: "value", type: type)], keyColumn: 0,
            rows: cells.map { [$0?.constantCell ?? .missing] })
        for row in table.hiddenRows {
            let notes = row.hiddenBy.map {
                [Diagnostic.Note("again here", at: values[Int($0) - 1].span)]
            }
            report(
                .hiddenRow, "this value is in the table twice",
                at: values[Int(row.line) - 1].span, notes: notes ?? [])
        }
        return table
    }

    private func table(
        of rows: [[FieldSyntax]], _ declaration: TableDeclaration, key: Name?
    ) -> LookupTable? {
        var names: [String] = []
        var cells: [String: [Typed?]] = [:]
        for (index, row) in rows.enumerated() {
            for field in row {
                let name = field.name.text
                if cells[name] == nil {
                    names.append(name)
                    cells[name] = []
                }
                guard cells[name, default: []].count <= index else {
                    report(
                        .duplicateField, "`\(name)` is given twice in one row",
                        at: field.name.span)
                    return nil
                }
                while cells[name, default: []].count < index { cells[name]?.append(nil) }
                guard let value = cell(field.value) else { return nil }
                cells[name]?.append(value)
            }
        }
        guard !names.isEmpty else {
            report(
                .badTable, "the rows of this table have no columns", at: declaration.name.span,
                label: "write `{ column: value }`")
            return nil
        }
        var columns: [LookupTable.Column] = []
        for name in names {
            guard let type = columnType(cells[name] ?? []) else { return nil }
            columns.append(.init(name: name, type: type))
        }
        guard let keyColumn = keyColumn(key, names) else { return nil }
        let values = rows.indices.map { row in
            names.map { name in
                let column = cells[name] ?? []
                return row < column.count ? column[row]?.constantCell ?? .missing : .missing
            }
        }
        let table = LookupTable(columns: columns, keyColumn: keyColumn, rows: values)
        for row in table.hiddenRows { report(row, rows, key: names[keyColumn]) }
        return table
    }

    private func keyColumn(_ key: Name?, _ names: [String]) -> Int? {
        guard let key else { return 0 }
        if let index = names.firstIndex(of: key.text) { return index }
        reportUnknown(
            .unknownColumn, "no row has a column `\(key.text)`", key, among: names,
            notes: [.init("columns: " + names.joined(separator: ", "))])
        return nil
    }

    private func report(_ row: LookupTable.HiddenRow, _ rows: [[FieldSyntax]], key: String) {
        func span(_ line: Int64) -> SourceSpan? {
            let fields = rows[Int(line) - 1]
            return (fields.first { $0.name.text == key } ?? fields.first)?.span
        }
        guard let place = span(row.line) else { return }
        guard let other = row.hiddenBy.flatMap(span) else {
            return report(.hiddenRow, "this row has no `\(key)`, so it is never found", at: place)
        }
        report(
            .hiddenRow, "this row is never found", at: place,
            label: "a later one has the same `\(key)`", notes: [.init("this one counts", at: other)]
        )
    }

    /// A value of a table; nil, reported, where it can't be one.
    private func cell(_ syntax: ExprSyntax) -> Typed? {
        let value = check(syntax, Scope(place: .constant))
        if value.isErroneous { return nil }
        guard let constant = value.expr.constantValue else {
            report(.notConstant, "a table has constant values", at: syntax.span)
            return nil
        }
        if case .list = constant {
            report(
                .badTable, "a cell of a table holds one value", at: syntax.span,
                label: "this is a list")
            return nil
        }
        return Typed(.constant(constant), constant.literalType, syntax.span)
    }

    /// The one type of a column's values; nil, reported, where they have none.
    private func columnType(_ cells: [Typed?]) -> ValueType? {
        let values = cells.compactMap { $0 }
        guard let first = values.first else { return .any }
        var type = resolved(first)
        for value in values.dropFirst() {
            guard let joined = type.joined(with: resolved(value)) else {
                report(
                    .incomparable, "a column of a table has values of one type", at: value.span,
                    label: "this is \(resolved(value).article)",
                    notes: [.init("the first is \(type.article)", at: first.span)])
                return nil
            }
            type = joined
        }
        return type
    }

    // MARK: files

    private func table(
        at path: Spanned<String>, key: Name?, _ declaration: TableDeclaration
    ) -> LookupTable? {
        let place = TablePlace(
            rulesFile: path.span.file.name, path: path.value, key: key?.text)
        switch tableFiles[place] {
        case nil:
            report(.badTable, "the file of this table is not read here", at: path.span)
            return nil
        case .failure(let problem):
            report(problem, path, key)
            return nil
        case .success(let table):
            reportHiddenRows(table, path)
            return table
        }
    }

    private func report(_ problem: TableFileProblem, _ path: Spanned<String>, _ key: Name?) {
        if let columns = problem.columns, let key {
            return reportUnknown(
                .unknownColumn, "`\(path.value)` has no column `\(key.text)`", key,
                among: columns, notes: [.init("columns: " + columns.joined(separator: ", "))])
        }
        let place = problem.line.map { "line \($0) of " } ?? ""
        report(
            .badTable, "\(place)`\(path.value)`: \(problem.reason)", at: path.span,
            label: problem.advice)
    }

    /// One warning a file.
    private func reportHiddenRows(_ table: LookupTable, _ path: Spanned<String>) {
        guard let first = table.hiddenRows.first else { return }
        let key = table.columns[table.keyColumn].name
        func text(_ row: LookupTable.HiddenRow) -> String {
            row.hiddenBy.map { "line \(row.line): line \($0) has the same `\(key)`" }
                ?? "line \(row.line) has no `\(key)`"
        }
        var notes = table.hiddenRows.dropFirst().map { Diagnostic.Note(text($0)) }
        let rest = table.hiddenRowCount - table.hiddenRows.count
        if rest > 0 { notes.append(.init("and \(rest) more")) }
        report(
            .hiddenRow,
            table.hiddenRowCount == 1
                ? "a row of `\(path.value)` is never found"
                : "\(table.hiddenRowCount) rows of `\(path.value)` are never found",
            at: path.span, label: text(first), notes: notes)
    }
}

extension Typed {
    /// The constant of a cell.
    fileprivate var constantCell: Value? {
        if case .constant(let value) = expr { value } else { nil }
    }
}
