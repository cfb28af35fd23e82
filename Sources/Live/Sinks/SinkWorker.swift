// SPDX-License-Identifier: Apache-2.0
// Exercised by SinkWorkerTests.

internal import EventModel
internal import Pipeline

/// What a worker works with, beside its sink.
struct SinkSurroundings: Sendable {
    var store: any AlertStore
    var disk: any Disk
    var clock: any WallClock
    var log: LiveLog
    /// Where the dead letters go.
    var folder: String
    /// The length at which a new file of them is begun; nil: none ever is.
    var letterFileByteCount: Int64?
    var routes: AlertRoutes
    var board: SinkBoard
    /// From 0 up to 1.
    var jitter: @Sendable () -> Double = { Double.random(in: 0..<1) }
}

/// Takes alerts from the store to one sink, at the sink's own pace: one that is stuck holds up
/// nobody, and what waits for it waits in the store.
final class SinkWorker: Sendable {
    /// Alerts that are looked at at once.
    static let batchCount = 1000
    /// How often it is written down how far the sink has come.
    static let settleSpan: Int64 = 1_000_000_000
    /// How often the log says how many alerts were given up: a receiver may be away for long.
    private static let letterSpan: Int64 = 60_000_000_000

    private struct State {
        /// One more than the last alert that is in the store.
        var availableNumber: Int64 = 0
        var arrivals: ArrivalMarks
        /// Until when it may go on, once it is to stop.
        var stopsAt: Int64?
        var counters: SinkCounters
        /// The first alert that is not sent.
        var nextNumber: Int64 = 1
    }

    let name: String
    private let sink: any AlertSink
    private let options: DeliveryOptions
    private let world: SinkSurroundings
    private let state: Guarded<State>

    init(
        _ name: String, _ sink: any AlertSink, _ options: DeliveryOptions,
        in world: SinkSurroundings
    ) {
        self.name = name
        self.sink = sink
        self.options = options
        self.world = world
        state = Guarded(
            State(
                arrivals: ArrivalMarks(giveUpAfter: options.giveUpSpan?.nanoseconds),
                counters: SinkCounters(name: name)))
    }

    /// Says up to which number alerts are there.
    func announce(upTo nextNumber: Int64) {
        let now = world.clock.nanoseconds
        state.with { state in
            guard nextNumber > state.availableNumber else { return }
            state.availableNumber = nextNumber
            state.arrivals.note(before: nextNumber, at: now)
        }
    }

    /// Has the worker come to its end once everything is sent, or cannot be.
    func stop() {
        let now = world.clock.nanoseconds
        let end = options.stopSpan.map { now + $0.nanoseconds } ?? .max
        state.with { $0.stopsAt = end }
    }

    var counters: SinkCounters {
        state.with { state in
            var counters = state.counters
            counters.waiting = max(state.availableNumber - state.nextNumber, 0)
            return counters
        }
    }

    // MARK: At work

    /// What the worker's thread alone knows.
    struct Progress {
        /// The first alert that has not been looked at.
        var unread: Int64
        /// Alerts for this sink that have been looked at.
        var waiting: ArraySlice<StoredAlert> = []
        var settled: Int64
        var settledAt: Int64
        var schedule: RetrySchedule
        /// Not before this is anything tried.
        var retryAt: Int64?
        var letters: SinkDeadLetters
        var lettersToldAt: Int64?
        var untoldLetterCount = 0

        /// The first alert that is not sent.
        var next: Int64 { waiting.first?.number ?? unread }
    }

    /// Works until it is stopped.
    func run(from first: Int64) {
        var progress = begin(from: first)
        while goesOn(&progress, with: wait(progress)) {}
        end()
    }

    func begin(from first: Int64) -> Progress {
        state.with { $0.nextNumber = first }
        return Progress(
            unread: first, settled: first, settledAt: world.clock.nanoseconds,
            schedule: RetrySchedule(options),
            letters: SinkDeadLetters(
                name, in: world.folder, fileByteCount: world.letterFileByteCount, world.disk))
    }

    func end() { sink.close() }

    /// What is there to be done.
    struct Outlook {
        /// One more than the last alert that is in the store.
        var available: Int64
        var stopsAt: Int64?
    }

