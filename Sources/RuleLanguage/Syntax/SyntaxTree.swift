// SPDX-License-Identifier: Apache-2.0
// The syntax tree of a rules file. Lossless: `SyntaxTree.tokens` with their trivia print back the
// exact source, and each node names the tokens it covers. What the parser could not place stays
// in the tree as `.unexpected` nodes; reporting is done by the parser as diagnostics beside it.

package import Diagnostics
package import EventModel

/// The tree of one file.
package struct SyntaxTree: Sendable {
    package let file: SourceFile
    /// Every token in order, ending with `.endOfFile`.
    package var tokens: [Token]
    package var declarations: [Declaration]

    package init(file: SourceFile, tokens: [Token], declarations: [Declaration]) {
        self.file = file
        self.tokens = tokens
        self.declarations = declarations
    }
}

/// A name as written, with its place. `text` is without backquotes.
package struct Name: Sendable {
    package var text: String
    package var span: SourceSpan

    package init(_ text: String, _ span: SourceSpan) {
        self.text = text
        self.span = span
    }
}

/// A dotted path as written: `user`, `net.src_ip`, `login.user`.
package struct Path: Sendable {
    package var parts: [Name]
    package var span: SourceSpan
    package var text: String { parts.map(\.text).joined(separator: ".") }

    package init(parts: [Name], span: SourceSpan) {
        self.parts = parts
        self.span = span
    }
}

/// A literal with its place.
package struct Spanned<Content: Sendable>: Sendable {
    package var value: Content
    package var span: SourceSpan

    package init(_ value: Content, _ span: SourceSpan) {
        self.value = value
        self.span = span
    }
}

package enum Declaration: Sendable {
    case event(EventDeclaration)
    case table(TableDeclaration)
    case letConstant(LetDeclaration)
    case rule(RuleDeclaration)
    case test(TestDeclaration)
    /// Text that is no declaration; already diagnosed.
    case unexpected(SourceSpan)
}

// MARK: event, table, let

package struct EventDeclaration: Sendable {
    package var name: Name
    package var sources: [Name]
    package var filter: ExprSyntax?
    package var items: [EventItem]
    package var span: SourceSpan

    package init(
        name: Name, sources: [Name], filter: ExprSyntax?, items: [EventItem], span: SourceSpan
    ) {
        self.name = name
        self.sources = sources
        self.filter = filter
        self.items = items
        self.span = span
    }
}

package enum EventItem: Sendable {
    /// `name: type? = computed`
    case field(
        name: Path, type: TypeSyntax, optional: Bool, computed: ExprSyntax?, span: SourceSpan)
    /// `path matches r"..."`
    case matches(path: Path, regex: Spanned<RegexLiteral>, span: SourceSpan)
    /// `time path "format"`
    case time(path: Path, format: Spanned<String>?, span: SourceSpan)
    /// `id path`
    case id(path: Path, span: SourceSpan)
}

package struct RegexLiteral: Hashable, Sendable {
    package var pattern: String
    /// The letters after the closing quote, as written: `i`.
    package var flags: String

    package init(pattern: String, flags: String) {
        self.pattern = pattern
        self.flags = flags
    }
}

package indirect enum TypeSyntax: Sendable {
    /// `bool`, `int`, `float`, `string`, `time`, `duration`, `ip`; any other name is the checker's
    /// to refuse.
    case named(Name)
    case enumeration([Spanned<String>], SourceSpan)
    case list(TypeSyntax, SourceSpan)
    /// Absent or unreadable; already diagnosed.
    case invalid(SourceSpan)
}

package struct TableDeclaration: Sendable {
    package enum Source: Sendable {
        case inline([ExprSyntax])
        case rows([[FieldSyntax]], key: Name?)
        case file(Spanned<String>, key: Name?)
        /// Already diagnosed.
        case invalid
    }
    package var name: Name
    package var source: Source
    package var span: SourceSpan

    package init(name: Name, source: Source, span: SourceSpan) {
        self.name = name
        self.source = source
        self.span = span
    }
}

package struct LetDeclaration: Sendable {
    package var name: Name
    package var value: ExprSyntax
    package var span: SourceSpan

    package init(name: Name, value: ExprSyntax, span: SourceSpan) {
        self.name = name
        self.value = value
        self.span = span
    }
}

// MARK: rule

