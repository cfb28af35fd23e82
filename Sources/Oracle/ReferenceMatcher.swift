// SPDX-License-Identifier: Apache-2.0
// The reference matcher: docs/reference/matching.md, "The precise definition", done by brute force.
// It is what the engine is compared with, so it shares no code with it, and whatever could be
// cached or indexed is worked out anew instead. Exercised by ReferenceMatcherTests, over the
// scenarios in fixtures/golden/matching.

package import EventModel
package import RuleLanguage

package struct ReferenceMatcher: Sendable {
    private let ruleset: CheckedRuleset
    private let reading: EventReading

    package init(_ ruleset: CheckedRuleset) {
        self.ruleset = ruleset
        reading = EventReading(ruleset)
    }

    /// All matches of a rule, in the order in which their alerts come.
    ///
    /// - Shape: `events` are in order of arrival; they are put in order of time.
    /// - Parameters:
    ///   - watchedFrom: since when the rule's input has been watched: what leading absences ask.
    ///   - drainUntil: deadlines up to and with this time are worked off after the last event;
    ///     nil: all.
    package func matches(
        of rule: CheckedRule, in events: [ReferenceEvent], watchedFrom: StreamTime,
        drainUntil: StreamTime?
    ) -> [ReferenceMatch] {
        alerts(of: rule, number: 0, events, watchedFrom, drainUntil).map(\.match)
    }

    /// All alerts and notices of all rules, in the order in which they come.
    package func allMatches(
        in events: [ReferenceEvent], watchedFrom: StreamTime, drainUntil: StreamTime?
    ) -> [ReferenceMatch] {
        let all = ruleset.rules.enumerated().flatMap { index, rule in
            alerts(of: rule, number: index, events, watchedFrom, drainUntil)
        }
        return ordered(all).map(\.match)
    }

    /// What comes out of a rule, with its place in the order of all that does.
    private func alerts(
        of rule: CheckedRule, number: Int, _ events: [ReferenceEvent], _ watchedFrom: StreamTime,
        _ drainUntil: StreamTime?
    ) -> [(place: OutputPlace, match: ReferenceMatch)] {
        let order = events.indices.sorted { (events[$0].time, $0) < (events[$1].time, $1) }
        let (matches, resolutions) =
            rule.window.map { found(rule, $0, number, events, order, drainUntil) }
            ?? found(rule, number, events, order, watchedFrom, drainUntil)
        var policy = ReferencePolicy(rule.policy, rule: number)
        policy.run(
            matches,
            resolutions.map {
                PolicyResolution(
                    place: OutputPlace(
                        time: events[order[$0.rank]].time, phase: .event, rank: $0.rank,
                        rule: number, number: $0.keyRank, isMatch: false), key: $0.key)
            }, until: drainUntil)
        return ordered(policy.output)
    }

    /// Events of `resolve on` by rank, and their keys.
    private typealias Resolutions = [(rank: Int, keyRank: Int, key: [Value])]

    private func found(
        _ rule: CheckedRule, _ number: Int, _ events: [ReferenceEvent], _ order: [Int],
        _ watchedFrom: StreamTime, _ drainUntil: StreamTime?
    ) -> ([PolicyMatch], Resolutions) {
        var runs = Runs(rule: rule, watchedFrom: watchedFrom, evaluator: reading.evaluator)
        for (rank, index) in order.enumerated() {
            let event = ReadEvent(reading: reading, event: events[index])
            runs.workDeadlines(before: event.time)
            runs.work(on: event, rank: rank)
        }
        runs.workDeadlines(upTo: drainUntil)
        let matches = runs.matches.map { run, candidate in
            let keyed = runs.all[run]
            let last = candidate.bound[candidate.bound.count - 1].position - 1
            return policyMatch(
                match(candidate, keyed, order), rule, keyed.run.context(candidate),
                OutputPlace(
                    time: candidate.end, phase: candidate.isByClock ? .clock : .event,
                    rank: keyed.ranks[last], rule: number, number: keyed.keyRanks[last],
                    isMatch: true))
        }
        return (matches, runs.resolutions)
    }

    private func ordered(
        _ all: [(place: OutputPlace, match: ReferenceMatch)]
    ) -> [(place: OutputPlace, match: ReferenceMatch)] {
        // Made stable by the index: what is equal stays as reported.
        all.enumerated().sorted { a, b in
            if a.element.place < b.element.place { return true }
            return b.element.place < a.element.place ? false : a.offset < b.offset
        }.map(\.element)
    }

    private func policyMatch(
        _ match: ReferenceMatch, _ rule: CheckedRule, _ context: EvaluationContext,
        _ place: OutputPlace
    ) -> PolicyMatch {
        let isExcepted = rule.policy.exceptions.contains { exception in
            (exception.until.map { match.end < $0 } ?? true)
                && reading.evaluator.isTrue(exception.condition, in: context)
        }
        let alike =
            rule.policy.suppression?.per?.map { reading.evaluator.evaluate($0, in: context) }
            ?? match.key
        return PolicyMatch(place: place, match: match, alike: alike, isExcepted: isExcepted)
    }

    private func found(
        _ rule: CheckedRule, _ window: CheckedRule.Window, _ number: Int,
        _ events: [ReferenceEvent], _ order: [Int], _ drainUntil: StreamTime?
    ) -> ([PolicyMatch], Resolutions) {
        var runs = WindowRuns(rule: rule, window: window, evaluator: reading.evaluator)
        for (rank, index) in order.enumerated() {
            let event = ReadEvent(reading: reading, event: events[index])
            runs.workDeadlines { $0 < event.time }
            runs.work(on: event, rank: rank)
        }
        runs.workDeadlines { deadline in drainUntil.map { deadline <= $0 } ?? true }
        let matches = runs.matches.map { index, look in
            let keyed = runs.all[index]
            let last = look.held[look.held.count - 1]
            return policyMatch(
                match(look, keyed.run, order[keyed.ranks[last]]), rule, look.context,
                OutputPlace(
                    time: look.end, phase: look.isByClock ? .clock : .event,
                    rank: keyed.ranks[last], rule: number, number: keyed.keyRanks[last],
                    isMatch: true))
        }
        return (matches, runs.resolutions)
    }

    /// - Parameter last: the newest event that the window held.
    private func match(_ look: WindowLook, _ run: WindowRun, _ last: Int) -> ReferenceMatch {
        let rule = run.rule
        func value(_ expr: Expr) -> Value { reading.evaluator.evaluate(expr, in: look.context) }
        return ReferenceMatch(
            rule: rule.name, key: run.key, start: look.start, end: look.end,
            bound: [look.isOfEvent ? [last] : []], completing: look.isOfEvent ? last : -1,
            isByClock: look.isByClock, severity: value(rule.severity),
            title: value(rule.alertTitle),
            fields: rule.alertFields.map { NamedValue($0.name, value($0.value)) },
            labels: rule.labels.map { NamedValue($0.name, value($0.value)) })
    }

    private func match(
        _ candidate: Candidate, _ keyed: Runs.Keyed, _ order: [Int]
    ) -> ReferenceMatch {
        let rule = keyed.run.rule
        let context = keyed.run.context(candidate)
        func value(_ expr: Expr) -> Value { reading.evaluator.evaluate(expr, in: context) }
        var bound = Array(repeating: [Int](), count: rule.steps.count)
        for binding in candidate.bound {
            bound[binding.step.index].append(order[keyed.ranks[binding.position - 1]])
        }
        let last = candidate.bound[candidate.bound.count - 1]
        return ReferenceMatch(
            rule: rule.name, key: keyed.run.walker.key,
            start: keyed.run.walker.time(candidate.bound[0].position), end: candidate.end,
            bound: bound,
            completing: order[keyed.ranks[last.position - 1]], isByClock: candidate.isByClock,
            severity: value(rule.severity), title: value(rule.alertTitle),
            fields: rule.alertFields.map { NamedValue($0.name, value($0.value)) },
            labels: rule.labels.map { NamedValue($0.name, value($0.value)) })
    }
}

