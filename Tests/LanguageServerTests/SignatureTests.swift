// SPDX-License-Identifier: Apache-2.0

import RuleLanguage
import Testing

@testable import LanguageServer

@Suite struct SignatureTests {
    /// The signature shown at `|` and the parameter in it; empty where there is none.
    private func shown(_ text: String) -> (signature: String, parameter: String) {
        let editor = Samples.editor()
        let (plain, position) = marked(text)
        editor.open("/w/new.martlet", plain)
        let answer = editor.ask("textDocument/signatureHelp", "/w/new.martlet", at: position)
        let result = answer["result"]
        guard let active = result["activeSignature"].int else { return ("", "") }
        let signature = result["signatures"].array?[active] ?? .null
        let label = signature["label"].string ?? ""
        let parameter = signature["parameters"].array?[result["activeParameter"].int ?? 0]
        let range = (parameter?["label"].array ?? []).compactMap(\.int)
        let units = Array(label.utf16)[range[0]..<range[1]]
        return (label, String(decoding: units, as: UTF16.self))
    }

    private static let cases: [(text: String, signature: String, parameter: String)] = [
        ("event x from login where lower(|", "lower(text)", "text"),
        ("event x from login where substring(user, |)", "substring(text, start, count?)", "start"),
        (
            "event x from login where substring(user, min(1, 2), |",
            "substring(text, start, count?)", "count?"
        ),
        ("event x from login where substring(user, m|", "substring(text, start, count?)", "start"),
        (
            "rule x {\n  when { 2 login as l }\n  alert \"{percentile(l.score, |\"\n}",
            "percentile(step.field, from 0 to 100)", "from 0 to 100"
        ),
        (
            "rule x {\n  when { login where replace(\n    user,\n    |", "replace(text, part, by)",
            "part"
        ),
        ("event x from login where lower(user) == \"a\" and (|", "", ""),
        ("event x from login where user in [|", "", ""),
        ("// lower(|", "", ""),
        ("event x { a: string = \"lower(|", "", ""),
        ("event x from login where unheard_of(|", "", ""),
    ]

    @Test(arguments: cases) func theCallAroundTheCursorIsShown(
        _ text: String, _ signature: String, _ parameter: String
    ) {
        let found = shown(text)
        #expect(found.signature == signature)
        #expect(found.parameter == parameter)
    }

    @Test func everyFunctionHasParameters() {
        for function in LanguageWords.functions {
            let ranges = SignatureHelp.parameters(of: function.signature)
            #expect(!ranges.isEmpty, "\(function.signature)")
            #expect(ranges.allSatisfy { !$0.isEmpty }, "\(function.signature)")
        }
    }
}
