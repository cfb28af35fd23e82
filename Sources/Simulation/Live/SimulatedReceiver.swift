// SPDX-License-Identifier: Apache-2.0
// Exercised by LiveCrashTests.

internal import EventModel
internal import Live

/// How a receiver of alerts behaves.
struct ReceiverTroubles {
    /// Attempts in a hundred that go wrong.
    var share = 0
    /// Whether there are alerts that it will never take.
    var refusesSome = false
}

/// A receiver of alerts far away, which knows nothing of crashes here: it fails, is down for a
/// while, takes alerts and gives no answer, and never takes some.
// SAFETY: `@unchecked Sendable`: a simulation has one thread.
@safe
final class SimulatedReceiver: @unchecked Sendable {
    private static let second: Int64 = 1_000_000_000

    private let troubles: ReceiverTroubles
    private var random: SeededRandom
    private var downUntil: Int64 = .min
    private var isHealed = false
    /// By their numbers too: what is sent to the pipeline twice may give two alerts that say the
    /// same.
    private var taken: Set<StoredAlert> = []
    /// What came, each alert once.
    private(set) var order: [StoredAlert] = []
    /// What came more than once.
    private(set) var repeatCount = 0
    private(set) var failureCount = 0

    init(_ troubles: ReceiverTroubles = ReceiverTroubles(), seed: UInt64) {
        self.troubles = troubles
        random = SeededRandom(seed: seed)
    }

    /// From now on it takes whatever it ever takes.
    func heal() { isHealed = true }

    func receive(_ alerts: ArraySlice<StoredAlert>, at now: Int64) -> SendOutcome {
        let isDown = !isHealed && now < downUntil
        if isDown || !isHealed && random.chance(troubles.share, in: 100) {
            failureCount += 1
            return isDown ? .failed(reason: "it is down") : fail(alerts, at: now)
        }
        let most = 1 + random.below(20)
        let welcome = alerts.prefix(most).prefix { !refuses($0) }
        if welcome.isEmpty { return .refused(1, reason: "not this one") }
        take(welcome)
        return .sent(welcome.count)
    }

    private func fail(_ alerts: ArraySlice<StoredAlert>, at now: Int64) -> SendOutcome {
        switch random.below(4) {
        case 0: return .failed(reason: "it fails")
        case 1:
            let wait = Int64(random.below(30)) * SimulatedReceiver.second
            return .failed(reason: "not now", retryAfter: wait)
        case 2:
            downUntil = now + Int64(1 + random.below(600)) * SimulatedReceiver.second
            return .failed(reason: "it goes down")
        default:
            // The time that it takes to give up waiting for the answer is part of the wait.
            take(alerts.prefix(1 + random.below(3)).prefix { !refuses($0) })
            return .failed(
                reason: "no answer came", retryAfter: 10 * SimulatedReceiver.second)
        }
    }

    private func take(_ alerts: ArraySlice<StoredAlert>) {
        for alert in alerts {
            if taken.insert(alert).inserted {
                order.append(alert)
            } else {
                repeatCount += 1
            }
        }
    }

    private func refuses(_ alert: StoredAlert) -> Bool {
        troubles.refusesSome && FuzzVerdict.hash(alert.json.utf8) % 11 == 0
    }

    /// What is wrong with what came; nil: nothing.
    ///
    /// - Parameters:
    ///   - alerts: all that there were to be.
    ///   - letters: what of them was given up.
    func problem(with alerts: [StoredAlert], givenUp letters: Set<String>) -> String? {
        let known = Set(alerts)
        var last: Int64 = 0
        for alert in order {
            guard known.contains(alert) else {
                return "an alert was sent that is none: \(alert.json)"
            }
            if alert.number < last {
                return "alert \(alert.number) first came behind alert \(last)"
            }
            last = alert.number
        }
        for alert in alerts where !taken.contains(alert) && !letters.contains(alert.json) {
            return "alert \(alert.number) has reached nobody"
        }
        return nil
    }
}

/// The way to a receiver, in one life.
// SAFETY: `@unchecked Sendable`: a simulation has one thread.
@safe
final class SimulatedSink: AlertSink, @unchecked Sendable {
    private let receiver: SimulatedReceiver
    private let clock: SimulatedClock

    init(to receiver: SimulatedReceiver, _ clock: SimulatedClock) {
        self.receiver = receiver
        self.clock = clock
    }

    func send(_ alerts: ArraySlice<StoredAlert>, until interruption: Interruption) -> SendOutcome {
        receiver.receive(alerts, at: clock.nanoseconds)
    }
}
