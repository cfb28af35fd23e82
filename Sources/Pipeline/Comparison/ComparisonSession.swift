// SPDX-License-Identifier: Apache-2.0
// Exercised by ComparisonSessionTests.

package import Automata
package import Connectors
package import EventModel
internal import MatchCore

/// What a comparison is told.
package struct ComparisonOptions: Sendable {
    package var span = EventTimeSpan()
    /// See `AlertPairing`.
    package var horizon = TimeSpan(seconds: 86_400)
    package var heldCap = AlertPairing.heldCap
    package var exampleCount = 3
    package var batchEventCount = ReplayOptions.batchEventCount

    package init() {}
}

/// Recorded feeds through two rulesets at once, to what differs between their alerts.
///
/// Each ruleset reads the files by itself, since each wants other fields of other events; the one
/// that is behind in event time goes first, so that neither has to wait long for the other's
/// alerts.
package struct ComparisonSession: ~Copyable {
    private var old: ReplaySession
    private var new: ReplaySession
    private let oldAlerts: ComparedAlerts
    private let newAlerts: ComparedAlerts
    private var pairing: AlertPairing
    private var hasMore = [true, true]
    package private(set) var result: RulesetComparison

    /// - Parameters:
    ///   - inputs: of each side, the same files.
    /// - Throws: `cannotOpen`.
    package init(
        _ rules: RulesetPairing, old: (program: RulesetProgram, inputs: [ReplayInput]),
        new: (program: RulesetProgram, inputs: [ReplayInput]), options: ComparisonOptions
    ) throws(FeedError) {
        let oldAlerts = ComparedAlerts(
            old.program, feedNames: ReplaySession.feedNames(of: old.inputs),
            numbers: rules.numbers[0])
        let newAlerts = ComparedAlerts(
            new.program, feedNames: ReplaySession.feedNames(of: new.inputs),
            numbers: rules.numbers[1])
        var replay = ReplayOptions()
        replay.outputPath = "/dev/null"
        replay.span = options.span
        replay.batchEventCount = options.batchEventCount
        let oldSession = try ReplaySession(
            old.program, inputs: old.inputs, options: replay, alertHandler: oldAlerts.append)
        let newSession = try ReplaySession(
            new.program, inputs: new.inputs, options: replay, alertHandler: newAlerts.append)
        self.old = oldSession
        self.new = newSession
        self.oldAlerts = oldAlerts
        self.newAlerts = newAlerts
        pairing = AlertPairing(horizon: options.horizon, heldCap: options.heldCap)
        result = RulesetComparison(rules, exampleCount: options.exampleCount)
    }

    /// Takes the next events through the rules that are behind; false: there are no more.
    ///
    /// - Throws: like `ReplaySession.step`.
    package mutating func step() throws(FeedError) -> Bool {
        if hasMore[0], !hasMore[1] || old.reached <= new.reached {
            hasMore[0] = try old.step()
        } else if hasMore[1] {
            hasMore[1] = try new.step()
        }
        // The clock of a side that has no more events runs along with the other's.
        if !hasMore[0], hasMore[1] { try old.advance(to: new.reached) }
        if !hasMore[1], hasMore[0] { try new.advance(to: old.reached) }
        collect()
        return hasMore[0] || hasMore[1]
    }

    /// Lets both clocks run until no deadline is pending.
    ///
    /// - Throws: like `ReplaySession.step`.
    package mutating func runOut() throws(FeedError) {
        // By turns, so that what is the same is not held until the other side has come to it.
        var isRunning = [true, true]
        while isRunning[0] || isRunning[1] {
            if isRunning[0] { isRunning[0] = try old.runOutStep() }
            if isRunning[1] { isRunning[1] = try new.runOutStep() }
            collect()
        }
    }

    private mutating func collect(isEnd: Bool = false) {
        var differences: [AlertDifference] = []
        for alert in oldAlerts.take() { add(alert, from: .old, into: &differences) }
        for alert in newAlerts.take() { add(alert, from: .new, into: &differences) }
        if isEnd {
            pairing.finish(into: &differences)
        } else {
            pairing.advance(to: min(old.reached, new.reached), into: &differences)
        }
        for difference in differences { result.add(difference) }
        result.earlyCount = pairing.earlyCount
    }

    private mutating func add(
        _ alert: ComparedAlert, from side: ComparisonSide,
        into differences: inout [AlertDifference]
    ) {
        // Alerts of a rule that the other side has not got need not wait.
        let pair = result.rules[alert.rule].pair
        if pair.new == nil {
            differences.append(.lost(alert))
        } else if pair.old == nil {
            differences.append(.new(alert))
        } else {
            pairing.add(alert, from: side, into: &differences)
        }
    }

    /// What files did that could not be read to their end.
    package var feedErrors: [FeedError] {
        new.feedErrors + old.feedErrors.filter { !new.feedErrors.contains($0) }
    }

    /// Decides about all that is left.
    package mutating func finish() -> Ending {
        collect(isEnd: true)
        return Ending(result: result, old: old.report, new: new.report)
    }

    package struct Ending: Sendable {
        package var result: RulesetComparison
        /// What each side read.
        package var old: ReplayReport
        package var new: ReplayReport
    }
}
