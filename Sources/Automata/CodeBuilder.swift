// SPDX-License-Identifier: Apache-2.0
// Expressions to instructions. Truths are three-valued: `a and b` is compiled as
//     a; jumpIfFalse end; b; and; end:
// so that a false left side decides, and an unknown one still asks the right side.

internal import EventModel
internal import RuleLanguage

/// Collects code, constants and patterns over all rules; equal ones are shared.
struct CodeBuilder {
    let ruleset: CheckedRuleset
    /// The number of the first field of each event type.
    let fieldBase: [Int]
    let fieldCount: Int
    private let alertTypes: Set<EventTypeID>
    private(set) var code: [Instruction] = []
    private(set) var constants: [Value] = []
    private(set) var regexes: [RulesetProgram.RegexSource] = []
    private(set) var likes: [RulesetProgram.LikeLiteral] = []
    private(set) var previousTables: [RulesetProgram.PreviousTable] = []
    private(set) var fieldNames: [String] = []
    private var constantIndex: [Value: Int32] = [:]
    /// Conjuncts, and the conditions made of them, over all rules.
    var predicates: [Predicate] = []
    var predicateIndex: [Expr: Int32] = [:]
    var atomIndex: [RuleProgram.Atom: Int32] = [:]
    var conditions: [[Int32]] = []
    var conditionIndex: [[Int32]: Int32] = [:]
    /// The number of steps of the rule at hand: the length of its `prev` tables.
    private var stepCount = 0
    /// The running totals of the rule at hand.
    private var totals: [RunningTotal] = []
    /// The most running totals that a rule has.
    private(set) var totalCount = 0
    /// What the rule at hand asks of its window; nil where it has none.
    private var window: WindowBuilder?
    /// Whether what is compiled is asked for event by event, and not once a match.
    private var isCondition = false

    /// What conditions of one rule ask of the events of one step, kept up as they are bound.
    private struct RunningTotal: Hashable {
        enum Family { case sum, minimum, maximum }
        var family: Family
        var step: StepID
        var argument: Expr?
    }

    init(_ ruleset: CheckedRuleset) {
        self.ruleset = ruleset
        var base: [Int] = []
        var count = 0
        for type in ruleset.eventTypes {
            base.append(count)
            count += type.fields.count
        }
        fieldBase = base
        fieldCount = count
        alertTypes = Set(ruleset.rules.indices.compactMap { ruleset.rules.alertType(of: $0) })
    }

    /// Whether the events of a type are alerts of rules, or emitted by them.
    func isAlert(_ type: EventTypeID) -> Bool {
        alertTypes.contains(type) || ruleset[type].sources.contains { isAlert($0) }
    }

    func number(of ref: FieldRef) -> Int32 { Int32(fieldBase[ref.type.index] + ref.field) }

    mutating func constant(_ value: Value) -> Int32 {
        let index = CodeBuilder.index(of: value, in: &constantIndex, else: constants.count)
        if index == constants.count { constants.append(value) }
        return index
    }

    mutating func name(_ name: String) -> Int32 { CodeBuilder.index(of: name, in: &fieldNames) }
    mutating func regex(_ regex: RegexLiteral) -> Int32 {
        CodeBuilder.index(
            of: RulesetProgram.RegexSource(pattern: regex.pattern, flags: regex.flags),
            in: &regexes)
    }

    /// The known index, or else the new one, which is known from then on: one look finds it.
    static func index<T: Hashable>(
        of item: T, in known: inout [T: Int32], else new: Int
    ) -> Int32 {
        func kept(_ index: inout Int32) -> Int32 { index }
        return kept(&known[item, default: Int32(new)])
    }

    private static func index<T: Equatable>(of item: T, in list: inout [T]) -> Int32 {
        if let index = list.firstIndex(of: item) { return Int32(index) }
        list.append(item)
        return Int32(list.count - 1)
    }

    mutating func beginRule(stepCount: Int) {
        self.stepCount = stepCount
        totals = []
        window = nil
    }

    /// From here on aggregates and picks are readings of a window.
    mutating func beginWindow() { window = WindowBuilder() }

    /// The number of what a look at the window is to read of it.
    mutating func reading(_ expr: Expr) -> Int32 { window?.reading(expr) ?? -1 }

    /// The readings of the window so far.
    var readingCount: Int { window?.readingCount ?? 0 }

    /// The window with all that the rule asks of it.
    mutating func endWindow(
        _ kind: WindowProgram.Kind, filter: Int, havingReadingCount: Int
    ) -> WindowProgram? {
        guard let window else { return nil }
        self.window = nil
        let columns = window.columns.map { compile($0) }
        let probes = window.probes.map { piece in
            let start = Int32(code.count)
            code += piece
            return CodeRange(start: start, end: Int32(code.count))
        }
        return window.finished(
            kind, filter: filter, columns: columns, probes: probes,
            havingReadingCount: havingReadingCount)
    }

