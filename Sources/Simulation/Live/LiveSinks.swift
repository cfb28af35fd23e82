// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Live

/// The sinks of one life: a file that is rotated often, and a receiver far away.
struct LiveSinks {
    static let output = "out/alerts.jsonl"
    static let far = "far"

    private let file: SteppedSink
    private let far: SteppedSink
    private let clock: SimulatedClock

    /// - Parameters:
    ///   - span: how long an alert waits for the receiver; nil: for ever.
    ///   - letterFileByteCount: the length at which a new file of dead letters is begun.
    init(
        _ options: FileSinkOptions, to receiver: SimulatedReceiver, giveUpAfter span: TimeSpan?,
        letterFileByteCount: Int64?, _ store: SimulatedAlertStore, _ disk: SimulatedDisk,
        _ clock: SimulatedClock
    ) throws(StateError) {
        self.clock = clock
        let cursor = try store.cursor(of: "out")
        let output = try FileAlertSink(
            options, disk, clock: clock, cursor: cursor,
            note: { (cursor: LineCursor) throws(StateError) in
                try store.setCursor(cursor, of: "out")
                try store.sync()
            })
        file = SteppedSink(
            "out", output, .local, from: cursor?.nextNumber ?? 1, store: store, disk: disk,
            clock: clock, folder: "state")
        var delivery = DeliveryOptions()
        delivery.giveUpSpan = span
        far = SteppedSink(
            LiveSinks.far, SimulatedSink(to: receiver, clock), delivery,
            from: try store.cursor(of: LiveSinks.far)?.nextNumber ?? 1, store: store, disk: disk,
            clock: clock, folder: "state", letterFileByteCount: letterFileByteCount)
    }

    /// Sends what goes at this moment.
    func work(upTo next: Int64) {
        for sink in [file, far] {
            sink.announce(upTo: next)
            sink.work()
        }
    }

    /// Sends everything, however long that takes; gives what is wrong with that.
    ///
    /// - Parameter heal: has the receiver far away be well from then on.
    func finish(upTo next: Int64, heal: () -> Void) -> String? {
        file.announce(upTo: next)
        if let problem = finish([file]) { return problem }
        // It is not held up by one that may be down for good.
        if file.counters.waiting > 0 { return "the file waits for the receiver" }
        heal()
        far.announce(upTo: next)
        return finish([file, far])
    }

    private func finish(_ sinks: [SteppedSink]) -> String? {
        for _ in 0..<100_000 {
            for sink in sinks { sink.work() }
            if sinks.contains(where: { $0.heldCount > SteppedSink.heldCap }) {
                return "a sink holds more alerts than it may"
            }
            guard let due = sinks.compactMap(\.dueAt).min() else {
                let isOver = sinks.allSatisfy { $0.counters.waiting == 0 }
                return isOver ? nil : "a sink has nothing to do, and has not sent everything"
            }
            clock.advance(toNanoseconds: due)
        }
        return "a sink comes to no end"
    }
}

extension LiveSinks {
    /// The alerts that the way to the receiver has given up, as far as they are kept.
    static func givenUp(_ disk: SimulatedDisk) -> Set<String> {
        let path = SteppedSink.deadLetterPath(LiveSinks.far, in: "state")
        let text = String(decoding: disk.readAll(of: path), as: UTF8.self)
        var alerts: Set<String> = []
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\"alert\":", maxSplits: 1)
            if parts.count == 2 { alerts.insert(String(parts[1].dropLast())) }
        }
        return alerts
    }
}
