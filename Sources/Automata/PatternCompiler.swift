// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import RuleLanguage

/// One rule to its automaton: flattens the pattern and gives each sequence its place in the record.
struct PatternCompiler {
    let rule: CheckedRule
    let index: Int
    let ruleset: CheckedRuleset
    var builder: CodeBuilder

    private var filters: [RuleProgram.Filter] = []
    private var sequences: [RuleProgram.Sequence] = []
    private var lines: [RuleProgram.Line] = []
    private var steps: [RuleProgram.Step] = []
    private var groups: [RuleProgram.Group] = []
    private var branches: [RuleProgram.Branches] = []
    private var absences: [RuleProgram.Absence] = []
    private var hasEach = false

    init(
        _ rule: CheckedRule, index: Int, ruleset: CheckedRuleset, builder: consuming CodeBuilder
    ) {
        self.rule = rule
        self.index = index
        self.ruleset = ruleset
        self.builder = builder
        self.builder.beginRule(stepCount: rule.steps.count)
    }

    mutating func compile() -> RuleProgram {
        let root = flatten(rule.pattern.body, isRoot: true)
        _ = place(root, at: RecordSize.header, chainOf: nil)
        let leading = rule.pattern.leadingAbsence.map { absence($0) }
        let resets = rule.resets.map { filter($0) }
        if rule.window != nil { builder.beginWindow() }
        let having = rule.having.map { builder.compile($0) }
        let havingReadingCount = builder.readingCount
        let alert = compileAlert()
        let window = compileWindow(havingReadingCount)
        var program = RuleProgram(
            name: rule.name,
            index: index,
            keyNames: rule.key.map(\.name),
            routes: rule.routes.map { route($0) },
            stepNames: rule.steps.enumerated().map { $1.name ?? "_\($0 + 1)" },
            stepLabels: rule.steps.map { step in
                let type = step.eventType.map { ruleset[$0].name } ?? "any event"
                return step.name.map { "\(type) as \($0)" } ?? type
            },
            filters: filters, sequences: sequences, lines: lines, steps: steps, groups: groups,
            branches: branches, absences: absences, leadingAbsence: leading, resets: resets,
            within: rule.within, window: window, having: having, skip: skip,
            keepsLatestAttemptOnly: rule.keepsLatestAttemptOnly, alert: alert,
            recordWords: RecordSize.header + sequences[root].words + RecordSize.tail,
            chainWords: chainWords(of: root),
            hasChoices: hasEach || usesAllOf,
            canRepeat: hasEach || usesAllOf || groups.contains { $0.minimum == 0 },
            hasAlternatives: usesAllOf,
            hasDeadlines: lines.contains { $0.pendingAbsence >= 0 },
            hasGapLimits: lines.contains { $0.within >= 0 })
        program.keysFrom = rule.keysFrom.map { Int32($0.index) } ?? -1
        program.shrinkRecordIfPlain()
        return program
    }

    private var usesAllOf: Bool {
        lines.contains { if case .allOf = $0.kind { true } else { false } }
    }

    private func connector(_ connector: Pattern.Connector) -> RuleProgram.Connector {
        switch connector {
        case .then: .then
        case .next: .next
        case .each: .each
        }
    }

    private var skip: RuleProgram.Skip {
        switch rule.skip {
        case .pastLast: .pastLast
        case .toNext: .toNext
        case .toFirst(let step): .toFirst(step: step.index)
        case .toLast(let step): .toLast(step: step.index)
        case .none: .none
        }
    }

