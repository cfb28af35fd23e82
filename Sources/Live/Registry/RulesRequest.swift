// SPDX-License-Identifier: Apache-2.0

package import Diagnostics
package import EventModel
package import MatchCore

/// What somebody wants of the rules in force.
package struct RulesRequest: Sendable {
    package enum Wish: Sendable {
        /// These rules, whole.
        case rules(ConfiguredRules)
        /// A version that was in force before.
        case version(Int64)
        case enable(String)
        case disable(String)
        /// The same rules, under other limits.
        case limits(Caps)
    }

    package var wish: Wish
    package var time: StreamTime
    package var source: RulesSource
    package var author: String
    package var note: String
    /// The version in force of which it was made; nil: any will do.
    package var base: Int64?

    package init(
        _ wish: Wish, at time: StreamTime, from source: RulesSource, author: String = "",
        note: String = "", base: Int64? = nil
    ) {
        self.wish = wish
        self.time = time
        self.source = source
        self.author = author
        self.note = note
        self.base = base
    }
}

/// Why rules stay as they are.
package enum RulesRefusal: Error, Sendable {
    /// The new ones have mistakes.
    case mistakes([Diagnostic])
    /// Their files cannot be read.
    case unreadable(String)
    case noVersion(Int64)
    /// They were made of another version than that in force, which this is.
    case notOfVersion(Int64)
    case noRule(String, closest: String?)
    /// A rule that is `disabled` where it is written.
    case disabledInText(String)
    /// What is held does not fit them: a fault of ours.
    case cannotTakeOver(String)
    /// What the registry or the journal did; they may be as they were, or the node cannot go on.
    case state(StateError)

    package static func noRule(_ name: String, among names: [String]) -> RulesRefusal {
        .noRule(name, closest: Spelling.closest(to: name, among: names))
    }

    /// Whether the node itself cannot go on.
    package var fatal: StateError? {
        guard case .state(let error) = self, !error.isOutOfSpace else { return nil }
        switch error {
        case .system, .alertStore: return error
        default: return nil
        }
    }
}

extension RulesRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .mistakes(let diagnostics):
            let errors = diagnostics.filter { $0.severity == .error }
            let first = errors.first.map { error in
                "\(error.span.file.name):\(error.span.line):\(error.span.column): "
                    + "\(error.code): \(error.message)"
            }
            let more = errors.count > 1 ? " (and \(errors.count - 1) more)" : ""
            return "the rules have mistakes: \(first ?? "")\(more)"
        case .unreadable(let problem): return problem
        case .noVersion(let number): return "there is no version \(number) of the rules"
        case .notOfVersion(let number):
            return "they were made of other rules than version \(number), which is in force"
        case .noRule(let name, let closest):
            return "there is no rule `\(name)`" + (closest.map { "; did you mean `\($0)`?" } ?? "")
        case .disabledInText(let name):
            return "the rule `\(name)` is `disabled` where it is written"
        case .cannotTakeOver(let problem): return "what is held does not fit the rules: \(problem)"
        case .state(let error): return "\(error)"
        }
    }
}
