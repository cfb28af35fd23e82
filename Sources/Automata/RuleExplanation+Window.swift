// SPDX-License-Identifier: Apache-2.0

internal import EventModel
package import RuleLanguage

extension RuleExplanation {
    /// A rule's window, for people.
    package struct Window: Sendable {
        /// `tumbling 1h`.
        package var window: String
        package var shape: CheckedRule.Window
        /// When it is looked at.
        package var looks: String
        /// What is kept of a key: `avg(c.close, last 20)`.
        package var aggregates: [String]
        /// Bytes of a key, without the events and values that are held.
        package var bytesPerKey: Int
        /// Bytes of an event that is held; nil where none is.
        package var bytesPerEvent: Int?
        /// Whether what is kept of a key grows with its events.
        package var keepsValues: Bool
    }

    static func window(
        _ rule: CheckedRule, _ program: WindowProgram, _ words: RuleWords
    ) -> Window? {
        guard let window = rule.window else { return nil }
        var expressions = rule.labels.map(\.value) + rule.alertFields.map(\.value)
        expressions =
            [rule.having].compactMap { $0 } + [rule.severity, rule.alertTitle]
            + expressions
        var texts: [String] = []
        for expr in expressions.flatMap(\.readings) {
            let text = words.text(expr)
            if !texts.contains(text) { texts.append(text) }
        }
        return Window(
            window: "\(window)", shape: window, looks: looks(window, hasHaving: rule.having != nil),
            aggregates: texts, bytesPerKey: program.bytesPerKey,
            bytesPerEvent: program.holdsEvents ? 16 + 16 * program.columns.count : nil,
            keepsValues: program.keepsValues)
    }

    private static func looks(_ window: CheckedRule.Window, hasHaving: Bool) -> String {
        let each = hasHaving ? "a match where `having` holds" : "each time a match"
        let edge =
            hasHaving ? "a match where `having` holds and did not at the look before" : each
        switch window {
        case .sliding: return "at each event and when one leaves; \(edge)"
        case .last: return "at each event; \(edge)"
        case .tumbling(let length): return "when it ends, at each whole \(length); \(each)"
        case .hopping(_, let hop): return "when it ends, every \(hop); \(each)"
        case .session(let gap): return "\(gap) after its last event; \(each)"
        }
    }
}

extension WindowProgram {
    /// As `WindowRuntime` lays rows out.
    fileprivate var bytesPerKey: Int {
        var words = holdsEvents ? 5 + 2 * parts.count : 4
        for (number, accumulator) in accumulators.enumerated() {
            switch accumulator.family {
            case .total: words += 7
            case .spread: words += 10
            case .least, .greatest: words += holdsEvents ? 8 : 3
            case .distinct: words += isProbed(number) ? 9 : 3
            case .sorted: words += 4
            case .moving: words += 2
            case .first, .last: words += holdsEvents ? 0 : 2
            }
        }
        return words * 8
    }

    fileprivate var keepsValues: Bool {
        holdsEvents || accumulators.contains { $0.family == .distinct || $0.family == .sorted }
    }
}

extension Expr {
    /// The aggregates and picks in it, in order.
    fileprivate var readings: [Expr] {
        switch self {
        case .aggregate, .bound, .part: [self]
        default: parts.flatMap(\.readings)
        }
    }
}

extension RuleWords {
    /// The beginning of a window rule's sentence.
    func windowPhrase(_ window: CheckedRule.Window) -> String {
        switch window {
        case .sliding(let length): "over the last \(length)"
        case .tumbling(let length): "over each \(length)"
        case .hopping(let length, let hop): "over \(length), every \(hop)"
        case .session(let gap): "over sessions that end after \(gap) of silence"
        case .last(let count): "over the last \(count) events"
        }
    }
}
