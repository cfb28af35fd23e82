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

    /// What one run of a matcher is about.
    private struct Question {
        var watchedFrom: StreamTime
        var drainUntil: StreamTime?
    }

    /// All alerts and notices of a rule, in the order in which they come.
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
        let question = Question(watchedFrom: watchedFrom, drainUntil: drainUntil)
        return alerts(of: rule, number: 0, in: sequence(of: events), question).map(\.match)
    }

    /// All alerts and notices of all rules, in the order in which they come.
    package func allMatches(
        in events: [ReferenceEvent], watchedFrom: StreamTime, drainUntil: StreamTime?
    ) -> [ReferenceMatch] {
        let question = Question(watchedFrom: watchedFrom, drainUntil: drainUntil)
        var sequence = sequence(of: events)
        var all: [(place: OutputPlace, match: ReferenceMatch)] = []
        for rank in 0...(ruleset.rules.map(\.rank).max() ?? 0) {
            var fed: [PlacedEvent] = []
            for (number, rule) in ruleset.rules.enumerated() where rule.rank == rank {
                let found = alerts(of: rule, number: number, in: sequence, question)
                if !rule.onlyEmits { all += found }
                guard isRead(rule) else { continue }
                for alert in found where !alert.match.isResolved {
                    let known = sequence.count { $0.isAlert } + fed.count
                    fed.append(
                        PlacedEvent(
                            event: event(of: alert.match, rule), place: alert.place,
                            index: -1 - known))
                }
            }
            sequence = (sequence + fed).sorted { $0.place < $1.place }
        }
        return renumbered(ordered(all).map(\.match), sequence)
    }

    private func sequence(of events: [ReferenceEvent]) -> [PlacedEvent] {
        let order = events.indices.sorted { (events[$0].time, $0) < (events[$1].time, $1) }
        return order.enumerated().map { number, index in
            PlacedEvent(
                event: events[index],
                place: OutputPlace(time: events[index].time, group: 0, number: number),
                index: index)
        }
    }

    // MARK: Alerts as events

    /// Whether a rule reads the alerts, by the rule's name or as `alert`.
    private func isRead(_ rule: CheckedRule) -> Bool {
        guard let type = rule.alertType else { return false }
        return ruleset.rules.flatMap(\.routes).compactMap(\.eventType).contains { read in
            read == type || ruleset[read].sources.contains(type)
        }
    }

    private func event(of match: ReferenceMatch, _ rule: CheckedRule) -> ReferenceEvent {
        var fields = [
            NamedValue("rule", .string(rule.name)),
            NamedValue("severity", match.severity.isMissing ? .string("medium") : match.severity),
            NamedValue("tags", .list(rule.tags.map(Value.string))),
            NamedValue("title", match.title),
            NamedValue("start", .time(match.start)), NamedValue("end", .time(match.end)),
        ]
        // Of two of one name the last counts.
        fields += zip(rule.key, match.key).map { NamedValue($0.name, $1) } + match.fields
        return ReferenceEvent(type: rule.name, time: match.end, id: "alert", fields: fields)
    }

    /// Alerts by their number among all that were events, in order, from -1 down.
    private func renumbered(
        _ matches: [ReferenceMatch], _ sequence: [PlacedEvent]
    ) -> [ReferenceMatch] {
        var numbers: [Int: Int] = [:]
        for event in sequence where event.isAlert { numbers[event.index] = -1 - numbers.count }
        return matches.map { match in
            // A look at a window that no event brought binds none.
            if match.bound.allSatisfy(\.isEmpty) { return match }
            var match = match
            match.bound = match.bound.map { $0.map { numbers[$0] ?? $0 } }
            match.completing = numbers[match.completing] ?? match.completing
            return match
        }
    }

    // MARK: One rule

    /// What comes out of a rule, with its place in the order of all that does.
    private func alerts(
        of rule: CheckedRule, number: Int, in sequence: [PlacedEvent], _ question: Question
    ) -> [(place: OutputPlace, match: ReferenceMatch)] {
        let (matches, resolutions) =
            rule.window.map { found(rule, $0, number, sequence, question) }
            ?? found(rule, number, sequence, question)
        var policy = ReferencePolicy(rule.policy, rule: number)
        policy.run(
            matches,
            resolutions.map {
                PolicyResolution(
                    place: sequence[$0.rank].place.behind(
                        .init(rule: number, key: $0.keyRank, isMatch: false)), key: $0.key)
            }, until: question.drainUntil)
        return ordered(policy.output)
    }

    /// Events of `resolve on` by rank, and their keys.
    private typealias Resolutions = [(rank: Int, keyRank: Int, key: [Value])]

    private func found(
        _ rule: CheckedRule, _ number: Int, _ sequence: [PlacedEvent], _ question: Question
    ) -> ([PolicyMatch], Resolutions) {
        var runs = Runs(
            rule: rule, watchedFrom: question.watchedFrom, evaluator: reading.evaluator)
        if let table = rule.keysFrom { runs.open(ruleset.tables[table.index].contents, reading) }
        for (rank, placed) in sequence.enumerated() {
            let event = ReadEvent(reading: reading, event: placed.event)
            runs.workDeadlines(before: event.time)
            runs.work(on: event, rank: rank, isAlert: placed.isAlert)
        }
        runs.workDeadlines(upTo: question.drainUntil)
        let matches = runs.matches.enumerated().map { offset, reported in
            let (candidate, keyed) = (reported.candidate, runs.all[reported.run])
            let last = candidate.bound[candidate.bound.count - 1].position - 1
            let link = OutputPlace.Link(
                rule: number, key: keyed.keyRanks[last], isMatch: true, number: offset)
            return policyMatch(
                match(candidate, keyed, sequence), rule, keyed.run.context(candidate),
                place(
                    link, behind: keyed.event(at: last, of: sequence), of: rule,
                    clock: candidate.isByClock ? candidate.end : nil))
        }
        return (matches, runs.resolutions)
    }

    /// - Parameter clock: the time, of what the clock completes; nil: the event completes it.
    private func place(
        _ link: OutputPlace.Link, behind event: PlacedEvent, of rule: CheckedRule,
        clock: StreamTime?
    ) -> OutputPlace {
        guard let clock else { return event.place.behind(link) }
        var link = link
        link.completing = [event.place]
        return OutputPlace(time: clock, group: 1 + rule.rank, number: 0).behind(link)
    }

    /// A window that closes is looked at then, before the events of that time.
    private func place(
        _ link: OutputPlace.Link, behind event: PlacedEvent, atEndOfWindow end: StreamTime
    ) -> OutputPlace {
        var link = link
        link.completing = [event.place]
        return OutputPlace(time: end, group: OutputPlace.windowEnds, number: 0).behind(link)
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
        _ sequence: [PlacedEvent], _ question: Question
    ) -> ([PolicyMatch], Resolutions) {
        var runs = WindowRuns(rule: rule, window: window, evaluator: reading.evaluator)
        for (rank, placed) in sequence.enumerated() {
            let event = ReadEvent(reading: reading, event: placed.event)
            runs.workDeadlines { $0 < event.time }
            runs.work(on: event, rank: rank, isAlert: placed.isAlert)
        }
        runs.workDeadlines { deadline in question.drainUntil.map { deadline <= $0 } ?? true }
        let matches = runs.matches.enumerated().map { offset, reported in
            let (look, keyed) = (reported.look, runs.all[reported.run])
            let last = look.held[look.held.count - 1]
            let link = OutputPlace.Link(
                rule: number, key: keyed.keyRanks[last], isMatch: true, number: offset)
            let newest = sequence[keyed.ranks[last]]
            let isOfEnd = !look.isByClock && !look.isOfEvent
            return policyMatch(
                match(look, keyed.run, newest.index), rule, look.context,
                isOfEnd
                    ? place(link, behind: newest, atEndOfWindow: look.end)
                    : place(link, behind: newest, of: rule, clock: look.isByClock ? look.end : nil))
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
        _ candidate: Candidate, _ keyed: Runs.Keyed, _ sequence: [PlacedEvent]
    ) -> ReferenceMatch {
        let rule = keyed.run.rule
        let context = keyed.run.context(candidate)
        func value(_ expr: Expr) -> Value { reading.evaluator.evaluate(expr, in: context) }
        var bound = Array(repeating: [Int](), count: rule.steps.count)
        for binding in candidate.bound
        where !keyed.run.walker.input[binding.position - 1].isOpening {
            bound[binding.step.index].append(
                sequence[keyed.ranks[binding.position - 1]].index)
        }
        let last = candidate.bound[candidate.bound.count - 1].position - 1
        return ReferenceMatch(
            rule: rule.name, key: keyed.run.walker.key,
            start: keyed.run.walker.time(candidate.bound[0].position), end: candidate.end,
            bound: bound,
            completing: keyed.event(at: last, of: sequence).index,
            isByClock: candidate.isByClock,
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

        /// An event of the input; an opening stands before all that come in.
        func event(at index: Int, of sequence: [PlacedEvent]) -> PlacedEvent {
            let read = run.walker.input[index]
            guard read.isOpening else { return sequence[ranks[index]] }
            return PlacedEvent(
                event: read.event,
                place: OutputPlace(time: .distantPast, group: 0, number: -1),
                index: ReferenceMatch.opening)
        }
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

    mutating func work(on event: ReadEvent, rank: Int, isAlert: Bool) {
        for (keyRank, key) in rule.keys(of: event, isAlert: isAlert).enumerated() {
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

    /// Begins an attempt of each key of a table, in the order of its rows.
    mutating func open(_ table: LookupTable, _ reading: EventReading) {
        for row in 0..<table.rowCount {
            let key = table.value(row: row, column: table.keyColumn)
            let known = all.count
            if key.isMissing || indexOfRun([key]) < known { continue }
            all[known].ranks.append(-1)
            all[known].keyRanks.append(row)
            collect(known) { $0.open(reading) }
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
