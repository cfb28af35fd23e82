// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LanguageServer

@Suite struct DiagnosticsFeatureTests {
    private static let events = "event login { user: string, outcome: \"ok\" | \"fail\" }\n"
    private static let rule = """
        rule guess {
          by user
          when within 1m { 5 login as l where outcom == "fail" }
          alert "{user}"
        }

        test guess { case "none" { expect none } }

        """

    @Test func aMistakeIsShownAtItsPlace() throws {
        let editor = Editor()
        let shown = editor.open("/a.martlet", Self.events + Self.rule)
        let error = try #require(shown.first { $0["severity"] == 1 })
        #expect(error["code"] == "E0204")
        #expect(error["source"] == "martlet")
        #expect(error["range"]["start"] == Position(line: 3, character: 38).json)
        #expect(error["range"]["end"] == Position(line: 3, character: 44).json)
        #expect(error["message"].string?.contains("did you mean `outcome`?") == true)
    }

    @Test func theMistakeGoesWhenItIsMended() {
        let editor = Editor()
        let text = Self.events + Self.rule
        #expect(!editor.open("/a.martlet", text).isEmpty)
        let mended = text.replacing("outcom ", with: "outcome ")
        #expect(editor.change("/a.martlet", [["text": .string(mended)]]).isEmpty)
    }

    @Test func aFolderIsOneRulesetAndBuffersCountMoreThanTheDisk() {
        let editor = Editor(
            files: ["/w/rules/events.martlet": Self.events, "/w/rules/guess.martlet": Self.rule],
            folder: "/w")
        let mended = Self.rule.replacing("outcom ", with: "outcome ")
        #expect(editor.open("/w/rules/guess.martlet", mended).isEmpty)
        editor.open("/w/rules/events.martlet", Self.events)
        #expect(editor.diagnostics("/w/rules/guess.martlet").isEmpty)
        let other = Self.events.replacing("outcome", with: "result")
        editor.change("/w/rules/events.martlet", [["text": .string(other)]])
        #expect(editor.diagnostics("/w/rules/guess.martlet").map { $0["code"] } == ["E0204"])
        editor.tell(
            "textDocument/didClose",
            ["textDocument": ["uri": "file:///w/rules/events.martlet"]])
        #expect(editor.diagnostics("/w/rules/guess.martlet").isEmpty)
    }

    @Test func filesThatAreNotOpenAreShownToo() {
        let editor = Editor(
            files: ["/w/a.martlet": Self.events, "/w/b.martlet": Self.rule], folder: "/w")
        editor.open("/w/a.martlet", Self.events)
        #expect(editor.diagnostics("/w/b.martlet").map { $0["code"] } == ["E0204"])
    }

    @Test func aFileOutsideTheRulesetIsAlone() {
        let editor = Editor(
            files: ["/w/rules/a.martlet": Self.events, "/w/rules/.b.martlet": Self.events],
            folder: "/w")
        for path in ["/w/other.martlet", "/v.martlet", "/w/rules/.b.martlet", "untitled:x"] {
            let codes = editor.open(path, Self.events).map { $0["code"] }
            #expect(!codes.contains("E0101"), "\(path)")
        }
    }

    @Test func aFolderThatIsAddedTakesItsDocumentsIn() {
        let editor = Editor(
            files: ["/w/events.martlet": Self.events, "/w/guess.martlet": Self.rule])
        editor.open("/w/guess.martlet", Self.rule)
        let alone = editor.diagnostics("/w/guess.martlet")
        #expect(!alone.contains { $0["code"] == "E0204" })
        let folders: JSON = [["uri": "file:///w", "name": "w"]]
        editor.tell(
            "workspace/didChangeWorkspaceFolders", ["event": ["added": folders, "removed": []]])
        #expect(editor.diagnostics("/w/guess.martlet").map { $0["code"] } == ["E0204"])
        editor.tell(
            "workspace/didChangeWorkspaceFolders", ["event": ["added": [], "removed": folders]])
        #expect(editor.diagnostics("/w/guess.martlet") == alone)
    }

    @Test func theEditorCanNameTheRulesets() {
        let files = ["/w/x/a.martlet": Self.events, "/w/rules/a.martlet": Self.events]
        let editor = Editor(files: files, folder: "/w", options: ["rulesets": ["x"]])
        let twice = editor.open("/w/x/b.martlet", Self.events).map { $0["code"] }
        let once = editor.open("/w/rules/b.martlet", Self.events).map { $0["code"] }
        #expect(twice.contains("E0101") || twice.count > once.count)
        #expect(once.count == 1)
    }

    @Test func anotherPlaceIsRelatedInformation() throws {
        let editor = Editor()
        let shown = editor.open("/a.martlet", Self.events + Self.events)
        let error = try #require(shown.first { $0["severity"] == 1 })
        let related = try #require(error["relatedInformation"].array?.first)
        #expect(related["location"]["uri"] == "file:///a.martlet")
        #expect(related["location"]["range"]["start"] == Position(line: 0, character: 6).json)
        #expect(related["message"] == "first declared here")
    }

    @Test func whatIsUnusedIsFaded() {
        let shown = Editor().open("/a.martlet", Self.events)
        #expect(shown.map { $0["tags"] } == [[1]])
        #expect(shown.map { $0["severity"] } == [2])
    }

