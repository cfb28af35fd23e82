// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import EventModel
internal import RuleLanguage

/// Compares the alerts of a case with its `expect` lines, in a closed world: each alert must be
/// named by one, and each one must have its alert. So it is with the events of rules that only
/// emit, where a case is about them.
struct ExpectationMatching {
    private(set) var failures: [TestFailure] = []
    private let test: CheckedTest
    /// Rules whose matches are no alerts: they are expected by name.
    private let emitters: Set<String>
    private var rest: [TestAlert]
    private var unmet: [(expected: ExpectedAlert, span: SourceSpan)] = []

    /// - Parameter emitters: the rules that only emit.
    init(_ test: CheckedTest, _ alerts: [TestAlert], emitters: Set<String>) {
        self.test = test
        self.emitters = emitters
        rest = alerts
        takeFitting()
        pairUnmet()
        let counts = test.expectations.compactMap { expectation -> (Int, SourceSpan)? in
            if case .count(let count) = expectation.kind { (count, expectation.span) } else { nil }
        }
        let open = alerts.filter { !$0.isResolved && !emitters.contains($0.rule) }
        for (count, span) in counts where count != open.count {
            failures.append(TestFailure(kind: .count(expected: count, got: open), span: span))
        }
        // A number of alerts names all of them.
        if !counts.isEmpty { rest.removeAll { !emitters.contains($0.rule) } }
        let span = place(ofUnexpected: test)
        failures += rest.map { TestFailure(kind: .unexpected($0), span: span) }
    }

    /// Each `expect` takes the first alert that is left and fits.
    private mutating func takeFitting() {
        for expectation in test.expectations {
            guard case .alert(let time, let rule, let fields) = expectation.kind else { continue }
            let expected = ExpectedAlert(time: time, rule: rule, fields: fields)
            let index = rest.firstIndex {
                mayBe($0, expected) && expected.differences(from: $0).isEmpty
            }
            if let index {
                rest.remove(at: index)
            } else {
                unmet.append((expected, expectation.span))
            }
        }
    }

    /// `alert` is no event of a rule that only emits.
    private func mayBe(_ alert: TestAlert, _ expected: ExpectedAlert) -> Bool {
        expected.rule != nil || !emitters.contains(alert.rule)
    }

    /// What is left on both sides is shown in pairs, the most alike together.
    private mutating func pairUnmet() {
        for (expected, span) in unmet {
            let ranked = rest.enumerated().compactMap { index, alert in
                mayBe(alert, expected)
                    ? (index: index, differences: expected.differences(from: alert)) : nil
            }
            let nearest = ranked.min {
                ($0.differences.count, distance(expected, $0.index), $0.index)
                    < ($1.differences.count, distance(expected, $1.index), $1.index)
            }
            let got = nearest.map { rest.remove(at: $0.index) }
            let kind = TestFailure.Kind.missing(
                expected, got: got, differences: nearest?.differences ?? [])
            failures.append(TestFailure(kind: kind, span: span))
        }
    }

    private func distance(_ expected: ExpectedAlert, _ index: Int) -> UInt64 {
        guard let time = expected.time?.nanoseconds else { return 0 }
        let end = rest[index].moment.nanoseconds
        return end > time ? end.magnitude(since: time) : time.magnitude(since: end)
    }

    /// `expect none` where it is written, else the case.
    private func place(ofUnexpected test: CheckedTest) -> SourceSpan {
        let none = test.expectations.first { if case .none = $0.kind { true } else { false } }
        return none?.span ?? test.span
    }
}

extension Int64 {
    /// - Precondition: `earlier` is not greater.
    fileprivate func magnitude(since earlier: Int64) -> UInt64 {
        UInt64(bitPattern: self &- earlier)
    }
}
