// SPDX-License-Identifier: Apache-2.0

package import Diagnostics
package import EventModel

/// What the names of a ruleset stand for, place by place: for editors.
///
/// It is there for rulesets with mistakes too, and holds what could be made out.
package struct RulesetIndex: Sendable {
    /// What a name stands for.
    package enum Subject: Hashable, Sendable {
        /// A name at the top level: a rule, a table, a constant or an event type, declared or not.
        case symbol(String)
        /// By the position of the rule in `RulesetIndex.rules`.
        case step(rule: Int, StepID)
        case key(rule: Int, Int)
        case alertField(rule: Int, String)
        case field(FieldRef)
        /// Of `any event` where the type is nil.
        case builtIn(EventType.BuiltInField, EventTypeID?)
        case column(TableID, Int)
    }

    package struct Occurrence: Sendable {
        package var subject: Subject
        package var span: SourceSpan
        /// Whether the name is given its meaning here.
        package var isDeclaration: Bool

        package init(subject: Subject, span: SourceSpan, isDeclaration: Bool) {
            self.subject = subject
            self.span = span
            self.isDeclaration = isDeclaration
        }
    }

    /// An expression and the type that it was found to have.
    package struct Expression: Sendable {
        package var span: SourceSpan
        package var type: ValueType
    }

    package struct Field: Sendable {
        package var name: String
        package var type: ValueType
        package var isOptional: Bool
        package var origin: Origin

        package enum Origin: Sendable {
            case incoming, captured, computed, inherited, builtIn
        }

        package init(name: String, type: ValueType, isOptional: Bool, origin: Origin) {
            self.name = name
            self.type = type
            self.isOptional = isOptional
            self.origin = origin
        }
    }

    package struct Step: Sendable {
        package var name: String?
        /// Nil for `any event` and for what is not known.
        package var eventType: EventTypeID?
        package var isRepeated: Bool
        /// The first line of the step.
        package var span: SourceSpan
    }

    package struct Rule: Sendable {
        package var declaration: RuleDeclaration
        package var steps: [Step]
        package var keys: [CheckedRule.KeyPart]
        package var alertFields: [CheckedRule.KeyPart]
        /// Whether it is over a window.
        package var hasWindow: Bool
    }

    package enum SymbolKind: Sendable {
        case event(EventTypeID)
        case table(TableID?)
        case constant(ValueType, Value?)
        /// By the position in `rules`.
        case rule(Int)
    }

    /// By file, each in order of position; at one position the shorter ones first.
    package var occurrences: [ObjectIdentifier: [Occurrence]]
    /// As `occurrences`.
    package var expressions: [ObjectIdentifier: [Expression]]
    /// Names that stand for the same thing to an author, by their one representative: a field and
    /// the field it is inherited from, a key and the fields that its path names.
    package var representatives: [Subject: Subject]
    package var symbols: [String: SymbolKind]
    /// Names of `symbols` in order of declaration, those that are not declared last.
    package var symbolNames: [String]
    /// Indexed by `EventTypeID`; with fields that are inherited and not read yet.
    package var fields: [[Field]]
    package var rules: [Rule]
    /// The whole, as far as it could be checked: without rules that have no pattern, and without
    /// tests.
    package var ruleset: CheckedRuleset

    /// The one that stands for all that have the same name for the same reason.
    package func representative(_ subject: Subject) -> Subject {
        representatives[subject] ?? subject
    }

    /// Everything that is named for the same reason as `subject`, over all files of `order`.
    package func places(of subject: Subject, in order: [SourceFile]) -> [Occurrence] {
        let wanted = representative(subject)
        return order.flatMap { file in
            (occurrences[ObjectIdentifier(file)] ?? []).filter {
                representative($0.subject) == wanted
            }
        }
    }

    /// The names at a place; a place right behind a name is one of it.
    package func subjects(at offset: Int, in file: SourceFile) -> [Occurrence] {
        (occurrences[ObjectIdentifier(file)] ?? []).filter {
            $0.span.range.lowerBound <= offset && offset <= $0.span.range.upperBound
        }
    }
}
