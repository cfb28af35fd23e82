// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import RuleLanguage

/// The lints, as `martlet check --lints` shows them.
struct LintList {
    private let format: CheckCommand.Format

    init(_ format: CheckCommand.Format) { self.format = format }

    /// One line a lint.
    var text: String {
        format == .json ? Lint.all.map(json).joined() : Lint.all.map(human).joined()
    }

    private var nameWidth: Int { Lint.all.map(\.name.utf8.count).max() ?? 0 }

    private func human(_ lint: Lint) -> String {
        let name = padded(lint.name, to: nameWidth)
        return "\(name)  \(padded(lint.level.rawValue, to: 7))  \(lint.code)  \(lint.title)\n"
    }

    private func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.utf8.count))
    }

    private func json(_ lint: Lint) -> String {
        "{\"name\":\"\(lint.name)\",\"level\":\"\(lint.level.rawValue)\","
            + "\"code\":\"\(lint.code)\",\"title\":\"\(lint.title)\"}\n"
    }
}
