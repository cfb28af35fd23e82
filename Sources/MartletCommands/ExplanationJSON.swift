// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import EventModel
internal import MatchCore

/// Explanations for programs: one object a line.
enum ExplanationJSON {
    static func line(_ explanation: RuleExplanation) -> String {
        let caps = Caps()
        let keepsSets = explanation.keepsSets
        let hasChoices = explanation.hasChoices && !keepsSets
        let cap = explanation.boundEventCap.map(String.init) ?? "null"
        let fields = [
            "\"rule\":\(quoted(explanation.name))",
            "\"sentence\":\(quoted(explanation.sentence))",
            "\"key\":\(list(explanation.key))",
            "\"steps\":[\(explanation.steps.map(object).joined(separator: ","))]",
            "\"states\":[\(explanation.states.map(object).joined(separator: ","))]",
            "\"transitions\":[\(explanation.transitions.map(object).joined(separator: ","))]",
            "\"limits\":\(list(explanation.limits))",
            "\"deadlines\":\(list(explanation.deadlines))",
            "\"bytesPerAttempt\":\(explanation.bytesPerAttempt)",
            "\"boundEvents\":\(cap)",
            "\"attemptsPerKeyCap\":\(keepsSets ? "null" : "\(caps.attemptsPerKey)")",
            "\"choicesPerEventCap\":\(hasChoices ? "\(caps.choicesPerEvent)" : "null")",
            "\"matchesPerEventCap\":\(keepsSets ? "\(caps.matchesPerEvent)" : "null")",
            "\"bindingsPerRuleCap\":\(keepsSets ? "\(caps.bindingsPerRule)" : "null")",
            "\"window\":\(explanation.window.map(object) ?? "null")",
            "\"lookedAt\":\(list(explanation.lookedAt))",
            "\"backend\":\(quoted(explanation.backend))",
            "\"backendReasons\":\(list(explanation.backendReasons))",
            "\"countBackend\":\(quoted(explanation.countBackend))",
            "\"countBackendReason\":\(quoted(explanation.countBackendReason))",
        ]
        return "{\(fields.joined(separator: ","))}\n"
    }

    private static func object(_ step: RuleExplanation.Step) -> String {
        "{\"name\":\(quoted(step.name)),\"type\":\(quoted(step.eventType)),"
            + "\"count\":\(quoted(step.count)),\"condition\":\(optional(step.condition)),"
            + "\"connector\":\(optional(step.connector)),\"gap\":\(optional(step.gap))}"
    }

    private static func object(_ window: RuleExplanation.Window) -> String {
        let cap = window.keepsValues ? "\(Caps().windowEventsPerKey)" : "null"
        return "{\"window\":\(quoted(window.window)),\"looks\":\(quoted(window.looks)),"
            + "\"aggregates\":\(list(window.aggregates)),\"bytesPerKey\":\(window.bytesPerKey),"
            + "\"bytesPerEvent\":\(window.bytesPerEvent.map(String.init) ?? "null"),"
            + "\"windowEventsPerKeyCap\":\(cap)}"
    }

    private static func object(_ state: RuleExplanation.State) -> String {
        "{\"number\":\(state.number),\"parent\":\(state.parent.map(String.init) ?? "null"),"
            + "\"kind\":\(quoted(state.kind.rawValue)),\"name\":\(quoted(state.name)),"
            + "\"line\":\(quoted(state.line))}"
    }

    private static func object(_ transition: RuleExplanation.Transition) -> String {
        "{\"from\":\(place(transition.from)),\"to\":\(place(transition.to)),"
            + "\"kind\":\(quoted(transition.kind.rawValue)),\"on\":\(quoted(transition.on))}"
    }

    /// A state's number, or a word.
    private static func place(_ place: RuleExplanation.Place) -> String {
        switch place {
        case .start: "\"start\""
        case .match: "\"match\""
        case .ended: "\"ended\""
        case .state(let number): "\(number)"
        }
    }

    private static func list(_ texts: [String]) -> String {
        "[\(texts.map(quoted).joined(separator: ","))]"
    }

    private static func optional(_ text: String?) -> String { text.map(quoted) ?? "null" }

    private static func quoted(_ text: String) -> String { Value.string(text).json }
}