    /// One round; false: it was the last one.
    func goesOn(_ progress: inout Progress, with outlook: Outlook) -> Bool {
        let (available, stopsAt) = (outlook.available, outlook.stopsAt)
        let now = world.clock.nanoseconds
        let isOver = stopsAt.map { now >= $0 } ?? false
        do throws(StateError) {
            if !isOver, progress.retryAt.map({ now >= $0 }) ?? true {
                try work(&progress, available)
            }
            let isIdle = progress.next >= available
            // What has failed once is not waited for when everything is to stop.
            let isLast = stopsAt != nil && (isIdle || isOver || progress.retryAt != nil)
            let isTime = world.clock.nanoseconds - progress.settledAt >= SinkWorker.settleSpan
            if progress.next > progress.settled, isTime || isLast { try settle(&progress) }
            tellOfLetters(&progress, isLast: isLast)
            if let problem = sink.takeProblem() { tell(.warning, problem) }
            return !isLast
        } catch {
            // Of what has to last, nothing is tried again at once.
            progress.settledAt = world.clock.nanoseconds
            fail(&progress, "\(error)", retryAfter: nil)
            return stopsAt == nil
        }
    }

    /// Waits until there is something to do.
    private func wait(_ progress: Progress) -> Outlook {
        let limit = due(progress).map { max($0 - world.clock.nanoseconds, 0) }
        let found = state.wait(upTo: limit) { state in
            hasWork(progress, state) ? outlook(state) : nil
        }
        return found ?? state.with { outlook($0) }
    }

    /// What there is to do now; nil: nothing.
    func look(_ progress: Progress) -> Outlook? {
        let isDue = due(progress).map { $0 <= world.clock.nanoseconds } ?? false
        return state.with { isDue || hasWork(progress, $0) ? outlook($0) : nil }
    }

    /// When there is something to do, whether or not an alert comes; nil: never.
    func due(_ progress: Progress) -> Int64? {
        var moments: [Int64] = []
        if let retryAt = progress.retryAt { moments.append(retryAt) }
        if let due = sink.nextDue { moments.append(max(due, progress.retryAt ?? due)) }
        if progress.next > progress.settled {
            moments.append(progress.settledAt + SinkWorker.settleSpan)
        }
        if progress.untoldLetterCount > 0 {
            moments.append((progress.lettersToldAt ?? 0) + SinkWorker.letterSpan)
        }
        return moments.min()
    }

    private func hasWork(_ progress: Progress, _ state: State) -> Bool {
        let isFree = progress.retryAt == nil
        let hasSome = !progress.waiting.isEmpty || state.availableNumber > progress.unread
        return isFree && hasSome || state.stopsAt != nil
    }

    private func outlook(_ state: State) -> Outlook {
        Outlook(available: state.availableNumber, stopsAt: state.stopsAt)
    }

    private func work(_ progress: inout Progress, _ available: Int64) throws(StateError) {
        if progress.waiting.isEmpty, available > progress.unread {
            try read(&progress, available)
        }
        let now = world.clock.nanoseconds
        if !progress.waiting.isEmpty {
            let outcome = sink.send(progress.waiting, until: interruption)
            try take(outcome, &progress, available)
        } else if let due = sink.nextDue, due <= now {
            try take(sink.tend(until: interruption), &progress, available)
        } else {
            progress.retryAt = nil
        }
        let next = progress.next
        state.with {
            $0.arrivals.drop(before: next)
            $0.nextNumber = next
        }
    }

    private var interruption: Interruption {
        Interruption { [state, clock = world.clock] in
            guard let stopsAt = state.with({ $0.stopsAt }) else { return false }
            return clock.nanoseconds >= stopsAt
        }
    }

    /// Looks at the next alerts, and takes those for this sink.
    private func read(_ progress: inout Progress, _ available: Int64) throws(StateError) {
        let stored = try world.store.alerts(from: progress.unread, limit: SinkWorker.batchCount)
        let alerts = try burying(stored, &progress)
        progress.unread = stored.last.map { $0.number + 1 } ?? available
        if world.routes.isEmpty {
            progress.waiting = alerts[...]
            return
        }
        progress.waiting = []
        for alert in alerts {
            let sinks = world.routes.sinks(for: AlertContent(alert, withEvents: false))
            if sinks.contains(name) {
                progress.waiting.append(alert)
            } else if sinks.isEmpty, world.board.noteUnrouted(alert.number) {
                tell(
                    .warning,
                    "alert \(alert.number) is one that no route takes: it and others like it are "
                        + "counted, and stay in the store", isOfSink: false)
            }
        }
        let dropped = Int64(alerts.count - progress.waiting.count)
        state.with { $0.counters.passedOver += dropped }
    }

