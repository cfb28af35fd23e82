// SPDX-License-Identifier: Apache-2.0

internal import Automata

/// The lines of a rule as the short way of work reads them (`advancePlainAttempts`); empty where
/// the rule asks for more than that knows.
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
        if rule.isPlain {
            for index in rule.sequences[0].lines {
                lines.append(PlainSequence.line(index, of: rule))
            }
        }
        self.lines = lines
    }

    private static func line(_ index: Int, of rule: RuleProgram) -> Line {
        let line = rule.lines[index]
        var plain = Line(
            id: -1, filter: -1, minimum: 0, maximum: 0, isStrict: line.connector == .next,
            follower: line.followers.first ?? -1, absence: -1, endsSequence: line.endsSequence)
        if line.pendingAbsence >= 0,
            case .absence(let absence) = rule.lines[line.pendingAbsence].kind
        {
            plain.absence = rule.absences[absence].filter
        }
        if case .step(let number) = line.kind {
            let step = rule.steps[number]
            (plain.id, plain.filter) = (step.id, step.filter)
            (plain.minimum, plain.maximum) = (step.minimum, step.maximum)
        }
        return plain
    }
}
