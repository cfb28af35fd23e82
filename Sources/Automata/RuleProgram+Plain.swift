// SPDX-License-Identifier: Apache-2.0

/// Plain rules: one sequence of counted steps and of absences, joined by `then` and `then next`,
/// where nothing guards a line, no gap bounds it and no event has a choice. Their attempts need
/// fewer words, and less is asked at an event.
extension RuleProgram {
    /// Leaves out of the record what a plain rule does not use; other rules stay as they are.
    mutating func shrinkRecordIfPlain() {
        guard window == nil, sequences.count == 1, !hasChoices, !hasGapLimits,
            !keepsLatestAttemptOnly,
            firstLine(of: 0) == sequences[0].lines.lowerBound,
            sequences[0].lines.allSatisfy({ isPlain(lines[$0]) })
        else { return }
        isPlain = true
        sequences[0].words = RecordSize.plainBlock
        recordWords = RecordSize.header + RecordSize.plainBlock
        chainWords = [sequences[0].chain]
    }

    private func isPlain(_ line: Line) -> Bool {
        guard line.connector != .each, line.after < 0, line.within < 0, !line.isSkippable,
            line.butNo.isEmpty, line.butNotNext.isEmpty, line.until.isEmpty, line.entersNext < 0,
            line.followers.count <= 1
        else { return false }
        switch line.kind {
        case .absence: return true
        case .step(let step):
            return !steps[step].isConsecutive && steps[step].distinct < 0
                && steps[step].spread < 0 && steps[step].minimum > 0
        case .group, .allOf, .anyOf, .start: return false
        }
    }
}
