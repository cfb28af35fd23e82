// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Testing

@testable import RuleLanguage

/// What the checker finds out about event types and their fields.
@Suite struct CheckingTypesTests {
    private func ruleset(_ text: String) throws -> CheckedRuleset {
        let result = checked(text)
        return try #require(
            result.ruleset, "\(DiagnosticRenderer.human(result.diagnostics, colour: false))")
    }

    private func types(_ ruleset: CheckedRuleset, _ event: String) throws -> [String] {
        let type = try #require(ruleset.eventTypes.first { $0.name == event })
        return type.fields.map { "\($0.name): \($0.type)" }
    }

    @Test(arguments: [
        ("temp > 90", "temp: number"), ("temp > 9.5", "temp: number"),
        ("temp == \"hot\"", "temp: string"), ("temp == 10.0.0.1", "temp: ip"),
        ("temp in 10.0.0.0/8", "temp: ip"), ("temp in [1, 2]", "temp: number"),
        ("temp", "temp: bool"), ("not temp", "temp: bool"), ("temp > 5m", "temp: duration"),
        ("temp > 2027-01-31", "temp: time"), ("temp[0] == \"a\"", "temp: [any]"),
        ("temp is missing", "temp: any"), ("temp contains \"a\"", "temp: any"),
        ("lower(temp) == \"a\"", "temp: string"), ("temp + 1 > 2.5", "temp: number"),
        ("sqrt(temp) > 2", "temp: number"), ("temp matches r\"a\"", "temp: string"),
    ])
    func aFieldOfAnUndeclaredTypeTakesTheTypeOfItsUse(condition: String, field: String) throws {
        let ruleset = try ruleset("rule r { when { reading where \(condition) } }")
        #expect(try types(ruleset, "reading") == [field])
    }

    @Test func comparedFieldsHaveOneType() throws {
        let ruleset = try ruleset(
            "rule r { when { reading where a == b and b == c and c > 3 and d is missing } }")
        #expect(
            try types(ruleset, "reading") == ["a: number", "b: number", "c: number", "d: any"])
    }

    @Test func keysOfUndeclaredTypesAreJoined() throws {
        let ruleset = try ruleset(
            """
            event login { user: string }
            rule r {
              by login.user = upload.account
              when within 1h { login then upload }
            }
            """)
        #expect(try types(ruleset, "upload") == ["account: string"])
        #expect(ruleset.rules[0].key.map(\.name) == ["user"])
    }

    @Test func aListKeyHasItsElementsType() throws {
        let ruleset = try ruleset(
            "event mail { to: [string] }\nrule r { by to\n when { mail }\n alert \"{to}\" }")
        #expect(ruleset.rules[0].key[0].type == .string)
    }

    @Test func aSubsetInheritsWhatItReadsAndComesAfterItsSource() throws {
        let ruleset = try ruleset(
            """
            event admin from login where user like "adm*"
            event login { user: string, ip: ip, size: int }
            rule r { by user
              when { admin where size > 3 } }
            """)
        #expect(ruleset.eventTypes.map(\.name) == ["login", "admin"])
        #expect(try types(ruleset, "admin") == ["user: string", "size: int"])
    }

    @Test func aUnionHasTheFieldsThatAllSourcesHave() {
        let declarations = """
            event web { user: string, url: string }
            event ssh { user: string, host: string }
            event auth from web, ssh

            """
        #expect(
            checked(declarations + "rule r { by user\n when { auth } }").ruleset != nil)
        let refused = checked(declarations + "rule r { when { auth where url == \"a\" } }")
        #expect(refused.diagnostics.filter { $0.severity == .error }.map(\.code) == ["E0204"])
    }

    @Test func aFeedsLineFieldsAreThereBesideTheDeclaredOnes() {
        let text = """
            event failed from syslog {
              message matches r"Failed for (?<user>\\S+) after (?<tries>\\d+)"
              user: string
            }
            rule r { by host
              when { failed where app == "sshd" and tries != "0" and FIELD == "x" } }
            """
        #expect(checked(text.replacing("FIELD", with: "user")).ruleset != nil)
        let refused = checked(text.replacing("FIELD", with: "usr"))
        #expect(refused.diagnostics.filter { $0.severity == .error }.map(\.code) == ["E0204"])
    }

    @Test func aSubsetOfAFeedWithoutFieldListTakesAnyField() throws {
        let ruleset = try ruleset(
            """
            event errors from applog where level == "error"
            rule r { by host
              when { errors where code > 500 } }
            """)
        #expect(try types(ruleset, "errors") == ["level: string", "code: number", "host: any"])
        #expect(try types(ruleset, "applog") == ["level: string", "code: number", "host: any"])
    }

    @Test func feedFieldsThatDeclarationsReadDifferentlyAreOfAnyType() throws {
        let ruleset = try ruleset(
            """
            event one from feed { code: int }
            event two from feed { code: string }
            rule r { when within 1h { one then two where code == "a" } }
            """)
        #expect(try types(ruleset, "feed") == ["code: any"])
    }

    @Test func aConstantStandsForItsValue() throws {
        let ruleset = try ruleset(
            """
            let base = 4 * 10 + 2
            let names = ["ann", "bob"]
            rule r { when { reading where temp > base and user in names } }
            """)
        let text = CheckedText(ruleset, rule: ruleset.rules[0])
        guard case .step(let step) = ruleset.rules[0].pattern.body.lines[0].element else {
            Issue.record("not a step")
            return
        }
        let condition = try #require(step.filter.condition)
        #expect(text.text(condition) == "temp > 42 and user in [\"ann\", \"bob\"]")
    }

    @Test func namesAreSharedByAllFiles() {
        let result = checked(
            "event login { user: string }\nrule r { when { login } }", "let login = 3")
        let twice = result.diagnostics.filter { $0.code == "E0101" }
        #expect(twice.map(\.span.file.name) == ["rules2.martlet"])
        #expect(twice.first?.notes.first?.span?.file.name == "rules1.martlet")
        #expect(result.ruleset == nil)
    }

    @Test func aDeclaredFieldGoesBeforeTheBuiltInOfItsName() throws {
        let ruleset = try ruleset(
            """
            event order { id: int, user: string }
            event large from order where id > 1000
            rule r { by user
              when { large where id < 2000 and type == "order" } }
            """)
        #expect(try types(ruleset, "large") == ["id: int", "user: string"])
    }

    @Test func aKeyThatATypeLacksIsMissingForAllItsEvents() throws {
        let result = checked(
            """
            event login { user: string }
            event reboot { host: string }
            rule r { by user
              when within 1h { login then reboot then reboot } }
            """)
        #expect(result.diagnostics.map(\.code).filter { $0 == "W0102" }.count == 1)
        let ruleset = try #require(result.ruleset)
        let key = try #require(ruleset.rules[0].routes.last?.fields.first)
        guard case .computed(.constant(.missing)) = ruleset[key.type].fields[key.field].origin
        else {
            Issue.record("the key may be there")
            return
        }
    }

    /// Each type is a union of the two before it: to the first there are very many ways.
    @Test(.timeLimit(.minutes(1)))
    func longChainsOfUnionsAreLookedThroughOnce() {
        var text = "event e0 { n: int }\nevent e1 { n: int, m: int }\n"
        for number in 2..<60 {
            text += "event e\(number) from e\(number - 1), e\(number - 2)\n"
        }
        let known = checked(text + "rule r { by n when { e59 where time > 2026-01-01 } }")
        #expect(known.diagnostics.filter { $0.severity == .error }.map(\.message) == [])
        let unknown = checked(text + "rule r { when { e59 where nn == 1 } }")
        #expect(unknown.diagnostics.filter { $0.severity == .error }.map(\.code) == ["E0204"])
    }
}
