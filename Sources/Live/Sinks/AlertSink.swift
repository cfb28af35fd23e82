// SPDX-License-Identifier: Apache-2.0

/// Whether a sink that is at work should leave off; asked now and then while it waits.
package struct Interruption: Sendable {
    private let body: @Sendable () -> Bool

    package init(_ body: @escaping @Sendable () -> Bool) { self.body = body }

    package var isDue: Bool { body() }
}

/// What came of an attempt to send alerts.
package enum SendOutcome: Hashable, Sendable {
    /// The first so many are where they belong.
    case sent(Int)
    /// The first so many are refused for good: they will never be taken as they are.
    case refused(Int, reason: String)
    /// None was taken, and the same may succeed later; not before as many nanoseconds, if the
    /// receiver said so.
    case failed(reason: String, retryAfter: Int64? = nil)
}

/// Where alerts go. One thread at a time uses it.
package protocol AlertSink: AnyObject, Sendable {
    /// Tries once to send the first of some alerts, as many as go at once.
    func send(_ alerts: ArraySlice<StoredAlert>, until interruption: Interruption) -> SendOutcome
    /// Has everything before an alert be sent for good.
    func settle(upTo next: Int64) throws(StateError) -> LineCursor
    /// What was not as it should be, once; for the log.
    func takeProblem() -> String?

    /// When there is something to do for it although no alert has come: nanoseconds of the clock
    /// that nobody sets; nil: never.
    var nextDue: Int64? { get }
    /// Does that.
    func tend(until interruption: Interruption) -> SendOutcome
    /// Whether it wants to know at its start what is still open.
    var recallsOpenAlerts: Bool { get }
    /// Says which alerts were sent before and are not resolved yet.
    func recall(_ open: [StoredAlert])
    /// Lets go of what it holds; nothing is sent any more.
    func close()
}

extension AlertSink {
    package func settle(upTo next: Int64) throws(StateError) -> LineCursor {
        LineCursor(nextNumber: next)
    }
    package func takeProblem() -> String? { nil }
    package var nextDue: Int64? { nil }
    package func tend(until interruption: Interruption) -> SendOutcome { .sent(0) }
    package var recallsOpenAlerts: Bool { false }
    package func recall(_ open: [StoredAlert]) {}
    package func close() {}
}

/// Makes the sinks that need the network.
package typealias NetworkSinkFactory =
    @Sendable (
        _ sink: SinkConfiguration, _ clock: any WallClock
    ) throws(StateError) -> any AlertSink

/// Standard output: after a crash the last alerts may come again.
final class StandardOutputSink: AlertSink {
    private let write: @Sendable ([UInt8]) throws(StateError) -> Void
    /// How alerts are written for people; nil: a JSON object a line.
    private let readable: OutputTerminal?

    /// - Parameter terminal: what standard output is, if it is a terminal.
    init(
        _ form: StandardOutputForm, on terminal: OutputTerminal?,
        write: @escaping @Sendable ([UInt8]) throws(StateError) -> Void
    ) {
        let isReadable = form == .human || (form == .automatic && terminal != nil)
        readable = isReadable ? terminal ?? OutputTerminal(isColoured: false) : nil
        self.write = write
    }

    func send(_ alerts: ArraySlice<StoredAlert>, until interruption: Interruption) -> SendOutcome {
        var count = 0
        for alert in alerts {
            do throws(StateError) {
                try write(Array(text(of: alert).utf8) + [0x0a])
            } catch {
                return count > 0 ? .sent(count) : .failed(reason: "\(error)")
            }
            count += 1
        }
        return .sent(count)
    }

    private func text(of alert: StoredAlert) -> String {
        guard let readable else { return alert.json }
        return AlertText.block(
            AlertContent(alert, withEvents: false), colour: readable.isColoured)
    }
}
