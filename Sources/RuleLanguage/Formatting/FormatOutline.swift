// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// A part of a file that begins a line of its own, if only inside a block spread over lines: a
/// declaration, a clause, a step, a field. Tokens go by their index.
struct FormatStatement {
    var range: Range<Int>
    /// The block that stands in it; a statement has one at most.
    var block: FormatBlock?
}

/// What stands between two separators of a block: one statement, or the lines of a branch.
struct FormatEntry {
    var lines: [FormatStatement]

    init(_ lines: [FormatStatement]) { self.lines = lines }

    var range: Range<Int> {
        guard let first = lines.first, let last = lines.last else { return 0..<0 }
        return first.range.lowerBound..<last.range.upperBound
    }
}

/// A pair of braces or brackets with entries, on one line or spread over several.
struct FormatBlock {
    enum Kind {
        /// Always spread: clauses, cases, the lines of a case.
        case members
        /// The lines of a sequence: spread where there is more than one.
        case lines
        /// One entry a line, each with a comma behind it.
        case branches
        /// One entry a line, without commas.
        case fields
        /// As many entries in a line as the author has put there, with commas between them.
        case packed
    }
    var kind: Kind
    var open: Int
    var close: Int
    var entries: [FormatEntry]
}

/// Where the statements and blocks of a tree without mistakes stand.
struct FormatOutline {
    let tree: SyntaxTree
    private(set) var declarations: [FormatStatement] = []
    /// The other bracket of each opening one.
    private var partner: [Int: Int] = [:]

    init(_ tree: SyntaxTree) {
        self.tree = tree
        findPartners()
        declarations = tree.declarations.map(statement)
    }

    private mutating func findPartners() {
        var open: [Int] = []
        for (index, token) in tree.tokens.enumerated() {
            guard case .mark(let mark) = token.kind else { continue }
            switch mark {
            case .leftBrace, .leftBracket, .leftParen: open.append(index)
            case .rightBrace, .rightBracket, .rightParen:
                if let opener = open.popLast() { partner[opener] = index }
            default: break
            }
        }
    }

    /// The index of the first token at or behind `offset`.
    func index(at offset: Int) -> Int {
        var (low, high) = (0, tree.tokens.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if tree.tokens[middle].range.lowerBound < offset {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    private func range(_ span: SourceSpan) -> Range<Int> {
        let first = index(at: span.range.lowerBound)
        return first..<max(first, index(at: span.range.upperBound))
    }

    /// The block whose bracket `mark` is the first in `range`.
    private func block(
        _ kind: FormatBlock.Kind, in range: Range<Int>, _ entries: [FormatEntry],
        from mark: Mark = .leftBrace
    ) -> FormatBlock? {
        guard let open = range.first(where: { tree.tokens[$0].kind == .mark(mark) }),
            let close = partner[open]
        else { return nil }
        return FormatBlock(kind: kind, open: open, close: close, entries: entries)
    }

    private func plain(_ span: SourceSpan) -> FormatEntry {
        FormatEntry([FormatStatement(range: range(span), block: nil)])
    }

    // MARK: declarations

    private func statement(_ declaration: Declaration) -> FormatStatement {
        switch declaration {
        case .event(let event):
            let range = range(event.span)
            let items = event.items.map { plain($0.span) }
            return FormatStatement(range: range, block: block(.fields, in: range, items))
        case .table(let table):
            let range = range(table.span)
            let inner: FormatBlock? =
                switch table.source {
                case .inline(let values):
                    block(.packed, in: range, values.map { plain($0.span) }, from: .leftBracket)
                case .rows(let rows, _):
                    block(.branches, in: range, self.rows(rows, in: range), from: .leftBracket)
                case .file, .invalid: nil
                }
            return FormatStatement(range: range, block: inner)
        case .letConstant(let constant):
            return FormatStatement(range: range(constant.span), block: nil)
        case .rule(let rule):
            let range = range(rule.span)
            let clauses = rule.clauses.map { FormatEntry([statement($0)]) }
            return FormatStatement(range: range, block: block(.members, in: range, clauses))
        case .test(let test):
            let range = range(test.span)
            let cases = test.cases.map { FormatEntry([statement($0)]) }
            return FormatStatement(range: range, block: block(.members, in: range, cases))
        case .unexpected(let span):
            return FormatStatement(range: range(span), block: nil)
        }
    }

    private func statement(_ clause: Clause) -> FormatStatement {
        let range = range(clause.span)
        let inner: FormatBlock?
        switch clause.kind {
        case .labels(let fields), .alert(_, let fields), .emit(let fields):
            inner = block(.fields, in: range, fields.map { plain($0.span) })
        case .tags(let tags):
            inner = block(
                .packed, in: range, tags.map { plain($0.span) }, from: .leftBracket)
        case .when(let when):
            inner = block(.lines, in: range, entries(when.sequence))
        default: inner = nil
        }
        return FormatStatement(range: range, block: inner)
    }

    private func entries(_ sequence: SequenceSyntax) -> [FormatEntry] {
        sequence.lines.map { FormatEntry([statement($0)]) }
    }

    private func statement(_ line: LineSyntax) -> FormatStatement {
        let range = range(line.span)
        let inner: FormatBlock?
        switch line.kind {
        case .group(_, let group): inner = block(.lines, in: range, entries(group.body))
        case .allOf(_, let branches), .anyOf(_, let branches):
            let entries = branches.branches.map { FormatEntry($0.lines.map(statement)) }
            inner = block(.branches, in: range, entries)
        default: inner = nil
        }
        return FormatStatement(range: range, block: inner)
    }

    // MARK: tests

    private func statement(_ testCase: TestCaseSyntax) -> FormatStatement {
        let range = range(testCase.span)
        let lines = testCase.lines.map { FormatEntry([statement($0)]) }
        return FormatStatement(range: range, block: block(.members, in: range, lines))
    }

    private func statement(_ line: TestLineSyntax) -> FormatStatement {
        let range = range(line.span)
        let inner: FormatBlock?
        switch line.kind {
        case .at(_, _, _, _, let fields, _), .expectAlert(_, _, let fields):
            inner = block(.packed, in: range, fields.map { plain($0.span) })
        case .given(_, let values, let rows):
            inner =
                rows.isEmpty
                ? block(.packed, in: range, values.map { plain($0.span) }, from: .leftBracket)
                : block(.branches, in: range, self.rows(rows, in: range), from: .leftBracket)
        default: inner = nil
        }
        return FormatStatement(range: range, block: inner)
    }

    /// The rows of a table, each a block of its own.
    private func rows(_ rows: [[FieldSyntax]], in range: Range<Int>) -> [FormatEntry] {
        var rest = range
        return rows.compactMap { fields in
            guard let row = block(.packed, in: rest, fields.map { plain($0.span) }) else {
                return nil
            }
            rest = row.close + 1..<max(row.close + 1, range.upperBound)
            return FormatEntry([FormatStatement(range: row.open..<row.close + 1, block: row)])
        }
    }
}

extension EventItem {
    var span: SourceSpan {
        switch self {
        case .field(_, _, _, _, let span), .matches(_, _, let span), .time(_, _, let span),
            .id(_, let span):
            span
        }
    }
}
