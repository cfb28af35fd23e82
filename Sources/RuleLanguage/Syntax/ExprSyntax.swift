// SPDX-License-Identifier: Apache-2.0

package import Diagnostics
package import EventModel

/// An expression as written.
package struct ExprSyntax: Sendable {
    package indirect enum Kind: Sendable {
        case literal(Value)
        /// A text with holes: `"{user} from {ok.ip}"`. Only where a template may stand; a text
        /// without holes is a `.literal`.
        case template([TemplatePartSyntax])
        case regex(RegexLiteral)
        /// A name or a dotted path: `user`, `ok.ip`, `match.start`.
        case path(Path)
        /// `function(arguments)`. A window-limited aggregate has a last argument of kind
        /// `.windowLast` or `.windowIn`.
        case call(Name, [ExprSyntax])
        /// `base.field` where the base is a call or an index: `first(fails).time`.
        case member(ExprSyntax, Name)
        /// `base[index]`: an element of a list, or a row of a table.
        case index(ExprSyntax, ExprSyntax)
        case list([ExprSyntax])
        case not(ExprSyntax)
        case negate(ExprSyntax)
        case binary(BinaryOperator, ExprSyntax, ExprSyntax)
        case between(ExprSyntax, low: ExprSyntax, high: ExprSyntax)
        case isMissing(ExprSyntax)
        case isPresent(ExprSyntax)
        /// `last 20` as the last argument of an aggregate.
        case windowLast(Int64)
        /// `in 5m` as the last argument of an aggregate.
        case windowIn(TimeSpan)
        /// Already diagnosed.
        case invalid
    }
    package var kind: Kind
    package var span: SourceSpan

    package init(_ kind: Kind, _ span: SourceSpan) {
        self.kind = kind
        self.span = span
    }
}

package enum TemplatePartSyntax: Sendable {
    case text(String)
    case hole(ExprSyntax)
}

package enum BinaryOperator: String, Sendable {
    case or, and
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case equalIgnoringCase = "~="
    case isIn = "in"
    case notIn = "not in"
    case like
    case likeIgnoringCase = "~like"
    case matches
    case contains
    case coalesce = "??"
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
}