    private mutating func compileWindow(_ havingReadingCount: Int) -> WindowProgram? {
        guard let window = rule.window else { return nil }
        let kind: WindowProgram.Kind
        switch window {
        case .sliding(let length): kind = .sliding(length.nanoseconds)
        case .tumbling(let length):
            kind = .hopping(length.nanoseconds, every: length.nanoseconds)
        case .hopping(let length, let hop):
            kind = .hopping(length.nanoseconds, every: hop.nanoseconds)
        case .session(let gap): kind = .session(gap.nanoseconds)
        case .last(let count): kind = .last(Int64(count))
        }
        // After all that the rule itself asks of its window.
        var lineage: Int32 = -1
        if rule.rank > 0, let type = rule.steps[0].eventType, builder.isAlert(type) {
            lineage = builder.reading(
                .aggregate(.distinct, StepID(0), argument: .builtIn(.id)))
        }
        var program = builder.endWindow(
            kind, filter: steps[0].filter, havingReadingCount: havingReadingCount)
        program?.lineageReading = lineage
        if case .sliding = window { program?.onlyFalls = rule.having?.onlyFalls ?? false }
        return program
    }

    private mutating func compileAlert() -> AlertProgram {
        AlertProgram(
            severity: builder.compile(rule.severity),
            title: builder.compile(rule.alertTitle),
            tags: rule.tags,
            labels: rule.labels.map { .init(name: $0.name, code: builder.compile($0.value)) },
            fields: rule.alertFields.map { .init(name: $0.name, code: builder.compile($0.value)) },
            policy: compilePolicy())
    }

    private mutating func compilePolicy() -> AlertPolicyProgram {
        var program = AlertPolicyProgram()
        let policy = rule.policy
        program.exceptions = policy.exceptions.map {
            .init(
                until: $0.until?.nanoseconds ?? .max, condition: builder.compile($0.condition))
        }
        program.resolution = policy.resolution.map {
            .init(filter: filter($0.filter), quiet: $0.quiet?.nanoseconds ?? -1)
        }
        program.suppression = policy.suppression.map {
            .init(
                duration: $0.duration.nanoseconds, isPer: $0.per != nil,
                values: ($0.per ?? []).map { builder.compile($0) })
        }
        program.limit = policy.limit.map {
            .init(count: $0.count, duration: $0.duration.nanoseconds)
        }
        return program
    }

    private mutating func route(_ route: CheckedRule.Route) -> RuleProgram.Route {
        if let type = route.eventType {
            return RuleProgram.Route(
                type: Int32(type.index), fields: route.fields.map { builder.number(of: $0) })
        }
        return RuleProgram.Route(type: -1, fields: route.fieldNames.map { builder.name($0) })
    }

    // MARK: Filters

    private mutating func filter(_ filter: Filter) -> Int {
        var predicates: [Int32] = []
        var rest: Expr?
        for conjunct in filter.condition?.conjuncts ?? [] {
            if conjunct.readsAttempt {
                rest = rest.map { .and($0, conjunct) } ?? conjunct
            } else {
                predicates.append(builder.predicate(conjunct))
            }
        }
        filters.append(
            RuleProgram.Filter(
                type: filter.eventType.map { Int32($0.index) } ?? -1, route: Int32(filter.route),
                condition: builder.condition(predicates),
                code: rest.map { builder.compile(condition: $0) }))
        return filters.count - 1
    }

    private mutating func absence(_ absence: Pattern.Absence) -> RuleProgram.Absence {
        RuleProgram.Absence(
            filter: filter(absence.filter), duration: absence.duration?.nanoseconds ?? -1)
    }

    // MARK: Flattening

    /// Appends the sequence and all below it; returns its index. The root is 0.
    private mutating func flatten(_ sequence: Pattern.Sequence, isRoot: Bool = false) -> Int {
        let id = sequences.count
        sequences.append(
            RuleProgram.Sequence(
                lines: 0..<0, block: 0, chain: 0, ownsChain: true, area: 0, words: 0,
                areaChains: []))
        // The lines of one sequence stand together: they are reserved before anything below them.
        let first = lines.count
        if !isRoot, sequence.isEntered { lines.append(start) }
        let offsetOfFirst = lines.count
        for line in sequence.lines { lines.append(shell(of: line)) }
        sequences[id].lines = first..<lines.count
        let range = sequences[id].lines
        for (offset, line) in sequence.lines.enumerated() {
            let place = offsetOfFirst + offset
            lines[place].kind = kind(of: line)
            lines[place].butNo = line.butNo.map { filter($0) }
            lines[place].butNotNext = line.butNotNext.map { filter($0) }
            lines[place].until = line.until.map { filter($0) }
        }
        link(range)
        return id
    }

