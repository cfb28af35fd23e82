// SPDX-License-Identifier: Apache-2.0

internal import Automata

/// Explanations as one directed graph in Graphviz's language: a cluster a rule, a node a state, and
/// a cluster inside for what a group or branches hold.
enum ExplanationGraph {
    static func dot(_ explanations: [RuleExplanation]) -> String {
        var text = "digraph martlet {\n  rankdir=LR;\n  node [shape=box, style=rounded];\n"
        for (index, explanation) in explanations.enumerated() {
            text += cluster(explanation, "r\(index)")
        }
        return text + "}\n"
    }

    private static func cluster(_ explanation: RuleExplanation, _ id: String) -> String {
        var text = "  subgraph cluster_\(id) {\n    label=\(quoted(explanation.name));\n"
        text += "    \(id)_start [shape=point, label=\"\"];\n"
        text += "    \(id)_match [shape=doublecircle, label=\"match\"];\n"
        if explanation.transitions.contains(where: { $0.to == .ended }) {
            text += "    \(id)_ended [shape=plaintext, label=\"ended\"];\n"
        }
        for state in explanation.states where state.parent == nil {
            text += node(state, of: explanation, id, depth: 2)
        }
        for transition in explanation.transitions {
            let ends = "\(id)_\(name(transition.from)) -> \(id)_\(name(transition.to))"
            let label = quoted(wrapped(transition.on))
            text += "    \(ends) [label=\(label)\(style(transition.kind))];\n"
        }
        if !explanation.limits.isEmpty {
            let label = quoted("any state ends " + explanation.limits.joined(separator: ", or "))
            text += "    \(id)_limits [shape=note, label=\(label)];\n"
        }
        return text + "  }\n"
    }

    private static func node(
        _ state: RuleExplanation.State, of explanation: RuleExplanation, _ id: String, depth: Int
    ) -> String {
        let indent = String(repeating: "  ", count: depth)
        let label = quoted("\(state.number) \(state.name)\n\(wrapped(state.line))")
        let node = "\(indent)\(id)_\(state.number) [label=\(label)];\n"
        let inner = explanation.states.filter { $0.parent == state.number }
        guard !inner.isEmpty else { return node }
        return "\(indent)subgraph cluster_\(id)_\(state.number) {\n"
            + "\(indent)  label=\(quoted(state.name)); style=dashed;\n"
            + node + inner.map { self.node($0, of: explanation, id, depth: depth + 1) }.joined()
            + "\(indent)}\n"
    }

    private static func name(_ place: RuleExplanation.Place) -> String {
        switch place {
        case .start: "start"
        case .match: "match"
        case .ended: "ended"
        case .state(let number): "\(number)"
        }
    }

    private static func style(_ kind: RuleExplanation.Transition.Kind) -> String {
        switch kind {
        case .begin, .advance, .collect, .complete, .inside: ""
        case .deadline: ", style=dashed"
        case .end: ", style=dotted, color=gray"
        }
    }

    /// Lines of a length that a graph can show.
    private static func wrapped(_ text: String) -> String {
        var result = ""
        var column = 0
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if column > 0, column + word.count > 32 {
                result += "\n"
                column = 0
            } else if column > 0 {
                result += " "
                column += 1
            }
            result += word
            column += word.count
        }
        return result
    }

    /// A quoted id; lines end left-aligned.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\l"
            case "\u{0}"..<"\u{20}": result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + (text.contains("\n") ? "\\l\"" : "\"")
    }
}
