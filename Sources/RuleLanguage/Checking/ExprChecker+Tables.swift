// SPDX-License-Identifier: Apache-2.0
// Looking into tables: `x in table`, `table[x].column`, and the rows that a test gives.

import Diagnostics
import EventModel

extension RulesetChecker {
    /// The name of a table, if that is what the expression is: a field that the event is declared
    /// to have comes first.
    func tableName(_ e: ExprSyntax, _ scope: Scope) -> Name? {
        guard case .path(let path) = e.kind, path.parts.count == 1,
            case .table? = symbols[path.text]?.kind
        else { return nil }
        if case .event(let type) = scope.subject, !types[type.index].isOpen,
            fieldNames(of: type).contains(path.text)
        {
            return nil
        }
        return Name(path.text, path.span)
    }

    /// Reports a name behind `in` that is nothing else, as a table that there is not; false: it is
    /// something else, or more like a field.
    func reportMissingTable(_ e: ExprSyntax, _ scope: Scope) -> Bool {
        guard case .path(let path) = e.kind, path.parts.count == 1, symbols[path.text] == nil,
            scope.rule?.stepIDs[path.text] == nil, scope.place != .constant, scope.place != .test
        else { return false }
        var others = scope.rule?.keys.map(\.name) ?? []
        if case .event(let type) = scope.subject {
            if types[type.index].isOpen { return false }
            others = fieldNames(of: type) + ["time", "id", "type"]
        }
        let known = tables.map(\.name)
        let isLikeTable = Spelling.closest(to: path.text, among: known) != nil
        if others.contains(path.text) { return false }
        if !isLikeTable, Spelling.closest(to: path.text, among: others) != nil { return false }
        reportUnknown(
            .unknownTable, "there is no table `\(path.text)`", Name(path.text, path.span),
            among: known, otherwise: "nor a field of that name")
        return true
    }

    /// The table of that name and the expression as a key of it; nil, reported, where it can't be
    /// one.
    func tableKey(
        _ x: Typed, _ name: Name, _ operation: String, _ scope: Scope
    ) -> (TableID, Expr)? {
        usedNames.insert(name.text)
        note(.symbol(name.text), at: name.span)
        guard let id = tableIDs[name.text], !x.isErroneous else { return nil }
        if scope.place == .constant || scope.place == .test {
            report(
                .notConstant, "a table can't be looked into here", at: name.span,
                label: "a constant is made of literals and other constants")
            return nil
        }
        let table = tables[id.index]
        let column = table.contents.columns[table.contents.keyColumn]
        let key = Typed(.constant(.missing), column.type, name.span)
        switch relate(x, key) {
        case .refused: return nil
        case .fits where resolved(x) != .network: return (id, x.expr)
        case .fits, .mismatch: break
        }
        var notes = [Diagnostic.Note("its key, `\(column.name)`, is declared here", at: table.span)]
        if let line = column.firstTextLine {
            notes.append(.init("line \(line) of its file makes `\(column.name)` a text"))
        }
        reportIncomparable(x, key, operation, x.span.joined(name.span), notes: notes)
        return nil
    }

    /// `table[key].column`
    func lookUp(
        _ name: Name, _ keySyntax: ExprSyntax, _ column: Name, _ span: SourceSpan, _ scope: Scope
    ) -> Typed {
        let x = check(keySyntax, scope)
        guard let (id, key) = tableKey(x, name, "`\(name.text)[…]`", scope) else {
            return .erroneous(span)
        }
        let columns = tables[id.index].contents.columns
        guard let index = columns.firstIndex(where: { $0.name == column.text }) else {
            reportUnknownColumn(column, of: id)
            return .erroneous(span)
        }
        note(.column(id, index), at: column.span)
        return Typed(
            .lookUp(key, id, column: index), .known(columns[index].type), span, isOptional: true)
    }

    func reportUnknownColumn(_ column: Name, of id: TableID) {
        let table = tables[id.index]
        let names = table.contents.columns.map(\.name)
        reportUnknown(
            .unknownColumn, "`\(table.name)` has no column `\(column.text)`", column, among: names,
            notes: [
                .init("`\(table.name)` has: " + names.joined(separator: ", "), at: table.span)
            ])
    }

    /// `table[key]` without a column.
    func refuseRow(_ name: Name, _ span: SourceSpan) -> Typed {
        usedNames.insert(name.text)
        note(.symbol(name.text), at: name.span)
        guard let id = tableIDs[name.text] else { return .erroneous(span) }
        let columns = tables[id.index].contents.columns
        let column = columns[tables[id.index].contents.keyColumn == 0 ? columns.count - 1 : 0].name
        return refuse(
            .notAValue, "a row of `\(name.text)` has no value of its own", at: span,
            label: "name one of its columns: `\(span.text).\(column)`")
    }
}

extension TestCaseChecker {
    /// "given" TABLE "[" literals | rows "]"
    func given(
        _ name: Name, _ values: [ExprSyntax], _ rows: [[FieldSyntax]], in test: inout CheckedTest
    ) {
        checker.note(.symbol(name.text), at: name.span)
        guard let id = checker.tableIDs[name.text] else {
            guard checker.symbols[name.text].map({ $0.kind.isTable }) != true else { return }
            return checker.reportUnknown(
                .unknownTable, "there is no table `\(name.text)`", name,
                among: checker.tables.map(\.name))
        }
        guard test.givenTables[id] == nil else {
            return checker.report(
                .duplicateClause, "the rows of `\(name.text)` are given twice", at: name.span)
        }
        let table = checker.tables[id.index].contents
        var cells: [[Value]] = []
        for value in values {
            var row = [Value](repeating: .missing, count: table.columns.count)
            row[table.keyColumn] = cell(value, table.columns[table.keyColumn]) ?? .missing
            cells.append(row)
        }
        for fields in rows {
            var row = [Value](repeating: .missing, count: table.columns.count)
            for field in fields {
                let column = Name(field.name.text, field.name.span)
                guard let index = table.columns.firstIndex(where: { $0.name == column.text }) else {
                    checker.reportUnknownColumn(column, of: id)
                    continue
                }
                checker.note(.column(id, index), at: column.span)
                row[index] = cell(field.value, table.columns[index]) ?? .missing
            }
            cells.append(row)
        }
        test.givenTables[id] = LookupTable(
            columns: table.columns, keyColumn: table.keyColumn, rows: cells)
    }

    private func cell(_ syntax: ExprSyntax, _ column: LookupTable.Column) -> Value? {
        guard let value = constant(syntax), case .constant(let constant) = value.expr else {
            return nil
        }
        if let fitted = constant.fitted(to: column.type) { return fitted }
        checker.report(
            .testValue, "`\(column.name)` is \(column.type.article)", at: syntax.span,
            label: "this is \(constant.literalType.article)")
        return nil
    }
}

extension RulesetChecker.Symbol.Kind {
    fileprivate var isTable: Bool { if case .table = self { true } else { false } }
}
