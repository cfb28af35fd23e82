// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import GRDB
import RuleLanguage
import Testing

@testable import Live

/// A sink that does as it is told.
private final class ScriptedSink: AlertSink {
    struct State {
        var script: [SendOutcome] = []
        var otherwise = SendOutcome.sent(.max)
        /// The numbers of the first alerts of all attempts.
        var attempts: [Int64] = []
        var sent: [Int64] = []
        var hasClosed = false
    }

    let state: Guarded<State>

    init(_ script: [SendOutcome] = [], otherwise: SendOutcome = .sent(.max)) {
        state = Guarded(State(script: script, otherwise: otherwise))
    }

    func send(_ alerts: ArraySlice<StoredAlert>, until interruption: Interruption) -> SendOutcome {
        state.with { state in
            state.attempts.append(alerts.first?.number ?? 0)
            let outcome = state.script.isEmpty ? state.otherwise : state.script.removeFirst()
            guard case .sent(let count) = outcome else { return outcome }
            let sent = alerts.prefix(count)
            state.sent += sent.map(\.number)
            return .sent(sent.count)
        }
    }

    func close() { state.with { $0.hasClosed = true } }

    var sent: [Int64] { state.with { $0.sent } }

    func waitForSent(_ count: Int) -> Bool {
        state.wait(upTo: 10_000_000_000) { $0.sent.count >= count ? true : nil } ?? false
    }
}

/// A sink that never comes back until it is told to.
private final class StuckSink: AlertSink {
    let isAsked = Guarded(false)

    func send(_ alerts: ArraySlice<StoredAlert>, until interruption: Interruption) -> SendOutcome {
        isAsked.with { $0 = true }
        while !interruption.isDue { _ = isAsked.wait(upTo: 1_000_000) { _ in nil as Bool? } }
        return .failed(reason: "stuck")
    }
}

@Suite struct SinkWorkerTests {
    private let folder: ScratchFolder
    private let store: SQLiteAlertStore
    private let messages = Guarded<[String]>([])

    init() throws {
        folder = try ScratchFolder()
        store = try SQLiteAlertStore(path: "\(folder.path)/alerts.sqlite")
    }

    private func add(_ numbers: ClosedRange<Int64>, severity: String = "high") throws {
        var lines = NumberedLines(firstNumber: numbers.lowerBound)
        for number in numbers {
            lines.bytes += "{\"id\":\"a\(number)\",\"severity\":\"\(severity)\"}\n".utf8
            lines.endLine()
        }
        try store.append(lines)
    }

    private func world(_ routes: AlertRoutes = AlertRoutes()) -> SinkSurroundings {
        let messages = messages
        return SinkSurroundings(
            store: store, disk: SystemDisk(), clock: SystemClock(),
            log: LiveLog { level, text in messages.with { $0.append("\(level.rawValue) \(text)") }
            },
            folder: folder.path, routes: routes, board: SinkBoard(), jitter: { 0 })
    }

    private var quick: DeliveryOptions {
        var options = DeliveryOptions()
        options.retrySpan = TimeSpan(milliseconds: 2)
        options.probeSpan = TimeSpan(milliseconds: 4)
        options.breakerFailureCount = 3
        options.stopSpan = TimeSpan(milliseconds: 100)
        return options
    }

    /// Runs a worker until `body` has come back and the worker has stopped.
    private func run(
        _ sink: any AlertSink, _ options: DeliveryOptions? = nil, upTo next: Int64,
        _ routes: AlertRoutes = AlertRoutes(), from first: Int64 = 1,
        _ body: (SinkWorker) -> Void = { _ in }
    ) throws -> SinkCounters {
        let worker = SinkWorker("out", sink, options ?? quick, in: world(routes))
        let thread = try WorkerThread { worker.run(from: first) }
        worker.announce(upTo: next)
        body(worker)
        worker.stop()
        thread.join()
        return worker.counters
    }