package struct RuleDeclaration: Sendable {
    package var name: Name
    package var title: Spanned<String>?
    package var span: SourceSpan
    /// Nil for a rule that has been found to be like the first one of its family.
    private let readClauses: [Clause]?
    /// The rules of the file that are like this one; nil: they were not looked for.
    var family: RuleFamily?
    /// Where the rule begins among the tokens of the family.
    var firstToken = 0

    package init(name: Name, title: Spanned<String>?, clauses: [Clause], span: SourceSpan) {
        self.name = name
        self.title = title
        self.span = span
        readClauses = clauses
    }

    /// A rule like the first of `family`.
    init(
        name: Name, title: Spanned<String>?, span: SourceSpan, family: RuleFamily, firstToken: Int
    ) {
        self.name = name
        self.title = title
        self.span = span
        readClauses = nil
        self.family = family
        self.firstToken = firstToken
    }

    /// - Shape: of a rule that is like another one they are read anew each time.
    package var clauses: [Clause] {
        readClauses ?? family?.clauses(from: firstToken) ?? []
    }

    /// Whether it was not parsed, since it is like another one.
    var isLikeAnother: Bool { readClauses == nil }

    /// Clauses that are the rule's but for texts and places.
    var similarClauses: [Clause] { readClauses ?? family?.firstClauses ?? [] }
}

/// A clause of a rule, with the span of the whole clause.
package struct Clause: Sendable {
    package var kind: Kind
    package var span: SourceSpan

    package init(_ kind: Kind, _ span: SourceSpan) {
        self.kind = kind
        self.span = span
    }

    package enum Kind: Sendable {
        /// A bare severity word is a `.name` expression; the checker tells it from a field.
        case severity(ExprSyntax)
        case tags([Spanned<String>])
        case labels([FieldSyntax])
        case disabled
        /// Each key is one path, or several joined by `=`.
        case by([[Path]])
        case keysFrom(Name)
        case when(WhenSyntax)
        case having(ExprSyntax)
        case resetOn(FilterSyntax)
        case skip(SkipSyntax)
        case attempts(latest: Bool)
        case suppress(Spanned<TimeSpan>, per: [ExprSyntax])
        case limit(Spanned<Int64>, per: Spanned<TimeSpan>)
        case resolveOn(FilterSyntax, duration: Spanned<TimeSpan>?)
        case except(Spanned<String>, until: Spanned<StreamTime>?, condition: ExprSyntax)
        case alert(title: ExprSyntax, fields: [FieldSyntax])
        case emit([FieldSyntax])
        /// Already diagnosed.
        case unexpected
    }
}

/// `name: expression`
package struct FieldSyntax: Sendable {
    package var name: Path
    package var value: ExprSyntax
    package var span: SourceSpan

    package init(name: Path, value: ExprSyntax, span: SourceSpan) {
        self.name = name
        self.value = value
        self.span = span
    }
}

package enum SkipSyntax: Sendable {
    case pastLast
    case toNext
    case toFirst(Name)
    case toLast(Name)
    case none
}

package struct WhenSyntax: Sendable {
    package var within: Spanned<TimeSpan>?
    package var window: WindowSyntax?
    package var sequence: SequenceSyntax
    package var span: SourceSpan

    package init(
        within: Spanned<TimeSpan>?, window: WindowSyntax?, sequence: SequenceSyntax,
        span: SourceSpan
    ) {
        self.within = within
        self.window = window
        self.sequence = sequence
        self.span = span
    }
}

package struct WindowSyntax: Sendable {
    package enum Kind: Sendable {
        case sliding(TimeSpan)
        case tumbling(TimeSpan)
        case hopping(TimeSpan, every: TimeSpan)
        case session(TimeSpan)
        case last(Int64)
    }
    package var kind: Kind
    package var span: SourceSpan

    package init(kind: Kind, span: SourceSpan) {
        self.kind = kind
        self.span = span
    }
}

/// The lines between the braces of `when`, a group or a branch, in order.
package struct SequenceSyntax: Sendable {
    package var lines: [LineSyntax]
    package var span: SourceSpan

    package init(lines: [LineSyntax], span: SourceSpan) {
        self.lines = lines
        self.span = span
    }
}

package enum ConnectorSyntax: Sendable {
    /// The first line of a sequence has none.
    case first
    case then
    case thenNext
    case thenEach
}

package struct LineSyntax: Sendable {
    package enum Kind: Sendable {
        case step(ConnectorSyntax, StepSyntax)
        case group(ConnectorSyntax, GroupSyntax)
        case allOf(ConnectorSyntax, BranchesSyntax)
        case anyOf(ConnectorSyntax, BranchesSyntax)
        /// `no E for D`: as the first line, or after `then`.
        case absence(ConnectorSyntax, AbsenceSyntax)
        case butNo(FilterSyntax)
        case butNotNext(FilterSyntax)
        case until(FilterSyntax)
        /// Already diagnosed.
        case unexpected
    }
    package var kind: Kind
    package var span: SourceSpan

    package init(_ kind: Kind, _ span: SourceSpan) {
        self.kind = kind
        self.span = span
    }
}

/// `EVENT`, or `any event`, or `alert`.
package struct EventRefSyntax: Sendable {
    package enum Kind: Sendable { case named, anyEvent, alert }
    package var kind: Kind
    package var name: Name

    package init(kind: Kind, name: Name) {
        self.kind = kind
        self.name = name
    }
}

