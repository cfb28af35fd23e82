// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import MatchCore

/// An explanation for people.
struct ExplanationText {
    private(set) var text = ""
    private let explanation: RuleExplanation
    private let colour: Bool
    /// A list of a thousand values would hide the rest.
    private static let lookedAtCap = 8

    init(_ explanation: RuleExplanation, colour: Bool) {
        self.explanation = explanation
        self.colour = colour
        text = "\(bold(explanation.name))\n  \(explanation.sentence)\n"
        addSteps()
        if let window = explanation.window {
            addWindow(window)
        } else {
            addStates()
            addHoldings()
        }
        let lookedAt = explanation.lookedAt
        text += "\n  looked at "
        text +=
            (lookedAt.isEmpty
                ? "never"
                : lookedAt.prefix(ExplanationText.lookedAtCap)
                    .joined(separator: ", or "))
        let more = lookedAt.count - ExplanationText.lookedAtCap
        text += (more > 0 ? ", or \(more) more" : "") + "\n"
        text += "  backend   \(explanation.backend): "
        text += explanation.backendReasons.joined(separator: ", ") + "\n"
        text += "  --count   \(explanation.countBackend): \(explanation.countBackendReason)\n"
    }

    private func bold(_ text: String) -> String { colour ? "\u{1b}[1m\(text)\u{1b}[0m" : text }

    private mutating func addSteps() {
        text += "\n  \(bold("steps"))\n"
        let rows =
            [["name", "type", "count", "link", "condition"]]
            + explanation.steps.map { step in
                let link = [step.connector, step.gap].compactMap { $0 }.joined(separator: " ")
                return [
                    step.name, step.eventType, step.count, link.isEmpty ? "-" : link,
                    step.condition ?? "-",
                ]
            }
        for row in rows {
            var line = "   "
            for (column, cell) in row.enumerated() {
                let width = rows.map { $0[column].count }.max() ?? 0
                let isLast = column == row.count - 1
                line += " " + cell
                if !isLast { line += String(repeating: " ", count: width - cell.count + 1) }
            }
            text += line + "\n"
        }
    }

    private mutating func addWindow(_ window: RuleExplanation.Window) {
        text += "\n  \(bold("window"))\n"
        text += "    \(window.window), looked at \(window.looks)\n"
        text += "\n  \(bold("state of a key"))\n"
        let aggregates = window.aggregates.isEmpty ? ["none"] : window.aggregates
        text += "    aggregates  \(aggregates.joined(separator: ", "))\n"
        text += "    memory      \(window.bytesPerKey) bytes a key"
        if let bytes = window.bytesPerEvent { text += ", and \(bytes) bytes an event" }
        if window.bytesPerEvent == nil, window.keepsValues { text += ", and its values" }
        text += "\n"
        if window.keepsValues {
            text += "    events      at most \(Caps().windowEventsPerKey) (window_events_per_key)\n"
        }
    }

    private mutating func addStates() {
        text += "\n  \(bold("states"))\n    start: no attempt yet\n"
        addTransitions(from: .start)
        for state in explanation.states {
            let place = state.parent.map { " (inside \($0))" } ?? ""
            text += "    \(state.number) \(state.name)\(place): \(state.line)\n"
            addTransitions(from: .state(state.number))
        }
        if !explanation.limits.isEmpty {
            text += "    any state: ends \(explanation.limits.joined(separator: ", or "))\n"
        }
    }

    private mutating func addTransitions(from place: RuleExplanation.Place) {
        for transition in explanation.transitions where transition.from == place {
            let target: String
            switch transition.kind {
            case .collect: target = "collects"
            default: target = "-> \(name(transition.to))"
            }
            text += "      \(target): \(transition.on)\n"
        }
    }

    private func name(_ place: RuleExplanation.Place) -> String {
        switch place {
        case .start: "start"
        case .match: "match"
        case .ended: "ended"
        case .state(let number): "\(number) \(explanation.states[number - 1].name)"
        }
    }

    private mutating func addHoldings() {
        let caps = Caps()
        text += "\n  \(bold("state of a key"))\n"
        if explanation.keepsSets {
            text += "    attempts  one for each event that can begin the pattern, kept in sets\n"
            text +=
                "    memory    \(explanation.bytesPerAttempt) bytes for each time a step binds an "
            text += "event, and the event; over all keys at most \(caps.bindingsPerRule) "
            text += "(bindings_per_rule)\n"
            text += "    matches   at most \(caps.matchesPerEvent) an event (matches_per_event)\n"
        } else {
            let which =
                explanation.keepsLatestAttemptOnly
                ? "the latest of those that wait alike"
                : "one for each event that can begin the pattern"
            text += "    attempts  \(which); at most \(caps.attemptsPerKey) (attempts_per_key)\n"
            text +=
                "    memory    \(explanation.bytesPerAttempt) bytes an attempt, and its events\n"
        }
        let events = explanation.boundEventCap.map { "at most \($0)" } ?? "any number"
        text += "    events    \(events) in an attempt\n"
        if explanation.hasChoices, !explanation.keepsSets {
            text += "    choices   at most \(caps.choicesPerEvent) an event (choices_per_event)\n"
        }
        let deadlines = explanation.deadlines
        let first = deadlines.first ?? "none: the clock completes nothing"
        text += "    deadlines \(first)\n"
        for deadline in deadlines.dropFirst() { text += "              \(deadline)\n" }
    }
}