    @Test func whatFailsIsTriedAgainInOrder() throws {
        try add(1...4)
        let sink = ScriptedSink([
            .sent(1), .failed(reason: "no"), .failed(reason: "no"), .failed(reason: "no"), .sent(2),
        ])
        let counters = try run(sink, upTo: 5) { _ in #expect(sink.waitForSent(4)) }
        #expect(sink.sent == [1, 2, 3, 4])
        #expect(sink.state.with { $0.attempts } == [1, 2, 2, 2, 2, 4])
        #expect(sink.state.with { $0.hasClosed })
        #expect(try store.cursor(of: "out") == LineCursor(nextNumber: 5))
        #expect(counters.sent == 4 && counters.failed == 3 && counters.waiting == 0)
        #expect(counters.health == .up && counters.lastFailure == nil)
        #expect(
            messages.with { $0 } == [
                "warning sink `out`: no; it is tried again",
                "error sink `out`: no; after 3 failures it is tried now and then only",
                "info sink `out`: it works again",
            ])
    }

    @Test func anAlertWithAWrongBitIsGivenUpAndSaidSo() throws {
        try add(1...3)
        try store.queue.write {
            try $0.execute(
                sql: "UPDATE alerts SET alert = replace(alert, 'a2', 'a3') WHERE number = 2")
        }
        let sink = ScriptedSink()
        let counters = try run(sink, upTo: 4) { _ in #expect(sink.waitForSent(2)) }
        #expect(sink.sent == [1, 3])
        #expect(counters.sent == 2 && counters.deadLetters == 1 && counters.waiting == 0)
        let path = SinkDeadLetters.path("out", in: folder.path)
        let letters = String(decoding: try SystemDisk().read(path), as: UTF8.self)
        #expect(
            letters.hasSuffix(
                #""reason":"what `alerts.sqlite` has of alert 2 is damaged","#
                    + #""alert":"{\"id\":\"a3\",\"severity\":\"high\"}"}"# + "\n"))
        #expect(
            messages.with { $0 } == [
                "error sink `out`: an alert is given up: what `alerts.sqlite` has of alert 2 is "
                    + "damaged", "error sink `out`: 1 alerts went to `\(path)`",
            ])
    }

    @Test func whatWaitsAtTheEndIsSentByTheNextLife() throws {
        try add(1...3)
        let down = ScriptedSink([.sent(1)], otherwise: .failed(reason: "down"))
        let counters = try run(down, upTo: 4) { _ in #expect(down.waitForSent(1)) }
        #expect(counters.waiting == 2)
        let cursor = try #require(try store.cursor(of: "out"))
        #expect(cursor.nextNumber == 2)
        let up = ScriptedSink()
        _ = try run(up, upTo: 4, from: cursor.nextNumber) { _ in #expect(up.waitForSent(2)) }
        #expect(up.sent == [2, 3])
    }

    @Test func aDeadLetterThatACrashCutOffIsWrittenAnew() throws {
        try add(1...1)
        let whole = "{\"sink\":\"out\",\"alert\":{}}\n"
        let file = try SystemDisk().openForAppending("\(folder.path)/dead-letters-out.jsonl")
        try file.append(Array((whole + "{\"sink\":\"out\",\"al").utf8))
        let sink = ScriptedSink([.refused(1, reason: "no")])
        let counters = try run(sink, upTo: 2)
        #expect(counters.deadLetters == 1)
        let lines = try folder.text(of: "dead-letters-out.jsonl").split(separator: "\n")
        #expect(lines.count == 2 && lines.first.map(String.init) == String(whole.dropLast()))
        #expect(lines.last?.hasPrefix("{\"time\":") == true)
    }

    @Test func anAlertThatIsRefusedGoesToTheDeadLetters() throws {
        try add(1...3)
        let sink = ScriptedSink([.sent(1), .refused(1, reason: "bad \"one\"")])
        let counters = try run(sink, upTo: 4) { _ in #expect(sink.waitForSent(2)) }
        #expect(sink.sent == [1, 3])
        #expect(counters.deadLetters == 1 && counters.failed == 0)
        let letters = try folder.text(of: "dead-letters-out.jsonl")
        #expect(
            letters.hasSuffix(
                "\"sink\":\"out\",\"reason\":\"bad \\\"one\\\"\",\"alert\":"
                    + "{\"id\":\"a2\",\"severity\":\"high\"}}\n"))
        #expect(
            messages.with { $0 } == [
                "error sink `out`: an alert is given up: bad \"one\"",
                "error sink `out`: 1 alerts went to `\(folder.path)/dead-letters-out.jsonl`",
            ])
    }

    @Test func anAlertThatWaitsTooLongIsGivenUp() throws {
        try add(1...2)
        var options = quick
        options.giveUpSpan = TimeSpan(milliseconds: 30)
        let sink = ScriptedSink(otherwise: .failed(reason: "down"))
        let counters = try run(sink, options, upTo: 3) { worker in
            let end = SystemClock().nanoseconds + 10_000_000_000
            while worker.counters.deadLetters < 2, SystemClock().nanoseconds < end {
                _ = sink.state.wait(upTo: 1_000_000) { _ in nil as Bool? }
            }
        }
        #expect(counters.deadLetters == 2 && counters.waiting == 0)
        #expect(try store.cursor(of: "out")?.nextNumber == 3)
    }

    /// A receiver that is down is tried seldom, and more alerts than go into one look wait for it.
    @Test func allThatWaitTooLongAreGivenUpAtOnce() throws {
        try add(1...2500)
        var options = quick
        options.giveUpSpan = TimeSpan(milliseconds: 1)
        (options.retrySpan, options.probeSpan) = (TimeSpan(milliseconds: 50), TimeSpan(seconds: 60))
        options.breakerFailureCount = 2
        let sink = ScriptedSink(otherwise: .failed(reason: "down"))
        let counters = try run(sink, options, upTo: 2501) { worker in
            let end = SystemClock().nanoseconds + 10_000_000_000
            while worker.counters.deadLetters < 2500, SystemClock().nanoseconds < end {
                _ = sink.state.wait(upTo: 1_000_000) { _ in nil as Bool? }
            }
        }
        #expect(counters.deadLetters == 2500)
        #expect(sink.state.with { $0.attempts.count } <= 3)
    }

    @Test func aStuckSinkHoldsUpNoOtherAndStopsInTime() throws {
        try add(1...2)
        let (stuck, free) = (StuckSink(), ScriptedSink())
        let first = SinkWorker("stuck", stuck, quick, in: world())
        let second = SinkWorker("free", free, quick, in: world())
        let threads = [
            try WorkerThread { first.run(from: 1) }, try WorkerThread { second.run(from: 1) },
        ]
        for worker in [first, second] { worker.announce(upTo: 3) }
        #expect(free.waitForSent(2))
        #expect(stuck.isAsked.wait(upTo: 10_000_000_000) { $0 ? true : nil } == true)
        let stoppedAt = SystemClock().nanoseconds
        for worker in [first, second] { worker.stop() }
        for thread in threads { thread.join() }
        #expect(SystemClock().nanoseconds - stoppedAt < 5_000_000_000)
        #expect(first.counters.waiting == 2 && second.counters.waiting == 0)
    }

    @Test func aSinkGetsWhatItsRoutesLeadToIt() throws {
        try add(1...2, severity: "low")
        try add(3...4)
        let condition = AlertCondition.check(SourceFile(name: "if", text: "severity >= high"))
        let routes = AlertRoutes([
            AlertRoute(condition: condition.condition, sinks: ["out"])
        ])
        let sink = ScriptedSink()
        let counters = try run(sink, upTo: 5, routes) { _ in #expect(sink.waitForSent(2)) }
        #expect(sink.sent == [3, 4])
        #expect(counters.passedOver == 2 && counters.sent == 2)
        #expect(
            messages.with { $0 } == [
                "warning alert 1 is one that no route takes: it and others like it are counted, "
                    + "and stay in the store"
            ])
    }
}
