// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import Engine
internal import EventModel
internal import MatchCore

/// One run of a case: an engine, and a clock that the case moves.
struct TestDrive: ~Copyable {
    private let program: RulesetProgram
    private let encoder: EventEncoder
    private var engine: RuleEngine
    private var batch: EventBatch
    private var position: Int64 = 0
    private(set) var alerts: [TestAlert] = []
    /// Events that came behind the engine's time: dropped, as with a lateness of 0.
    private(set) var lateEventCount = 0

    init(_ program: RulesetProgram) {
        self.program = program
        encoder = EventEncoder(program.decodePlan)
        engine = RuleEngine(program)
        batch = EventBatch(slotCount: program.decodePlan.slotCount)
    }

    /// Runs the whole schedule.
    ///
    /// - Parameter restartsEverywhere: whether each point where a restart may be is one.
    mutating func run(_ schedule: TestSchedule, restartsEverywhere: Bool) {
        engine.watch(from: schedule.watchedFrom)
        for action in schedule.actions {
            switch action {
            case .event(let event): send(event)
            case .restart: restart()
            case .mayRestart: if restartsEverywhere { restart() }
            }
        }
        if let until = schedule.until { engine.advance(to: until) } else { engine.drainDeadlines() }
        takeAlerts()
    }

    private mutating func send(_ event: TestEvent) {
        position += 1
        guard event.time >= engine.now else {
            lateEventCount += 1
            return
        }
        batch.removeAll()
        let isWanted = encoder.append(
            type: event.type, time: event.time, id: event.id, fields: event.fields,
            position: position, to: &batch, symbols: &engine.symbols)
        guard isWanted else { return }
        engine.apply(batch)
        takeAlerts()
    }

    private mutating func takeAlerts() {
        guard engine.hasMatches else { return }
        for match in engine.drain() {
            alerts.append(TestAlert(match, of: program.rules[match.rule]))
        }
    }

    /// Goes on in a fresh engine that knows what a snapshot tells.
    private mutating func restart() {
        let bytes = engine.snapshot()
        var fresh = RuleEngine(program)
        do {
            try fresh.restore(bytes)
        } catch {
            preconditionFailure("a snapshot just made can be restored: \(error)")
        }
        engine = fresh
    }
}
