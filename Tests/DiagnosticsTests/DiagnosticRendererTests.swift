// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import Testing

private let source = """
    rule a {
      at least 5 login as fails where outcom == "fail"

      then b
    }
    """

/// The span of the first `text` in `file`.
private func span(_ text: String, in file: SourceFile) throws -> SourceSpan {
    let whole = Array(file.bytes)
    let part = Array(text.utf8)
    let start = try #require(
        (0...(whole.count - part.count)).first { whole[$0..<$0 + part.count].elementsEqual(part) })
    return SourceSpan(file, start..<start + part.count)
}

private func shown(_ text: String, around part: String, label: String = "here") throws -> [String] {
    let file = SourceFile(name: "f", text: text)
    let diagnostic = Diagnostic(
        code: "E1", severity: .error, "m", at: try span(part, in: file), label: label)
    return DiagnosticRenderer.human([diagnostic], colour: false)
        .split(separator: "\n").dropFirst(3).map(String.init)
}

@Suite struct HumanDiagnosticTests {
    @Test func aDiagnosticShowsItsLineItsFixAndItsFacts() throws {
        let file = SourceFile(name: "rules/auth.martlet", text: source)
        let diagnostic = Diagnostic(
            code: "E0204", severity: .error, "`login` has no field `outcom`",
            at: try span("outcom", in: file), label: "did you mean `outcome`?",
            notes: [.init("login has: user, ip, outcome")], fix: "outcome")
        #expect(
            DiagnosticRenderer.human([diagnostic], colour: false) == """
                error[E0204]: `login` has no field `outcom`
                  --> rules/auth.martlet:2:35
                   |
                 2 |   at least 5 login as fails where outcom == "fail"
                   |                                   ^^^^^^ did you mean `outcome`?
                   = login has: user, ip, outcome

                """)
    }

    @Test func notesOfTheSameFileAreShownInOrderOfLine() throws {
        let file = SourceFile(name: "f", text: source)
        let other = SourceFile(name: "g", text: "event b")
        let diagnostic = Diagnostic(
            code: "W0311", severity: .warning, "never finishes", at: try span("then", in: file),
            notes: [
                .init("opened here", at: try span("{", in: file)),
                .init("first", at: try span("login", in: file)),
                .init("declared", at: try span("b", in: other)),
            ])
        #expect(
            DiagnosticRenderer.human([diagnostic, diagnostic], colour: false)
                .components(separatedBy: "\n\n")[0] == """
                    warning[W0311]: never finishes
                      --> f:4:3
                       |
                     1 | rule a {
                       |        - opened here
                     2 |   at least 5 login as fails where outcom == "fail"
                       |              ----- first
                       ⋮
                     4 |   then b
                       |   ^^^^
                       = declared (g:1:7)
                    """)
    }

    @Test func tabsAndWideTextKeepTheCaretInPlace() throws {
        #expect(try shown("\ta x", around: "x") == [" 1 |     a x", "   |       ^ here"])
        #expect(try shown("日本 x", around: "x") == [" 1 | 日本 x", "   |      ^ here"])
        #expect(try shown("日本 x", around: "本") == [" 1 | 日本 x", "   |   ^^ here"])
        #expect(try shown("e\u{301} x", around: "x") == [" 1 | e\u{301} x", "   |   ^ here"])
    }

    @Test func whatWouldActOnATerminalIsReplaced() throws {
        #expect(try shown("a\u{1b}[31m x", around: "x")[0] == " 1 | a\u{fffd}[31m x")
        #expect(try shown("a\u{202e} x", around: "x", label: "l\u{7}")[1] == "   |    ^ l\u{fffd}")
    }

    @Test func aMarkOfTheByteOrderIsNoColumn() throws {
        let file = SourceFile(name: "f", text: "\u{feff}rule x\nrule y")
        #expect(SourceSpan(file, 8..<9).column == 6)
        #expect(SourceSpan(file, 0..<3).column == 1)
        #expect(file.lineText(1) == "rule x")
        #expect(
            try shown("\u{feff}rule x", around: "x") == [" 1 | rule x", "   |      ^ here"])
    }

    @Test func anEmptySpanAtTheEndHasOneCaret() {
        let file = SourceFile(name: "f", text: "abc\r\n")
        let end = Diagnostic(code: "E1", severity: .error, "m", at: SourceSpan(file, 3..<3))
        let behind = Diagnostic(code: "E1", severity: .error, "m", at: SourceSpan(file, 5..<5))
        #expect(DiagnosticRenderer.human([end], colour: false).hasSuffix(" 1 | abc\n   |    ^\n"))
        #expect(DiagnosticRenderer.human([behind], colour: false).hasSuffix(" 2 |\n   | ^\n"))
    }

    @Test(arguments: [0, 1, 150, 199, 200, 500, 5_000, 1_000_000])
    func aLongLineIsCutAroundTheSpan(before: Int) throws {
        for after in [0, 50, 1_000, 1_000_000] {
            let text =
                String(repeating: "a", count: before) + "XYZ" + String(repeating: "b", count: after)
            let lines = try shown(text, around: "XYZ")
            let line = Array(lines[0])
            let caret = try #require(lines[1].firstIndex(of: "^"))
            let column = lines[1].distance(from: lines[1].startIndex, to: caret)
            #expect(String(line[column..<column + 3]) == "XYZ")
            #expect(lines[1].hasSuffix("^^^ here"))
            #expect(line.count < 220)
        }
    }

    @Test func aSpanOfSeveralLinesIsUnderlinedToItsFirstLinesEnd() throws {
        let lines = try shown("a bc\nd", around: "bc\nd")
        #expect(lines == [" 1 | a bc", "   |   ^^ here"])
    }

    @Test func coloursOnlyAddEscapes() throws {
        let file = SourceFile(name: "f", text: source)
        let diagnostic = Diagnostic(
            code: "E1", severity: .error, "m", at: try span("login", in: file), label: "l")
        let coloured = DiagnosticRenderer.human([diagnostic], colour: true)
        #expect(coloured.contains("\u{1b}[1;31merror[E1]\u{1b}[0m"))
        let plain = coloured.replacing(/\u{1b}\[[0-9;]*m/, with: "")
        #expect(plain == DiagnosticRenderer.human([diagnostic], colour: false))
    }
}

