// SPDX-License-Identifier: Apache-2.0
// Changes of one thing in a rule, as small as a slip of its author's would be (DeMillo, Lipton,
// Sayward, "Hints on Test Data Selection", 1978). Exercised by MutationTests.

internal import Diagnostics
internal import EventModel
internal import RuleLanguage

/// Finds the mutants of a rule, in the order of their places.
struct MutantFinder {
    private let tree: SyntaxTree
    private let rule: RuleDeclaration
    private(set) var mutants: [Mutant] = []

    init(_ rule: RuleDeclaration, in tree: SyntaxTree) {
        self.rule = rule
        self.tree = tree
        for clause in rule.clauses { visit(clause) }
        if !rule.clauses.contains(where: { $0.kind.isSkip }) { addSkip() }
        let places = mutants.enumerated().sorted {
            ($0.element.span.range.lowerBound, $0.offset)
                < ($1.element.span.range.lowerBound, $1.offset)
        }
        mutants = places.map(\.element)
    }

    // MARK: making

    private mutating func add(_ kind: Mutant.Kind, _ range: Range<Int>, _ replacement: String) {
        mutants.append(
            Mutant(
                rule: rule.name.text, kind: kind, span: SourceSpan(tree.file, range),
                replacement: replacement))
    }

    private mutating func add(_ kind: Mutant.Kind, _ span: SourceSpan, _ replacement: String) {
        add(kind, span.range, replacement)
    }

    private mutating func drop(_ kind: Mutant.Kind, _ span: SourceSpan) { add(kind, span, "") }

    /// The tokens that begin in a range.
    private func tokens(_ range: Range<Int>) -> ArraySlice<Token> {
        var (low, high) = (0, tree.tokens.count)
        while low < high {
            let middle = (low + high) / 2
            if tree.tokens[middle].range.lowerBound < range.lowerBound {
                low = middle + 1
            } else {
                high = middle
            }
        }
        let rest = tree.tokens[low...]
        return rest.prefix { $0.range.lowerBound < range.upperBound }
    }

    private func text(_ token: Token) -> String { tree.file.text(token.range) }

    // MARK: clauses

    private mutating func visit(_ clause: Clause) {
        switch clause.kind {
        case .by(let keys): visit(keys, clause)
        case .when(let when):
            visit(when.within)
            if let window = when.window { visit(window) }
            visit(when.sequence)
        case .having(let condition):
            visit(condition)
            if condition.conjuncts.count < 2 { drop(.clause, clause.span) }
        case .resetOn(let filter):
            visit(filter)
            drop(.clause, clause.span)
        case .skip(let skip):
            for other in [SkipSyntax.pastLast, .toNext, .none] where other.text != skip.text {
                add(.skip, clause.span, "skip \(other.text)")
            }
        case .attempts(let latest):
            add(.skip, clause.span, latest ? "attempts all" : "attempts latest")
        case .suppress(let duration, let per):
            visit(duration)
            drop(.clause, clause.span)
            if let last = per.last, !isKey(per) {
                add(.key, duration.span.range.upperBound..<last.span.range.upperBound, "")
            }
        case .except(_, _, let condition):
            visit(condition)
            drop(.clause, clause.span)
        case .limit(let count, let duration):
            visit(count: count.span)
            visit(duration)
            drop(.clause, clause.span)
        case .resolveOn(let filter, let duration):
            visit(filter)
            visit(duration)
            drop(.clause, clause.span)
        case .keysFrom: drop(.clause, clause.span)
        case .severity(let value): negateChoices(value)
        case .labels(let fields), .emit(let fields):
            for field in fields { negateChoices(field.value) }
        case .alert(let title, let fields):
            negateChoices(title)
            for field in fields { negateChoices(field.value) }
        case .tags, .disabled, .unexpected: break
        }
    }

    private mutating func visit(_ window: WindowSyntax) {
        visit(count: window.span)
        for token in tokens(window.span.range) {
            guard case .duration(let duration) = token.kind else { continue }
            visit(Spanned(duration, SourceSpan(tree.file, token.range)))
        }
    }