/// `EVENT [by paths] [where expr]`
package struct FilterSyntax: Sendable {
    package var event: EventRefSyntax
    package var by: [Path]
    package var condition: ExprSyntax?
    package var span: SourceSpan

    package init(event: EventRefSyntax, by: [Path], condition: ExprSyntax?, span: SourceSpan) {
        self.event = event
        self.by = by
        self.condition = condition
        self.span = span
    }
}

package struct CountSyntax: Sendable {
    package enum Kind: Sendable {
        case exactly(Int64)
        case range(Int64, Int64)
        case atLeast(Int64)
        case optional
        /// `at least N distinct path of`
        case atLeastDistinct(Int64, Path)
    }
    package var kind: Kind
    package var consecutive: SourceSpan?
    package var span: SourceSpan

    package init(kind: Kind, consecutive: SourceSpan?, span: SourceSpan) {
        self.kind = kind
        self.consecutive = consecutive
        self.span = span
    }
}

/// `after D within D`
package struct GapSyntax: Sendable {
    package var after: Spanned<TimeSpan>?
    package var within: Spanned<TimeSpan>?

    package init(after: Spanned<TimeSpan>? = nil, within: Spanned<TimeSpan>? = nil) {
        self.after = after
        self.within = within
    }
}

package struct StepSyntax: Sendable {
    package var count: CountSyntax?
    package var event: EventRefSyntax
    /// `in D`: the repetition's own first and last at most this far apart.
    package var spread: Spanned<TimeSpan>?
    package var name: Name?
    package var by: [Path]
    package var gap: GapSyntax
    package var condition: ExprSyntax?

    package init(
        count: CountSyntax?, event: EventRefSyntax, spread: Spanned<TimeSpan>?, name: Name?,
        by: [Path], gap: GapSyntax, condition: ExprSyntax?
    ) {
        self.count = count
        self.event = event
        self.spread = spread
        self.name = name
        self.by = by
        self.gap = gap
        self.condition = condition
    }
}

/// `3 times in 5m { ... }` or `optional { ... }`
package struct GroupSyntax: Sendable {
    package var count: CountSyntax
    package var spread: Spanned<TimeSpan>?
    package var body: SequenceSyntax
    package var gap: GapSyntax

    package init(
        count: CountSyntax, spread: Spanned<TimeSpan>?, body: SequenceSyntax, gap: GapSyntax
    ) {
        self.count = count
        self.spread = spread
        self.body = body
        self.gap = gap
    }
}

package struct BranchesSyntax: Sendable {
    package var branches: [SequenceSyntax]
    package var gap: GapSyntax

    package init(branches: [SequenceSyntax], gap: GapSyntax) {
        self.branches = branches
        self.gap = gap
    }
}

/// `no E [for D] [by paths] [where c]`
package struct AbsenceSyntax: Sendable {
    package var filter: FilterSyntax
    package var duration: Spanned<TimeSpan>?

    package init(filter: FilterSyntax, duration: Spanned<TimeSpan>?) {
        self.filter = filter
        self.duration = duration
    }
}

// MARK: test

package struct TestDeclaration: Sendable {
    package var rules: [Name]
    package var cases: [TestCaseSyntax]
    package var span: SourceSpan

    package init(rules: [Name], cases: [TestCaseSyntax], span: SourceSpan) {
        self.rules = rules
        self.cases = cases
        self.span = span
    }
}

package struct TestCaseSyntax: Sendable {
    package var name: Spanned<String>
    package var lines: [TestLineSyntax]
    package var span: SourceSpan

    package init(name: Spanned<String>, lines: [TestLineSyntax], span: SourceSpan) {
        self.name = name
        self.lines = lines
        self.span = span
    }
}

/// A time in a test: an offset from the case's start (`3m`) or a date (`2027-01-31T12:00:00Z`).
package enum TestTimeSyntax: Sendable {
    case offset(TimeSpan)
    case absolute(StreamTime)
}

package struct TestLineSyntax: Sendable {
    package enum Kind: Sendable {
        /// `given TABLE [ ... ]`: literals, or rows in braces.
        case given(Name, values: [ExprSyntax], rows: [[FieldSyntax]])
        /// `at TIME [count] EVENT [every D] { fields } [arriving TIME]`
        case at(
            Spanned<TestTimeSyntax>, count: Spanned<Int64>?, event: Name,
            every: Spanned<TimeSpan>?, fields: [FieldSyntax], arriving: Spanned<TestTimeSyntax>?)
        case replay(Spanned<String>)
        case restart(at: Spanned<TestTimeSyntax>)
        case until(Spanned<TestTimeSyntax>)
        case expectNone
        /// `rule` is nil for `alert`.
        case expectAlert(at: Spanned<TestTimeSyntax>?, rule: Name?, fields: [FieldSyntax])
        case expectCount(Spanned<Int64>)
        /// Already diagnosed.
        case unexpected
    }
    package var kind: Kind
    package var span: SourceSpan

    package init(_ kind: Kind, _ span: SourceSpan) {
        self.kind = kind
        self.span = span
    }
}
