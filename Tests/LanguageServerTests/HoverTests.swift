// SPDX-License-Identifier: Apache-2.0

import RuleLanguage
import Testing

@testable import LanguageServer

@Suite struct HoverTests {
    private func hover(_ word: String, _ number: Int = 1, into: Int = 0) -> String {
        let place = Samples.position(of: word, number, into: into)
        let answer = Samples.editor().ask("textDocument/hover", Samples.rulesPath, at: place)
        return answer["result"]["contents"]["value"].string ?? ""
    }

    @Test(
        arguments: [
            ("failure as", 1, 0, ["event failure from login {", "outcome: \"ok\" | \"fail\""]),
            ("ip in bad", 1, 0, ["ip: ip?", "A field of `failure`, as in `login`."]),
            (
                "score > cap", 1, 0,
                ["score: float", "score: float", "`login`, computed: `1.5 * tries`"]
            ),
            ("cap\n", 1, 0, ["let cap = 6", "int"]),
            ("fails)}", 1, 0, ["at least 5 failure as fails", "binds many events of `failure`"]),
            ("ok.ip}", 1, 0, ["then login as ok", "binds one event of `login`", "- `ip: ip?`"]),
            ("bad[", 1, 0, ["table bad {", "ip: ip  // the key", "2 rows"]),
            ("why}", 1, 0, ["why: string", "A column of the table `bad`."]),
            ("{user}", 1, 1, ["user: string", "Part of the key of `guess`"]),
            ("count(", 1, 1, ["count(step)", "number of events"]),
            (
                "guess as", 1, 0,
                ["rule guess \"Guessing\"", "For each user: at least 5 failure events"]
            ),
            ("attempts > 5", 1, 0, ["attempts: int"]), ("> cap", 1, 0, ["bool"]),
            ("p.battery", 1, 2, ["battery: number", "`ping`, which is not declared"]),
            ("severity high", 1, 2, ["How much an alert matters"]), ("+ 1}", 1, 0, ["number"]),
            ("ping as", 1, 0, ["event ping {", "Not declared"]),
        ] as [(String, Int, Int, [String])])
    func aNameIsExplained(_ word: String, _ number: Int, _ into: Int, _ expected: [String]) {
        let text = hover(word, number, into: into)
        for part in expected { #expect(text.contains(part), "\(word): \(text)") }
    }

    @Test func nothingIsSaidOfWhatHasNoMeaning() {
        #expect(hover("// ") == "")
        #expect(hover("\n\n", into: 1) == "")
        #expect(hover("{\n", into: 1) == "")
        #expect(hover("from {ok") == "")
    }

    @Test func aRuleWithAMistakeHasNoSentence() {
        let editor = Samples.editor()
        let text = Samples.rules.replacing("outcome == \"ok\"", with: "outcom == \"ok\"")
        editor.change(Samples.rulesPath, [["text": .string(text)]])
        let place = Samples.position(of: "guess")
        let answer = editor.ask("textDocument/hover", Samples.rulesPath, at: place)
        let said = answer["result"]["contents"]["value"].string ?? ""
        #expect(said.contains("rule guess") && !said.contains("For each"))
    }

    @Test func theTableOfKeysIsExplained() {
        let text =
            "table fleet = [\"a\", \"b\"]\nrule r {\n  by user\n  keys from fleet\n  when {\n"
            + "    login as l\n    then no login for 1d\n  }\n}\n"
        let editor = Samples.editor()
        editor.change(Samples.rulesPath, [["text": .string(text)]])
        func said(_ word: String, _ number: Int = 1) -> String {
            let place = Samples.position(of: word, number, in: text)
            let answer = editor.ask("textDocument/hover", Samples.rulesPath, at: place)
            return answer["result"]["contents"]["value"].string ?? ""
        }
        #expect(said("fleet", 2).contains("table fleet"))
        #expect(said("keys").contains("A table of keys to watch from the start."))
        #expect(said("r {").contains("with those of `fleet` watched from the start"))
    }

    @Test func everyFunctionHasASentenceAndNothingElse() {
        let names = Set(LanguageWords.functions.map(\.name))
        #expect(names == Set(FunctionTexts.sentences.keys))
        #expect(FunctionTexts.text("substring")?.contains("substring(text, start, count?)") == true)
        #expect(FunctionTexts.text("nothing") == nil)
    }
}
