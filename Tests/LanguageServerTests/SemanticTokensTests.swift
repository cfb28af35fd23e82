// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LanguageServer

@Suite struct SemanticTokensTests {
    /// Each token as `text kind`, with `!` behind what is declared.
    private func tokens(_ path: String, _ text: String) -> [String] {
        let editor = Samples.editor()
        if editor.text(path) != text { editor.open(path, text) }
        let answer = editor.ask(
            "textDocument/semanticTokens/full",
            ["textDocument": ["uri": .string(DocumentURI.uri(path))]])
        let data = (answer["result"]["data"].array ?? []).compactMap(\.int)
        let places = DocumentPlaces(Array(text.utf8), .utf16)
        var (line, column) = (0, 0)
        return stride(from: 0, to: data.count, by: 5).map { i in
            column = data[i] == 0 ? column + data[i + 1] : data[i + 1]
            line += data[i]
            let from = places.offset(Position(line: line, character: column))
            let to = places.offset(Position(line: line, character: column + data[i + 2]))
            let kind = SemanticTokens.Kind(rawValue: data[i + 3])?.name ?? "?"
            let shown = String(decoding: places.bytes[from..<to], as: UTF8.self)
            return "\(shown) \(kind)\(data[i + 4] == 1 ? "!" : "")"
        }
    }

    @Test func everyTokenHasItsMeaning() {
        let found = tokens(Samples.rulesPath, Samples.rules)
        #expect(found.first == "// é😀 comment")
        let wanted = [
            "rule keyword", "guess function!", "\"Guessing\" string", "high enumMember",
            "user property", "10m number", "failure type", "fails variable!", "bad namespace",
            "== operator", "\"ok\" string", "cap variable",
        ]
        for token in wanted { #expect(found.contains(token), "\(token)") }
        // The alert's text is cut at the names in its holes.
        #expect(found.contains("\"😀 { string") && found.contains("}: {count( string"))
        #expect(found.contains("fails variable") && found.contains("why property"))
    }

    @Test func nothingIsColouredTwice() {
        let text = """
            // martlet
            let long = \"\"\"
              two
              lines\"\"\"
            event net { a.b: int, `odd name`: string, time: time }
            rule x {
              by a.b
              when { net as `n n` where a.b > 1 and time is present }
              alert "{a.b} {first(`n n`).a.b}"
            }

            """
        let found = tokens("/w/new.martlet", text)
        #expect(found.contains("let keyword") && found.contains("long variable!"))
        #expect(found.contains("  two string") && found.contains("  lines\"\"\" string"))
        #expect(found.contains("`odd name` property!") && found.contains("`n n` variable!"))
        #expect(found.contains("time property") && found.contains("present keyword"))
        let whole = found.map { $0.split(separator: " ").dropLast().joined(separator: " ") }
        #expect(whole.joined().count <= text.count)
    }

    @Test func halfARuleIsColouredToo() {
        let text = "rule x {\n  when within 1m {\n    login where outcome =="
        let found = tokens("/w/new.martlet", text)
        #expect(found.contains("within keyword") && found.contains("1m number"))
        #expect(found.last == "== operator")
    }
}
