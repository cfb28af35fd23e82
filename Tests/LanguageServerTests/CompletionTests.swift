// SPDX-License-Identifier: Apache-2.0

import RuleLanguage
import Testing

@testable import LanguageServer

@Suite struct CompletionTests {
    /// The labels offered at `|` in a third file of the samples' ruleset.
    private func items(_ text: String) -> [JSON] {
        let editor = Samples.editor()
        let (plain, position) = marked(text)
        editor.open("/w/new.martlet", plain)
        let answer = editor.ask("textDocument/completion", "/w/new.martlet", at: position)
        return answer["result"]["items"].array ?? []
    }

    private func labels(_ text: String) -> [String] {
        items(text).compactMap { $0["label"].string }
    }

    private static let cases: [(text: String, wanted: [String], unwanted: [String])] = [
        // Declarations.
        ("|", ["event", "rule", "test"], ["severity", "login"]),
        ("event x from |", ["login", "failure"], ["rule"]),
        ("event x from login where |", ["outcome", "lower"], ["then"]),
        ("event x {\n  a: |", ["string", "ip"], ["login"]),
        ("event x {\n  a: int\n  b: int = |", ["a"], ["severity"]),
        ("let x = |", ["cap", "lower"], ["count", "login"]),
        ("test |", ["guess", "chain"], ["login"]),
        // Clauses.
        ("rule x {\n  |", ["by", "when", "alert", "reset on"], ["then", "login"]),
        ("rule x {\n  severity |", ["high", "info"], ["by"]),
        ("rule x {\n  by |\n  when within 1m { login as l }\n}", ["user", "login"], ["where"]),
        ("rule x {\n  when |", ["within", "over"], ["by"]),
        ("rule x {\n  when over |", ["sliding", "session"], ["login"]),
        ("rule x {\n  when { login as l }\n  reset on |", ["login", "ping"], ["then"]),
        ("rule x {\n  when { login as l }\n  reset on login where |", ["outcome"], ["then"]),
        ("rule x {\n  when { login as l }\n  skip to first |", ["l"], ["login"]),
        ("rule x {\n  by user\n  when { login as l }\n  having |", ["l", "user", "count"], ["by"]),
        // Lines of a pattern.
        (
            "rule x {\n  when within 1m {\n    |",
            ["login", "at least", "then", "alert", "guess"], ["by", "outcome"]
        ),
        ("rule x {\n  when within 1m {\n    lo|", ["login"], ["outcome"]),
        ("rule x {\n  when within 1m {\n    login\n    then |", ["login", "no"], ["then", "by"]),
        ("rule x {\n  when within 1m {\n    at least 5 |", ["login"], ["then", "where"]),
        ("rule x {\n  when within 1m {\n    at least 5 distinct ip of |", ["login"], ["where"]),
        ("rule x {\n  when within 1m {\n    login |", ["as", "where", "within"], ["login"]),
        ("rule x {\n  when within 1m {\n    login as |", [], ["login", "where"]),
        ("rule x {\n  when within 1m {\n    login as l |", ["where"], ["outcome"]),
        ("rule x {\n  by user\n  when within 1m {\n    login by |", ["user", "ip"], ["lower"]),
        ("rule x {\n  when within 1m {\n    login\n    but |", ["no", "not next"], ["login"]),
        ("rule x {\n  when within 1m {\n    login\n    but no |", ["login"], ["where"]),
        (
            "rule x {\n  when within 1m {\n    any of { login as a, |",
            ["login", "failure"], ["outcome"]
        ),
        ("rule x {\n  when within 1m {\n    3 times {\n      login where |", ["ip"], ["then"]),
        ("rule x { when within 1m { 5 login where |", ["outcome", "user", "time"], ["then"]),
        // Lines below others.
        ("rule x {\n  by user\n  wh|", ["when", "alert", "reset on"], ["then", "login", "by x"]),
        ("rule x {\n  by user\n  |\n}", ["when", "alert", "by"], ["user"]),
        ("rule x {\n  severity high\n  |\n}", ["by", "when"], ["high"]),
        ("rule x {\n  tags [\"x\"]\n  b|\n}", ["by"], ["where"]),
        ("rule x {\n  when within 1m { login }\n  al|\n}", ["alert", "having"], ["then"]),
        ("rule x {\n  when { login as l }\n  |\n  alert \"x\"\n}", ["by", "skip"], ["then"]),
        ("rule x {\n  when { login }\n  reset on login\n  |", ["where", "alert"], ["as"]),
        ("rule x {\n  when { login }\n  suppress 1h\n  |", ["per", "alert"], ["login"]),
        ("rule x {\n  when { login }\n  having match.count > 1\n  |", ["and", "alert"], ["=="]),
        (
            "rule x {\n  when {\n    login\n    th|\n  }\n}",
            ["then", "then next", "but no", "until", "where", "within"], ["as", "alert \"", "when"]
        ),
        (
            "rule x {\n  when {\n    login where outcome == \"ok\"\n    |\n  }\n}",
            ["then", "but no", "until", "and", "or", "within"], ["in", "is missing", "outcome"]
        ),
        ("rule x {\n  when {\n    login where\n    |", ["outcome"], ["then", "but no"]),
        ("rule x {\n  when {\n    login\n    then\n    |", ["login", "each"], ["then", "but no"]),
        ("rule x {\n  when {\n    login\n    then n|", ["next", "each", "no"], ["then next"]),
        ("rule x {\n  when {\n    login\n    then next |", ["login"], ["next", "each"]),
        ("rule x {\n  when {\n    login\n    then no failure\n    |", ["for", "then"], ["as"]),
        ("rule x {\n  when {\n    login\n    then no failure |", ["for", "by"], ["as", "in"]),
        ("rule x {\n  when {\n    any of { login as a, failure as b }\n    |", ["then"], []),
        ("rule x {\n  when {\n    any of { login as a, failure as b } |", ["within"], []),
        ("rule x {\n  when { login as a |", ["then", "where"], ["login"]),
        ("rule x {\n  when { login as a then failure as b |", ["then", "where"], ["login"]),
        ("rule x {\n  when { login where tries > 1 then failure where |", ["ip"], ["then"]),
        ("rule x {\n  when { login as a then |", ["next", "login"], ["where"]),
        ("event e { a: int }\n\nru|", ["rule", "event", "test"], ["int", "where"]),
        ("event e { a: int }\nru|", ["rule"], []), ("let a = 1\n|", ["rule", "let"], ["and"]),
        ("event e {\n  a: int\n  |\n}", ["time", "id"], ["int"]),
        ("event e from login\n|", ["rule", "event"], ["login"]),
        ("test guess {\n  case \"x\" {\n    expect none\n  }\n  |", ["case"], ["at"]),
        (
            "test guess {\n  case \"x\" {\n    at 0s login { user: \"a\" }\n    |",
            ["expect", "at", "until"], ["case", "arriving"]
        ),
        // Conditions.
        (
            "rule x {\n  when within 1m {\n    failure as f\n    then login where |",
            ["outcome", "user", "f", "cap", "bad", "lower"], ["then", "severity"]
        ),
        ("rule x {\n  when within 1m {\n    login where out|", ["outcome"], []),
        ("rule x {\n  when within 1m {\n    login where outcome == |", ["\"ok\"", "\"fail\""], []),
        ("rule x {\n  when within 1m {\n    login where outcome == \"|\"", ["ok", "fail"], ["ip"]),
        ("rule x {\n  when within 1m {\n    login where ip in |", ["bad"], []),
        ("rule x {\n  when within 1m {\n    login where ip |", ["in", "is missing"], ["outcome"]),
        ("rule x {\n  when within 1m {\n    login where ip is |", ["missing"], ["outcome"]),
        ("rule x {\n  when within 1m {\n    login\n      where ip in bad and |", ["outcome"], []),
        ("rule x {\n  when within 1m {\n    login where (outcome == \"ok\" or |", ["ip"], []),
        // Behind a dot.
        (
            "rule x {\n  when within 1m {\n    login as l\n    then login where ip == l.|",
            ["ip", "outcome", "time"], ["login", "lower"]
        ),
        ("rule x {\n  when { login as l }\n  alert \"{l.|}\"\n}", ["ip", "user"], ["login"]),
        ("rule x {\n  when { login as l }\n  alert \"{l.|", ["ip", "user"], ["login"]),
        ("rule x {\n  when { login as l }\n  alert \"{bad[l.ip].|}\"\n}", ["why", "ip"], ["user"]),
        ("rule x {\n  when { 2 login as l }\n  alert \"{first(l).|}\"\n}", ["user"], ["why"]),
        ("rule x {\n  when { 2 login as l }\n  alert \"x\" {\n    a: match.|", ["start"], ["ip"]),
        ("rule x {\n  when { chain as c }\n  alert \"{c.|}\"\n}", ["user", "time"], ["ip"]),
        // Alerts.
        ("rule x {\n  by user\n  when { login as l }\n  alert \"{|}\"\n}", ["user", "l"], ["by"]),
        ("rule x {\n  by user\n  when { login as l }\n  alert \"{{ |}}\"\n}", [], ["user", "l"]),
        ("rule x {\n  when { login as l }\n  alert \"\" {\n    a: |", ["l", "count"], ["when"]),
        ("rule x {\n  when { login as l }\n  alert \"\" {\n    |", [], ["l", "count"]),
        // Tests.
        ("test guess {\n  |", ["case"], ["at"]),
        ("test guess {\n  case \"x\" {\n    |", ["at", "expect", "given"], ["case"]),
        ("test guess {\n  case \"x\" {\n    given |", ["bad"], ["login"]),
        ("test guess {\n  case \"x\" {\n    given bad [{ |", ["why", "ip"], ["user"]),
        ("test guess {\n  case \"x\" {\n    at 0s |", ["login"], ["guess2"]),
        ("test guess {\n  case \"x\" {\n    at 0s 5 login |", ["every"], ["login"]),
        ("test guess {\n  case \"x\" {\n    at 0s login { |", ["user", "outcome"], ["lower"]),
        ("test guess {\n  case \"x\" {\n    at 0s login { user: \"a\", |", ["outcome"], ["lower"]),
        ("test guess {\n  case \"x\" {\n    at 0s login { outcome: |", ["\"ok\""], ["user"]),
        ("test guess {\n  case \"x\" {\n    expect |", ["none", "alert", "guess"], ["login"]),
        (
            "test guess {\n  case \"x\" {\n    expect alert { |",
            ["user", "attempts", "severity"], ["outcome"]
        ),
        ("test guess {\n  case \"x\" {\n    expect alert { severity: |", ["high"], ["user"]),
        // Where nothing can be said.
        ("// |", [], ["rule"]), ("rule x { // lo|", [], ["by"]), ("let x = \"a |", [], ["cap"]),
        ("let x = r\"|\"", [], ["cap"]), ("rule |", [], ["by", "rule"]),
        ("rule x \"|\" {", [], ["by"]),
        // A brace that is missing above.
        ("rule y {\n  when within 1m {\n    login\n\nrule x {\n  |", ["by", "when"], ["login"]),
    ]