    /// Compiles a condition that is asked for event by event.
    mutating func compile(condition: Expr) -> CodeRange {
        isCondition = true
        defer { isCondition = false }
        return compile(condition)
    }

    /// The number of the running total for an aggregate that a condition asks for; -1 where the
    /// bound events have to be gone through.
    private mutating func total(
        _ aggregate: AggregateCode, _ step: StepID, _ argument: Expr?
    ) -> Int16 {
        guard isCondition, !(argument?.readsAttempt ?? false) else { return -1 }
        let family: RunningTotal.Family
        switch aggregate {
        case .count, .sum, .average: family = .sum
        case .minimum: family = .minimum
        case .maximum: family = .maximum
        default: return -1
        }
        let number = CodeBuilder.index(
            of: RunningTotal(family: family, step: step, argument: argument), in: &totals)
        totalCount = max(totalCount, totals.count)
        return Int16(number)
    }

    /// Compiles `expr` as a piece of its own.
    mutating func compile(_ expr: Expr) -> CodeRange {
        let start = code.count
        emit(expr)
        return CodeRange(start: Int32(start), end: Int32(code.count))
    }

    private mutating func emit(_ expr: Expr) {
        switch expr {
        case .bound where window != nil, .aggregate where window != nil, .part:
            guard let reading = window?.reading(expr) else { return }
            code.append(.windowReading(reading))
        case .isIn(let sought, let list) where isListOfWindow(list),
            .contains(let list, let sought) where isListOfWindow(list):
            emitMembership(of: sought, in: list)
        case .isMissing(let list) where isListOfWindow(list): emit(.isMissing(list.countingList))
        case .call(.length, let arguments) where isListOfWindow(arguments[0]):
            emit(arguments[0].countingList)
        case .constant(let value): code.append(.constant(constant(value)))
        case .field(let ref): emitField(ref)
        case .fieldNamed(let name): code.append(.fieldNamed(self.name(name)))
        case .builtIn(let field): emit(builtIn: field)
        case .key(let part): code.append(.key(Int32(part)))
        case .bound(let step, let pick, let argument):
            emitBlock(argument) {
                .bound(step: Int16(step.index), first: pick == .first, length: $0)
            }
        case .aggregate(let aggregate, let step, let argument):
            let total = total(aggregate.code, step, argument)
            emitBlock(argument) {
                .aggregate(
                    aggregate.code, step: Int16(step.index), running: total, length: $0)
            }
        case .previous(let fields): emitPrevious(fields)
        case .match(let property):
            switch property {
            case .start: code.append(.matchStart)
            case .end: code.append(.matchEnd)
            case .count: code.append(.matchCount)
            }
        case .not(let a):
            emit(a)
            code.append(.not)
        case .and(let a, let b): emitShortCut(a, b, .and) { .jumpIfFalse($0) }
        case .or(let a, let b): emitShortCut(a, b, .or) { .jumpIfTrue($0) }
        case .compare(let comparison, let a, let b): emit(a, b, .compare(comparison.code))
        case .isIn(let a, let b): emit(a, b, .isIn)
        case .isInTable(let key, let table):
            emit(key)
            code.append(.isInTable(Int32(table.index)))
        case .lookUp(let key, let table, let column):
            emit(key)
            code.append(.lookUp(table: Int32(table.index), column: Int32(column)))
        case .contains(let a, let b): emit(a, b, .contains)
        case .like(let text, let pattern, let ignoringCase):
            emit(text)
            let like = RulesetProgram.LikeLiteral(pattern: pattern, ignoringCase: ignoringCase)
            code.append(.like(CodeBuilder.index(of: like, in: &likes)))
        case .matches(let text, let literal):
            emit(text)
            code.append(.matches(regex(literal)))
        case .isMissing(let a):
            emit(a)
            code.append(.isMissing)
        case .coalesce(let items): emitCoalesce(items)
        case .arithmetic(let operation, let a, let b): emit(a, b, .arithmetic(operation.code))
        case .negate(let a):
            emit(a)
            code.append(.negate)
        case .conditional(let condition, let yes, let no): emitConditional(condition, yes, no)
        case .element(let list, let index): emit(list, index, .element)
        case .list(let items): emitAll(items, .list(Int32(items.count)))
        case .call(let function, let arguments):
            emitAll(arguments, .call(function, Int32(arguments.count)))
        case .template(let parts): emitAll(parts, .template(Int32(parts.count)))
        }
    }

    /// Whether it is the list of a window's different values, which costs as much as it is long:
    /// what can be told without it is.
    private func isListOfWindow(_ expr: Expr) -> Bool { window != nil && expr.isDistinctList }

