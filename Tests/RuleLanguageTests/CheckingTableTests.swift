// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Testing

@testable import RuleLanguage

@Suite struct CheckingTableTests {
    private static let events = """
        event login { user: string, ip: ip, port: int, roles: [string] }
        table bad = [{ net: 10.0.0.0/8, reason: "ours", score: 3 }, { net: 10.1.2.3, score: 4 }]
        table users = ["ann", "bob"]

        """

    private func codes(_ condition: String) -> [String] {
        checked(Self.events + "rule r { when { login where \(condition) } }").diagnostics
            .map(\.code).filter { $0 != "W0107" && $0 != "W0130" }
    }

    @Test(arguments: [
        "ip in bad", "ip not in bad", "user in users", "bad[ip].reason == \"ours\"",
        "bad[ip].score > 2", "not (user in users)", "bad[ip].reason ?? \"none\" == \"none\"",
        "bad[ip].net is present", "users[user].value == user", "port in [1, 2] and ip in bad",
        "bad[ip].score + 1 > port",
    ])
    func tablesCanBeLookedInto(condition: String) {
        #expect(codes(condition) == [])
    }

    @Test(arguments: [
        ("user in bad", "E0301"), ("port in users", "E0301"), ("10.0.0.0/8 in bad", "E0301"),
        ("roles in users", "E0301"), ("bad[user].reason == \"x\"", "E0301"),
        ("bad[ip].reson == \"x\"", "E0221"), ("bad[ip] == \"x\"", "E0218"),
        ("bad == \"x\"", "E0218"), ("bad[ip].score == \"x\"", "E0301"),
        ("users[user].name == \"x\"", "E0221"), ("bad[ip].reason != \"x\"", "W0104"),
    ])
    func whatCannotBeIsRefused(condition: String, code: String) {
        #expect(codes(condition) == [code])
    }

    @Test func aFieldOfTheSameNameComesFirst() throws {
        let result = checked(
            """
            event login { user: string, roles: [string] }
            table roles = ["ann"]
            rule r { when { login where "admin" in roles } }
            """)
        #expect(result.diagnostics.map(\.code) == ["W0130", "W0107"])
    }

    @Test func aFieldTakesTheTypeOfTheKey() throws {
        let result = checked(
            """
            table bad = [10.0.0.0/8]
            rule r { when { conn where src in bad and src > 3 } }
            """)
        #expect(result.diagnostics.map(\.code).contains("E0306"))
    }

    @Test func anEventTypeMayLookIntoATable() {
        let result = checked(
            """
            table bad = [{ net: 10.0.0.0/8, reason: "ours" }]
            event login { ip: ip, why: string = bad[ip].reason }
            event worse from login where ip in bad
            rule r { when { worse where why == "ours" } }
            """)
        #expect(result.diagnostics.map(\.code) == ["W0107"])
    }

    @Test(arguments: [
        ("let x = users[\"ann\"].value", "E0109"), ("table t = [1, \"a\"]", "E0301"),
        ("table t = [user]", "E0109"), ("table t = [{ a: 1 }, { a: \"x\" }]", "E0301"),
        ("table t = [{ a: 1, a: 2 }]", "E0107"), ("table t = [{ a: 1 }] key b", "E0221"),
        ("table t = [[1]]", "E0110"), ("table t from \"t.csv\"", "E0110"),
        ("table users = [1]", "E0101"), ("table t = [{ }]", "E0110"),
        ("table t = [{ }, { }] key a", "E0110"),
    ])
    func declarationsThatCannotBeAreRefused(text: String, code: String) {
        let found = checked(Self.events + text).diagnostics.filter { $0.severity == .error }
        #expect(found.map(\.code) == [code])
    }

    // MARK: files

    private static let file = """
        event login { user: string, ip: ip }
        table bad from "lists/bad.csv" key ip
        rule r { by user when { login as l where ip in bad } alert "{bad[l.ip].reason}" }
        """

    private func checkedFile(_ contents: Result<LookupTable, TableFileProblem>) -> CheckResult {
        let place = TablePlace(rulesFile: "a/r.martlet", path: "lists/bad.csv", key: "ip")
        let tree = RuleSyntax.parse(SourceFile(name: "a/r.martlet", text: Self.file))
        #expect(tree.tree.tablePlaces == [place])
        return RuleChecker.check([tree], tableFiles: [place: contents])
    }

    private func message(_ problem: TableFileProblem) throws -> Diagnostic {
        try #require(checkedFile(.failure(problem)).diagnostics.first)
    }

