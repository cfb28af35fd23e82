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

    /// The event under test.
    package var event: (any EventReader)?
    /// The parts of the rule's key.
    package var key: [Value]
    /// The events each step has bound so far, in order of binding.
    package var bound: [StepID: [any EventReader]]
    /// The event bound just before in this attempt, and the step that bound it.
    package var previous: (step: StepID, event: any EventReader)?
    package var match: Match?

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

    /// The same, with another event under test: what the inside of an aggregate reads.
    func looking(at event: any EventReader) -> EvaluationContext {
        var context = self
        context.event = event
        return context
    }
}
