// SPDX-License-Identifier: Apache-2.0

package import EventModel
package import RuleLanguage

/// A rule over a window at work on the input of one value of its key, look by look.
package struct WindowTrace {
    /// A look at the window.
    package struct Look {
        /// What the window held, in order.
        package var held: [ReadEvent]
        package var start: StreamTime
        package var end: StreamTime
        /// Whether `having` was true.
        package var holds: Bool
        /// Whether it gave a match.
        package var isMatch: Bool
        package var context: EvaluationContext
    }

    private var run: WindowRun
    /// Events that looks have gone over.
    package private(set) var workCount = 0

    package init(
        _ rule: CheckedRule, _ window: CheckedRule.Window, key: [Value], _ reading: EventReading
    ) {
        run = WindowRun(rule: rule, window: window, key: key, evaluator: reading.evaluator)
        run.notesLooks = true
    }

    /// Takes the next event of the key, after every earlier deadline; gives the looks.
    package mutating func work(on event: ReadEvent) -> [Look] {
        workDeadlines { $0 < event.time }
        _ = run.work(on: event)
        workCount += run.events.count
        return takeLooks()
    }

    /// Takes the next event of the key without a look.
    package mutating func pass(_ event: ReadEvent) { run.pass(event) }

    /// Lets the clock run.
    package mutating func finish(drainUntil: StreamTime?) -> [Look] {
        workDeadlines { deadline in drainUntil.map { deadline <= $0 } ?? true }
        return takeLooks()
    }

    private mutating func workDeadlines(while isDue: (StreamTime) -> Bool) {
        while let next = run.deadline, isDue(next) {
            run.work(at: next)
            workCount += run.events.count
        }
    }

    private mutating func takeLooks() -> [Look] {
        defer { run.noted = [] }
        return run.noted.map { noted in
            Look(
                held: noted.look.held.map { run.events[$0] }, start: noted.look.start,
                end: noted.look.end, holds: noted.holds, isMatch: noted.isMatch,
                context: noted.look.context)
        }
    }
}
