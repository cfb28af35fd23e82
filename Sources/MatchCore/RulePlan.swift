// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import BasicContainers
internal import EventModel

/// A rule's program as the hot path reads it: rows without references in arrays that are never
/// copied, so that a look at a line neither retains nor allocates.
struct RulePlan: ~Copyable {
    private let inPlace = InPlace()
    /// A range of `numbers`.
    typealias Numbers = Range<Int>

    struct Line {
        var connector: RuleProgram.Connector
        var kind: RuleProgram.Kind
        var after: Int64
        var within: Int64
        var isSkippable: Bool
        var endsSequence: Bool
        var mandatoryFollower: Int
        var entersNext: Int
        var pendingAbsence: Int
        var followers: Numbers
        var butNo: Numbers
        var butNotNext: Numbers
        var until: Numbers
    }

    struct Sequence {
        var lines: Range<Int>
        var block: Int
        var chain: Int
        var ownsChain: Bool
        var area: Int
        var words: Int
        var areaChains: Numbers
        /// The first line that an attempt's first event can begin.
        var firstLine: Int
    }

    struct Filter {
        var type: Int32
        var route: Int32
        var isStatic: Bool
    }

    struct Branches {
        /// A range of `numbers`.
        var sequences: Numbers
        /// Where the lists of its branches begin in `stepFilters`.
        var firstStepFilters: Int
    }

    let lines: UniqueArray<Line>
    let sequences: UniqueArray<Sequence>
    let filters: RowArray<Filter>
    let numbers: RowArray<Int>
    let steps: RowArray<RuleProgram.Step>
    let groups: UniqueArray<RuleProgram.Group>
    let branches: UniqueArray<Branches>
    /// For each branch of all lines of branches: the filters of its steps.
    let stepFilters: UniqueArray<Numbers>
    let absences: RowArray<RuleProgram.Absence>
    let chainWords: RowArray<Int>
    let resets: RowArray<Int>
    let leadingAbsence: RuleProgram.Absence?
    /// Whether every event of a key may change an attempt.
    let isMovedByAnyEvent: Bool
    /// The filters of which an event else has to satisfy one to change an attempt.
    let laterFilters: RowArray<Int>
    /// What stands for the attempts, if they differ in their start alone.
    let queue: StartQueue?
    /// What stands for the lines, if they are plain.
    let plain: PlainSequence
    let skip: RuleProgram.Skip
    let keepsLatestAttemptOnly: Bool
    /// The filter of `resolve on`; -1: there is none.
    let resolution: Int
    let stepNames: [String]
    let recordWords: Int
    let hasChoices: Bool
    let canRepeat: Bool
    let hasAlternatives: Bool
    let hasDeadlines: Bool
    let hasGapLimits: Bool
    /// Whether gaps inside lines of parts have to be looked at before an event is worked on.
    let hasInnerGaps: Bool

    /// The sequence of one branch of a line of branches.
    @inline(__always)
    func branch(_ branch: Int, of index: Int) -> Int {
        numbers[branches[index].sequences.lowerBound + branch]
    }

    init(_ rule: RuleProgram) {
        precondition(RecordLayout.agreesWithPrograms, "records are laid out as programs have it")
        var numbers = RowArray<Int>()
        lines = RulePlan.lines(of: rule, &numbers)
        sequences = RulePlan.sequences(of: rule, &numbers)
        filters = RowArray(
            copying: rule.filters.map {
                Filter(type: $0.type, route: $0.route, isStatic: $0.isStatic)
            })
        var branches = UniqueArray<Branches>()
        var stepFilters = UniqueArray<Numbers>()
        for line in rule.branches {
            branches.append(
                Branches(
                    sequences: RulePlan.add(line.sequences, to: &numbers),
                    firstStepFilters: stepFilters.count))
            for list in line.stepFilters { stepFilters.append(RulePlan.add(list, to: &numbers)) }
        }
        self.branches = branches
        self.stepFilters = stepFilters
        self.numbers = numbers
        steps = RowArray(copying: rule.steps)
        groups = UniqueArray(copying: rule.groups)
        absences = RowArray(copying: rule.absences)
        chainWords = RowArray(copying: rule.chainWords)
        resets = RowArray(copying: rule.resets)
        leadingAbsence = rule.leadingAbsence
        isMovedByAnyEvent = rule.isMovedByAnyEvent
        laterFilters = RowArray(copying: rule.laterFilters)
        queue = rule.startQueue
        plain = PlainSequence(of: rule)
        skip = rule.skip
        keepsLatestAttemptOnly = rule.keepsLatestAttemptOnly
        resolution = rule.alert.policy.resolution?.filter ?? -1
        stepNames = rule.stepNames
        recordWords = rule.recordWords
        hasChoices = rule.hasChoices
        canRepeat = rule.canRepeat
        hasAlternatives = rule.hasAlternatives
        hasDeadlines = rule.hasDeadlines
        hasGapLimits = rule.hasGapLimits
        hasInnerGaps = rule.hasGapLimits && rule.sequences.count > 1
    }

    private static func add(_ list: [Int], to numbers: inout RowArray<Int>) -> Numbers {
        let start = numbers.count
        for number in list { numbers.append(number) }
        return start..<numbers.count
    }

    private static func lines(
        of rule: RuleProgram, _ numbers: inout RowArray<Int>
    ) -> UniqueArray<Line> {
        var lines = UniqueArray<Line>()
        for line in rule.lines {
            lines.append(
                Line(
                    connector: line.connector, kind: line.kind, after: line.after,
                    within: line.within, isSkippable: line.isSkippable,
                    endsSequence: line.endsSequence, mandatoryFollower: line.mandatoryFollower,
                    entersNext: line.entersNext, pendingAbsence: line.pendingAbsence,
                    followers: add(line.followers, to: &numbers),
                    butNo: add(line.butNo, to: &numbers),
                    butNotNext: add(line.butNotNext, to: &numbers),
                    until: add(line.until, to: &numbers)))
        }
        return lines
    }

    private static func sequences(
        of rule: RuleProgram, _ numbers: inout RowArray<Int>
    ) -> UniqueArray<Sequence> {
        var sequences = UniqueArray<Sequence>()
        for (id, sequence) in rule.sequences.enumerated() {
            sequences.append(
                Sequence(
                    lines: sequence.lines, block: sequence.block, chain: sequence.chain,
                    ownsChain: sequence.ownsChain, area: sequence.area, words: sequence.words,
                    areaChains: add(sequence.areaChains, to: &numbers),
                    firstLine: rule.firstLine(of: id)))
        }
        return sequences
    }
}
