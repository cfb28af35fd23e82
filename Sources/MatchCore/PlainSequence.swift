// SPDX-License-Identifier: Apache-2.0

internal import Automata

/// The lines of a rule as the short way of work reads them (`advancePlainAttempts`); empty where
/// the rule asks for more than that knows.
///
/// Plain is one sequence of counted steps and of absences, joined by `then` and `then next`, where
/// nothing guards a line, no gap bounds it and no event has a choice.
struct PlainSequence: ~Copyable {
    struct Line {
        /// Of a line that is no step, `id` is -1, and nothing below is asked for.
        var id: Int
        var filter: Int
        var minimum: Int64
        var maximum: Int64
        /// Whether its events follow one another, and the line before, right away.
        var isStrict: Bool
        /// The line that may follow it; -1: none.
        var follower: Int
        /// The filter of the absence behind it; -1: none.
        var absence: Int
        /// Whether a match may end with it.
        var endsSequence: Bool
    }

    /// The lines from line `first` of the rule on.
    let lines: RowArray<Line>
    let first: Int
    /// Where the block and the chain of the sequence are in a record.
    let block: Int
    let chain: Int

    var isEmpty: Bool { lines.isEmpty }

    init(of rule: RuleProgram) {
        first = rule.sequences[0].lines.lowerBound
        block = rule.sequences[0].block
        chain = rule.sequences[0].chain
        var lines = RowArray<Line>()
        if rule.sequences.count == 1, !rule.hasChoices, !rule.hasGapLimits,
            rule.firstLine(of: 0) == rule.sequences[0].lines.lowerBound,
            rule.sequences[0].areaChains.isEmpty,
            rule.sequences[0].words == RecordLayout.blockWords
        {
            for index in rule.sequences[0].lines {
                guard let line = PlainSequence.line(index, of: rule) else {
                    lines.removeAll()
                    break
                }
                lines.append(line)
            }
        }
        self.lines = lines
    }

    /// Nil where the line is not plain.
    private static func line(_ index: Int, of rule: RuleProgram) -> Line? {
        let line = rule.lines[index]
        guard line.connector != .each, line.after < 0, line.within < 0, !line.isSkippable,
            line.butNo.isEmpty, line.butNotNext.isEmpty, line.until.isEmpty, line.entersNext < 0,
            line.followers.count <= 1
        else { return nil }
        var plain = Line(
            id: -1, filter: -1, minimum: 0, maximum: 0, isStrict: line.connector == .next,
            follower: line.followers.first ?? -1, absence: -1, endsSequence: line.endsSequence)
        if line.pendingAbsence >= 0 {
            guard case .absence(let absence) = rule.lines[line.pendingAbsence].kind else {
                return nil
            }
            plain.absence = rule.absences[absence].filter
        }
        switch line.kind {
        case .absence: return plain
        case .step(let number):
            let step = rule.steps[number]
            guard !step.isConsecutive, step.distinct < 0, step.spread < 0, step.minimum > 0 else {
                return nil
            }
            (plain.id, plain.filter) = (step.id, step.filter)
            (plain.minimum, plain.maximum) = (step.minimum, step.maximum)
            return plain
        case .group, .allOf, .anyOf, .start: return nil
        }
    }
}
