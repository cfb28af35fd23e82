// SPDX-License-Identifier: Apache-2.0
// A window at one moment, of a key that has too many events to look at the window at each. What it
// holds depends on the events of its length alone; so it is enough to begin a little before.

import EventModel
import Oracle
import RuleLanguage

/// The events of a key around a time, as far as a window that holds it depends on them.
struct WindowMoment {
    private let time: StreamTime
    private let window: CheckedRule.Window
    private var before: [ReadEvent] = []
    private var hasBegun = false
    private var isOver = false
    private var lastTime = StreamTime.distantPast
    private var countAfter = 0

    /// Nil: the rule's window depends on all events since it was last empty.
    init?(_ rule: CheckedRule, at time: StreamTime) {
        guard let window = rule.window else { return nil }
        let asked = (rule.having.map { [$0] } ?? []) + rule.alertFields.map(\.value)
        if (asked + [rule.alertTitle, rule.severity]).contains(where: \.hasFadingAverage) {
            return nil
        }
        self.time = time
        self.window = window
    }

    /// Takes the next event, and has the teller work on it where it matters.
    mutating func take(_ event: ReadEvent, _ teller: inout WindowTeller) {
        if isOver { return }
        if event.time < time { return add(event) }
        begin(&teller)
        teller.work(on: event)
        countAfter += 1
        switch window {
        case .sliding(let length), .tumbling(let length), .hopping(let length, _):
            isOver = event.time > time + length
        case .session(let gap): isOver = lastTime >= time && event.time > lastTime + gap
        case .last(let count): isOver = countAfter > count
        }
        lastTime = event.time
    }

    private mutating func add(_ event: ReadEvent) {
        switch window {
        case .sliding(let length), .tumbling(let length), .hopping(let length, _):
            if event.time < time - length - length { return }
        case .session(let gap):
            if event.time > lastTime + gap { before = [] }
        case .last(let count):
            if before.count > 2 * (count + 2) { before.removeFirst(before.count - count - 2) }
        }
        lastTime = event.time
        before.append(event)
    }

    /// Has the teller work on what came before.
    mutating func begin(_ teller: inout WindowTeller) {
        if hasBegun { return }
        hasBegun = true
        var passed = 0
        switch window {
        // Whether `having` was true before is known after one look.
        case .sliding, .last: passed = max(0, before.count - 2)
        case .tumbling, .hopping, .session: break
        }
        for event in before[..<passed] { teller.pass(event) }
        for event in before[passed...] { teller.work(on: event) }
        before = []
    }
}

extension Expr {
    fileprivate var hasFadingAverage: Bool {
        if case .aggregate(.exponentialMovingAverage, _, _) = self { return true }
        return parts.contains(where: \.hasFadingAverage)
    }
}
