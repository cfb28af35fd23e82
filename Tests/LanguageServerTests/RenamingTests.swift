// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LanguageServer

@Suite struct RenamingTests {
    private func ask(_ word: String, _ new: String, into: Int = 0, in text: String? = nil) -> JSON {
        let path = text == nil ? Samples.rulesPath : Samples.eventsPath
        let place = Samples.position(of: word, in: text ?? Samples.rules, into: into)
        return Samples.editor().ask(
            "textDocument/rename", path, at: place, ["newName": .string(new)])
    }

    /// Both files after a change of name; nil where it is refused.
    private func renamed(_ answer: JSON) -> (events: String, rules: String)? {
        guard !answer["result"].isNull else { return nil }
        let changes = answer["result"]["changes"]
        return (
            applied(
                changes[DocumentURI.uri(Samples.eventsPath)].array ?? [], to: Samples.events),
            applied(changes[DocumentURI.uri(Samples.rulesPath)].array ?? [], to: Samples.rules)
        )
    }

    @Test func aStepHasItsNewNameWhereverItIsRead() throws {
        let texts = try #require(renamed(ask("fails", "tries_made")))
        #expect(texts.events == Samples.events)
        #expect(texts.rules == Samples.rules.replacing("fails", with: "tries_made"))
    }

    @Test func anEventTypeHasItsNewNameInAllFiles() throws {
        let texts = try #require(renamed(ask("login", "sign_in")))
        #expect(texts.events == Samples.events.replacing("login", with: "sign_in"))
        #expect(texts.rules == Samples.rules.replacing("login", with: "sign_in"))
    }

    @Test func aFieldTakesTheKeysThatNameItAlong() throws {
        let texts = try #require(renamed(ask("user:", "who", in: Samples.events)))
        #expect(texts.events == Samples.events.replacing("user", with: "who"))
        #expect(texts.rules == Samples.rules.replacing("user", with: "who"))
    }

    @Test func aFieldTakesTheGroupThatCapturesItAlong() throws {
        let texts = try #require(renamed(ask("account: string", "name", in: Samples.events)))
        #expect(texts.events == Samples.events.replacing("account", with: "name"))
    }

    @Test(arguments: [("bad\n", "evil"), ("why}", "reason"), ("guess as", "guessing")])
    func otherNamesChangeToo(_ word: String, _ new: String) throws {
        let texts = try #require(renamed(ask(word, new)))
        let old = String(word.prefix { $0.isLetter })
        #expect(!texts.rules.contains("\(old)[") && texts.rules.contains(new))
        let editor = Editor(files: [:], folder: "/w")
        editor.open(Samples.eventsPath, texts.events)
        let shown = editor.open(Samples.rulesPath, texts.rules)
        #expect(!shown.contains { $0["severity"] == 1 }, "\(shown)")
    }

    @Test(
        arguments: [
            ("fails", 0, "ok", "two steps are called `ok`"), ("fails", 0, "1x", "no name"),
            ("fails", 0, "a b", "no name"), ("fails", 0, "", "no name"),
            ("fails", 0, "not", "no name"),
            ("fails", 0, "é", "no name"), ("guess", 0, "login", "declared twice"),
            ("guess", 0, "alert", "a meaning of its own"), ("ping", 0, "pong", "not declared"),
            ("battery", 0, "charge", "not declared"), ("device", 0, "thing", "not declared"),
            ("title}", 0, "name", "not declared"), ("within", 0, "x", "nothing here"),
        ] as [(String, Int, String, String)])
    func aNameThatCanNotBeIsRefused(
        _ word: String, _ into: Int, _ new: String, _ reason: String
    ) {
        let answer = ask(word, new, into: into)
        #expect(answer["error"]["message"].string?.contains(reason) == true, "\(answer.text)")
    }

    @Test func aNameThatWouldMeanSomethingElseIsRefused() {
        // `ok.user` would then read the constant `cap`, or the other way round.
        #expect(ask("tries: int", "outcome", in: Samples.events)["result"].isNull)
        #expect(ask("cap =", "score", in: Samples.events)["result"].isNull)
    }

    @Test func theEditorIsToldWhatWillChange() {
        let editor = Samples.editor()
        let place = Samples.position(of: "fails)}", into: 2)
        let answer = editor.ask("textDocument/prepareRename", Samples.rulesPath, at: place)
        #expect(answer["result"]["placeholder"] == "fails")
        #expect(answer["result"]["range"]["start"] == Samples.position(of: "fails)}").json)
        let none = editor.ask(
            "textDocument/prepareRename", Samples.rulesPath, at: Position(line: 0, character: 0))
        #expect(none["error"]["code"] == -32803)
    }
}
