// SPDX-License-Identifier: Apache-2.0
// Exercised by RetryScheduleTests.

internal import EventModel

/// When to try again what failed: later each time, and now and then while the receiver is down.
struct RetrySchedule {
    /// The longest wait that a receiver may ask for.
    static let longestAskedWait: Int64 = 3_600_000_000_000

    private let options: DeliveryOptions
    /// In a row.
    private(set) var failureCount = 0
    private(set) var failingSince: Int64?

    init(_ options: DeliveryOptions) { self.options = options }

    /// Whether the receiver counts as down.
    var isDown: Bool { failureCount >= options.breakerFailureCount }

    mutating func succeed() {
        failureCount = 0
        failingSince = nil
    }

    /// - Parameters:
    ///   - asked: how long the receiver wants to be left alone.
    ///   - jitter: from 0 up to 1; so that senders that failed together do not come back together.
    /// - Returns: how long to wait: from half of what is due up to all of it.
    mutating func fail(at now: Int64, asked: Int64?, jitter: Double) -> Int64 {
        failureCount += 1
        if failingSince == nil { failingSince = now }
        let longest = max(options.probeSpan.nanoseconds, 1_000_000)
        var wait = max(options.retrySpan.nanoseconds, 1_000_000)
        for _ in 1..<failureCount where wait < longest { wait *= 2 }
        wait = isDown ? longest : min(wait, longest)
        wait = wait / 2 + Int64(Double(wait / 2) * jitter)
        return max(wait, min(asked ?? 0, RetrySchedule.longestAskedWait))
    }
}

/// Since when alerts have been waiting, in steps: so that it takes little memory however many wait.
struct ArrivalMarks {
    /// How many marks a span is cut into.
    private static let markCount: Int64 = 64

    private let step: Int64
    /// Alerts before a number came at a time, or a step later.
    private var marks: [(before: Int64, at: Int64)] = []

    init(giveUpAfter span: Int64?) {
        step = max((span ?? .max) / ArrivalMarks.markCount, 1)
    }

    mutating func note(before number: Int64, at now: Int64) {
        guard number > marks.last?.before ?? .min else { return }
        if let last = marks.last, now - last.at < step {
            marks[marks.count - 1].before = number
        } else {
            marks.append((number, now))
        }
    }

    /// Forgets what is sent.
    mutating func drop(before number: Int64) {
        marks.removeFirst(marks.prefix { $0.before <= number }.count)
    }

    /// How long alert `number` has been waiting.
    func age(of number: Int64, at now: Int64) -> Int64 {
        marks.first { $0.before > number }.map { now - $0.at } ?? 0
    }
}
