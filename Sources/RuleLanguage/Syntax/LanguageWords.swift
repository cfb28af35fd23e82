// SPDX-License-Identifier: Apache-2.0
// A table: the words of the language, for editors. They are contextual: all but `not` may be names.
// Exercised by LanguageWordsTests.

internal import EventModel

/// The words that have a meaning somewhere in the language.
package enum LanguageWords {
    /// What begins a declaration.
    package static var declarations: [String] { Parser.declarationWords }
    /// What begins a clause of a rule.
    package static var clauses: [String] { Parser.clauseWords }
    /// What begins a further line of a pattern.
    package static var links: [String] { Parser.linkWords }
    /// What begins a line of a test's case.
    package static var testLines: [String] { Parser.testLineWords }
    /// What may follow an event on its line.
    package static var parts: [String] { Parser.partWords }
    /// What goes on with the line above, in a rule.
    package static var continuations: [String] { Parser.continuationWords }
    /// Operators of expressions.
    package static var operators: [String] {
        Parser.operatorWords + ["not", "missing", "present"]
    }
    package static let literals = ["true", "false"]
    package static var types: [String] { RulesetChecker.typeNames.map(\.name) }
    package static var severities: [String] { RulesetChecker.severities }
    /// The kinds of windows.
    package static let windows = ["sliding", "tumbling", "hopping", "session", "last"]
    /// What stands between the words above.
    package static let fillers = [
        "from", "key", "id", "time", "on", "per", "over", "every", "next", "each", "no", "all",
        "any", "of", "least", "to", "times", "optional", "consecutive", "distinct", "first", "past",
        "none", "latest", "case", "arriving", "alerts",
    ]

    /// Each word once, in alphabetical order.
    package static var all: [String] {
        let words =
            declarations + clauses + links + testLines + parts + operators + literals + types
            + severities + windows + fillers + Parser.continuationWords
        return Array(Set(words)).sorted()
    }

    /// A function or an aggregate, as shown to authors: `substring(text, start, count?)`.
    package struct Function: Sendable {
        package var name: String
        package var signature: String
        /// Over the events of a step.
        package var isAggregate: Bool
    }

    /// Scalar functions, then aggregates; `min` and `max` are both.
    package static var functions: [Function] {
        let scalars = ScalarFunction.allCases.map {
            Function(
                name: $0.rawValue, signature: FunctionSignature.of($0).text, isAggregate: false)
        }
        let choices = [
            Function(name: "if", signature: "if(condition, then, else)", isAggregate: false),
            Function(name: "coalesce", signature: "coalesce(a, b, …)", isAggregate: false),
        ]
        let aggregates = AggregateName.allCases.map {
            Function(name: $0.rawValue, signature: $0.signature, isAggregate: true)
        }
        let picks = ["first", "last"].map {
            Function(name: $0, signature: "\($0)(step.field)", isAggregate: true)
        }
        let previous = Function(name: "prev", signature: "prev(field)", isAggregate: false)
        return scalars + choices + aggregates + picks + [previous]
    }
}
