// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import LanguageServer

@Suite struct SessionTests {
    private func bytes(_ json: JSON) -> MessageReader.Item { .message(json.bytes) }

    @Test func theServerSaysWhoItIsAndHowItCounts() {
        let answer = Editor().initializeAnswer["result"]
        #expect(answer["serverInfo"]["version"] == "1.2.3")
        #expect(answer["capabilities"]["positionEncoding"] == "utf-16")
        let utf8 = Editor(encodings: ["utf-16", "utf-8"]).initializeAnswer["result"]
        #expect(utf8["capabilities"]["positionEncoding"] == "utf-8")
    }

    @Test func nothingIsAnsweredBeforeInitialize() {
        let machine = RulesFiles(
            files: { _ in [] }, isFolder: { _ in false },
            table: { _ in .failure(.init(reason: "none")) }, today: { nil })
        var session = LanguageServerSession(machine, version: "1")
        let early = session.receive([bytes(.request(1, "textDocument/hover", [:]))])
        #expect(early.map { $0["error"]["code"] } == [-32002])
        #expect(session.receive([bytes(.notification("textDocument/didOpen", [:]))]).isEmpty)
        #expect(session.idle().isEmpty)
        _ = session.receive([bytes(.notification("exit", .null))])
        #expect(session.exitCode == 1)
    }

    @Test func exitIsCleanOnlyAfterShutdown() {
        let editor = Editor()
        #expect(editor.ask("shutdown", .null)["result"].isNull)
        #expect(editor.ask("textDocument/hover", [:])["error"]["code"] == -32600)
        #expect(editor.session.exitCode == nil)
        editor.tell("exit", .null)
        #expect(editor.session.exitCode == 0)
        let other = Editor()
        other.tell("exit", .null)
        #expect(other.session.exitCode == 1)
    }

    @Test func whatIsNoMessageGetsAnErrorAndNothingElse() {
        let editor = Editor()
        var session = editor.session
        let out = session.receive([
            .message(Array("{\"jsonrpc\"".utf8)), .message(Array("[1]".utf8)), .badHeader,
            bytes(["jsonrpc": "2.0", "id": 7, "method": 5]),
            bytes(.request("x", "martlet/none", .null)),
            bytes(.notification("$/none", .null)),
            bytes(["jsonrpc": "2.0", "id": "martlet-1", "result": .null]),
        ])
        #expect(
            out.map { $0["error"]["code"] } == [-32700, -32700, -32600, -32600, -32601])
        #expect(session.exitCode == nil)
    }

    @Test func aRequestThatIsCancelledInTimeIsNotAnswered() {
        var session = Editor().session
        let out = session.receive([
            bytes(.request(8, "textDocument/formatting", [:])),
            bytes(.notification("$/cancelRequest", ["id": 8])),
        ])
        #expect(out.map { $0["error"]["code"] } == [-32800])
    }

    @Test func aDocumentThatIsNotOpenIsAnError() {
        let editor = Editor()
        let params: JSON = ["textDocument": ["uri": "file:///no.martlet"]]
        #expect(editor.ask("textDocument/formatting", params)["error"]["code"] == -32602)
        #expect(editor.ask("textDocument/formatting", [:])["error"]["code"] == -32602)
        #expect(editor.ask("textDocument/formatting", 5)["error"]["code"] == -32602)
    }

    @Test func changesApplyInOrder() {
        let editor = Editor()
        editor.open("/a.martlet", "rule a {\n}\n")
        editor.change(
            "/a.martlet",
            [
                [
                    "range": ["start": [5].position, "end": [6].position], "text": "é😀",
                ],
                [
                    "range": ["start": [8].position, "end": [8].position], "text": "\"t\" ",
                ],
            ])
        #expect(editor.text("/a.martlet") == "rule é😀\"t\"  {\n}\n")
        editor.change("/a.martlet", [["text": "let x = 1\n"]])
        #expect(editor.text("/a.martlet") == "let x = 1\n")
        editor.change("/a.martlet", [["range": 5, "text": "y"], ["rangeLength": 1]])
        #expect(editor.text("/a.martlet") == "let x = 1\n")
        #expect(editor.received.last?["method"] == "window/logMessage")
    }
}

extension [Int] {
    /// A position on the first line.
    fileprivate var position: JSON { Position(line: 0, character: self[0]).json }
}
