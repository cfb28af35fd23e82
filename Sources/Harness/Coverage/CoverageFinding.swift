// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// What the cases of a rule showed of one thing in it.
package struct CoverageFinding: Sendable {
    package enum Subject: String, Sendable {
        case step, count, optional, branch, limit, absence, `guard`, condition, having, reset
        case exception, suppression, resolution, choice, keys
    }

    package struct Outcome: Hashable, Sendable {
        /// `too late`, `more than 5`…
        package var name: String
        package var isReached: Bool
    }

    package var subject: Subject
    /// As the author wrote it, or nearly so: `within 10m`, `outcome == "fail"`.
    package var text: String
    package var span: SourceSpan
    package var outcomes: [Outcome]

    /// Outcomes that no case reached.
    package var missed: [String] { outcomes.filter { !$0.isReached }.map(\.name) }
    package var reachedCount: Int { outcomes.count { $0.isReached } }
}

/// What the cases of a rule showed of it, in the order of its lines.
package struct RuleCoverage: Sendable {
    package var rule: String
    /// The rule's name where it is declared.
    package var span: SourceSpan
    package var findings: [CoverageFinding]

    package var outcomeCount: Int { findings.reduce(0) { $0 + $1.outcomes.count } }
    package var reachedCount: Int { findings.reduce(0) { $0 + $1.reachedCount } }
}