    private var start: RuleProgram.Line {
        RuleProgram.Line(
            connector: .then, kind: .start, after: -1, within: -1, isSkippable: false,
            endsSequence: false, followers: [], mandatoryFollower: -1, entersNext: -1,
            pendingAbsence: -1, butNo: [], butNotNext: [], until: [])
    }

    /// Whether no event begins the line: it is current as soon as the line before is open.
    private func isEntered(_ line: Int) -> Bool {
        switch lines[line].kind {
        case .group(let index): groups[index].isEntered
        case .allOf(let index), .anyOf(let index):
            branches[index].sequences.contains(where: beginsWithStart)
        case .step, .absence, .start: false
        }
    }

    private func beginsWithStart(_ sequence: Int) -> Bool {
        if case .start = lines[sequences[sequence].lines.lowerBound].kind { true } else { false }
    }

    private func shell(of line: Pattern.Line) -> RuleProgram.Line {
        RuleProgram.Line(
            connector: connector(line.connector), kind: .step(-1),
            after: line.after?.nanoseconds ?? -1,
            within: line.within?.nanoseconds ?? -1, isSkippable: isSkippable(line.element),
            endsSequence: false, followers: [], mandatoryFollower: -1, entersNext: -1,
            pendingAbsence: -1,
            butNo: [], butNotNext: [], until: [])
    }

    private func isSkippable(_ element: Pattern.Element) -> Bool {
        switch element {
        case .step(let step): step.count.minimum == 0
        case .group(let group): group.count.minimum == 0
        case .allOf, .anyOf, .absence: false
        }
    }

    private mutating func link(_ range: Range<Int>) {
        for line in range {
            var follower = line + 1
            if follower < range.upperBound, isEntered(follower) {
                lines[line].entersNext = follower
                continue
            }
            while follower < range.upperBound {
                if case .absence = lines[follower].kind {
                    lines[line].pendingAbsence = follower
                    break
                }
                lines[line].followers.insert(follower, at: 0)
                if !lines[follower].isSkippable {
                    lines[line].mandatoryFollower = follower
                    break
                }
                follower += 1
            }
            lines[line].endsSequence = follower == range.upperBound
        }
    }

    private mutating func kind(of line: Pattern.Line) -> RuleProgram.Kind {
        switch line.element {
        case .step(let step):
            hasEach = hasEach || line.connector == .each
            steps.append(compile(step))
            return .step(steps.count - 1)
        case .group(let group):
            hasEach = hasEach || line.connector == .each
            let firstStep = steps.count
            let body = flatten(group.body)
            groups.append(
                RuleProgram.Group(
                    body: body, minimum: Int64(group.count.minimum),
                    maximum: group.count.maximum.map { Int64($0) } ?? .max,
                    isConsecutive: group.isConsecutive,
                    spread: group.spread?.nanoseconds ?? -1,
                    steps: firstStep..<steps.count, isEntered: beginsWithStart(body)))
            return .group(groups.count - 1)
        case .allOf(let parts):
            hasEach = hasEach || line.connector == .each
            return .allOf(compile(branches: parts))
        case .anyOf(let parts):
            hasEach = hasEach || line.connector == .each
            return .anyOf(compile(branches: parts))
        case .absence(let absence):
            absences.append(self.absence(absence))
            return .absence(absences.count - 1)
        }
    }

    private mutating func compile(branches parts: [Pattern.Sequence]) -> Int {
        var compiled = RuleProgram.Branches(sequences: [], stepFilters: [])
        for part in parts {
            let firstStep = steps.count
            compiled.sequences.append(flatten(part))
            compiled.stepFilters.append(steps[firstStep...].map(\.filter))
        }
        branches.append(compiled)
        return branches.count - 1
    }

