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
    package typealias Reply = @Sendable (Result<RulesReport, RulesRefusal>) -> Void

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
            if state.isClosed { return false }
            state.waiting.append(Waiting(request: request, reply: reply))
            return true
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

    func note(refusal reason: String, at time: StreamTime) {
        state.with { state in
            state.status.refusalCount += 1
            state.status.lastRefusal = RulesStatus.Refusal(time: time, reason: reason)
        }
    }
}