/// The runs of one rule, one for each value of its key.
private struct Runs {
    struct Keyed {
        var run: KeyRun
        /// For each event of the input its rank in the order of time and arrival.
        var ranks: [Int] = []
        /// For each event of the input the place of this key among the event's keys.
        var keyRanks: [Int] = []
    }

    let rule: CheckedRule
    let watchedFrom: StreamTime
    let evaluator: ExprEvaluator
    /// In the order in which the keys come first.
    var all: [Keyed] = []
    /// In the order in which they were reported, with the index of the run.
    var matches: [(run: Int, candidate: Candidate)] = []
    /// Events of `resolve on`, as they came.
    var resolutions: [(rank: Int, keyRank: Int, key: [Value])] = []

    mutating func work(on event: ReadEvent, rank: Int) {
        var keys: [[Value]] = []
        for key in rule.routes.flatMap({ $0.keys(of: event) })
        where !keys.contains(where: { isSameKey($0, key) }) {
            keys.append(key)
        }
        for (keyRank, key) in keys.enumerated() {
            let index = indexOfRun(key)
            all[index].ranks.append(rank)
            all[index].keyRanks.append(keyRank)
            collect(index) { $0.work(on: event) }
            if let resolution = rule.policy.resolution {
                let walker = all[index].run.walker
                if walker.satisfies(resolution.filter, walker.input.count, bound: []) {
                    resolutions.append((rank, keyRank, key))
                }
            }
        }
    }

    private mutating func indexOfRun(_ key: [Value]) -> Int {
        if let index = all.firstIndex(where: { isSameKey($0.run.walker.key, key) }) { return index }
        var started = rule
        started.pattern.body = rule.pattern.body.withStarts
        let walker = Walker(rule: started, key: key, evaluator: evaluator)
        all.append(Keyed(run: KeyRun(walker: walker, watchedFrom: watchedFrom)))
        return all.count - 1
    }

    private mutating func collect(_ index: Int, _ work: (inout KeyRun) -> Void) {
        let known = all[index].run.reported.count
        work(&all[index].run)
        matches += all[index].run.reported[known...].map { (index, $0) }
    }

    mutating func workDeadlines(before time: StreamTime) {
        workDeadlines { $0 < time }
    }

    mutating func workDeadlines(upTo time: StreamTime?) {
        workDeadlines { deadline in time.map { deadline <= $0 } ?? true }
    }

    /// Instant by instant; at each, key by key.
    private mutating func workDeadlines(while isDue: (StreamTime) -> Bool) {
        while let next = all.compactMap(\.run.deadline).min(), isDue(next) {
            for index in all.indices where all[index].run.deadline == next {
                collect(index) { $0.work(at: next) }
            }
        }
    }
}
