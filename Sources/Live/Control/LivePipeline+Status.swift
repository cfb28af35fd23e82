// SPDX-License-Identifier: Apache-2.0
// Exercised by LiveControlTests.

internal import Automata
internal import Connectors
internal import Engine
internal import EventModel
internal import MatchCore

extension LivePipeline {
    /// What each rule has done, as of the last time its matches were worked off.
    ///
    /// - Shape: O(rules).
    package var ruleStatus: [RuleStatus] {
        var attempts: [Int] = []
        engine.countAttempts(into: &attempts)
        return program.rules.indices.map { index in
            let counters = engine.counters(ofRule: index)
            let alerts = engine.alertCounters(ofRule: index)
            var status = RuleStatus(name: program.rules[index].name)
            status.events = counters.events
            status.attempts = counters.attempts
            status.attemptsUnderWay = attempts[index] < 0 ? nil : attempts[index]
            status.matches = counters.matches
            status.alerts = alerts.alerts
            status.suppressed = alerts.suppressed
            status.limited = alerts.limited
            status.excepted = counters.excepted
            status.refused = counters.refused
            status.resolved = alerts.resolved
            status.lackingKey = counters.lackingKey
            status.caps = [
                counters.cappedAttempts, counters.cappedChoices, counters.cappedKeys,
                counters.cappedWindowEvents, counters.cappedMatches,
                counters.cappedBindings, alerts.untold, alerts.notKeptOpen, alerts.notSuppressing,
            ]
            return status
        }
    }

    /// What each feed has brought, without those that are no longer configured.
    package func feedStatus(of names: [String]) -> [FeedStatus] {
        names.compactMap { name in
            guard let feed = feeds.first(where: { $0.options.name == name }) else { return nil }
            let statistics = feed.pushed.statistics
            var status = FeedStatus(name: name)
            status.lines = statistics.lines
            status.events = statistics.events
            status.ignored = statistics.ignored.total
            status.late = statistics.late
            status.repeated = statistics.repeated
            status.forgottenIDs = statistics.forgottenIDs
            status.undecodable = statistics.undecodable
            status.mistyped = statistics.mismatched.reduce(0) { $0 + $1.count }
            status.held = feed.pushed.heldCount
            status.heardAt = feed.base == nil ? nil : feed.heardAt
            status.watermark = feed.pushed.watermark
            status.isQuiet = wallTime.map { feed.isQuiet(at: $0) } ?? false
            return status
        }
    }

    /// What the engine holds and has done.
    package var workStatus: WorkStatus {
        var status = WorkStatus()
        status.entryNumber = entryNumber
        status.alerts = alerts.nextNumber - 1
        status.deadLetters = deadLetters.nextNumber - 1
        status.strayLines = strayLineCount
        status.shortenedAlerts = shortenedAlertCount
        status.events = eventCount
        status.overflows = engine.overflowCount
        status.keys = engine.keyCount
        status.boundEvents = engine.storedEventCount
        status.symbols = engine.symbols.count
        status.automata = engine.automatonCount
        return status
    }
}
