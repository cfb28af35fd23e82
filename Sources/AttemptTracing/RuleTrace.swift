// SPDX-License-Identifier: Apache-2.0
// Why a rule did not fire for one value of its key: the reference matcher goes over the events of
// that key, and what it tells of its attempts is put into words. Exercised by StoryGoldenTests and
// TraceAgreementTests.

internal import Diagnostics
package import EventModel
import Oracle
package import RuleLanguage

/// A rule at work on the events of one key, to be asked afterwards.
package struct RuleTrace {
    let ruleset: CheckedRuleset
    let rule: CheckedRule
    let words: TraceWords
    /// As they were asked for.
    private let keyTexts: [String]
    private let reading: EventReading
    var evaluator: ExprEvaluator { reading.evaluator }
    /// The types that are, or may turn out to be, of the rule's.
    private let types: [Set<String>]
    var trace: KeyTrace?
    private var window: WindowTeller?
    private var windowMoment: WindowMoment?
    /// What was decided about the rule's matches, in their order.
    private(set) var fates: [MatchFate] = []
    /// Whether `fates` are handed on: what policies decide is not told otherwise.
    private var knowsFates = false
    /// The events of the key, also those that no type of the rule has in the end.
    var related: [Related] = []
    private var counts: [TypeCount] = []
    private var watchedFrom: StreamTime?
    /// A time that is of interest; nil: all are.
    private let interest: StreamTime?
    /// What there is around that time, where the engine says what the rule matches.
    private(set) var moment: MomentOfInterest?
    /// The numbers of the events with which the attempts begin that are gone over.
    private var beginnings: [(number: Int64, boundCount: Int)] = []
    private var underWay: (count: Int, hasMore: Bool)?
    private var end = StreamTime.distantPast
    private var key: [Value]?
    /// Other values of the key, for who mistypes one.
    private var otherKeys: Set<String> = []
    private static let otherKeyCap = 50_000
    /// Events of the key that were not looked at any more: `workCap`.
    private var unseenCount = 0
    private var lastSeen: StreamTime?
    /// The time of the last event up to the time of interest with which an attempt can begin, or
    /// that the window takes.
    package private(set) var lastBeginning: StreamTime?
    /// The time of the first one after it, where there is none before.
    private var firstBeginningLater: StreamTime?
    /// Without events, to ask conditions of the first step.
    private var blank: KeyTrace?
    private var notesOfMoment: [String] = []
    /// Work of attempts on events beyond which a trace goes no further.
    package static let workCap = 500_000

    struct Related {
        var event: ReadEvent
        /// In the input, from 1; nil where no type of the rule has it.
        var position: Int?
    }

    /// - Precondition: `key` has a text for each part of the rule's key.
    /// - Parameter isTold: whether it is told all matches of the rule, and which attempts are under
    ///   way at `time`; then it need not go over others.
    package init(
        _ ruleset: CheckedRuleset, _ rule: CheckedRule, key: [String], watchedFrom: StreamTime?,
        at time: StreamTime? = nil, isTold: Bool = false
    ) {
        if isTold, let time {
            moment = MomentOfInterest(rule, at: time)
            windowMoment = WindowMoment(rule, at: time)
        }
        interest = time
        self.ruleset = ruleset
        self.rule = rule
        keyTexts = key
        self.watchedFrom = watchedFrom
        reading = EventReading(ruleset)
        words = TraceWords(ruleset, rule)
        types = rule.routes.map { ruleset.incomingNames(of: $0.eventType) }
        for route in rule.routes {
            let name = words.name(route.eventType)
            guard !counts.contains(where: { $0.type == name }) else { continue }
            let type = route.eventType.map { ruleset[$0] }
            let isDerived = type.map { $0.filter != nil || !$0.patterns.isEmpty } ?? false
            counts.append(TypeCount(type: name, isDerived: isDerived))
        }
    }

    // MARK: Events

    /// Takes the next event, of whatever type and key.
    ///
    /// - Parameter number: by which matches name it; they ascend.
    package mutating func take(_ event: TracedEvent, number: Int64 = 0, isAlert: Bool = false) {
        see(event.time)
        let event = ReadEvent(reading: reading, event: event.reference)
        guard isOfKey(event) else { return }
        let isInput = key.map { self.isInput(event, $0, isAlert) } ?? false
        if let interest, isInput { note(event, interest) }
        if moment != nil {
            if moment?.take(event, number: number, isInput: isInput) == false { unseenCount += 1 }
            return
        }
        guard let key, isInput else {
            related.append(Related(event: event, position: nil))
            return
        }
        if rule.window != nil { return look(at: event, key) }
        var trace = self.trace ?? newTrace(key, from: watchedFrom ?? event.time)
        self.trace = nil
        defer { self.trace = trace }
        guard trace.workCount < RuleTrace.workCap else {
            unseenCount += 1
            return
        }
        lastSeen = event.time
        trace.work(on: event)
        related.append(Related(event: event, position: trace.input.count))
    }

    /// Notes whether an attempt can begin with an event before or after the time of interest.
    private mutating func note(_ event: ReadEvent, _ interest: StreamTime) {
        let isEarly = event.time <= interest
        guard isEarly || lastBeginning == nil && firstBeginningLater == nil, mayBegin(event) else {
            return
        }
        if isEarly { lastBeginning = event.time } else { firstBeginningLater = event.time }
    }

    /// Whether an attempt can begin with an event.
    private mutating func mayBegin(_ event: ReadEvent) -> Bool {
        let trace = blank ?? KeyTrace(rule, key: key ?? [], watchedFrom: event.time, reading)
        blank = trace
        return rule.pattern.body.entries.contains { step in
            guard event.isMember(of: step.filter.eventType) else { return false }
            guard let condition = step.filter.condition else { return true }
            return evaluator.isTrue(condition, in: trace.context([], event: event))
        }
    }

    private func newTrace(_ key: [Value], from start: StreamTime) -> KeyTrace {
        var trace = KeyTrace(rule, key: key, watchedFrom: start, reading, at: interest)
        if rule.keysFrom != nil, keyOfTable != nil { trace.open(reading) }
        return trace
    }

    /// The key asked for, if the table of `keys from` holds it.
    private var keyOfTable: [Value]? {
        guard let id = rule.keysFrom else { return nil }
        let table = ruleset.tables[id.index].contents
        for row in 0..<table.rowCount {
            let key = [table.value(row: row, column: table.keyColumn)]
            if !key[0].isMissing, isWanted(key) { return key }
        }
        return nil
    }

    private mutating func look(at event: ReadEvent, _ key: [Value]) {
        guard let length = rule.window else { return }
        var window =
            self.window
            ?? WindowTeller(
                rule, WindowTrace(rule, length, key: key, reading), at: interest,
                ConditionJudge(evaluator: evaluator, words: words))
        self.window = nil
        defer { self.window = window }
        guard window.workCount < 16 * RuleTrace.workCap else {
            unseenCount += 1
            return
        }
        lastSeen = event.time
        if windowMoment == nil {
            window.work(on: event)
            related.append(Related(event: event, position: nil))
        } else {
            windowMoment?.take(event, &window)
        }
    }

    /// Takes what was decided about the next match of the rule, of whatever key.
    package mutating func take(_ fate: MatchFate) { fates.append(fate) }

    /// Whether it wants to be told the matches of the rule, and which attempts are under way.
    package var wantsMatches: Bool { moment != nil }

    /// Takes the next match of the rule, whatever becomes of it, of whatever key.
    package mutating func take(_ match: FoundMatch, key: [Value]) {
        guard let own = self.key, isSameKey(own, key) else { return }
        moment?.take(match)
    }

    /// The events, in order, after which the attempts are under way that are of interest.
    package var eventsBeforehand: [(event: TracedEvent, number: Int64)] {
        moment?.beforehand.map { (TracedEvent($0.event.event), $0.number) } ?? []
    }

    /// Takes which attempts are the furthest after those events, the furthest first.
    ///
    /// - Parameters:
    ///   - beginnings: the numbers of their first events, and how many they have bound.
    ///   - count: how many attempts there are.
    ///   - hasMore: whether there are more than that.
    package mutating func choose(
        _ beginnings: [(number: Int64, boundCount: Int)], of count: Int, hasMore: Bool
    ) {
        self.beginnings = beginnings
        underWay = (count, hasMore)
    }

    /// Says that what is decided about all matches of the rule is handed on.
    package mutating func expectFates() { knowsFates = true }

    /// Notes that there was an event at a time.
    package mutating func see(_ time: StreamTime) {
        if watchedFrom == nil { watchedFrom = time }
        end = max(end, time)
    }

    /// Counts an event that is known to be of another key.
    ///
    /// - Parameter key: that key; nil: it lacks a field of it.
    package mutating func pass(type: String, key: String?) {
        if let key, otherKeys.count < RuleTrace.otherKeyCap { otherKeys.insert(key) }
        for index in counts.indices where isCounted(type, at: index) {
            counts[index].count += 1
            if key == nil { counts[index].lackingKey += 1 }
        }
    }

    private func isCounted(_ type: String, at index: Int) -> Bool {
        rule.routes.indices.contains { route in
            words.name(rule.routes[route].eventType) == counts[index].type
                && (rule.routes[route].eventType == nil || types[route].contains(type))
        }
    }

    private func isInput(_ event: ReadEvent, _ key: [Value], _ isAlert: Bool) -> Bool {
        rule.keys(of: event, isAlert: isAlert).contains { isSameKey($0, key) }
    }

    /// Whether an event is of the key, counted.
    private mutating func isOfKey(_ event: ReadEvent) -> Bool {
        var isOfKey = false
        var lacksKey = true
        var isCounted = false
        for (route, names) in zip(rule.routes, types) {
            guard route.eventType == nil || names.contains(event.event.type) else { continue }
            isCounted = true
            for key in keys(of: event, route) {
                lacksKey = false
                if isWanted(key) {
                    isOfKey = true
                    if self.key == nil { self.key = key }
                } else if !isOfKey, otherKeys.count < RuleTrace.otherKeyCap {
                    otherKeys.insert(key.map(\.displayText).joined(separator: ", "))
                }
            }
        }
        if isCounted { count(event.event.type, isOfKey: isOfKey, lacksKey: lacksKey) }
        return isOfKey
    }

    private mutating func count(_ type: String, isOfKey: Bool, lacksKey: Bool) {
        for index in counts.indices where isCounted(type, at: index) {
            counts[index].count += 1
            if isOfKey { counts[index].ofKey += 1 }
            if lacksKey { counts[index].lackingKey += 1 }
        }
    }

    /// The keys that a route would give an event if it were of its type.
    private func keys(of event: ReadEvent, _ route: CheckedRule.Route) -> [[Value]] {
        let values =
            route.eventType == nil
            ? route.fieldNames.map { event.value(named: $0) }
            : route.fields.map { event.uncheckedValue(of: $0) }
        var keys: [[Value]] = [[]]
        for value in values {
            let choices: [Value] = if case .list(let elements) = value { elements } else { [value] }
            keys = keys.flatMap { key in
                choices.filter { !$0.isMissing }.map { key + [$0] }
            }
        }
        return keys
    }

    private func isWanted(_ key: [Value]) -> Bool {
        zip(key, keyTexts).allSatisfy { $0.isWritten($1) }
    }

    /// The keys that events have in the input of a rule, as texts, in the order in which they come.
    package static func keys(
        of rule: CheckedRule, in ruleset: CheckedRuleset, _ events: [TracedEvent]
    ) -> [[String]] {
        if rule.key.isEmpty { return [[]] }
        let empty = RuleTrace(ruleset, rule, key: rule.key.map { _ in "" }, watchedFrom: nil)
        var result: [[String]] = []
        if let id = rule.keysFrom {
            let table = ruleset.tables[id.index].contents
            for row in 0..<table.rowCount {
                let key = table.value(row: row, column: table.keyColumn)
                if !key.isMissing, !result.contains([key.displayText]) {
                    result.append([key.displayText])
                }
            }
        }
        for event in events {
            let read = ReadEvent(reading: empty.reading, event: event.reference)
            for (route, names) in zip(rule.routes, empty.types)
            where route.eventType == nil || names.contains(event.type) {
                for key in empty.keys(of: read, route).map({ $0.map(\.displayText) })
                where !result.contains(key) {
                    result.append(key)
                }
            }
        }
        return result
    }

    // MARK: The story

    /// What became of the key.
    ///
    /// - Parameters:
    ///   - drainUntil: deadlines up to and with this time are worked off; nil: all.
    ///   - wanted: attempts that are shown, at most.
    package mutating func story(drainUntil: StreamTime?, attempts wanted: Int) -> KeyStory {
        if trace == nil, let key = keyOfTable, let watchedFrom {
            // No event of the key has come.
            trace = newTrace(key, from: watchedFrom)
            self.key = key
        }
        if let moment { goOver(moment) }
        trace?.finish(drainUntil: drainUntil, end: max(end, drainUntil ?? end))
        var story = KeyStory(
            rule: rule.name, place: "\(rule.span.file.name):\(rule.span.line)",
            key: zip(rule.key, keyTexts).map { ($0.name, $1) }, counts: counts, matches: [],
            attempts: [], attemptCount: trace?.attemptCount ?? 0,
            skippedCount: trace?.skippedCount ?? 0, notes: notes)
        story.tellsFates = knowsFates || !rule.policy.isStateful
        if rule.window != nil { return windowStory(story, drainUntil) }
        guard let trace else {
            story.moment = interest.map { .init(time: $0, isUnderWay: false) }
            story.notBegun = notBegun
            return story
        }
        let teller = AttemptTeller(self, trace, end: end)
        var fates = AlertFates(self, key: key ?? [])
        for match in trace.matches {
            var told = teller.story(match)
            if story.tellsFates {
                told.heldBack = fates.heldBack(
                    start: told.start, end: told.end, eventCount: told.bound.count,
                    trace.matchContext(match))
            }
            if trace.concerns(match) { story.matches.append(told) }
        }
        story.attempts = furthest(trace, wanted).map(teller.story)
        story.moment = interest.map { time in
            let all = story.matches + story.attempts
            let isUnderWay = all.contains { $0.start <= time && time <= $0.end }
            return .init(time: time, isUnderWay: isUnderWay)
        }
        let isTooEarly = story.moment?.isUnderWay == false && lastBeginning == nil
        if isTooEarly || trace.matches.isEmpty && story.attempts.isEmpty {
            story.notBegun = notBegun
        }
        // What is known of the moment is not known of all the time before.
        if moment != nil, !related.isEmpty, firstBeginningLater == nil {
            story.notBegun?.reasons = []
        }
        return story
    }

    /// Goes over the attempts that are of interest at a moment.
    private mutating func goOver(_ moment: MomentOfInterest) {
        guard let key, let first = moment.entries.first else { return }
        let kept = positions(in: moment)
        let start = kept.min() ?? 0
        var trace = KeyTrace(
            rule, key: key, watchedFrom: watchedFrom ?? first.event.time, reading, at: interest)
        trace.follow(
            beginnings: Set(kept), matches: moment.matchedEvents(completedFrom: start))
        var isOver = false
        for entry in moment.entries {
            related.append(Related(event: entry.event, position: entry.position))
            guard let position = entry.position else { continue }
            if position < start || isOver {
                trace.pass(entry.event)
                continue
            }
            trace.work(on: entry.event)
            lastSeen = entry.event.time
            isOver = entry.event.time > moment.time && !trace.hasAttempts
            if isOver { unseenCount = 0 }
            if trace.workCount > RuleTrace.workAtMoment {
                isOver = true
                unseenCount += 1
            }
        }
        self.trace = trace
        if let underWay, underWay.hasMore || underWay.count > kept.count, !beginnings.isEmpty {
            let all =
                underWay.hasMore
                ? "more than \(underWay.count)" : "\(underWay.count)"
            notesOfMoment = [
                "\(all) attempts were under way at \(moment.time); the furthest"
                    + " \(kept.count) were looked at"
            ]
        }
    }

    /// Work of attempts on events that a moment may cost.
    private static let workAtMoment = 1_000_000

    /// Where the attempts begin that are gone over: those chosen, as far as there is time for all
    /// that they could take; if none is under way, the last before.
    private func positions(in moment: MomentOfInterest) -> [Int] {
        var chosen = beginnings
        if beginnings.isEmpty {
            let first = rule.pattern.body.entries
            let before = moment.beforehand.reversed().lazy.filter { entry in
                entry.position != nil
                    && first.contains { entry.event.isMember(of: $0.filter.eventType) }
            }
            chosen += before.prefix(256).map { ($0.number, 1) }
        }
        let last = moment.entries.last { $0.event.time <= moment.time }?.position ?? 0
        var kept = moment.simultaneous.compactMap { moment.position(of: $0) }
        let simultaneousCount = kept.count
        var work = 0
        for (number, boundCount) in chosen {
            guard let position = moment.position(of: number) else { continue }
            // An event costs an attempt more the more it has bound.
            work += 2 * max(1, last - position) * (1 + boundCount / 32)
            if kept.count > simultaneousCount, work > RuleTrace.workAtMoment { break }
            kept.append(position)
        }
        return kept
    }

    private mutating func windowStory(_ story: KeyStory, _ drainUntil: StreamTime?) -> KeyStory {
        var story = story
        if var window {
            windowMoment?.begin(&window)
            window.finish(drainUntil: drainUntil)
            self.window = window
        }
        guard let window, let length = rule.window else {
            story.moment = interest.map { .init(time: $0, isUnderWay: false) }
            story.notBegun = notBegun
            return story
        }
        story.lookCount = window.lookCount
        var fates = AlertFates(self, key: key ?? [])
        for match in window.matches {
            var told = window.story(match, words, length)
            if story.tellsFates {
                told.heldBack = fates.heldBack(
                    start: told.start, end: told.end, eventCount: told.bound.count, match.context)
            }
            story.matches.append(told)
        }
        story.attempts = window.nearest.map { [window.story($0, words, length)] } ?? []
        // Looks at other times were left out.
        let isEmpty = story.matches.isEmpty && story.attempts.isEmpty
        story.moment = interest.map { .init(time: $0, isUnderWay: !isEmpty) }
        if isEmpty { story.notBegun = notBegun }
        return story
    }

    /// The furthest attempts, of those that share events one.
    private func furthest(_ trace: KeyTrace, _ wanted: Int) -> [KeyTrace.Attempt] {
        var result: [KeyTrace.Attempt] = []
        var used: Set<Int> = []
        for attempt in trace.attempts {
            if case .skipped = attempt.ending { continue }
            if let best = result.first, trace.concerns(best), !trace.concerns(attempt) { break }
            let positions = Set(attempt.bound.map(\.position) + [attempt.first])
            guard used.isDisjoint(with: positions) else { continue }
            used.formUnion(positions)
            result.append(attempt)
            if result.count == wanted { break }
        }
        return result
    }

    private var notBegun: KeyStory.NotBegun {
        let steps = rule.pattern.body.entries
        var result = KeyStory.NotBegun(
            lines: words.lines(of: rule.pattern.body), reasons: [], nearest: [])
        if let firstBeginningLater {
            result.reasons = ["the first that fits came later, at \(firstBeginningLater)"]
            return result
        }
        for step in steps {
            let name = words.name(step.filter.eventType)
            guard let count = counts.first(where: { $0.type == name }) else { continue }
            result.reasons.append(reason(count))
        }
        let trace = trace ?? KeyTrace(rule, key: key ?? [], watchedFrom: end, reading)
        let awaited = steps.map {
            KeyTrace.Awaited(line: words.line(of: $0), steps: [$0], count: 0, last: nil)
        }
        result.nearest = AttemptTeller(self, trace, end: end)
            .nearest(awaited, bound: [], related[...], wanted: 3)
        if related.isEmpty, !rule.key.isEmpty {
            let asked = keyTexts.joined(separator: ", ")
            if let near = Spelling.closest(to: asked, among: otherKeys.sorted()) {
                result.reasons.append("the key never appears; did you mean `\(near)`?")
            }
        }
        return result
    }

    private func reason(_ count: TypeCount) -> String {
        if count.count == 0 { return "there is no `\(count.type)` event at all" }
        let all =
            counted(count.count, count.isDerived ? "event" : "`\(count.type)` event")
            + (count.isDerived ? " that could be `\(count.type)`" : "")
        if count.ofKey > 0 { return "\(all), \(count.ofKey) of this key: none fits" }
        let lacking = count.lackingKey > 0 ? "; \(count.lackingKey) lack a key field" : ""
        return "\(all), none of this key\(lacking)"
    }

    private var notes: [String] {
        guard unseenCount > 0, let lastSeen else { return notesOfMoment }
        return notesOfMoment + [
            "the key has too many events: \(unseenCount) after \(lastSeen) were not looked at;"
                + " `--from` and `--to` narrow them"
        ]
    }
}

extension Value {
    /// Whether a command line that has `text` means this value.
    package func isWritten(_ text: String) -> Bool {
        if displayText == text { return true }
        return switch self {
        case .ip(let address): IPAddress(text) == address
        case .float(let number): Double(text) == number
        default: false
        }
    }
}

/// `1 event`, `3 events`.
func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
    "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
}

extension CheckedRuleset {
    /// The types under which an event can come in that is of a type; empty for any type.
    package func incomingNames(of type: EventTypeID?) -> Set<String> {
        guard let type else { return [] }
        var names: Set<String> = []
        var found: Set = [type]
        var waiting = [type]
        while let next = waiting.popLast() {
            names.insert(self[next].name)
            for source in self[next].sources where found.insert(source).inserted {
                waiting.append(source)
            }
            // Whoever sends a type that has this one as its one source sends this one too.
            for derived in eventTypes where self[next].isDeclared && derived.sources == [next] {
                names.insert(derived.name)
            }
        }
        return names
    }
}
