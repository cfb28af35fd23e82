// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel

/// What an expression may name, and where it stands.
struct Scope {
    enum Place {
        /// A `let`.
        case constant
        /// A computed field or the filter of an event type.
        case declaration
        /// The condition of a line of the pattern.
        case condition
        /// The condition of `reset on`.
        case reset
        /// The condition of `resolve on`.
        case resolve
        /// `having`, `alert`, `labels`, `severity`, `except`, `suppress … per`.
        case output
        /// A value in a test.
        case test
    }

    /// The event whose fields bare names are.
    enum Subject {
        case none
        case event(EventTypeID)
        case anyEvent
        /// An event type that was refused: any field goes, silently.
        case unknown
    }

    var place: Place
    var subject: Subject = .none
    var rule: RuleOutline?
    /// Where in the pattern the expression stands.
    var position: PatternPosition?
    /// Inside an aggregate: the step whose events it looks at. Its paths are fields then.
    var aggregated: StepID?
}

/// A checked expression with its type.
struct Typed {
    var expr: Expr
    var type: FieldType
    var span: SourceSpan
    /// May be missing by its declaration.
    var isOptional = false

    init(_ expr: Expr, _ type: FieldType, _ span: SourceSpan, isOptional: Bool = false) {
        self.expr = expr
        self.type = type
        self.span = span
        self.isOptional = isOptional
    }

    init(_ expr: Expr, _ type: ValueType, _ span: SourceSpan) {
        self.init(expr, .known(type), span)
    }

    /// The result of a mistake, already diagnosed.
    static func erroneous(_ span: SourceSpan) -> Typed {
        Typed(.constant(.missing), .known(.erroneous), span)
    }

    var isErroneous: Bool {
        if case .known(.erroneous) = type { true } else { false }
    }
}

/// Where a line or step is in a pattern: the way down from the outermost sequence.
struct PatternPosition {
    enum Part: Equatable {
        case line(Int)
        /// Inside the body of a repeated group.
        case repeated
        case allBranch(Int)
        case anyBranch(Int)
    }
    var parts: [Part] = []

    func inside(_ part: Part) -> PatternPosition { PatternPosition(parts: parts + [part]) }

    /// The repeated groups around the position, each by its own way down.
    var repeatedGroups: [[Part]] {
        parts.indices.filter { parts[$0] == .repeated }.map { Array(parts[...$0]) }
    }

    /// Whether an event bound at `other` can be known at this position.
    func canRead(_ other: PatternPosition) -> Bool {
        for (index, (mine, theirs)) in zip(parts, other.parts).enumerated() where mine != theirs {
            // In a repeated group the iteration before has bound everything.
            if parts[..<index].contains(.repeated) { return true }
            switch (mine, theirs) {
            case (.line(let a), .line(let b)): return b < a
            case (.anyBranch, .anyBranch): return false
            default: return true
            }
        }
        return true
    }
}
