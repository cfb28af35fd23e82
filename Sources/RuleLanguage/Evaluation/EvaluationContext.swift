// SPDX-License-Identifier: Apache-2.0

package import EventModel

/// One event, as expressions read it.
package protocol EventReader {
    /// The field of this event; missing also where the event is not a member of the field's type.
    func value(of field: FieldRef) -> Value
    /// The field of that name in whatever type the event has.
    func value(named name: String) -> Value
    func value(of field: EventType.BuiltInField) -> Value
}

/// What an expression is evaluated over. Empty for constants: then all that is read is missing,
/// and `count` is 0.
package struct EvaluationContext {
    package struct Match: Sendable {
        package var start: StreamTime
        package var end: StreamTime
        /// The number of events bound.
        package var count: Int

        package init(start: StreamTime, end: StreamTime, count: Int) {
            self.start = start
            self.end = end
            self.count = count
        }
    }

    /// What a look at a window knows beside what the window holds, which is in `bound`.
    package struct Window {
        /// The moment of the look.
        package var time: StreamTime
        /// Whether what happened exactly a shorter window's length before is gone already.
        package var isPast: Bool
        /// All events since the window was last empty, those that have left it among them.
        package var sinceEmpty: [any EventReader]

        package init(time: StreamTime, isPast: Bool, sinceEmpty: [any EventReader]) {
            self.time = time
            self.isPast = isPast
            self.sinceEmpty = sinceEmpty
        }
    }

    /// The event under test.
    package var event: (any EventReader)?
    /// The parts of the rule's key.
    package var key: [Value]
    /// The events each step has bound so far, in order of binding.
    package var bound: [StepID: [any EventReader]]
    /// The event bound just before in this attempt, and the step that bound it.
    package var previous: (step: StepID, event: any EventReader)?
    package var match: Match?
    /// Of a rule over a window.
    package var window: Window?

    package init(
        event: (any EventReader)? = nil, key: [Value] = [],
        bound: [StepID: [any EventReader]] = [:],
        previous: (step: StepID, event: any EventReader)? = nil, match: Match? = nil
    ) {
        self.event = event
        self.key = key
        self.bound = bound
        self.previous = previous
        self.match = match
    }

    /// The same, with only the newest part of what a step has bound.
    func narrowed(_ step: StepID, to part: WindowPart) -> EvaluationContext {
        var context = self
        let events = bound[step] ?? []
        switch part {
        case .last(let count): context.bound[step] = events.suffix(count)
        case .recent(let length):
            guard let window else { return self }
            let start = window.time - length
            context.bound[step] = events.filter { event in
                guard case .time(let time) = event.value(of: .time) else { return false }
                return window.isPast ? time > start : time >= start
            }
        }
        return context
    }

    /// The same, with another event under test: what the inside of an aggregate reads.
    func looking(at event: any EventReader) -> EvaluationContext {
        var context = self
        context.event = event
        return context
    }
}
