// SPDX-License-Identifier: Apache-2.0

/// Diagnostics as text for people and for programs.
package enum DiagnosticRenderer {
    /// One block a diagnostic: code and message, the place, the lines with the span underlined, and
    /// facts without a place below. Blocks are separated by an empty line.
    package static func human(_ diagnostics: [Diagnostic], colour: Bool) -> String {
        let palette = Palette(isOn: colour)
        return diagnostics.map { HumanBlock($0, palette).text }.joined(separator: "\n")
    }
}

/// The escape sequences of a terminal, or nothing.
struct Palette {
    let isOn: Bool

    func bold(_ text: String) -> String { wrap(text, "1") }
    func blue(_ text: String) -> String { wrap(text, "1;34") }

    func severity(_ severity: Severity, _ text: String) -> String {
        switch severity {
        case .error: wrap(text, "1;31")
        case .warning: wrap(text, "1;33")
        case .note: wrap(text, "1;36")
        }
    }

    private func wrap(_ text: String, _ style: String) -> String {
        isOn && !text.isEmpty ? "\u{1b}[\(style)m\(text)\u{1b}[0m" : text
    }
}
