// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import MartletCommands

/// `martlet diff` as the built program: output, exit codes, standard input.
@Suite struct DiffCommandTests {
    private static let old = """
        event login { user: string }
        rule twice { by user when within 1m { 2 login as l } alert "{user}" }
        rule gone { when { login } alert "x" }

        """
    private static let new = """
        event login { user: string }
        rule twice { severity high by user when within 1m { 2 login as l } alert "{user}!" }

        """
    private static let events = """
        {"type":"login","time":"2027-01-31T12:00:00Z","user":"ann"}
        {"type":"login","time":"2027-01-31T12:00:01Z","user":"ann"}

        """

    private let folder: RulesFolder

    init() throws {
        folder = try RulesFolder([
            "old.martlet": Self.old, "new.martlet": Self.new, "e.jsonl": Self.events,
            "wrong.martlet": "rule {",
            "other.martlet": "rule r { by u when { logout } alert \"\" }",
        ])
    }

    private func diff(_ arguments: String..., input: String? = nil) throws -> CommandOutcome {
        let resolved = arguments.map {
            $0.contains(".") ? "\(folder.path)/\($0)" : $0
        }
        var result = try run(["diff"] + resolved, input: input)
        result.errors = folder.shortened(result.errors)
        return result
    }

    private static let shown = """
        removed  gone

        twice: 1 changed
          changed 2027-01-31T12:00:01.000Z high     ann!
                  user=ann
                  severity: high
                    was: medium
                  title: ann!
                    was: ann

        gone: 2 lost
          lost    2027-01-31T12:00:00.000Z medium   x
          lost    2027-01-31T12:00:01.000Z medium   x

        """

    @Test func differencesAreFindings() throws {
        let result = try diff("old.martlet", "new.martlet", "e.jsonl")
        #expect(result.output == Self.shown)
        #expect(result.status == .findings)
        #expect(
            result.errors == """
                old: 2 events from 2 lines
                new: 2 events from 2 lines
                2 lost, 1 changed, 1 rule removed

                """)
    }

    @Test func noDifferenceIsClean() throws {
        let result = try diff("old.martlet", "old.martlet", "e.jsonl", "--quiet")
        #expect(
            result == CommandOutcome(output: "twice: 1 the same\ngone: 2 the same\n"))
    }

    @Test func aRuleMoreOrLessIsADifferenceWithoutAlerts() throws {
        let result = try diff("old.martlet", "new.martlet", "-q", "-", input: "")
        #expect(result.output == "removed  gone\n\ntwice: no alerts\n")
        #expect(result.status == .findings)
    }

    @Test func standardInputIsReadByBoth() throws {
        let result = try diff("old.martlet", "new.martlet", "-q", "-", input: Self.events)
        #expect(result.output == Self.shown)
        let rules = try diff("-", "new.martlet", "-q", "e.jsonl", input: Self.old)
        #expect(rules.output == Self.shown)
        let both = try diff("-", "new.martlet", "-q", "-", input: Self.old)
        #expect(both.status == .usage)
    }

    @Test func examplesAreCountedOnlyBeyondTheirNumber() throws {
        let result = try diff("old.martlet", "new.martlet", "e.jsonl", "-q", "--examples", "1")
        #expect(result.output.hasSuffix("medium   x\n  … and 1 lost\n"))
        let none = try diff("old.martlet", "new.martlet", "e.jsonl", "-q", "--examples", "0")
        #expect(none.output.hasSuffix("gone: 2 lost\n  … and 2 lost\n"))
    }

    @Test func programsGetOneObjectARule() throws {
        let result = try diff("old.martlet", "new.martlet", "e.jsonl", "-q", "--format", "json")
        let lines = result.output.split(separator: "\n")
        let objects = try lines.map {
            try #require(
                JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(objects.map { $0["rule"] as? String } == ["twice", "gone"])
        #expect(objects.map { $0["state"] as? String } == ["kept", "removed"])
        #expect(objects.map { $0["lost"] as? Int } == [0, 2])
        let example = try #require((objects[0]["examples"] as? [[String: Any]])?.first)
        #expect(example["parts"] as? [String] == ["severity", "title"])
        let (old, new) = (example["old"] as? [String: Any], example["new"] as? [String: Any])
        #expect(old?["title"] as? String == "ann" && new?["title"] as? String == "ann!")
    }

    @Test func aPageShowsThemToo() throws {
        let events = Self.events.replacingOccurrences(of: "ann", with: "<ann>")
        let result = try diff(
            "old.martlet", "new.martlet", "-q", "-", "--format", "html", "--examples", "1",
            input: events)
        #expect(result.status == .findings)
        #expect(result.output.hasPrefix("<!DOCTYPE html>\n"))
        #expect(result.output.contains("<a href=\"#rule-1\">twice</a>"))
        #expect(result.output.contains("<div>severity: high</div>"))
        #expect(result.output.contains("<div>  was: medium</div>"))
        #expect(result.output.contains("&lt;ann&gt;!") && !result.output.contains("<ann>"))
        #expect(result.output.contains("and 1 lost"))
    }

    @Test func aTypeThatOneSideKnowsIsEnough() throws {
        let result = try diff(
            "old.martlet", "other.martlet", "-q", "e.jsonl", "--type", "login")
        #expect(result.status == .findings)
        #expect(result.output.hasPrefix("added    r\nremoved  twice\nremoved  gone\n"))
        let unknown = try diff(
            "old.martlet", "new.martlet", "-q", "e.jsonl", "--type", "logni")
        #expect(unknown.status == .usage)
        #expect(unknown.errors.contains("did you mean `login`?"))
    }

    @Test func whatCannotBeUsedIsSaid() throws {
        #expect(try diff("old.martlet", "new.martlet").status == .usage)
        #expect(try diff("old.martlet", "new.martlet", "no.jsonl").status == .environment)
        #expect(try diff("old.martlet", "no.martlet", "e.jsonl").status == .environment)
        let wrong = try diff("wrong.martlet", "new.martlet", "e.jsonl")
        #expect(wrong.status == .findings)
        #expect(wrong.errors.contains("wrong.martlet:1"))
        #expect(
            try diff("old.martlet", "new.martlet", "e.jsonl", "--examples=-1").status == .usage)
    }
}