    private mutating func visit(_ keys: [[Path]], _ clause: Clause) {
        guard keys.count > 1 else { return drop(.key, clause.span) }
        for (index, key) in keys.enumerated() {
            guard let first = key.first, let last = key.last else { continue }
            // A part goes with the comma behind it, the last one with the comma before.
            let range =
                index < keys.count - 1
                ? first.span.range.lowerBound..<keys[index + 1][0].span.range.lowerBound
                : (keys[index - 1].last?.span.range.upperBound ?? 0)..<last.span.range.upperBound
            add(.key, range, "")
        }
    }

    /// Whether `per` says what holds without it.
    private func isKey(_ per: [ExprSyntax]) -> Bool {
        let keys = rule.clauses.lazy.compactMap { clause -> [[Path]]? in
            if case .by(let keys) = clause.kind { keys } else { nil }
        }.first
        return per.map(\.span.text) == keys?.compactMap { $0.first?.text }
    }

    /// The default said otherwise, before the rule's last brace.
    private mutating func addSkip() {
        let end = rule.span.range.upperBound - 1
        add(.skip, end..<end, "\nskip none\n")
    }

    // MARK: lines

    private mutating func visit(_ sequence: SequenceSyntax) {
        for line in sequence.lines { visit(line) }
    }

    private mutating func visit(_ line: LineSyntax) {
        switch line.kind {
        case .step(let connector, let step):
            visit(connector, line)
            visit(step)
        case .group(let connector, let group):
            visit(connector, line)
            visit(group.count)
            visit(group.spread)
            visit(group.gap)
            visit(group.body)
        case .allOf(let connector, let branches), .anyOf(let connector, let branches):
            visit(connector, line)
            visit(branches)
        case .absence(_, let absence):
            visit(absence.duration)
            visit(absence.filter)
            dropLine(line)
        case .butNo(let filter), .butNotNext(let filter), .until(let filter):
            visit(filter)
            dropLine(line)
        case .unexpected: break
        }
    }

    /// Leaves a line out; what follows the first line then begins the pattern.
    private mutating func dropLine(_ line: LineSyntax) {
        var range = line.span.range
        if case .absence(.first, _) = line.kind,
            let then = tokens(
                range.upperBound..<range.upperBound + 64
            ).first, text(then) == "then"
        {
            range = range.lowerBound..<then.range.upperBound
        }
        add(.line, range, "")
    }

    private mutating func visit(_ connector: ConnectorSyntax, _ line: LineSyntax) {
        let words = tokens(line.span.range).prefix(2)
        guard let then = words.first else { return }
        switch connector {
        case .first: break
        case .then: add(.connector, then.range, "then next")
        case .thenNext, .thenEach:
            guard let second = words.last else { return }
            add(.connector, then.range.lowerBound..<second.range.upperBound, "then")
        }
    }

    private mutating func visit(_ branches: BranchesSyntax) {
        visit(branches.gap)
        for branch in branches.branches {
            visit(branch)
            guard branches.branches.count > 1, let first = branch.lines.first,
                let last = branch.lines.last
            else { continue }
            let end = last.span.range.upperBound
            let comma = tokens(end..<end + 64).first { $0.range.lowerBound >= end }
            let hasComma = comma?.kind == .mark(.comma)
            let range =
                first.span.range.lowerBound..<(hasComma ? comma?.range.upperBound ?? end : end)
            add(.branch, range, "")
        }
    }

    private mutating func visit(_ step: StepSyntax) {
        if let count = step.count { visit(count) }
        visit(step.spread)
        visit(step.gap)
        visit(where: step.condition)
    }

    private mutating func visit(_ filter: FilterSyntax) { visit(where: filter.condition) }

    private mutating func visit(_ count: CountSyntax) {
        if case .optional = count.kind { return drop(.count, count.span) }
        visit(count: count.span)
        if let consecutive = count.consecutive { drop(.count, consecutive) }
    }

    /// Each number by one.
    private mutating func visit(count span: SourceSpan) {
        for token in tokens(span.range) {
            guard case .integer(let number) = token.kind, number < 1_000_000 else { continue }
            add(.count, token.range, "\(number + 1)")
            if number > 1 { add(.count, token.range, "\(number - 1)") }
        }
    }

