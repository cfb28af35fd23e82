// SPDX-License-Identifier: Apache-2.0

/// How a rule runs whose attempts differ in their start alone: `at least 3 a then b`, or `5 a`, or
/// `a then no b for 30m`, with `skip past last`.
///
/// Every event of the first step begins an attempt and is bound by all that are under way, so an
/// attempt is the rest of one queue from its first event on. The oldest one is complete first, and
/// its match ends all others. A key then costs its events and no more, however many attempts there
/// are, and an event costs one look at the queue.
///
/// Where the pattern ends with an absence, an attempt is one event, those of a key are complete in
/// the order of their start, and what breaks the absence of one breaks that of all.
package struct StartQueue: Hashable, Sendable {
    /// The filter of the first step.
    package var first: Int
    package var firstStep: Int
    /// The events with which the first step is open.
    package var minimum: Int64
    /// The filter of the second step; -1: the first step is the whole pattern.
    package var last: Int
    package var lastStep: Int
    /// The filter of the absence with which the pattern ends; -1: it ends with a step.
    package var absence = -1
    /// How long the absence has to hold, in nanoseconds.
    package var delay: Int64 = 0

    /// Whether an attempt binds all events that wait behind the one with which it began.
    package var bindsAllWaiting: Bool { absence < 0 }
}

extension RuleProgram {
    /// The queue that can stand for the rule's attempts; nil where they differ in more than their
    /// start.
    package var startQueue: StartQueue? {
        guard window == nil, skip == .pastLast, having == nil, leadingAbsence == nil,
            !keepsLatestAttemptOnly,
            !hasChoices, sequences.count == 1, sequences[0].lines.count <= 2,
            case .step(let first) = lines[sequences[0].lines.lowerBound].kind,
            sequences[0].lines.allSatisfy({ isPlain($0) })
        else { return nil }
        var queue = StartQueue(
            first: steps[first].filter, firstStep: steps[first].id,
            minimum: steps[first].minimum, last: -1, lastStep: -1)
        guard queue.minimum >= 1 else { return nil }
        guard sequences[0].lines.count == 2 else { return queue }
        switch lines[sequences[0].lines.upperBound - 1].kind {
        case .step(let last):
            guard steps[first].maximum == .max, steps[last].minimum == 1, steps[last].maximum == 1
            else { return nil }
            queue.last = steps[last].filter
            queue.lastStep = steps[last].id
        case .absence(let absence):
            // The limit is no shorter than it: the checker has seen to that.
            guard steps[first].minimum == 1, steps[first].maximum == 1,
                absences[absence].duration >= 0
            else { return nil }
            queue.absence = absences[absence].filter
            queue.delay = absences[absence].duration
        case .group, .allOf, .anyOf, .start: return nil
        }
        return queue
    }

    /// Whether a line is a step, or an absence, that looks at each event alone.
    private func isPlain(_ index: Int) -> Bool {
        let line = lines[index]
        guard line.connector == .then, line.after < 0, line.within < 0, !line.isSkippable,
            line.butNo.isEmpty, line.butNotNext.isEmpty, line.until.isEmpty
        else { return false }
        switch line.kind {
        case .step(let step):
            return filters[steps[step].filter].isStatic && !steps[step].isConsecutive
                && steps[step].distinct < 0 && steps[step].spread < 0
        case .absence(let absence): return filters[absences[absence].filter].isStatic
        case .group, .allOf, .anyOf, .start: return false
        }
    }
}
