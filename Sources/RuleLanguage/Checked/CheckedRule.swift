// SPDX-License-Identifier: Apache-2.0

package import Diagnostics
package import EventModel

package struct StepID: Hashable, Comparable, Sendable {
    package let index: Int
    package init(_ index: Int) { self.index = index }
    package static func < (a: StepID, b: StepID) -> Bool { a.index < b.index }
}

/// One rule, checked.
package struct CheckedRule: Sendable {
    /// A step of the pattern: a line that binds events.
    package struct Step: Sendable {
        /// As written after `as`; nil where unnamed (shown as `_1`, `_2`… by position of the step).
        package var name: String?
        /// Nil for `any event`.
        package var eventType: EventTypeID?
        /// Whether it can bind more than one event: a count above one, or inside a repeated group.
        package var isRepeated: Bool
        package var span: SourceSpan

        package init(name: String?, eventType: EventTypeID?, isRepeated: Bool, span: SourceSpan) {
            self.name = name
            self.eventType = eventType
            self.isRepeated = isRepeated
            self.span = span
        }
    }

    package struct KeyPart: Sendable {
        /// The name under which alerts show it: the first path's field.
        package var name: String
        package var type: ValueType

        package init(name: String, type: ValueType) {
            self.name = name
            self.type = type
        }
    }

    /// A way for an event to be in the rule's input: by its type, with these fields as the key.
    ///
    /// An event is in the input of key K if some route's type holds for it and the route's fields
    /// give K (a list gives each distinct value). A filter accepts an event of the input of K only
    /// if the filter's own route gives K for it.
    package struct Route: Sendable {
        /// Nil for `any event`: then `fieldNames` are looked up in whatever type comes.
        package var eventType: EventTypeID?
        /// One a key part; empty where the rule has no `by`.
        package var fields: [FieldRef]
        /// The names of the key's fields, for `any event`.
        package var fieldNames: [String]

        package init(eventType: EventTypeID?, fields: [FieldRef], fieldNames: [String]) {
            self.eventType = eventType
            self.fields = fields
            self.fieldNames = fieldNames
        }
    }

    package struct AlertField: Sendable {
        package var name: String
        package var value: Expr

        package init(name: String, value: Expr) {
            self.name = name
            self.value = value
        }
    }

    package enum Skip: Hashable, Sendable {
        case pastLast
        case toNext
        case toFirst(StepID)
        case toLast(StepID)
        case none
    }

    package var name: String
    /// The text after the name, if any.
    package var title: String?
    /// A string expression that gives `info`, `low`, `medium`, `high` or `critical`; a constant
    /// for the plain words; `.constant(.string("medium"))` where the rule says nothing.
    package var severity: Expr
    package var tags: [String]
    package var labels: [AlertField]
    package var key: [KeyPart]
    /// Indexed by `Filter.route`. Without duplicates.
    package var routes: [Route]
    /// Indexed by `StepID`, in the order in which they are written.
    package var steps: [Step]
    package var pattern: Pattern
    package var within: TimeSpan?
    /// The window of a rule `when over …`; its pattern is one step, which takes each event.
    package var window: Window?
    package var resets: [Filter]
    /// `keys from`: each key of this table begins an attempt when the rule begins to watch, as if
    /// an event had satisfied the pattern's first line, which is a step of one event. Nil also
    /// where the pattern begins with an absence, for which nothing begins then.
    package var keysFrom: TableID?
    package var having: Expr?
    package var skip: Skip
    package var keepsLatestAttemptOnly: Bool
    /// The alert's title: a string expression (usually a `.template`). The rule's title, or else
    /// its name, where the rule has no `alert` clause.
    package var alertTitle: Expr
    package var alertFields: [AlertField]
    package var policy = AlertPolicy()
    /// The type of its alerts as events; nil where no rule reads them.
    package var alertType: EventTypeID?
    /// `emit`: its matches are events for other rules, and no alerts.
    package var onlyEmits = false
    /// Above the rank of every rule whose alerts or events it reads; 0 if it reads none.
    package var rank = 0
    package var span: SourceSpan

    package init(
        name: String, title: String?, severity: Expr, tags: [String], labels: [AlertField],
        key: [KeyPart], routes: [Route], steps: [Step], pattern: Pattern, within: TimeSpan?,
        window: Window? = nil, resets: [Filter], having: Expr?, skip: Skip,
        keepsLatestAttemptOnly: Bool,
        alertTitle: Expr, alertFields: [AlertField], span: SourceSpan
    ) {
        self.name = name
        self.title = title
        self.severity = severity
        self.tags = tags
        self.labels = labels
        self.key = key
        self.routes = routes
        self.steps = steps
        self.pattern = pattern
        self.within = within
        self.window = window
        self.resets = resets
        self.having = having
        self.skip = skip
        self.keepsLatestAttemptOnly = keepsLatestAttemptOnly
        self.alertTitle = alertTitle
        self.alertFields = alertFields
        self.span = span
    }
}

