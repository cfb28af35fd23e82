// SPDX-License-Identifier: Apache-2.0
// The checked rule: names resolved, types known, sugar gone. Everything behind the checker (the
// automaton compiler, the reference matcher, the test runner) reads this and nothing earlier.

package import Diagnostics
package import EventModel

/// A ruleset that has no errors.
package struct CheckedRuleset: Sendable {
    /// Indexed by `EventTypeID`.
    package var eventTypes: [EventType]
    /// In order of declaration over the sorted files; disabled rules are left out.
    package var rules: CheckedRules
    /// In the same order: those that are not run, but for their tests.
    package var disabledRules: [CheckedRule] = []
    package var tests: [CheckedTest]
    /// Indexed by `TableID`.
    package var tables: [CheckedTable]

    package init(
        eventTypes: [EventType], rules: some Sequence<CheckedRule>, tests: [CheckedTest],
        tables: [CheckedTable] = []
    ) {
        self.eventTypes = eventTypes
        self.rules = rules as? CheckedRules ?? CheckedRules(rules)
        self.tests = tests
        self.tables = tables
    }

    /// With the disabled rules that have tests among its rules: what tests are run on.
    package var withTestedRules: CheckedRuleset {
        let tested = Set(tests.flatMap(\.rules))
        var ruleset = self
        ruleset.rules += disabledRules.filter { tested.contains($0.name) }
        ruleset.disabledRules = []
        return ruleset
    }

    package subscript(id: EventTypeID) -> EventType { eventTypes[id.index] }
    package subscript(id: TableID) -> CheckedTable { tables[id.index] }
}

package struct EventTypeID: Hashable, Comparable, Sendable {
    package let index: Int
    package init(_ index: Int) { self.index = index }
    package static func < (a: EventTypeID, b: EventTypeID) -> Bool { a.index < b.index }
}

/// A field of an event type.
package struct FieldRef: Hashable, Sendable {
    package let type: EventTypeID
    /// Index into `EventType.fields`.
    package let field: Int

    package init(type: EventTypeID, field: Int) {
        self.type = type
        self.field = field
    }
}

/// An event type: declared, or implied by its use in a rule or as a feed.
///
/// An incoming event has one *incoming type* (its `type`, or its feed's name). It is a member of
/// that type and, if every condition holds, of each type derived from it through `sources`.
///
/// - Shape: sources come before the types derived from them in `CheckedRuleset.eventTypes`.
package struct EventType: Sendable {
    package struct Field: Sendable {
        package enum Origin: Sendable {
            /// Read from the incoming event, by `name` as a path: a flat field of that very name
            /// first, then a nested one.
            case incoming
            /// Captured by `matches[pattern]`'s group `group`; missing where the group is unset.
            case captured(pattern: Int, group: String)
            /// Computed from fields of this same type, in the order of `fields`.
            case computed(Expr)
            /// The field of that name of the source type that the event is a member of (the first
            /// such source in `sources` where it is a member of several). One entry a source.
            case inherited([FieldRef])
            /// `time`, `id` or `type` of the event itself.
            case builtIn(BuiltInField)
        }
        package var name: String
        package var type: ValueType
        package var isOptional: Bool
        package var origin: Origin

        package init(name: String, type: ValueType, isOptional: Bool, origin: Origin) {
            self.name = name
            self.type = type
            self.isOptional = isOptional
            self.origin = origin
        }
    }

    package enum BuiltInField: String, Sendable { case time, id, type }

    /// `path matches r"..."`: the event is a member only if every pattern matches.
    package struct Pattern: Sendable {
        package var subject: FieldRef
        package var regex: RegexLiteral

        package init(subject: FieldRef, regex: RegexLiteral) {
            self.subject = subject
            self.regex = regex
        }
    }

    package var name: String
    package var isDeclared: Bool
    /// Empty for a type that only comes in. `subject`s and `filter` of a derived type read its own
    /// fields (inherited ones included).
    package var sources: [EventTypeID]
    /// Every field that something reads, declared ones first. An event that comes in directly
    /// under a derived type's name has all its fields read as `.incoming`; patterns and the
    /// filter are not asked (whoever wrote the name vouches for it), missing computed fields are
    /// computed, and it is a member of its one source type too if that is a declared event type.
    package var fields: [Field]
    package var patterns: [Pattern]
    /// `where`; true, false or unknown; the event is a member only if true.
    package var filter: Expr?
    package var timePath: String?
    package var timeFormat: String?
    package var idPath: String?
    /// The first place that names it.
    package var span: SourceSpan

    package init(
        name: String, isDeclared: Bool, sources: [EventTypeID], fields: [Field],
        patterns: [Pattern], filter: Expr?, timePath: String?, timeFormat: String?,
        idPath: String?, span: SourceSpan
    ) {
        self.name = name
        self.isDeclared = isDeclared
        self.sources = sources
        self.fields = fields
        self.patterns = patterns
        self.filter = filter
        self.timePath = timePath
        self.timeFormat = timeFormat
        self.idPath = idPath
        self.span = span
    }
}
