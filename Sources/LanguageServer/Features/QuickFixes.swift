// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import RuleLanguage

extension LanguageServerSession {
    /// `textDocument/codeAction`: the repairs that diagnostics know, and comments that silence
    /// lints.
    func quickFixes(_ file: SourceFile, _ analysis: Analysis, _ params: JSON) -> JSON {
        let kinds = params["context"]["only"].array
        if let kinds, !kinds.contains(where: { $0 == "quickfix" || $0 == "" }) { return [] }
        let places = DocumentPlaces(file.bytes, client.encoding)
        guard let wanted = places.offsets(params["range"]) else { return [] }
        let found = analysis.check.diagnostics.filter { diagnostic in
            let range = diagnostic.span.range
            return diagnostic.span.file.name == file.name
                && range.lowerBound <= wanted.upperBound && wanted.lowerBound <= range.upperBound
        }
        let messages = client.renderer(workspace)
        var locator = Locator(workspace, client.encoding)
        var actions: [JSON] = []
        for diagnostic in found {
            let shown = messages.message(diagnostic, &locator)
            if let fix = diagnostic.fix {
                let edit: JSON = [
                    "range": places.range(diagnostic.span.range), "newText": .string(fix),
                ]
                actions.append(
                    action(QuickFixTitle.text(diagnostic, fix), shown, edit, file, isBest: true))
            }
            if let lint = QuickFixTitle.lint(diagnostic) {
                let edit = silencing(lint, diagnostic.span, places)
                actions.append(action("Silence `\(lint)` here", shown, edit, file, isBest: false))
            }
        }
        return .array(actions)
    }

    private func action(
        _ title: String, _ diagnostic: JSON, _ edit: JSON, _ file: SourceFile, isBest: Bool
    ) -> JSON {
        [
            "title": .string(title), "kind": "quickfix", "diagnostics": [diagnostic],
            "isPreferred": .bool(isBest),
            "edit": ["changes": .object([.init(workspace.uri(file.name), [edit])])],
        ]
    }

    /// A line of its own before the line of the lint, indented as that is.
    private func silencing(_ lint: String, _ span: SourceSpan, _ places: DocumentPlaces) -> JSON {
        let start = span.file.textStart(ofLine: span.line)
        let blanks = span.file.bytes[start...].prefix { $0 == 0x20 || $0 == 0x09 }
        let indent = String(decoding: blanks, as: UTF8.self)
        return [
            "range": places.range(start..<start),
            "newText": .string("\(indent)// martlet: allow \(lint)\n"),
        ]
    }
}

enum QuickFixTitle {
    static func text(_ diagnostic: Diagnostic, _ fix: String) -> String {
        let old = diagnostic.span.text
        if fix.isEmpty { return "Remove `\(old)`" }
        return old.isEmpty ? "Insert `\(fix)`" : "Change `\(old)` to `\(fix)`"
    }

    /// The name that silences a lint; nil for what is none, or is about such comments.
    static func lint(_ diagnostic: Diagnostic) -> String? {
        let lint = Lint.all.first { $0.code == diagnostic.code }
        let isOfComments = ["unknown-lint", "idle-allow"].contains(lint?.name ?? "")
        return isOfComments ? nil : lint?.name
    }
}
