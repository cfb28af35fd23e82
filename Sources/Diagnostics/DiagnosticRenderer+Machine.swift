// SPDX-License-Identifier: Apache-2.0
// The forms that programs read: JSON Lines (RFC 8259, one object a line) and the workflow commands
// of GitHub Actions. Exercised by DiagnosticRendererTests.

extension DiagnosticRenderer {
    /// One JSON object a line. Lines and columns count from 1, columns in Unicode scalars; the end
    /// is the place behind the last sign. `fix` is null where no repair is known.
    package static func json(_ diagnostics: [Diagnostic]) -> String {
        diagnostics.map { diagnostic in
            let notes = diagnostic.notes.map { note in
                let message = "\"message\":\(quoted(note.message))"
                return "{\(message)\(note.span.map { "," + place($0) } ?? "")}"
            }
            let fields = [
                "\"code\":\(quoted(diagnostic.code))",
                "\"severity\":\(quoted(diagnostic.severity.rawValue))",
                "\"message\":\(quoted(diagnostic.message))",
                place(diagnostic.span),
                "\"label\":\(quoted(diagnostic.label))",
                "\"notes\":[\(notes.joined(separator: ","))]",
                "\"fix\":\(diagnostic.fix.map(quoted) ?? "null")",
            ]
            return "{\(fields.joined(separator: ","))}\n"
        }.joined()
    }

    private static func place(_ span: SourceSpan) -> String {
        let end = span.end
        return "\"file\":\(quoted(span.file.name)),\"line\":\(span.line),\"column\":\(span.column),"
            + "\"endLine\":\(end.line),\"endColumn\":\(end.column)"
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0}"..<"\u{20}", "\u{7f}", "\u{2028}", "\u{2029}":
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// One workflow command a line: GitHub shows each at its place in the change under review.
    ///
    /// Columns are left out where a span runs over several lines, as GitHub refuses them there;
    /// `endColumn` is that of the last sign.
    package static func github(_ diagnostics: [Diagnostic]) -> String {
        diagnostics.map { diagnostic in
            let span = diagnostic.span
            let end = span.end
            var properties = ["file=\(property(span.file.name))", "line=\(span.line)"]
            if end.line == span.line {
                properties.append("col=\(span.column)")
                properties.append("endLine=\(end.line)")
                properties.append("endColumn=\(max(span.column, end.column - 1))")
            } else {
                properties.append("endLine=\(end.line)")
            }
            properties.append("title=\(property(diagnostic.code))")
            let label = diagnostic.label.isEmpty ? "" : " (\(diagnostic.label))"
            return "::\(command(diagnostic.severity)) \(properties.joined(separator: ","))"
                + "::\(data(diagnostic.message + label))\n"
        }.joined()
    }

    private static func command(_ severity: Severity) -> String {
        switch severity {
        case .error: "error"
        case .warning: "warning"
        case .note: "notice"
        }
    }

    private static func data(_ text: String) -> String { escaped(text, ["%", "\r", "\n"]) }

    private static func property(_ text: String) -> String {
        escaped(text, ["%", "\r", "\n", ":", ","])
    }

    private static func escaped(_ text: String, _ signs: [Unicode.Scalar]) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if signs.contains(scalar) {
                let hex = String(scalar.value, radix: 16, uppercase: true)
                result += "%" + (hex.count < 2 ? "0" : "") + hex
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension SourceSpan {
    /// The line and column of the place behind the span.
    fileprivate var end: (line: Int, column: Int) {
        (file.line(at: range.upperBound), file.column(at: range.upperBound))
    }
}