    /// What is looked for is worked out apart, before the expression that it stands in.
    private mutating func emitMembership(of sought: Expr, in list: Expr) {
        var probe: [Instruction] = []
        swap(&code, &probe)
        emit(sought)
        swap(&code, &probe)
        guard let reading = window?.membership(of: probe, in: list) else { return }
        code.append(.windowReading(reading))
    }

    private mutating func emit(_ a: Expr, _ b: Expr, _ instruction: Instruction) {
        emit(a)
        emit(b)
        code.append(instruction)
    }

    private mutating func emitAll(_ items: [Expr], _ instruction: Instruction) {
        for item in items { emit(item) }
        code.append(instruction)
    }

    private mutating func emitField(_ ref: FieldRef) {
        if case .builtIn(let field) = ruleset[ref.type].fields[ref.field].origin {
            emit(builtIn: field)
        } else {
            code.append(.field(number(of: ref)))
        }
    }

    private mutating func emit(builtIn field: EventType.BuiltInField) {
        switch field {
        case .time: code.append(.eventTime)
        case .id: code.append(.eventID)
        case .type: code.append(.eventType)
        }
    }

    /// The head with the length of the block behind it, then the block.
    private mutating func emitBlock(_ body: Expr?, _ head: (Int32) -> Instruction) {
        let place = code.count
        code.append(head(0))
        if let body { emit(body) }
        code[place] = head(Int32(code.count - place - 1))
    }

    private mutating func emitPrevious(_ fields: [StepID: FieldRef]) {
        var table = [Int32](repeating: -1, count: stepCount)
        for (step, ref) in fields {
            if case .builtIn(let field) = ruleset[ref.type].fields[ref.field].origin {
                table[step.index] = RulesetProgram.PreviousTable.code(of: field)
            } else {
                table[step.index] = number(of: ref)
            }
        }
        let entry = RulesetProgram.PreviousTable(fieldByStep: table)
        code.append(.previous(CodeBuilder.index(of: entry, in: &previousTables)))
    }

    private mutating func emitShortCut(
        _ a: Expr, _ b: Expr, _ join: Instruction, _ jump: (Int32) -> Instruction
    ) {
        emit(a)
        let place = code.count
        code.append(jump(0))
        emit(b)
        code.append(join)
        code[place] = jump(Int32(code.count - place - 1))
    }

    private mutating func emitCoalesce(_ items: [Expr]) {
        var places: [Int] = []
        for (i, item) in items.enumerated() {
            emit(item)
            guard i < items.count - 1 else { break }
            places.append(code.count)
            code.append(.jumpIfPresent(0))
        }
        for place in places { code[place] = .jumpIfPresent(Int32(code.count - place - 1)) }
    }

    private mutating func emitConditional(_ condition: Expr, _ yes: Expr, _ no: Expr) {
        emit(condition)
        let toElse = code.count
        code.append(.jumpUnlessTrue(0))
        emit(yes)
        let toEnd = code.count
        code.append(.jump(0))
        code[toElse] = .jumpUnlessTrue(Int32(code.count - toElse - 1))
        emit(no)
        code[toEnd] = .jump(Int32(code.count - toEnd - 1))
    }
}

extension Expr {
    fileprivate var isDistinctList: Bool {
        switch self {
        case .aggregate(.distinct, _, _): true
        case .part(_, let inner): inner.isDistinctList
        default: false
        }
    }

    /// The number of elements of a list of different values; missing where the list is.
    fileprivate var countingList: Expr {
        switch self {
        case .aggregate(_, let step, let argument):
            .aggregate(.countDistinct, step, argument: argument)
        case .part(let part, let inner): .part(part, inner.countingList)
        default: self
        }
    }
}

extension Expr.Comparison {
    var code: Instruction.Comparison {
        switch self {
        case .equal: .equal
        case .notEqual: .notEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .equalIgnoringCase: .equalIgnoringCase
        }
    }
}

extension Expr.Arithmetic {
    var code: Instruction.Arithmetic {
        switch self {
        case .add: .add
        case .subtract: .subtract
        case .multiply: .multiply
        case .divide: .divide
        case .remainder: .remainder
        }
    }
}

extension Aggregate {
    var code: AggregateCode {
        switch self {
        case .count: .count
        case .sum: .sum
        case .average: .average
        case .minimum: .minimum
        case .maximum: .maximum
        case .countDistinct: .countDistinct
        case .distinct: .distinct
        case .standardDeviation: .standardDeviation
        case .median: .median
        case .percentile(let p): .percentile(p)
        case .exponentialMovingAverage(let n): .exponentialMovingAverage(Int32(clamping: n))
        }
    }
}

extension RulesetProgram.PreviousTable {
    static func code(of field: EventType.BuiltInField) -> Int32 {
        switch field {
        case .time: time
        case .id: id
        case .type: type
        }
    }
}
