// SPDX-License-Identifier: Apache-2.0

package import Diagnostics
package import EventModel

/// Why a case failed.
package struct TestFailure: Sendable {
    /// Something of an alert that a test named, and that was otherwise.
    package struct Difference: Hashable, Sendable {
        /// `at`, `rule` or the name of a field.
        package var name: String
        package var expected: Value
        /// Nil: the alert has nothing of that name.
        package var got: Value?
    }

    package enum Kind: Sendable {
        /// An `expect` that no alert fits; `got` is the nearest alert that no `expect` named.
        case missing(ExpectedAlert, got: TestAlert?, differences: [Difference])
        /// An alert that no `expect` names.
        case unexpected(TestAlert)
        case count(expected: Int, got: [TestAlert])
        /// The same case with restarts in it gave other alerts. A fault of ours.
        case restart(without: [TestAlert], with: [TestAlert])
        /// A `replay` line whose file could not be used.
        case recording(path: String, problem: String)
    }

    package var kind: Kind
    /// The `expect` or other line that it is about; the case's name where there is none.
    package var span: SourceSpan
    /// Of an alert that did not come: how far the furthest attempt came, in words.
    package var why: [String] = []
}

/// What an `expect alert` says.
package struct ExpectedAlert: Sendable {
    package var time: StreamTime?
    /// Nil: of any rule under test.
    package var rule: String?
    package var fields: [(name: String, value: Value)]

    /// What of `alert` is not as expected.
    func differences(from alert: TestAlert) -> [TestFailure.Difference] {
        var result: [TestFailure.Difference] = []
        if let time, time != alert.moment {
            result.append(.init(name: "at", expected: .time(time), got: .time(alert.moment)))
        }
        // Who says nothing of the status means no notice.
        if alert.isResolved, !fields.contains(where: { $0.name == "status" }) {
            result.append(
                .init(name: "status", expected: .string("open"), got: .string("resolved")))
        }
        if let rule, rule != alert.rule {
            result.append(.init(name: "rule", expected: .string(rule), got: .string(alert.rule)))
        }
        for (name, expected) in fields {
            let got = alert.value(named: name)
            if !(got?.fits(expected) ?? false) {
                result.append(.init(name: name, expected: expected, got: got))
            }
        }
        return result
    }
}
