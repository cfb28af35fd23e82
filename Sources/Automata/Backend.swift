// SPDX-License-Identifier: Apache-2.0

/// How what is under way in a rule is kept: docs/explanation/architecture.md, "Backends".
package enum Backend: String, CaseIterable, Sendable {
    /// Sets of attempts that go the same way.
    case sets = "a"
    /// Each way to match by itself, with what it has bound.
    case attempts = "b"
    /// How many ways there are, and nothing of any of them.
    case counters = "c"

    package var title: String {
        switch self {
        case .sets: "A, compact sets of attempts"
        case .attempts: "B, attempts with slots"
        case .counters: "C, counters"
        }
    }
}

extension RuleProgram {
    /// Why the rule cannot be run on a backend; nil: it can.
    ///
    /// - Parameter counting: whether only the number of matches is asked for.
    package func obstacle(to backend: Backend, counting: Bool) -> String? {
        switch backend {
        case .sets: determinedObstacle
        case .attempts: nil
        case .counters: counting ? countingObstacle : "counters find no matches, only their number"
        }
    }

    /// The backend on which the rule is run.
    ///
    /// - Parameter wanted: the one to take if it can run the rule; nil: the best.
    package func backend(counting: Bool, wanted: Backend? = nil) -> Backend {
        if let wanted, obstacle(to: wanted, counting: counting) == nil { return wanted }
        if counting, countingObstacle == nil { return .counters }
        return reasonForAttempts == nil ? .sets : .attempts
    }

    /// Why the rule is run on attempts, though they cost more the more of them a key has.
    package var reasonForAttempts: String? {
        if startQueue != nil { return "one queue stands for the attempts" }
        if let obstacle = determinedObstacle { return obstacle }
        let isSingle = steps.count == 1 && steps[0].minimum == 1
        return isSingle ? "each match is one event" : nil
    }
}