    /// Gives up those that nobody knows any more what they said; returns the others.
    private func burying(
        _ alerts: [StoredAlert], _ progress: inout Progress
    ) throws(StateError) -> [StoredAlert] {
        for alert in alerts where alert.isDamaged {
            let reason = "what `alerts.sqlite` has of alert \(alert.number) is damaged"
            try giveUp([alert], reason, &progress)
        }
        return alerts.filter { !$0.isDamaged }
    }

    private func settle(_ progress: inout Progress) throws(StateError) {
        let next = progress.next
        let cursor = try sink.settle(upTo: next)
        try world.store.setCursor(cursor, of: name)
        progress.settled = next
        progress.settledAt = world.clock.nanoseconds
    }

    // MARK: What came of it

    private func take(
        _ outcome: SendOutcome, _ progress: inout Progress, _ available: Int64
    ) throws(StateError) {
        switch outcome {
        case .sent(let count):
            progress.waiting = progress.waiting.dropFirst(count)
            state.with { $0.counters.sent += Int64(count) }
            succeed(&progress)
        case .refused(let count, let reason):
            try bury(count, reason, &progress)
            succeed(&progress)
        case .failed(let reason, let retryAfter):
            fail(&progress, reason, retryAfter: retryAfter)
            try buryOld(&progress, reason, upTo: available)
        }
    }

    private func succeed(_ progress: inout Progress) {
        let wasDown = progress.schedule.isDown
        progress.schedule.succeed()
        progress.retryAt = nil
        state.with {
            $0.counters.health = .up
            $0.counters.lastFailure = nil
        }
        if wasDown { tell(.info, "it works again") }
    }

    private func fail(_ progress: inout Progress, _ reason: String, retryAfter: Int64?) {
        let now = world.clock.nanoseconds
        let wasDown = progress.schedule.isDown
        let wait = progress.schedule.fail(at: now, asked: retryAfter, jitter: world.jitter())
        progress.retryAt = now + wait
        let isDown = progress.schedule.isDown
        let shown = TerminalText.printable(reason, upTo: 500)
        state.with {
            $0.counters.failed += 1
            $0.counters.health = isDown ? .down : .failing
            $0.counters.lastFailure = shown
        }
        if progress.schedule.failureCount == 1 {
            tell(.warning, "\(shown); it is tried again")
        } else if isDown, !wasDown {
            let count = progress.schedule.failureCount
            tell(.error, "\(shown); after \(count) failures it is tried now and then only")
        }
    }

    /// Gives up alerts that have been waiting for too long: all of them, since a receiver that is
    /// down is tried so seldom that more may come between two attempts than are looked at at once.
    private func buryOld(
        _ progress: inout Progress, _ reason: String, upTo available: Int64
    ) throws(StateError) {
        guard let limit = options.giveUpSpan?.nanoseconds else { return }
        let now = world.clock.nanoseconds
        while !interruption.isDue {
            let numbers = progress.waiting.map(\.number)
            let count = state.with { state in
                numbers.prefix { state.arrivals.age(of: $0, at: now) >= limit }.count
            }
            if count > 0 { try bury(count, reason, &progress) }
            guard progress.waiting.isEmpty, available > progress.unread else { return }
            try read(&progress, available)
        }
    }

    private func bury(
        _ count: Int, _ reason: String, _ progress: inout Progress
    ) throws(StateError) {
        try giveUp(progress.waiting.prefix(count), reason, &progress)
        progress.waiting = progress.waiting.dropFirst(count)
    }

    private func giveUp(
        _ alerts: ArraySlice<StoredAlert>, _ reason: String, _ progress: inout Progress
    ) throws(StateError) {
        try progress.letters.append(alerts, reason: reason, at: world.clock.now)
        progress.untoldLetterCount += alerts.count
        state.with { $0.counters.deadLetters += Int64(alerts.count) }
        if progress.lettersToldAt == nil {
            tell(.error, "an alert is given up: \(TerminalText.printable(reason, upTo: 500))")
        }
    }

    /// Says how many alerts were given up, at most once a minute.
    private func tellOfLetters(_ progress: inout Progress, isLast: Bool) {
        guard progress.untoldLetterCount > 0 else { return }
        let now = world.clock.nanoseconds
        let isTime = progress.lettersToldAt.map { now - $0 >= SinkWorker.letterSpan } ?? true
        guard isTime || isLast else { return }
        tell(.error, "\(progress.untoldLetterCount) alerts went to `\(progress.letters.path)`")
        progress.untoldLetterCount = 0
        progress.lettersToldAt = now
    }

    private func tell(_ level: LiveLog.Level, _ message: String, isOfSink: Bool = true) {
        world.log.write(level, isOfSink ? "sink `\(name)`: \(message)" : message)
    }
}
