// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Testing

@testable import RuleLanguage

@Suite struct AlertConditionTests {
    private static let fields: [String: Value] = [
        "id": .string("a1"), "rule": .string("login_burst"), "severity": .int(3),
        "title": .string("ann: 5 failures"), "tags": .list([.string("T1110"), .string("auth")]),
        "start": .string("2027-01-31T12:00:00.000Z"), "end": .string("2027-01-31T12:00:20.500Z"),
        "key.user": .string("ann"), "n": .int(5), "took": .string("20s500ms"),
        "from": .string("10.1.2.3"), "labels.team": .string("blue"),
    ]

    private func check(_ text: String) -> (condition: AlertCondition?, messages: [String]) {
        let result = AlertCondition.check(SourceFile(name: "if", text: text))
        return (result.condition, result.diagnostics.map { "\($0.span.text): \($0.message)" })
    }

    @Test(
        arguments: [
            ("severity >= high", true), ("severity > high", false), ("severity == \"high\"", true),
            ("severity != high", false), ("high <= severity", true),
            ("severity in [high, critical]", true), ("severity not in [low, \"high\"]", false),
            ("severity between medium and critical", true), ("not severity < medium", true),
            ("severity >= high and rule starts_with \"login\"", nil),
            ("severity >= high and starts_with(rule, \"login\")", true),
            ("rule like \"login*\" or severity == info", true),
            ("tags contains \"T1110\"", true), ("\"T9\" in tags", false),
            ("\"auth\" in tags", true),
            ("key.user == \"ann\"", true), ("labels.team == \"red\"", false),
            ("n > 4", true), ("n > 4.5", true), ("took > 20s", true), ("took > 1h", false),
            ("from in 10.0.0.0/8", true), ("from == 10.1.2.4", false),
            ("start < 2027-02-01 and end - start < 1m", true),
            ("other == 1", false), ("not other == 1", false), ("other is missing", true),
            ("title matches r\"\\d+ failures$\"", true),
            ("severity >= high\n  and\nrule != \"x\"", true), ("hour(end, \"UTC\") == 12", true),
        ] as [(String, Bool?)])
    func aConditionHoldsOrNot(text: String, holds: Bool?) {
        let (condition, messages) = check(text)
        guard let holds else {
            #expect(condition == nil)
            return
        }
        #expect(messages == [])
        #expect(condition?.holds { Self.fields[$0] ?? .missing } == holds)
    }

    @Test(arguments: [
        ("severity >= hgih", "hgih: there is no severity `hgih`"),
        ("rule == 5", "rule == 5: `==` can't compare a text with an int"),
        ("rule", "rule: a condition must be true or false"),
        ("n > 5 and n == \"x\"", "n: `n` is used as a text and as a number"),
        ("severity >= high extra", "extra: expected the end of the condition, found `extra`"),
        ("severity >=", ": expected a value, found the end of the condition"),
        ("", ": expected a condition, found the end of the condition"),
        ("count(x) > 5", ""), ("title matches r\"(\"", ""),
    ])
    func aMistakeIsNamed(text: String, message: String) {
        let (condition, messages) = check(text)
        #expect(condition == nil || message.isEmpty && !messages.isEmpty)
        #expect(!messages.isEmpty)
        if !message.isEmpty { #expect(messages.first == message) }
    }

    @Test func namesThatNotEveryAlertHasAreToldApart() {
        let (condition, _) = check("severity > low and n > 3 and key.user == \"ann\" and n < 9")
        #expect(condition?.otherNames == ["n", "key.user"])
    }
}
