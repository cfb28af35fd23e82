// SPDX-License-Identifier: Apache-2.0

internal import EventModel
package import RuleLanguage

/// How a rule is run, for people: its steps, the automaton, and what it costs.
package struct RuleExplanation: Sendable {
    package struct Step: Sendable {
        package var name: String
        package var eventType: String
        /// `1`, `at least 5`, `optional`…
        package var count: String
        package var condition: String?
        /// `then`, `then next` or `then each`; nil for the first of a pattern, group or branch.
        package var connector: String?
        /// `within 20m`, `after 5s`…
        package var gap: String?
    }

    /// A place where an attempt can be: at a line of the pattern.
    package struct State: Sendable {
        package enum Kind: String, Sendable {
            case step, group
            case allOf = "all of"
            case anyOf = "any of"
            case absence
        }

        /// From 1.
        package var number: Int
        /// The state of the line that this one is inside of.
        package var parent: Int?
        package var kind: Kind
        /// The step's name, or the kind.
        package var name: String
        /// The line in the language's words.
        package var line: String
        /// Which branch of `parent` it is in, from 0.
        package var branch = 0
        /// How many it takes, where that is not one: `at least 5 consecutive`.
        package var count: String?
        /// Whether an attempt may pass it by.
        package var isSkippable = false
    }

    package enum Place: Hashable, Sendable {
        case start
        case state(Int)
        case match
        case ended
    }

    package struct Transition: Sendable {
        package enum Kind: String, Sendable {
            /// An attempt begins.
            case begin
            /// The line takes one more.
            case collect
            /// What follows takes over.
            case advance
            /// An iteration, or a branch, goes on inside.
            case inside
            /// By the clock.
            case deadline
            /// The pattern, or what is around, is complete.
            case complete
            case end
        }

        package var from: Place
        package var to: Place
        package var kind: Kind
        package var on: String
        /// What `on` is made of, where an event takes an attempt on.
        package var words: Words?
        /// The absence whose deadline it waits for, or cannot wait for.
        package var absence: Int?
    }

    /// The parts of what takes an attempt on.
    package struct Words: Sendable {
        /// `then next`; nil for what begins.
        package var connector: String?
        /// `after 5s within 20m`.
        package var gap: String?
        /// `login where outcome == "ok"`.
        package var event: String
        /// `once it has 5`.
        package var condition: String?
    }

    package var name: String
    /// The rule restated in plain words.
    package var sentence: String
    package var key: [String]
    package var steps: [Step]
    package var states: [State]
    package var transitions: [Transition]
    /// What ends an attempt wherever it is.
    package var limits: [String]
    /// What waits for the clock.
    package var deadlines: [String]
    /// Bytes of an attempt, without the events it has bound; of sets of attempts, bytes that an
    /// event adds which a step binds.
    package var bytesPerAttempt: Int
    /// Whether attempts are kept in sets, which grow with the events bound and not with attempts.
    package var keepsSets: Bool
    /// Events that one attempt can bind; nil: any number.
    package var boundEventCap: Int?
    package var keepsLatestAttemptOnly: Bool
    /// Whether one event can take an attempt more than one way.
    package var hasChoices: Bool
    /// For which events the rule is looked at that holds nothing of their key.
    package var lookedAt: [String]
    package var backend: String
    package var backendReasons: [String]
    /// The backend where only the number of matches is asked for.
    package var countBackend: String
    package var countBackendReason: String
    /// Of a rule over a window.
    package var window: Window?
    /// What a match has to be.
    package var having: String?
    /// The alert's title as it is written, or the text that stands for it.
    package var alertTitle: String

    /// - Precondition: `program` was compiled from `rule` of `ruleset`.
    package init(
        _ rule: CheckedRule, _ program: RuleProgram, in ruleset: CheckedRuleset,
        filedIn filings: RuleFilings
    ) {
        let words = RuleWords(rule, in: ruleset)
        let automaton = AutomatonView(rule, program, words)
        name = rule.name
        sentence = words.sentence()
        key = rule.key.map(\.name)
        steps = automaton.steps.map {
            RuleExplanation.step($0.step, of: $0.line, $0.isFirst, words)
        }
        states = automaton.states
        transitions = automaton.transitions
        limits =
            (rule.within.map { ["\($0) after its first event"] } ?? [])
            + rule.resets.map { "on \(words.text($0))" }
        deadlines = automaton.deadlines
        let queue = program.startQueue
        let chosen = program.backend(counting: false)
        keepsSets = chosen == .sets
        // A queue holds the place of each event, a set a node.
        bytesPerAttempt =
            chosen == .sets ? 24 : queue == nil ? program.recordWords * 8 : 12
        boundEventCap = RuleExplanation.eventCap(rule.pattern.body, isWhole: true)
        keepsLatestAttemptOnly = rule.keepsLatestAttemptOnly
        hasChoices = program.hasChoices
        lookedAt = filings.words(
            ofRule: program.index, in: ruleset, CheckedText(ruleset, rule: rule))
        backend = chosen.title
        backendReasons = [
            program.reasonForAttempts ?? "attempts that wait for the same step go the same way"
        ]
        countBackend = program.backend(counting: true).title
        countBackendReason =
            program.countingObstacle ?? "the ways to match are counted, not followed one by one"
        having = rule.having.map(words.text)
        alertTitle = words.text(rule.alertTitle)
        window = program.window.flatMap { RuleExplanation.window(rule, $0, words) }
        if let window {
            states = []
            transitions = [
                Transition(
                    from: .start, to: .match, kind: .complete,
                    on: "\(window.window), looked at \(window.looks)")
            ]
            deadlines = []
            backend = "C, counters"
            backendReasons = ["aggregates are kept up as events come and go"]
            countBackend = backend
            countBackendReason = "no alert is made"
        }
    }

    private static func step(
        _ step: Pattern.Step, of line: Pattern.Line, _ isFirst: Bool, _ words: RuleWords
    ) -> Step {
        Step(
            name: words.name(step.id), eventType: words.eventText(step.filter),
            count: words.countText(step),
            condition: step.filter.condition.map(words.text),
            connector: isFirst ? nil : words.text(line.connector), gap: words.gapText(line))
    }

    /// The events that lines of the body can bind in all.
    ///
    /// - Parameter isWhole: a pattern is complete at the least count of its last line.
    private static func eventCap(_ sequence: Pattern.Sequence, isWhole: Bool = false) -> Int? {
        var sum = 0
        for (index, line) in sequence.lines.enumerated() {
            let isLast = isWhole && index == sequence.lines.count - 1
            let part: Int?
            switch line.element {
            case .step(let step): part = isLast ? step.count.minimum : step.count.maximum
            case .group(let group):
                part = eventCap(group.body).flatMap { body in
                    group.count.maximum.flatMap { product(body, $0) }
                }
            case .allOf(let branches):
                part = branches.reduce(0) { sum, branch in
                    sum.flatMap { sum in eventCap(branch).flatMap { self.sum(sum, $0) } }
                }
            case .anyOf(let branches):
                let caps = branches.map { eventCap($0) }
                part = caps.contains { $0 == nil } ? nil : caps.compactMap { $0 }.max()
            case .absence: part = 0
            }
            guard let part, let total = self.sum(sum, part) else { return nil }
            sum = total
        }
        return sum
    }

    private static func sum(_ a: Int, _ b: Int) -> Int? {
        let (result, isOver) = a.addingReportingOverflow(b)
        return isOver ? nil : result
    }

    private static func product(_ a: Int, _ b: Int) -> Int? {
        let (result, isOver) = a.multipliedReportingOverflow(by: b)
        return isOver ? nil : result
    }
}
