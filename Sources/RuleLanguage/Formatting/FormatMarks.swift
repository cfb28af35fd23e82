// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// What the tree says of single tokens that their text alone does not: to what they belong, and
/// where a line may go on.
struct FormatMarks {
    /// Brackets of calls and indices: no blank stands before them.
    private(set) var tightOpeners: Set<Int> = []
    /// Minus signs that belong to what follows them.
    private(set) var signs: Set<Int> = []
    /// Words that go on with a statement and may begin a line: `where`, `for`, `within`, `after`,
    /// `per`.
    private(set) var parts: Set<Int> = []
    /// `and` and `or` between two conditions, which may begin a line too.
    private(set) var joints: [Int: BinaryOperator] = [:]
    /// Other operators: a line may end behind them.
    private(set) var operators: Set<Int> = []

    private let outline: FormatOutline
    private var tokens: [Token] { outline.tree.tokens }

    init(_ outline: FormatOutline) {
        self.outline = outline
        for declaration in outline.tree.declarations { note(declaration) }
    }

    // MARK: declarations and clauses

    private mutating func note(_ declaration: Declaration) {
        switch declaration {
        case .event(let event):
            part(event.filter)
            for case .field(_, _, _, let computed?, _) in event.items { note(computed) }
        case .table(let table):
            switch table.source {
            case .inline(let values): note(values)
            case .rows(let rows, _): for row in rows { note(row) }
            case .file, .invalid: break
            }
        case .letConstant(let constant): note(constant.value)
        case .rule(let rule): for clause in rule.clauses { note(clause.kind) }
        case .test(let test):
            for line in test.cases.flatMap(\.lines) { note(line.kind) }
        case .unexpected: break
        }
    }

    private mutating func note(_ clause: Clause.Kind) {
        switch clause {
        case .severity(let value): note(value)
        case .labels(let fields), .emit(let fields): note(fields)
        case .when(let when): note(when.sequence)
        case .having(let condition): note(condition)
        case .resetOn(let filter): note(filter)
        case .suppress(_, let values):
            if let first = values.first { part(before: first.span) }
            note(values)
        case .limit, .tags, .disabled, .by, .keysFrom, .skip, .attempts, .unexpected: break
        case .resolveOn(let filter, let duration):
            note(filter)
            part(duration)
        case .except(_, _, let condition): part(condition)
        case .alert(let title, let fields):
            note(title)
            note(fields)
        }
    }

    private mutating func note(_ sequence: SequenceSyntax) {
        for line in sequence.lines { note(line.kind) }
    }

    private mutating func note(_ line: LineSyntax.Kind) {
        switch line {
        case .step(_, let step):
            part(step.condition)
            note(step.gap)
        case .group(_, let group):
            note(group.body)
            note(group.gap)
        case .allOf(_, let branches), .anyOf(_, let branches):
            for branch in branches.branches { note(branch) }
            note(branches.gap)
        case .absence(_, let absence):
            note(absence.filter)
            part(absence.duration)
        case .butNo(let filter), .butNotNext(let filter), .until(let filter): note(filter)
        case .unexpected: break
        }
    }

    private mutating func note(_ line: TestLineSyntax.Kind) {
        switch line {
        case .given(_, let values, let rows):
            note(values)
            for row in rows { note(row) }
        case .at(_, _, _, _, let fields, _), .expectAlert(_, _, let fields): note(fields)
        case .replay, .restart, .until, .expectNone, .expectCount, .unexpected: break
        }
    }

    private mutating func note(_ filter: FilterSyntax) { part(filter.condition) }

    private mutating func note(_ gap: GapSyntax) {
        part(gap.after)
        part(gap.within)
    }

    private mutating func note(_ fields: [FieldSyntax]) { note(fields.map(\.value)) }

    private mutating func note(_ values: [ExprSyntax]) { for value in values { note(value) } }

    // MARK: parts

    private mutating func part(_ condition: ExprSyntax?) {
        guard let condition else { return }
        part(before: condition.span)
        note(condition)
    }

    private mutating func part<Value>(_ value: Spanned<Value>?) {
        if let value { part(before: value.span) }
    }

    /// Notes the word that stands before `span`.
    private mutating func part(before span: SourceSpan) {
        parts.insert(outline.index(at: span.range.lowerBound) - 1)
    }

    // MARK: expressions

    private mutating func note(_ value: ExprSyntax) {
        var first = outline.index(at: value.span.range.lowerBound)
        // What stands between parentheses begins with them.
        while tokens[first].kind == .mark(.leftParen) { first += 1 }
        switch value.kind {
        case .literal:
            if tokens[first].kind == .mark(.minus) { signs.insert(first) }
        case .call(let name, let arguments):
            tightOpeners.insert(outline.index(at: name.span.range.upperBound))
            note(arguments)
        case .member(let base, _): note(base)
        case .index(let base, let index):
            tightOpeners.insert(outline.index(at: base.span.range.upperBound))
            note(base)
            note(index)
        case .list(let values): note(values)
        case .not(let inner), .isMissing(let inner), .isPresent(let inner): note(inner)
        case .negate(let inner):
            if bindsTightly(first) { signs.insert(first) }
            note(inner)
        case .binary(let symbol, let left, let right):
            let last = outline.index(at: right.span.range.lowerBound) - 1
            if symbol == .and || symbol == .or {
                joints[last] = symbol
            } else {
                operators.insert(last)
            }
            note(left)
            note(right)
        case .between(let inner, let low, let high): note([inner, low, high])
        case .template, .regex, .path, .windowLast, .windowIn, .invalid: break
        }
    }

    /// Whether the minus at `index` may stand right before what it negates: before a number it
    /// would be a part of it, and before another minus something else.
    private func bindsTightly(_ index: Int) -> Bool {
        guard tokens[index].kind == .mark(.minus) else { return false }
        switch tokens[index + 1].kind {
        case .integer, .float, .duration, .mark(.minus): return false
        default: return true
        }
    }
}
