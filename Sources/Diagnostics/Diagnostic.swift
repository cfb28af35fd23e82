// SPDX-License-Identifier: Apache-2.0

/// How much a diagnostic matters.
package enum Severity: String, Comparable, Sendable {
    case note, warning, error

    package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
    private var rank: Int {
        switch self {
        case .note: 0
        case .warning: 1
        case .error: 2
        }
    }
}

/// A finding about a rules file, worded for its author.
///
/// Messages are lower case, without a full stop, with names in backticks.
package struct Diagnostic: Sendable {
    /// A second place that explains the first.
    package struct Note: Sendable {
        package let message: String
        /// Nil for a fact with no place of its own.
        package let span: SourceSpan?

        package init(_ message: String, at span: SourceSpan? = nil) {
            self.message = message
            self.span = span
        }
    }

    /// The permanent code: `E0204` for errors, `W0301` for lints. Never reused.
    package let code: String
    package let severity: Severity
    /// What is wrong.
    package let message: String
    package let span: SourceSpan
    /// What stands under the carets: the fix where one is likely, or what the place is. May be
    /// empty.
    package let label: String
    package let notes: [Note]
    /// The text that should replace the span, where one repair is likely.
    package let fix: String?

    package init(
        code: String, severity: Severity, _ message: String, at span: SourceSpan,
        label: String = "", notes: [Note] = [], fix: String? = nil
    ) {
        self.code = code
        self.severity = severity
        self.message = message
        self.span = span
        self.label = label
        self.notes = notes
        self.fix = fix
    }
}