    private mutating func visit(_ gap: GapSyntax) {
        visit(gap.after)
        visit(gap.within)
    }

    /// A duration by a millisecond.
    private mutating func visit(_ duration: Spanned<TimeSpan>?) {
        guard let duration else { return }
        let step: Int64 = 1_000_000
        let (more, isOver) = duration.value.nanoseconds.addingReportingOverflow(step)
        if !isOver { add(.duration, duration.span, "\(TimeSpan(nanoseconds: more))") }
        let less = duration.value.nanoseconds - step
        if less > 0 { add(.duration, duration.span, "\(TimeSpan(nanoseconds: less))") }
    }

    // MARK: conditions

    private mutating func visit(where condition: ExprSyntax?) {
        guard let condition else { return }
        if condition.conjuncts.count < 2,
            let word = tokens(
                condition.span.range.lowerBound - 256..<condition.span.range.lowerBound
            )
            .last
        {
            add(.condition, word.range.lowerBound..<condition.span.range.upperBound, "")
        }
        visit(condition)
    }

    private mutating func visit(_ condition: ExprSyntax) {
        dropConjuncts(condition)
        change(condition)
        negateChoices(condition)
    }

    /// Turns round the condition of each `if(…)`.
    private mutating func negateChoices(_ value: ExprSyntax) {
        switch value.kind {
        case .call(let name, let arguments):
            if name.text == "if", let condition = arguments.first {
                add(.logic, condition.span, "not (\(condition.span.text))")
            }
            for argument in arguments { negateChoices(argument) }
        case .binary(_, let a, let b), .index(let a, let b):
            negateChoices(a)
            negateChoices(b)
        case .between(let a, let b, let c):
            for part in [a, b, c] { negateChoices(part) }
        case .not(let a), .negate(let a), .isMissing(let a), .isPresent(let a), .member(let a, _):
            negateChoices(a)
        case .list(let parts): for part in parts { negateChoices(part) }
        case .template(let parts):
            for case .hole(let value) in parts { negateChoices(value) }
        case .literal, .regex, .path, .windowLast, .windowIn, .invalid: break
        }
    }

    private mutating func dropConjuncts(_ condition: ExprSyntax) {
        let parts = condition.conjuncts
        guard parts.count > 1 else { return }
        for (index, part) in parts.enumerated() {
            let range =
                index == 0
                ? part.span.range.lowerBound..<parts[1].span.range.lowerBound
                : parts[index - 1].span.range.upperBound..<part.span.range.upperBound
            add(.condition, range, "")
        }
    }

    private mutating func change(_ value: ExprSyntax) {
        switch value.kind {
        case .binary(let symbol, let left, let right):
            change(left)
            if let other = symbol.neighbour,
                let mark = tokens(
                    left.span.range.upperBound..<right.span.range.lowerBound
                ).first
            {
                let isLogic = symbol == .and || symbol == .or
                add(isLogic ? .logic : .comparison, mark.range, other)
            }
            change(right)
        case .not(let inner):
            add(.logic, value.span.range.lowerBound..<inner.span.range.lowerBound, "")
            change(inner)
        default: break
        }
    }
}

extension Clause.Kind {
    fileprivate var isSkip: Bool {
        switch self {
        case .skip, .attempts: true
        default: false
        }
    }
}

extension SkipSyntax {
    fileprivate var text: String {
        switch self {
        case .pastLast: "past last"
        case .toNext: "to next"
        case .toFirst(let name): "to first \(name.text)"
        case .toLast(let name): "to last \(name.text)"
        case .none: "none"
        }
    }
}

extension BinaryOperator {
    /// What is easily written in its place.
    fileprivate var neighbour: String? {
        switch self {
        case .less: "<="
        case .lessOrEqual: "<"
        case .greater: ">="
        case .greaterOrEqual: ">"
        case .equal: "!="
        case .notEqual: "=="
        case .and: "or"
        case .or: "and"
        default: nil
        }
    }
}

extension ExprSyntax {
    fileprivate var conjuncts: [ExprSyntax] {
        if case .binary(.and, let a, let b) = kind { return a.conjuncts + b.conjuncts }
        return [self]
    }
}
