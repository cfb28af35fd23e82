// SPDX-License-Identifier: Apache-2.0

package import Automata
package import Engine
package import EventModel
internal import MatchCore
package import Oracle
internal import Pipeline
package import RuleLanguage

/// The engine as the reference matcher is called: events in, matches out.
package struct EngineSubject: Sendable {
    package let ruleset: CheckedRuleset
    package let program: RulesetProgram
    /// What runs the rules; nil: for each rule the best.
    package var backend: Backend?

    package init(_ ruleset: CheckedRuleset) {
        self.ruleset = ruleset
        program = RulesetCompiler.compile(ruleset)
    }

    /// The backends that can run every rule, each as a subject of its own.
    package func subjects(counting: Bool) -> [EngineSubject] {
        Backend.allCases.filter { backend in
            program.rules.allSatisfy { $0.obstacle(to: backend, counting: counting) == nil }
        }.map { backend in
            var subject = self
            subject.backend = backend
            return subject
        }
    }

    /// How a run is cut up; none of it may change a match.
    package struct Disturbance: Hashable, Sendable {
        /// Events a batch.
        package var batchSize = 512
        /// Snapshot and restore into a fresh engine before the event of this number.
        package var restartsBefore: Int?
        /// Whether the clock has first come as far as it can before that event.
        package var movesClock = false
        /// Engines that share the keys, each on a thread of its own.
        package var shardCount = 1

        package init() {}
    }

    package func matches(
        in events: [ReferenceEvent], watchedFrom: StreamTime, drainUntil: StreamTime?,
        _ disturbance: Disturbance = Disturbance()
    ) -> [ReferenceMatch] {
        if disturbance.shardCount > 1 {
            return shardedMatches(
                in: events, watchedFrom: watchedFrom, drainUntil: drainUntil, disturbance)
        }
        let output = MatchOutput(.matches, by: backend)
        var engine = RuleEngine(program, output: output)
        var result: [Match] = []
        let violation = run(&engine, events, watchedFrom, drainUntil, disturbance, output) {
            result += $0
        }
        return violation.map { [violated($0)] } ?? result.map(reference)
    }

    /// How many matches there are where only that is asked for; nil where a structure is broken.
    package func count(
        in events: [ReferenceEvent], watchedFrom: StreamTime,
        _ disturbance: Disturbance = Disturbance()
    ) -> Int? {
        let output = MatchOutput.count(by: backend)
        var engine = RuleEngine(program, output: output)
        guard run(&engine, events, watchedFrom, nil, disturbance, output, { _ in }) == nil else {
            return nil
        }
        return program.rules.indices.reduce(0) { $0 + engine.counters(ofRule: $1).matches }
    }

    /// What was decided about the matches of rules that keep some back.
    package func decisions(
        in events: [ReferenceEvent], watchedFrom: StreamTime, drainUntil: StreamTime?
    ) -> [AlertDecision] {
        var engine = RuleEngine(program)
        engine.notesDecisions = true
        _ = run(&engine, events, watchedFrom, drainUntil, Disturbance(), .matches) { _ in }
        return engine.takeDecisions()
    }

    /// Runs the events through an engine and hands on its matches; what is found wrong in its
    /// structures, if anything is.
    private func run(
        _ engine: inout RuleEngine, _ events: [ReferenceEvent], _ watchedFrom: StreamTime,
        _ drainUntil: StreamTime?, _ disturbance: Disturbance, _ output: MatchOutput,
        _ take: ([Match]) -> Void
    ) -> String? {
        engine.watch(from: watchedFrom)
        let encoder = EventEncoder(program.decodePlan)
        let order = EngineSubject.order(of: events)
        var batch = EventBatch(slotCount: program.decodePlan.slotCount)
        for (number, index) in order.enumerated() {
            if number == disturbance.restartsBefore {
                engine.apply(batch)
                batch.removeAll()
                if disturbance.movesClock {
                    engine.advance(to: events[index].time - TimeSpan(nanoseconds: 1))
                }
                take(engine.drain())
                restart(&engine, output)
            }
            let event = events[index]
            _ = encoder.append(
                type: event.type, time: event.time, id: event.id,
                fields: event.fields.map { ($0.name, $0.value) }, position: Int64(index),
                to: &batch, symbols: &engine.symbols)
            if batch.count == disturbance.batchSize {
                engine.apply(batch)
                batch.removeAll()
                take(engine.drain())
                if let violation = engine.violation() { return violation }
            }
        }
        engine.apply(batch)
        if let drainUntil { engine.advance(to: drainUntil) } else { engine.drainDeadlines() }
        if let violation = engine.violation() { return violation }
        take(engine.drain())
        return nil
    }

    private static func order(of events: [ReferenceEvent]) -> [Int] {
        events.indices.sorted {
            events[$0].time != events[$1].time ? events[$0].time < events[$1].time : $0 < $1
        }
    }

    private func shardedMatches(
        in events: [ReferenceEvent], watchedFrom: StreamTime, drainUntil: StreamTime?,
        _ disturbance: Disturbance
    ) -> [ReferenceMatch] {
        var engine = ShardedEngine(
            program, output: MatchOutput(.matches, by: backend),
            shardCount: disturbance.shardCount, feedNames: [],
            watchedFrom: watchedFrom)
        let encoder = EventEncoder(program.decodePlan)
        var merger = MatchMerger(shardCount: engine.shardCount)
        var result: [Match] = []
        var rest = EngineSubject.order(of: events)[...]
        while !rest.isEmpty {
            let job = engine.nextBatch()
            for index in rest.prefix(disturbance.batchSize) {
                let event = events[index]
                _ = encoder.append(
                    type: event.type, time: event.time, id: event.id,
                    fields: event.fields.map { ($0.name, $0.value) }, position: Int64(index),
                    to: &job.batch, symbols: &engine.symbols)
            }
            rest = rest.dropFirst(disturbance.batchSize)
            engine.submit(job)
            while engine.take(into: &merger, waits: rest.isEmpty || engine.isFull) {
                result += merger.takeMatches(of: program)
            }
        }
        if let drainUntil {
            engine.advance(to: drainUntil)
        } else {
            while engine.drainNextDeadlines() {}
        }
        engine.drain(into: &merger)
        result += merger.takeMatches(of: program)
        return result.map(reference)
    }

    /// A match that no reference gives, so that a broken structure shows like a wrong match.
    private func violated(_ text: String) -> ReferenceMatch {
        ReferenceMatch(
            rule: text, key: [], start: .zero, end: .zero, bound: [], completing: -1,
            isByClock: false, severity: .missing, title: .string(text),
            fields: [NamedValue(text, .missing)], labels: [])
    }

    private func restart(_ engine: inout RuleEngine, _ output: MatchOutput) {
        let bytes = engine.snapshot()
        var fresh = RuleEngine(program, output: output)
        do {
            try fresh.restore(bytes)
        } catch {
            preconditionFailure("a snapshot just made can be restored: \(error)")
        }
        precondition(fresh.snapshot() == bytes, "a restored engine holds the same")
        engine = fresh
    }

    private func reference(_ match: Match) -> ReferenceMatch {
        let bound = match.steps.map { $0.map { Int($0.position) } }
        let last = match.steps.joined().max { $0.arrival < $1.arrival }
        var reference = ReferenceMatch(
            rule: program.rules[match.rule].name, key: match.key, start: match.start,
            end: match.end, bound: bound, completing: last.map { Int($0.position) } ?? -1,
            isByClock: match.isByClock, severity: .string(match.severity),
            title: .string(match.title),
            fields: match.fields.map { NamedValue($0.name, $0.value) },
            labels: match.labels.map { NamedValue($0.name, $0.value) })
        reference.moment = match.moment
        reference.isResolved = match.status == .resolved
        reference.suppressed = match.suppressed
        reference.limited = match.limited
        reference.excepted = match.excepted
        if last == nil, program.rules[match.rule].keysFrom >= 0 {
            reference.completing = ReferenceMatch.opening
        }
        if reference.isResolved { reference.completing = 0 }
        return reference
    }
}