    @Test func theEditorCanSayWhereThePagesAre() {
        let editor = Editor(options: ["documentation": "https://example.org/codes/"])
        let shown = editor.open("/a.martlet", "let x = y\n")
        let pages = shown.map { $0["codeDescription"]["href"].string ?? "" }
        #expect(!pages.isEmpty)
        #expect(pages.allSatisfy { $0.hasPrefix("https://example.org/codes/") })
        #expect(pages.allSatisfy { $0.hasSuffix(".md") && $0.utf8.count == 34 })
    }

    // MARK: quick fixes

    private func actions(_ editor: Editor, _ path: String, _ range: JSON) -> [JSON] {
        editor.ask(
            "textDocument/codeAction",
            [
                "textDocument": ["uri": .string(DocumentURI.uri(path))], "range": range,
                "context": ["diagnostics": []],
            ])["result"].array ?? []
    }

    @Test func aNameThatIsNearlyRightIsMended() throws {
        let editor = Editor()
        let text = Self.events + Self.rule
        let shown = editor.open("/a.martlet", text)
        let error = try #require(shown.first { $0["severity"] == 1 })
        let action = try #require(actions(editor, "/a.martlet", error["range"]).first)
        #expect(action["title"] == "Change `outcom` to `outcome`")
        #expect(action["isPreferred"] == true)
        let edits = action["edit"]["changes"]["file:///a.martlet"].array ?? []
        #expect(applied(edits, to: text) == text.replacing("outcom ", with: "outcome "))
    }

    @Test func aLintIsSilencedInItsPlace() throws {
        let editor = Editor()
        let text = "let a = 1\n  let unused = 2\n"
        let shown = editor.open("/a.martlet", text)
        let lint = try #require(shown.last)
        let action = try #require(actions(editor, "/a.martlet", lint["range"]).last)
        #expect(action["title"] == "Silence `unused-constant` here")
        let edits = action["edit"]["changes"]["file:///a.martlet"].array ?? []
        let mended = applied(edits, to: text)
        #expect(mended == "let a = 1\n  // martlet: allow unused-constant\n  let unused = 2\n")
        #expect(editor.change("/a.martlet", [["text": .string(mended)]]).count == 1)
    }

    @Test func noOtherKindOfActionIsOffered() {
        let editor = Editor()
        editor.open("/a.martlet", "let x = 1\n")
        let answer = editor.ask(
            "textDocument/codeAction",
            [
                "textDocument": ["uri": "file:///a.martlet"],
                "range": DocumentPlaces([], .utf16).range(0..<0),
                "context": ["only": ["refactor"]],
            ])
        #expect(answer["result"] == [])
    }

    // MARK: formatting

    private func formatted(_ text: String) -> JSON {
        let editor = Editor()
        editor.open("/a.martlet", text)
        return editor.ask(
            "textDocument/formatting", ["textDocument": ["uri": "file:///a.martlet"]])["result"]
    }

    @Test func theLayoutIsThatOfTheFormatter() throws {
        let text = "let a = 1\nlet  b   = 2\nlet c = 3\n"
        let edits = try #require(formatted(text).array)
        #expect(applied(edits, to: text) == "let a = 1\nlet b = 2\nlet c = 3\n")
        #expect(edits.first?["newText"] == "let b = 2\n")
        #expect(formatted("let a = 1\n") == [])
        #expect(formatted("rule {").isNull)
    }

    private func formatted(_ text: String, lines: Range<Int>) -> JSON {
        let editor = Editor()
        editor.open("/a.martlet", text)
        return editor.ask(
            "textDocument/rangeFormatting",
            [
                "textDocument": ["uri": "file:///a.martlet"],
                "range": [
                    "start": Position(line: lines.lowerBound, character: 0).json,
                    "end": Position(line: lines.upperBound, character: 0).json,
                ],
            ])["result"]
    }

    @Test func theLayoutOfSomeLinesLeavesTheOthersAlone() throws {
        let text = "let  a = 1\nevent x {\na:   int,\n  b:  int\n}\nlet  c = 3\n"
        let edits = try #require(formatted(text, lines: 2..<3).array)
        #expect(
            applied(edits, to: text)
                == "let  a = 1\nevent x {\n  a: int\n  b:  int\n}\nlet  c = 3\n")
        #expect(formatted(text, lines: 4..<5) == [])
        #expect(formatted("rule {", lines: 0..<1).isNull)
    }

    @Test func theLayoutOfAllLinesIsThatOfTheFile() throws {
        let text = Samples.rules.replacing("  by user", with: "by   user")
        let edits = try #require(formatted(text, lines: 0..<1000).array)
        let whole = try #require(formatted(text).array)
        #expect(!edits.isEmpty)
        #expect(applied(edits, to: text) == applied(whole, to: text))
    }

    @Test(arguments: [
        ("", "a\n"), ("a\nb\n", "a\nb\nb\n"), ("a\na\n", "a\n"), ("a", "a\n"), ("x\ny\nz", "x\nz"),
    ])
    func aDifferenceOfLinesMakesOneOfTheOther(_ old: String, _ new: String) {
        let (from, to) = LineDifference.between(Array(old.utf8), Array(new.utf8))
        var result = Array(old.utf8)
        result.replaceSubrange(from, with: Array(new.utf8)[to])
        #expect(result == Array(new.utf8))
    }
}
