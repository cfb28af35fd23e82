// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import Testing

@testable import LanguageServer

/// What is being typed: every beginning of real files, and files with a part cut out.
@Suite struct PrefixTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "rules")

    private static func shipped() throws -> [(name: String, text: String)] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return try names.filter { $0.hasSuffix(".martlet") }.sorted().map {
            ($0, try String(contentsOf: folder.appending(path: $0), encoding: .utf8))
        }
    }

    /// Asks everything that can be asked at the end of a text.
    private func probe(_ editor: Editor, _ text: String, at offset: Int? = nil) {
        let path = "/p.martlet"
        editor.change(path, [["text": .string(text)]])
        let bytes = Array(text.utf8)
        let place = DocumentPlaces(bytes, .utf16).position(offset ?? bytes.count)
        for method in ["completion", "hover", "definition", "documentHighlight"] {
            let answer = editor.ask("textDocument/" + method, path, at: place)
            if !answer["error"].isNull { Issue.record("\(method): \(answer.text)") }
        }
        let colours = editor.ask(
            "textDocument/semanticTokens/full",
            ["textDocument": ["uri": .string(DocumentURI.uri(path))]])
        if colours["result"]["data"].array == nil { Issue.record("\(colours.text)") }
    }

    /// A step of some bytes that differs from file to file: all beginnings of all files would take
    /// minutes.
    @Test func noBeginningOfAShippedFileStopsTheServer() throws {
        for (number, file) in try Self.shipped().enumerated() {
            let editor = Editor()
            editor.open("/p.martlet", "")
            let bytes = Array(file.text.utf8)
            for length in stride(from: number, through: bytes.count, by: 61 + number) {
                probe(editor, String(decoding: bytes.prefix(length), as: UTF8.self))
            }
        }
    }

    @Test func everyBeginningOfTheSamplesIsAnswered() {
        let editor = Editor()
        editor.open("/p.martlet", "")
        let text = Samples.events + Samples.rules
        let bytes = Array(text.utf8)
        for length in 0...bytes.count {
            probe(editor, String(decoding: bytes.prefix(length), as: UTF8.self))
        }
    }

    @Test func filesWithAHoleAreAnswered() {
        let editor = Editor()
        editor.open("/p.martlet", "")
        let bytes = Array((Samples.events + Samples.rules).utf8)
        for start in stride(from: 0, to: bytes.count, by: 17) {
            let rest = bytes[..<start] + bytes[min(bytes.count, start + 23)...]
            probe(editor, String(decoding: rest, as: UTF8.self), at: start)
        }
    }

    @Test func aHugeLineIsAnswered() {
        let editor = Editor()
        let list = String(repeating: "\"text\", ", count: 20_000)
        editor.open("/p.martlet", "let a = [\(list)\"end\"]\nrule x { when { login where user in ")
        let place = Position(line: 1, character: 36)
        let answer = editor.ask("textDocument/completion", "/p.martlet", at: place)
        #expect(answer["result"]["items"].array?.contains { $0["label"] == "a" } == true)
    }
}
