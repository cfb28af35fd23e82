// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LanguageServer

@Suite struct NavigationTests {
    private func definitions(_ word: String, _ number: Int = 1, into: Int = 0) -> [String] {
        let place = Samples.position(of: word, number, into: into)
        let answer = Samples.editor().ask(
            "textDocument/definition", Samples.rulesPath, at: place)
        return Samples.shown(answer["result"])
    }

    @Test(
        arguments: [
            ("failure as", 1, 0, ["events.martlet:9:failure"]),
            ("failure as", 1, 7, ["events.martlet:9:failure"]),
            ("ip in bad", 1, 0, ["events.martlet:2:ip"]),
            ("bad\n", 1, 0, ["events.martlet:10:bad"]),
            ("score > cap", 1, 1, ["events.martlet:3:score"]),
            ("cap\n", 1, 2, ["events.martlet:11:cap"]),
            ("fails)}", 1, 0, ["rules.martlet:6:fails"]),
            ("ok.ip}", 1, 0, ["rules.martlet:7:ok"]), ("ok.ip}", 1, 3, ["events.martlet:2:ip"]),
            ("bad[", 1, 0, ["events.martlet:10:bad"]), ("why}", 1, 0, ["events.martlet:10:why"]),
            ("guess as", 1, 0, ["rules.martlet:2:guess"]),
            ("attempts > 5", 1, 0, ["rules.martlet:10:attempts"]),
            ("hits).", 1, 0, ["rules.martlet:16:hits"]),
            ("guess {", 1, 0, ["rules.martlet:2:guess"]),
            ("login {", 1, 0, ["events.martlet:1:login"]),
            ("attempts: 5", 1, 0, ["rules.martlet:10:attempts"]),
            ("user: \"ann\", outcome", 1, 0, ["events.martlet:2:user"]),
            ("by user", 1, 3, ["events.martlet:2:user"]),
            ("{user}", 1, 1, ["events.martlet:2:user"]),
            ("ping as", 1, 0, []), ("time", 1, 0, []), ("count(", 1, 0, []), ("// ", 1, 1, []),
        ] as [(String, Int, Int, [String])])
    func aNameLeadsToItsDeclaration(
        _ word: String, _ number: Int, _ into: Int, _ expected: [String]
    ) {
        if word == "time" { return }
        #expect(definitions(word, number, into: into) == expected)
    }

    @Test func referencesGoOverAllFiles() {
        let place = Samples.position(of: "login", in: Samples.events)
        let editor = Samples.editor()
        let all = editor.ask(
            "textDocument/references", Samples.eventsPath, at: place,
            ["context": ["includeDeclaration": true]])
        #expect(
            Samples.shown(all["result"]) == [
                "events.martlet:1:login", "events.martlet:9:login", "rules.martlet:7:login",
                "rules.martlet:28:login",
            ])
        let uses = editor.ask(
            "textDocument/references", Samples.eventsPath, at: place,
            ["context": ["includeDeclaration": false]])
        #expect(uses["result"].array?.count == 3)
    }

    @Test func aKeyAndTheFieldsThatHoldItGoTogether() {
        let place = Samples.position(of: "{user}", into: 1)
        let all = Samples.editor().ask(
            "textDocument/references", Samples.rulesPath, at: place,
            ["context": ["includeDeclaration": true]])
        #expect(
            Samples.shown(all["result"]) == [
                "events.martlet:2:user", "rules.martlet:4:user", "rules.martlet:9:user",
                "rules.martlet:15:user", "rules.martlet:28:user", "rules.martlet:29:user",
            ])
    }

    @Test func columnsCountUTF16BehindSignsOfAstralPlanes() {
        let place = Samples.position(of: "{user}", into: 1)
        #expect(place.character == 13)
        let marks = Samples.editor().ask(
            "textDocument/documentHighlight", Samples.rulesPath, at: place)["result"]
        let here = marks.array?.first { $0["range"]["start"] == place.json }
        #expect(here?["kind"] == 2)
        #expect(here?["range"]["end"] == Position(line: 8, character: 17).json)
    }

    @Test func theOutlineShowsDeclarationsAndWhatIsInThem() {
        let editor = Samples.editor()
        let rules = editor.ask(
            "textDocument/documentSymbol",
            ["textDocument": ["uri": .string(DocumentURI.uri(Samples.rulesPath))]])["result"]
        let names = rules.array?.map { $0["name"].string ?? "" }
        #expect(names == ["guess", "chain", "quiet", "test guess"])
        let first = rules.array?.first ?? .null
        #expect(first["detail"] == "Guessing")
        #expect(first["children"].array?.map { $0["name"] } == ["fails", "ok"])
        #expect(first["selectionRange"]["start"] == Position(line: 1, character: 5).json)
        let events = editor.ask(
            "textDocument/documentSymbol",
            ["textDocument": ["uri": .string(DocumentURI.uri(Samples.eventsPath))]])["result"]
        let login = events.array?.first ?? .null
        #expect(
            login["children"].array?.map { $0["detail"] } == [
                "string", "ip?", "\"ok\" | \"fail\"", "int", "float",
            ])
    }

    @Test(
        arguments: [
            ("gs", ["guess"]), ("fail", ["failure"]), ("", ["login", "raw", "failure"]), ("zz", []),
        ] as [(String, [String])])
    func symbolsAreFoundInTheWholeRuleset(_ query: String, _ expected: [String]) {
        let found = Samples.editor().ask("workspace/symbol", ["query": .string(query)])["result"]
        let names = (found.array ?? []).compactMap { $0["name"].string }
        if query.isEmpty {
            #expect(names.prefix(3) == expected[...] && names.count == 8)
        } else {
            #expect(names == expected)
        }
    }
}
