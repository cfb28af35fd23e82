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
        ordered(found(rule, events, watchedFrom, drainUntil).map { (0, $0) })
    }

    /// All matches of all rules, in the order in which their alerts come.
    package func allMatches(
        in events: [ReferenceEvent], watchedFrom: StreamTime, drainUntil: StreamTime?
    ) -> [ReferenceMatch] {
        let all = ruleset.rules.enumerated().flatMap { index, rule in
            found(rule, events, watchedFrom, drainUntil).map { (index, $0) }
        }
        return ordered(all)
    }

    /// A match with what the order of alerts asks.
    private struct Found {
        var match: ReferenceMatch
        /// Of the completing event, in order of time and arrival.
        var completingRank: Int
        /// Of the key, among those of the completing event.
        var keyRank: Int
    }

    private func ordered(_ all: [(rule: Int, found: Found)]) -> [ReferenceMatch] {
        func precedes(_ a: (rule: Int, found: Found), _ b: (rule: Int, found: Found)) -> Bool {
            let (x, y) = (a.found.match, b.found.match)
            if x.end != y.end { return x.end < y.end }
            if x.isByClock != y.isByClock { return y.isByClock }
            if a.found.completingRank != b.found.completingRank {
                return a.found.completingRank < b.found.completingRank
            }
            if a.rule != b.rule { return a.rule < b.rule }
            return a.found.keyRank < b.found.keyRank
        }
        // Made stable by the index: what is equal stays as reported.
        return all.enumerated().sorted { a, b in
            if precedes(a.element, b.element) { return true }
            return precedes(b.element, a.element) ? false : a.offset < b.offset
        }.map(\.element.found.match)
    }

    private func found(
        _ rule: CheckedRule, _ events: [ReferenceEvent], _ watchedFrom: StreamTime,
        _ drainUntil: StreamTime?
    ) -> [Found] {
        let order = events.indices.sorted { (events[$0].time, $0) < (events[$1].time, $1) }
        var runs = Runs(rule: rule, watchedFrom: watchedFrom, evaluator: reading.evaluator)
        for (rank, index) in order.enumerated() {
            let event = ReadEvent(reading: reading, event: events[index])
            runs.workDeadlines(before: event.time)
            runs.work(on: event, rank: rank)
        }
        runs.workDeadlines(upTo: drainUntil)
        return runs.matches.map { run, candidate in
            let last = candidate.bound[candidate.bound.count - 1].position - 1
            return Found(
                match: match(candidate, runs.all[run], order),
                completingRank: runs.all[run].ranks[last],
                keyRank: runs.all[run].keyRanks[last])
        }
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
