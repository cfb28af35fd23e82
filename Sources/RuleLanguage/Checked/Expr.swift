// SPDX-License-Identifier: Apache-2.0

package import EventModel

/// A checked expression. Truth is `bool` or missing (unknown): three-valued, as in SQL.
package indirect enum Expr: Hashable, Sendable {
    case constant(Value)
    /// A field of the event under test (in a step's or filter's condition), or of the event that
    /// an aggregate is looking at.
    case field(FieldRef)
    /// A field of the event under test by its name, where its type is not known (`any event`).
    case fieldNamed(String)
    /// The `time`, `id` or `type` of the event under test.
    case builtIn(EventType.BuiltInField)
    /// A part of the rule's key, by index.
    case key(Int)
    /// An expression over one event that a step has bound: its fields are read by `.field` inside
    /// `argument`. Missing where nothing is bound.
    case bound(StepID, Pick, Expr)
    /// An aggregate over all events a step has bound so far, in order of binding; `argument` is
    /// evaluated with each as the event under test.
    case aggregate(Aggregate, StepID, argument: Expr?)
    /// An `.aggregate` or `.bound` over the newest part of the rule's window alone.
    case part(WindowPart, Expr)
    /// `prev(field)`: the field of the event bound just before in this attempt, whichever step
    /// bound it; one entry for each step that has a field of that name. Missing where there is
    /// none.
    case previous([StepID: FieldRef])
    /// `match.start`, `match.end`, `match.count`.
    case match(MatchProperty)
    case not(Expr)
    case and(Expr, Expr)
    case or(Expr, Expr)
    case compare(Comparison, Expr, Expr)
    /// `x in list`: true if equal to some element.
    case isIn(Expr, Expr)
    /// `x in table`: whether there is a row of that key; unknown where x is missing.
    case isInTable(Expr, TableID)
    /// `table[key].column`: missing where there is no such row.
    case lookUp(Expr, TableID, column: Int)
    /// `text contains part`; `list contains element`.
    case contains(Expr, Expr)
    /// `*` and `?` over a constant pattern.
    case like(Expr, pattern: String, ignoringCase: Bool)
    case matches(Expr, RegexLiteral)
    case isMissing(Expr)
    /// The first that is not missing.
    case coalesce([Expr])
    case arithmetic(Arithmetic, Expr, Expr)
    case negate(Expr)
    /// `if(c, a, b)`: b where c is false or unknown.
    case conditional(Expr, Expr, Expr)
    /// An element of a list, from 0; negative counts from the end; missing where there is none.
    case element(Expr, Expr)
    case list([Expr])
    case call(ScalarFunction, [Expr])
    /// Texts and values joined; a missing value shows as nothing.
    case template([Expr])

    package enum Pick: Hashable, Sendable { case first, last }
    package enum MatchProperty: String, Sendable { case start, end, count }
    package enum Comparison: String, Sendable {
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        /// `~=`: equal texts, ignoring case.
        case equalIgnoringCase = "~="
    }
    package enum Arithmetic: String, Sendable {
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case remainder = "%"
    }
}

package enum Aggregate: Hashable, Sendable {
    case count
    case sum, average, minimum, maximum
    case countDistinct
    /// A list of the distinct values, in order of first appearance.
    case distinct
    case standardDeviation
    case median
    /// The percentile 0...100, linear between closest ranks.
    case percentile(Double)
    /// Exponential moving average; the weight of the newest is 2 / (n + 1).
    case exponentialMovingAverage(Int)
}