/// An event type with a condition.
package struct Filter: Sendable {
    /// Nil for `any event`.
    package var eventType: EventTypeID?
    /// Index into `CheckedRule.routes`.
    package var route: Int
    /// True for the filter to accept; unknown is not true.
    package var condition: Expr?
    package var span: SourceSpan

    package init(eventType: EventTypeID?, route: Int, condition: Expr?, span: SourceSpan) {
        self.eventType = eventType
        self.route = route
        self.condition = condition
        self.span = span
    }
}

/// The pattern of a rule.
package struct Pattern: Sendable {
    /// `no C for D` as the first line, or as the first line of the group that is the first line.
    package var leadingAbsence: Absence?
    package var body: Sequence

    /// Whether the leading absence is also a line of the group that the pattern begins with.
    package var leadsInGroup: Bool {
        var sequence = body
        while case .group(let group)? = sequence.lines.first?.element { sequence = group.body }
        if case .absence? = sequence.lines.first?.element { return true }
        return false
    }

    package init(leadingAbsence: Absence?, body: Sequence) {
        self.leadingAbsence = leadingAbsence
        self.body = body
    }

    /// Lines in order; never empty.
    package struct Sequence: Sendable {
        package var lines: [Line]

        package init(lines: [Line]) { self.lines = lines }
    }

    package enum Connector: Sendable {
        /// Also of a first line.
        case then
        case next
        case each
    }

    package struct Line: Sendable {
        package var connector: Connector
        package var element: Element
        package var after: TimeSpan?
        package var within: TimeSpan?
        /// The `but no` lines that follow this line.
        package var butNo: [Filter]
        /// The `but not next` lines that follow this line.
        package var butNotNext: [Filter]
        /// The `until` lines that follow this line.
        package var until: [Filter]
        package var span: SourceSpan

        package init(
            connector: Connector, element: Element, after: TimeSpan?, within: TimeSpan?,
            butNo: [Filter], butNotNext: [Filter], until: [Filter], span: SourceSpan
        ) {
            self.connector = connector
            self.element = element
            self.after = after
            self.within = within
            self.butNo = butNo
            self.butNotNext = butNotNext
            self.until = until
            self.span = span
        }
    }

    package enum Element: Sendable {
        case step(Step)
        case group(Group)
        case allOf([Sequence])
        case anyOf([Sequence])
        /// First only in a branch, or in the body of a group: there it counts from when what is
        /// around it is entered.
        case absence(Absence)
    }

    /// - Shape: `0 ≤ minimum ≤ maximum`, `maximum ≥ 1`; a minimum of 0 is `optional`.
    package struct Count: Hashable, Sendable {
        package var minimum: Int
        /// Nil for `at least`.
        package var maximum: Int?

        package init(minimum: Int, maximum: Int?) {
            self.minimum = minimum
            self.maximum = maximum
        }

        package static let one = Count(minimum: 1, maximum: 1)
    }

    package struct Step: Sendable {
        package var id: StepID
        package var filter: Filter
        package var count: Count
        package var isConsecutive: Bool
        /// Each event bound has a value of this field that none bound before it has.
        package var distinct: FieldRef?
        /// `in D`: first and last of the repetition at most this far apart.
        package var spread: TimeSpan?

        package init(
            id: StepID, filter: Filter, count: Count, isConsecutive: Bool, distinct: FieldRef?,
            spread: TimeSpan?
        ) {
            self.id = id
            self.filter = filter
            self.count = count
            self.isConsecutive = isConsecutive
            self.distinct = distinct
            self.spread = spread
        }
    }

    package struct Group: Sendable {
        package var count: Count
        /// Each further iteration begins with the very next event.
        package var isConsecutive: Bool
        package var spread: TimeSpan?
        package var body: Sequence

        package init(count: Count, isConsecutive: Bool, spread: TimeSpan?, body: Sequence) {
            self.count = count
            self.isConsecutive = isConsecutive
            self.spread = spread
            self.body = body
        }
    }

    package struct Absence: Sendable {
        package var filter: Filter
        /// Nil: until the rule's `within` limit; only as the very last line of the rule.
        package var duration: TimeSpan?

        package init(filter: Filter, duration: TimeSpan?) {
            self.filter = filter
            self.duration = duration
        }
    }
}
