// SPDX-License-Identifier: Apache-2.0

/// What an option of a configuration may be.
package enum OptionKind: Hashable, Sendable {
    case text
    /// A text that is never printed.
    case secret
    /// A file or folder; relative to the configuration file.
    case path
    /// One path, or a list of them.
    case paths
    case boolean
    case integer(ClosedRange<Int>)
    /// As rules write it: `90s`, `1h30m`.
    case duration
    /// A number of bytes: `64MB`.
    case size(upTo: Int = .max)
    /// A host and a port to listen on.
    case address
    /// One of some words.
    case choice([String])
    /// One text, or a list of them.
    case texts
    /// Texts by their names; those are never printed.
    case namedTexts

    /// Whether it is a number without a unit.
    var isCount: Bool {
        if case .integer = self { return true }
        return false
    }

    /// What is accepted, in the words of an error.
    var expectation: String {
        switch self {
        case .text, .secret: "a text"
        case .path: "a path"
        case .paths: "a path or a list of paths"
        case .boolean: "`true` or `false`"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .duration: "a duration as rules write it, such as `90s` or `1h30m`"
        case .size(Int.max): "a number of bytes, such as `64MB`"
        case .size(let most):
            "a number of bytes up to `\(OptionValue.sizeText(most))`, such as `1MB`"
        case .texts: "a text or a list of texts"
        case .namedTexts: "a mapping of names to texts"
        case .address: "an address and a port, such as `127.0.0.1:8080` or `[::1]:8080`"
        case .choice(let words): "one of " + words.map { "`\($0)`" }.joined(separator: ", ")
        }
    }
}

/// An option, declared once: what reads it, its schema and its page of the reference come from
/// this.
package struct OptionDeclaration: Hashable, Sendable {
    package let name: String
    package let kind: OptionKind
    /// As it would be written; nil: it has to be given if `isRequired`, and is off otherwise.
    package let defaultText: String?
    package let isRequired: Bool
    /// One sentence, without a full stop.
    package let summary: String

    init(
        _ name: String, _ kind: OptionKind, default text: String? = nil, isRequired: Bool = false,
        _ summary: String
    ) {
        self.name = name
        self.kind = kind
        defaultText = text
        self.isRequired = isRequired
        self.summary = summary
    }
}

/// A kind of feed or sink, or a section of the configuration.
package struct SectionDeclaration: Hashable, Sendable {
    /// What `type` says, or the key of the section.
    package let name: String
    package let summary: String
    package let options: [OptionDeclaration]
}

/// The value of an option.
package enum OptionValue: Hashable, Sendable {
    case text(String)
    case texts([String])
    case boolean(Bool)
    case integer(Int)
    case namedTexts([NamedText])
}

package struct NamedText: Hashable, Sendable {
    package let name: String
    package let text: String
}
