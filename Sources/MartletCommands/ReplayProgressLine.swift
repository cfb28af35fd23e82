// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Pipeline

/// One line on a terminal that says how far a long replay is.
struct ReplayProgressLine {
    /// A line that is sooner replaced than read is none.
    private static let interval: Int64 = 250_000_000
    private static let firstAfter: Int64 = 1_000_000_000

    private let isShown: Bool
    private let start: Int64
    private var next: Int64
    private var isOnScreen = false

    init(isShown: Bool) {
        self.isShown = isShown
        start = Surroundings.nanoseconds
        next = start + ReplayProgressLine.firstAfter
    }

    mutating func update(_ session: borrowing ReplaySession) {
        guard isShown else { return }
        let now = Surroundings.nanoseconds
        guard now >= next else { return }
        next = now + ReplayProgressLine.interval
        isOnScreen = true
        let text = ReplayProgressLine.text(session.progress, nanoseconds: now - start)
        // Back to the line's start, and what was there before goes.
        _ = CommandOutcome(errors: "\r\u{1b}[K\(text)").write()
    }

    mutating func clear() {
        if isOnScreen { _ = CommandOutcome(errors: "\r\u{1b}[K").write() }
        isOnScreen = false
    }

    /// `12,345,678 events, 1,234,567 a second, 45 %, 678 alerts`.
    static func text(_ progress: ReplaySession.Progress, nanoseconds: Int64) -> String {
        let rate = Double(progress.events) * 1e9 / Double(max(nanoseconds, 1))
        var parts = [
            "\(ReplayReport.grouped(progress.events)) events",
            "\(ReplayReport.grouped(Int(rate))) a second",
        ]
        if let percent = progress.percent { parts.append("\(percent) %") }
        parts.append("\(ReplayReport.grouped(progress.alerts)) alerts")
        return parts.joined(separator: ", ")
    }
}
