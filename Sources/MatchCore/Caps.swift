// SPDX-License-Identifier: Apache-2.0
// What each does is told in docs/reference/caps.md.

/// Bounds on what rules may hold, high enough for any rule that is meant to be run.
///
/// One that is lower than what is held already takes nothing away: nothing is added until there is
/// room.
package struct Caps: Hashable, Sendable {
    /// Attempts that one key of one rule can have at once. More are not begun, and counted.
    package var attemptsPerKey = 100_000
    /// Ways in which one event can take one attempt on. More are not followed, and counted.
    package var choicesPerEvent = 10_000
    /// Alerts that `resolve on` keeps open in one rule. More are sent and not kept open, and
    /// counted.
    package var openAlertsPerRule = 100_000
    /// Keys of one rule whose suppression is over and that have yet to tell how many matches it
    /// kept back. Of more the oldest is forgotten, and its matches counted.
    package var untoldSuppressionsPerRule = 100_000
    /// Keys of one rule, or values of its `per`, that `suppress` keeps matches back of. Of more the
    /// alerts are sent, keep nothing back, and are counted.
    package var suppressionsPerRule = 1_000_000
    /// Events whose values a window can hold for one key of one rule. At the cap the oldest leaves
    /// early; where only distinct or sorted values are kept, more are not taken; both are counted.
    package var windowEventsPerKey = 1_000_000
    /// Of rules on compact sets: matches that one event completes for one key. Of more, those that
    /// bind the latest events are reported, and the event is counted.
    package var matchesPerEvent = 100_000
    /// Of rules on compact sets: events bound by all attempts of all keys of a rule. Behind that no
    /// attempt is begun or goes on, and each is counted.
    package var bindingsPerRule = 1 << 26

    /// Keys of which all rules together can hold something, a key of rules that read the same
    /// events by the same fields being one. What needs more is not begun, and counted.
    package var keys = Int.max

    package init() {}
}