    private mutating func compile(_ step: Pattern.Step) -> RuleProgram.Step {
        RuleProgram.Step(
            id: step.id.index, filter: filter(step.filter), minimum: Int64(step.count.minimum),
            maximum: step.count.maximum.map { Int64($0) } ?? .max,
            isConsecutive: step.isConsecutive,
            distinct: step.distinct.map { builder.number(of: $0) } ?? -1,
            spread: step.spread?.nanoseconds ?? -1,
            readsItself: step.distinct != nil || step.filter.condition?.reads(step.id) ?? false)
    }

    // MARK: Places in the record

    /// Gives sequence `id` and all below it their words, from `block` on; returns the first free
    /// word.
    ///
    /// `outerChain` is the chain that an `all of` branch shares with what is around it.
    private mutating func place(_ id: Int, at block: Int, chainOf outerChain: Int?) -> Int {
        sequences[id].block = block
        sequences[id].ownsChain = outerChain == nil
        sequences[id].chain = outerChain ?? block + RecordSize.chain
        sequences[id].area = block + RecordSize.block
        // The first word of the area says which branch of an `any of` was taken. Each line then has
        // words of its own: a word holds a chain always or never, so that it can be counted.
        var end = sequences[id].area
        if sequences[id].lines.contains(where: hasParts) { end += 1 }
        for line in sequences[id].lines { end = placeElement(line, in: id, at: end) }
        sequences[id].words = end - block
        sequences[id].areaChains = Array(
            Set(sequences[id].lines.flatMap { chains(below: $0) })
        ).sorted()
        return end
    }

    private func hasParts(_ line: Int) -> Bool {
        switch lines[line].kind {
        case .step, .absence, .start: false
        case .group, .allOf, .anyOf: true
        }
    }

    private mutating func placeElement(_ line: Int, in id: Int, at start: Int) -> Int {
        switch lines[line].kind {
        case .step, .absence, .start: return start
        case .group(let group): return place(groups[group].body, at: start, chainOf: nil)
        case .allOf(let index):
            return branches[index].sequences.reduce(start) {
                place($1, at: $0, chainOf: sequences[id].chain)
            }
        case .anyOf(let index):
            return branches[index].sequences.reduce(start) { place($1, at: $0, chainOf: nil) }
        }
    }

    private func chains(below line: Int) -> [Int] {
        switch lines[line].kind {
        case .step, .absence, .start: []
        case .group(let group): chainWords(of: groups[group].body)
        case .allOf(let index), .anyOf(let index):
            branches[index].sequences.flatMap { chainWords(of: $0) }
        }
    }

    private func chainWords(of id: Int) -> [Int] {
        let sequence = sequences[id]
        let own = sequence.ownsChain ? [sequence.chain] : []
        return (own + [sequence.block + RecordSize.row] + sequence.areaChains).sorted()
    }
}

extension Pattern.Sequence {
    /// Whether no event begins it: its first line is an absence, or a line that is entered itself.
    var isEntered: Bool {
        guard let first = lines.first else { return false }
        switch first.element {
        case .step: return false
        case .absence: return true
        case .group(let group): return group.body.isEntered
        case .allOf(let branches), .anyOf(let branches):
            return branches.contains(where: \.isEntered)
        }
    }
}

extension Expr {
    /// Whether the value depends on what the attempt has bound, or on its key.
    var readsAttempt: Bool {
        switch self {
        case .bound, .aggregate, .part, .previous, .match, .key: true
        case .compare(_, .field, .constant): false
        default: parts.contains { $0.readsAttempt }
        }
    }

    /// Whether the value depends on what `step` has bound.
    func reads(_ step: StepID) -> Bool {
        switch self {
        case .bound(step, _, _), .aggregate(_, step, _), .previous: true
        default: parts.contains { $0.reads(step) }
        }
    }
}