@Suite struct MachineDiagnosticTests {
    private func diagnostic() throws -> Diagnostic {
        let file = SourceFile(name: "a:b,c%.martlet", text: source)
        return Diagnostic(
            code: "E0204", severity: .error, "a \"quoted\" \\ line\nand 100%: é\u{1}",
            at: try span("outcom", in: file), label: "did you mean `outcome`?",
            notes: [.init("plain"), .init("there", at: try span("login", in: file))],
            fix: "outcome")
    }

    @Test func eachDiagnosticIsOneJSONObjectOnItsLine() throws {
        let text = DiagnosticRenderer.json([try diagnostic(), try diagnostic()])
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 3 && lines[2].isEmpty && lines[0] == lines[1])
        let parsed = try JSONSerialization.jsonObject(with: Data(lines[0].utf8))
        let object = try #require(parsed as? [String: Any])
        #expect(
            object.keys.sorted() == [
                "code", "column", "endColumn", "endLine", "file", "fix", "label", "line",
                "message", "notes", "severity",
            ])
        #expect(object["message"] as? String == "a \"quoted\" \\ line\nand 100%: é\u{1}")
        #expect(object["column"] as? Int == 35)
        #expect(object["endColumn"] as? Int == 41)
        let notes = try #require(object["notes"] as? [[String: Any]])
        #expect(notes[0].count == 1)
        #expect(notes[1]["line"] as? Int == 2)
    }

    @Test func aMissingFixIsNull() throws {
        let file = SourceFile(name: "f", text: "x")
        let bare = Diagnostic(code: "E1", severity: .note, "m", at: SourceSpan(file, 0..<1))
        #expect(
            DiagnosticRenderer.json([bare]) == """
                {"code":"E1","severity":"note","message":"m","file":"f","line":1,"column":1,\
                "endLine":1,"endColumn":2,"label":"","notes":[],"fix":null}

                """)
    }

    @Test func aWorkflowCommandIsEscaped() throws {
        #expect(
            DiagnosticRenderer.github([try diagnostic()]) == """
                ::error file=a%3Ab%2Cc%25.martlet,line=2,col=35,endLine=2,endColumn=40,title=E0204\
                ::a "quoted" \\ line%0Aand 100%25: é\u{1} (did you mean `outcome`?)

                """)
    }

    @Test func aSpanOfSeveralLinesHasNoColumnsForGitHub() {
        let file = SourceFile(name: "f", text: "ab\ncd")
        let wide = Diagnostic(code: "W1", severity: .warning, "m", at: SourceSpan(file, 1..<4))
        #expect(
            DiagnosticRenderer.github([wide]) == "::warning file=f,line=1,endLine=2,title=W1::m\n")
    }
}