    @Test func theRowsOfAFileAreThoseThatTheCallerRead() throws {
        let table = LookupTable(
            columns: [.init(name: "ip", type: .ip), .init(name: "reason", type: .string)],
            keyColumn: 0, rows: [[.ip(IPAddress(ipv4: 1)), .string("x")]])
        let result = checkedFile(.success(table))
        #expect(result.diagnostics.map(\.code) == ["W0107"])
        #expect(try #require(result.ruleset).tables[0].contents.rowCount == 1)
    }

    @Test func aProblemIsShownAtThePath() throws {
        let found = try message(
            TableFileProblem(line: 7, reason: "1 cells where the header has 2", advice: "mend it"))
        #expect(found.code == "E0110")
        #expect(found.message == "line 7 of `lists/bad.csv`: 1 cells where the header has 2")
        #expect(found.span.text == "\"lists/bad.csv\"")
        #expect(found.label == "mend it")
    }

    @Test func aMissingKeyColumnIsShownAtTheKey() throws {
        let found = try message(
            TableFileProblem(reason: "it has no column `ip`", columns: ["ipp", "reason"]))
        #expect(found.code == "E0221")
        #expect(found.span.text == "ip")
        #expect(found.label == "did you mean `ipp`?")
    }

    @Test func theLineThatSpoilsAColumnIsNamed() throws {
        let table = LookupTable(
            columns: [
                .init(name: "ip", type: .string, firstTextLine: 9),
                .init(name: "reason", type: .string),
            ], keyColumn: 0, rows: [])
        let found = try #require(
            checkedFile(.success(table)).diagnostics.first { $0.code == "E0301" })
        #expect(found.notes.map(\.message).contains("line 9 of its file makes `ip` a text"))
    }

    @Test func hiddenRowsAreOneWarning() throws {
        let table = LookupTable(
            columns: [.init(name: "ip", type: .int), .init(name: "reason", type: .string)],
            keyColumn: 0, rows: (0..<9).map { [.int($0 % 2), .string("x")] })
        let found = checkedFile(.success(table)).diagnostics.filter { $0.code == "W0131" }
        #expect(found.map(\.message) == ["7 rows of `lists/bad.csv` are never found"])
        #expect(found.first?.label == "line 1: line 3 has the same `ip`")
        #expect(found.first?.notes.last?.message == "and 4 more")
    }

    // MARK: tests

    @Test(
        arguments: [
            ("given users [\"cy\"]", []), ("given bad [{ net: 10.0.0.1 }]", []),
            ("given bad [10.0.0.1, 10.2.0.0/16]", []), ("given bad [\"10.0.0.1\"]", []),
            ("given bad [{ reason: \"x\", net: 10.0.0.1, score: 1 }]", []),
            ("given usres [\"cy\"]", ["E0220"]), ("given users [3]", ["E0403"]),
            ("given bad [{ nett: 10.0.0.1 }]", ["E0221"]), ("given bad [\"x\"]", ["E0403"]),
            ("given users [\"a\"]\n given users [\"b\"]", ["E0102"]),
        ] as [(String, [String])])
    func testsGiveRows(line: String, codes: [String]) {
        let result = checked(
            Self.events + """
                rule r { by user when { login where user in users and ip not in bad } }
                test r { case "c" {
                  \(line)
                  expect none
                } }
                """)
        #expect(result.diagnostics.map(\.code) == codes)
    }

    @Test func expressionsAreWrittenAsTheyWere() throws {
        let result = checked(
            Self.events + """
                rule r { by user when { login as l where ip not in bad and user in users }
                  having bad[l.ip].score > 2 }
                """)
        let ruleset = try #require(result.ruleset)
        let rule = ruleset.rules[0]
        let text = CheckedText(ruleset, rule: rule)
        #expect(text.text(try #require(rule.having)) == "bad[l.ip].score > 2")
        #expect("\(ruleset)".contains("ip not in bad and user in users"))
    }

    @Test(arguments: [
        ("user in usres", "there is no table `usres`", "did you mean `users`?"),
        ("user not in robots", "there is no table `robots`", "nor a field of that name"),
        ("port in prots", "`login` has no field `prots`", "did you mean `ports`?"),
    ])
    func aNameBehindInMayBeMeantForATable(condition: String, message: String, label: String) {
        let events = Self.events.replacing("roles:", with: "ports: [int], roles:")
        let found = checked(events + "rule r { when { login where \(condition) } }").diagnostics
            .filter { $0.severity == .error }
        #expect(found.map(\.message) == [message])
        #expect(found.map(\.label) == [label])
    }
}
