// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import RuleLanguage

/// Diagnostics as the protocol has them.
struct DiagnosticMessages {
    let client: Client
    let workspace: Workspace

    /// What is wrong in one file.
    func diagnostics(_ found: [Diagnostic]) -> [JSON] {
        var locator = Locator(workspace, client.encoding)
        return found.prefix(DiagnosticMessages.fileCap).map { message($0, &locator) }
    }

    /// Messages of one file: an editor shows no more at once, and the others come as these go.
    static let fileCap = 1_000

    func message(_ diagnostic: Diagnostic, _ locator: inout Locator) -> JSON {
        var related: [JSON] = []
        for note in diagnostic.notes where client.showsRelated {
            guard let span = note.span else { continue }
            related.append(
                ["location": locator.location(span), "message": .string(note.message)])
        }
        let page = client.documentation.map { "\($0)/\(diagnostic.code).md" }
        let json: JSON = [
            "range": locator.range(diagnostic.span),
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
}