    @Test(arguments: cases.indices)
    func whatMayStandAtThePlaceIsOffered(_ number: Int) {
        let (text, wanted, unwanted) = Self.cases[number]
        let found = labels(text)
        for label in wanted { #expect(found.contains(label), "\(text): no \(label)") }
        for label in unwanted { #expect(!found.contains(label), "\(text): \(label)") }
    }

    @Test func whatIsTypedAlreadyIsReplaced() throws {
        let text = "rule x {\n  when within 1m {\n    login where out|"
        let item = try #require(items(text).first { $0["label"] == "outcome" })
        let (plain, _) = marked(text)
        #expect(applied([item["textEdit"]], to: plain) == plain + "come")
        #expect(item["detail"] == "\"ok\" | \"fail\"")
    }

    @Test func fieldsComeBeforeFunctions() throws {
        let found = items("rule x { when within 1m { login where |")
        let sorted = found.sorted { ($0["sortText"].string ?? "") < ($1["sortText"].string ?? "") }
        #expect(sorted.map { $0["label"] } == found.map { $0["label"] })
        let places = ["outcome", "cap", "lower", "not"].compactMap { label in
            found.firstIndex { $0["label"].string == label }
        }
        #expect(places.count == 4 && places == places.sorted())
    }

    @Test func snippetsGoToEditorsThatTakeThem() {
        #expect(items("|").allSatisfy { $0["insertTextFormat"].isNull })
        let editor = Editor(snippets: true)
        editor.open("/a.martlet", "")
        let answer = editor.ask(
            "textDocument/completion", "/a.martlet", at: Position(line: 0, character: 0))
        let rule = answer["result"]["items"].array?.first { $0["label"] == "rule" }
        #expect(rule?["insertTextFormat"] == 2)
        #expect(rule?["textEdit"]["newText"].string?.contains("${1:name}") == true)
    }

    @Test func oddNamesAreQuoted() throws {
        let text = "event e { `odd name`: int }\nrule x { when within 1m { e where |"
        let item = try #require(items(text).first { $0["label"] == "odd name" })
        #expect(item["textEdit"]["newText"] == "`odd name`")
    }

    @Test func everyDeclarationAndClauseHasASentence() {
        let words = LanguageWords.declarations + LanguageWords.clauses
        #expect(Set(words) == Set(KeywordTexts.sentences.keys))
    }
}
