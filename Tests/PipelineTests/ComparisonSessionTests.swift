// SPDX-License-Identifier: Apache-2.0

import Automata
import Connectors
import EventModel
import Testing

@testable import Pipeline

/// Two rulesets over the same files.
@Suite struct ComparisonSessionTests {
    private static let old = """
        event login { user: string, outcome: "ok" | "fail" }
        rule guessed {
          by user
          when within 1m {
            at least 3 login as fails where outcome == "fail"
            then login as entry where outcome == "ok"
          }
          alert "{user}"
        }
        rule quiet { by user when { login as last
          then no login for 1h } alert "{user}" }

        """

    /// A minute a round: as many failures as the round's number modulo 5, then a success.
    private static let events = (0..<20).map { round in
        let lines = (0...round % 5).map { k in
            let outcome = k == round % 5 ? "ok" : "fail"
            let minute = "\(round / 10)\(round % 10)"
            return """
                {"type":"login","time":"2027-01-31T12:\(minute):0\(k)Z","user":"u\(round % 3)",\
                "outcome":"\(outcome)"}
                """
        }
        return lines.map { $0 + "\n" }.joined()
    }.joined()

    private func compare(
        _ old: String, _ new: String, _ events: String = events,
        _ change: (inout ComparisonOptions) -> Void = { _ in }
    ) throws -> ComparisonSession.Ending {
        let (old, new) = (try ReplayHarness(old), try ReplayHarness(new))
        var files = ReplayFiles()
        files.events = [try old.write("e.jsonl", events)]
        var options = ComparisonOptions()
        change(&options)
        var session = try ComparisonSession(
            RulesetPairing(old: old.ruleset, new: new.ruleset),
            old: (old.program, try files.inputs(for: old.ruleset, old.program)),
            new: (new.program, try files.inputs(for: new.ruleset, new.program)),
            options: options)
        while try session.step() {}
        try session.runOut()
        return session.finish()
    }

    private func counts(_ ending: ComparisonSession.Ending) -> [[Int]] {
        ending.result.rules.map { [$0.same, $0.lost, $0.new, $0.changed] }
    }

    @Test func aRulesetDoesNotDifferFromItself() throws {
        let ending = try compare(Self.old, Self.old)
        #expect(counts(ending) == [[8, 0, 0, 0], [3, 0, 0, 0]])
        #expect(!ending.result.hasDifferences)
        #expect(ending.old.events == ending.new.events)
    }

    @Test(arguments: [1, 3, 512])
    func aLowerCountFindsMoreAndSeesTheOthersTheSame(batch: Int) throws {
        let new = Self.old.replacing("at least 3", with: "at least 2")
        let ending = try compare(Self.old, new) { $0.batchEventCount = batch }
        #expect(counts(ending) == [[8, 0, 4, 0], [3, 0, 0, 0]])
        let back = try compare(new, Self.old) { $0.batchEventCount = batch }
        #expect(counts(back) == [[8, 4, 0, 0], [3, 0, 0, 0]])
        #expect(ending.result.rules[0].examples.count == 3)
        guard case .new(let first) = ending.result.rules[0].examples[0] else {
            Issue.record("the first example is a new alert")
            return
        }
        #expect(first.events.map(\.name) == ["e.jsonl:4", "e.jsonl:5", "e.jsonl:6"])
    }

    @Test func aLongerWaitChangesTheEndOfTheSameEvents() throws {
        let new = Self.old.replacing("for 1h", with: "for 2h")
        let ending = try compare(Self.old, new)
        #expect(counts(ending) == [[8, 0, 0, 0], [0, 0, 0, 3]])
        let near = try compare(Self.old, new) { $0.horizon = TimeSpan(seconds: 3599) }
        #expect(counts(near) == [[8, 0, 0, 0], [0, 3, 3, 0]])
    }

    @Test func aRenamedRuleHasTheSameAlerts() throws {
        let new = Self.old.replacing("rule guessed", with: "rule broken_into")
        let ending = try compare(Self.old, new)
        #expect(counts(ending) == [[8, 0, 0, 0], [3, 0, 0, 0]])
        #expect(ending.result.hasDifferences)
    }

    @Test func whatOnlyOneSideReadsDoesNotHoldTheOtherBack() throws {
        let other =
            "event logout { user: string }\nrule r { by user when { logout } alert \"{user}\" }\n"
        let ending = try compare(other, Self.old, Self.events) { $0.heldCap = 1 }
        #expect(counts(ending) == [[0, 0, 8, 0], [0, 0, 3, 0], [0, 0, 0, 0]])
        #expect(ending.result.earlyCount == 0)
    }

    /// Neither while it reads nor when it is at its end, long before the other.
    @Test func aSideWithoutEventsKeepsUp() throws {
        let other = """
            event logout { user: string }
            rule guessed { by user when { logout } alert "{user}" }

            """
        for (old, new) in [(other, Self.old), (Self.old, other)] {
            let ending = try compare(old, new) {
                $0.heldCap = 2
                $0.horizon = TimeSpan(seconds: 1)
                $0.batchEventCount = 1
            }
            #expect(ending.result.total.lost + ending.result.total.new == 11)
            #expect(ending.result.earlyCount == 0)
        }
    }

    @Test func examplesAreTheFirstOfEachKind() throws {
        let new = Self.old.replacing("at least 3", with: "at least 2")
        let ending = try compare(Self.old, new) { $0.exampleCount = 0 }
        #expect(ending.result.rules[0].examples.isEmpty)
        #expect(ending.result.rules[0].new == 4)
    }
}
