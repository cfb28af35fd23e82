// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import RuleLanguage

/// Diagnostics as the protocol has them.
struct DiagnosticMessages {
    let client: Client
    let workspace: Workspace

    /// What is wrong in one file.
    func diagnostics(_ found: [Diagnostic]) -> [JSON] {
        guard let file = found.first?.span.file else { return [] }
        let places = DocumentPlaces(file.bytes, client.encoding)
        return found.map { message($0, places) }
    }

    func message(_ diagnostic: Diagnostic, _ places: DocumentPlaces) -> JSON {
        let related = client.showsRelated ? diagnostic.notes.compactMap(related) : []
        let page = client.documentation.map { "\($0)/\(diagnostic.code).md" }
        let json: JSON = [
            "range": places.range(diagnostic.span.range),
            "severity": .int(DiagnosticMessages.severity(diagnostic.severity)),
            "code": .string(diagnostic.code),
            "codeDescription": page.map { ["href": .string($0)] } ?? .null,
            "source": "martlet",
            "message": .string(text(diagnostic)),
            "tags": DiagnosticMessages.isUnused(diagnostic.code) ? [1] : .null,
            "relatedInformation": related.isEmpty ? .null : .array(related),
        ]
        return json.withoutNulls
    }

    private static func severity(_ severity: Severity) -> Int {
        switch severity {
        case .error: 1
        case .warning: 2
        case .note: 3
        }
    }

    /// What editors show faded.
    private static func isUnused(_ code: String) -> Bool {
        Lint.all.contains { $0.code == code && $0.name.hasPrefix("unused-") }
    }

    /// The message, what stands under the carets, and the facts that have no place to be shown at.
    private func text(_ diagnostic: Diagnostic) -> String {
        var lines = [diagnostic.message]
        if !diagnostic.label.isEmpty { lines.append(diagnostic.label) }
        for note in diagnostic.notes {
            guard let span = note.span else {
                lines.append(note.message)
                continue
            }
            if !client.showsRelated {
                lines.append("\(note.message) (\(span.file.name):\(span.line):\(span.column))")
            }
        }
        return lines.joined(separator: "\n")
    }

    private func related(_ note: Diagnostic.Note) -> JSON? {
        note.span.map {
            [
                "location": workspace.location($0, client.encoding),
                "message": .string(note.message),
            ]
        }
    }
}
