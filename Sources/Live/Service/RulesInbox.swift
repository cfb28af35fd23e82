// SPDX-License-Identifier: Apache-2.0
// Exercised by RulesKeeperTests.

package import EventModel

/// How the rules of a running node are, for those who look from outside.
package struct RulesStatus: Hashable, Sendable {
    /// Those in force.
    package var change: Int64 = 0
    package var version: Int64 = 0
    package var disabled: [String] = []
    /// Changes since the process started.
    package var changeCount = 0
    /// Changes that were refused since then, and the last of them.
    package var refusalCount = 0
    package var lastRefusal: Refusal?

    package struct Refusal: Hashable, Sendable {
        package var time: StreamTime
        package var reason: String
    }
}

/// Wishes about the rules on their way to the node, which looks at them between two batches.
package final class RulesInbox: Sendable {
    /// Wishes that may wait at once.
    private static let waitingCap = 1024

    package typealias Reply = @Sendable (Result<RulesReport, RulesRefusal>) -> Void

    /// What came of a wish.
    package enum Outcome: Sendable {
        case changed(RulesReport)
        case refused(RulesRefusal)
        case notRunning
        /// The node did not come to it in time; it may do so still.
        case tooLate
    }

    struct Waiting: Sendable {
        var request: RulesRequest
        var reply: Reply?
    }

    private struct State {
        var waiting: [Waiting] = []
        var isReloadWanted = false
        var isClosed = false
        var status = RulesStatus()
        var observer: (@Sendable (LiveRules) -> Void)?
    }

    private let state = Guarded(State())

    package init() {}

    package var status: RulesStatus { state.with { $0.status } }

    /// Has somebody be told of the rules in force when the node begins, and whenever they change;
    /// on its thread.
    package func observe(_ observer: @escaping @Sendable (LiveRules) -> Void) {
        state.with { $0.observer = observer }
    }

    /// Hands a wish over.
    ///
    /// - Parameter reply: is told what came of it, on the node's thread; not called where the node
    ///   ends before.
    /// - Returns: false: the node takes none any more.
    @discardableResult
    package func ask(_ request: RulesRequest, reply: Reply? = nil) -> Bool {
        state.with { state in
            if state.isClosed || state.waiting.count >= RulesInbox.waitingCap { return false }
            state.waiting.append(Waiting(request: request, reply: reply))
            return true
        }
    }

    /// Hands a wish over, and waits for what comes of it.
    package func change(
        _ request: RulesRequest, waitingUpTo span: Duration = .seconds(30)
    ) async -> Outcome {
        await withCheckedContinuation { continuation in
            let waiting = Guarded<CheckedContinuation<Outcome, Never>?>(continuation)
            let finish: @Sendable (Outcome) -> Void = { outcome in
                waiting.with { waiting in
                    defer { waiting = nil }
                    return waiting
                }?.resume(returning: outcome)
            }
            let deadline = Task {
                guard (try? await Task.sleep(for: span)) != nil else { return }
                finish(.tooLate)
            }
            let isTaken = ask(request) { result in
                deadline.cancel()
                switch result {
                case .success(let report): finish(.changed(report))
                case .failure(let refusal): finish(.refused(refusal))
                }
            }
            if !isTaken {
                deadline.cancel()
                finish(.notRunning)
            }
        }
    }

    /// Has the configured files be read anew; from any thread.
    package func askForReload() { state.with { $0.isReloadWanted = true } }

    func take() -> [Waiting] {
        state.with { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    /// Waits until a reload is wanted, or for as many nanoseconds; nil: nothing will be any more.
    func takeReload(waitingUpTo limit: Int64) -> Bool? {
        let isWanted = state.wait(upTo: limit) { state -> Bool? in
            if state.isClosed { return false }
            guard state.isReloadWanted else { return nil }
            state.isReloadWanted = false
            return true
        }
        return state.with { $0.isClosed } ? nil : isWanted ?? false
    }

    func close() { state.with { $0.isClosed = true } }

    func note(_ rules: LiveRules, isChange: Bool) {
        state.with { state in
            state.status.change = rules.change
            state.status.version = rules.version
            state.status.disabled = rules.disabled
            if isChange { state.status.changeCount += 1 }
        }
        state.with { $0.observer }?(rules)
    }

    /// Counts rules that were refused before the node had to do with them.
    package func note(refusal reason: String, at time: StreamTime) {
        state.with { state in
            state.status.refusalCount += 1
            state.status.lastRefusal = RulesStatus.Refusal(time: time, reason: reason)
        }
    }
}
