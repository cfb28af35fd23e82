// SPDX-License-Identifier: Apache-2.0
// Exercised by DrawingTests.

internal import Automata
internal import RuleLanguage

/// Draws what a rule does that aggregates over a window: events on a line of time, and which of
/// them it looks at together.
extension AutomatonDrawing {
    private static let width = 400
    /// Where events stand on the line: near each other and apart, as windows tell them.
    private static let events = [14, 40, 58, 96, 140, 154, 170, 226, 250, 272, 322, 358, 386]

    mutating func drawWindow(_ window: RuleExplanation.Window, x: Int, y: Int) -> Int {
        let spine = x + Self.spine
        canvas.dot("start", x: spine, y: y + 8, radius: 6)
        let keys = rule.key.isEmpty ? "all events" : "each \(rule.key.joined(separator: ", "))"
        canvas.text(
            .init(text: TextLines.shortened(keys, width: 60), style: "note"),
            x: spine + 14, y: y + 12)
        let labels = rule.steps.prefix(1).map { step in
            let condition = step.condition.map { " where \($0)" } ?? ""
            return Label("\(step.eventType) as \(step.name)\(condition)")
        }
        var bottom = link(.flow, labels, spine: spine, y: y + 14)
        bottom = drawBox(window, x: x, y: bottom)
        let isClocked: Bool
        switch window.shape {
        case .sliding, .last: isClocked = false
        case .tumbling, .hopping, .session: isClocked = true
        }
        var looks = [Label("looked at \(window.looks)", style: "note", isTimed: isClocked)]
        if let having = rule.having { looks.append(Label("having \(having)", keyword: "having")) }
        bottom = link(isClocked ? .clock : .flow, looks, spine: spine, y: bottom)
        drawMatchMark(spine: spine, y: bottom)
        return bottom + 22
    }

    private mutating func drawBox(
        _ window: RuleExplanation.Window, x: Int, y: Int
    ) -> Int {
        canvas.text(
            .init(text: "over \(window.window)", style: "head", keyword: "over"), x: x + 12,
            y: y + 19)
        let left = x + 20
        var bottom = drawPicture(window.shape, x: left, y: y + 38)
        let aggregates = window.aggregates
        for aggregate in aggregates.prefix(6) {
            let text = TextLines.shortened(aggregate, width: 48)
            canvas.text(.init(text: text, whole: aggregate), x: x + 14, y: bottom + 12)
            bottom += TextLines.lineHeight
        }
        if aggregates.count > 6 {
            let more = "and \(aggregates.count - 6) more"
            canvas.text(
                .init(
                    text: more, style: "note",
                    whole: aggregates.dropFirst(6).joined(separator: "\n")),
                x: x + 14, y: bottom + 12)
            bottom += TextLines.lineHeight
        }
        let height = bottom + 8 - y
        canvas.frame("group", x: x, y: y, width: Self.width + 40, height: height)
        return y + height
    }

    /// The line of time with the windows on it; gives where it ends.
    private mutating func drawPicture(_ shape: CheckedRule.Window, x: Int, y: Int) -> Int {
        let spans: [(from: Int, to: Int, row: Int)]
        let now: Int?
        switch shape {
        case .sliding: (spans, now) = ([(238, 386, 0)], 386)
        case .last(let count):
            let kept = Self.events.suffix(max(1, min(count, 5)))
            (spans, now) = ([(kept[kept.startIndex] - 9, 395, 0)], 386)
        case .tumbling:
            (spans, now) = ([(0, 130, 0), (130, 260, 0), (260, 390, 0)], nil)
        case .hopping:
            (spans, now) = ([(0, 200, 0), (62, 262, 1), (124, 324, 2), (186, 386, 3)], nil)
        case .session:
            (spans, now) = ([(5, 179, 0), (217, 281, 0), (313, 395, 0)], nil)
        }
        let rows = (spans.map(\.row).max() ?? 0) + 1
        let step = rows > 1 ? 10 : 0
        let axis = y + 14 + (rows - 1) * step
        for span in spans {
            let (top, height) = rows > 1 ? (y + span.row * step - 4, 7) : (axis - 14, 28)
            canvas.frame(
                "span", x: x + span.from, y: top, width: span.to - span.from, height: height)
        }
        canvas.path(.flow, "M\(x - 6) \(axis + (rows > 1 ? 10 : 0))H\(x + Self.width + 6)")
        let line = axis + (rows > 1 ? 10 : 0)
        canvas.tipRight(x: x + Self.width + 12, y: line)
        for event in Self.events {
            let isIn = spans.contains { $0.from <= event && event <= $0.to }
            canvas.dot(isIn ? "event" : "event out", x: x + event, y: line, radius: 4)
        }
        if let now { canvas.path(.clock, "M\(x + now) \(line - 18)v36") }
        drawLength(of: shape, spans, x: x, y: line + 32)
        return line + 42
    }

    /// What the windows are measured by.
    private mutating func drawLength(
        of shape: CheckedRule.Window, _ spans: [(from: Int, to: Int, row: Int)], x: Int, y: Int
    ) {
        switch shape {
        case .sliding(let length), .tumbling(let length):
            guard let last = spans.last else { return }
            let name = "\(length)"
            canvas.text(
                .init(text: name, style: "note mono"),
                x: x + (last.from + last.to - TextLines.width(name)) / 2, y: y)
        case .hopping(let length, let hop):
            canvas.text(
                .init(text: "\(length) long, one begins every \(hop)", style: "note mono"), x: x,
                y: y)
        case .session(let gap):
            canvas.text(
                .init(text: "ends when \(gap) have passed without one", style: "note mono"),
                x: x, y: y)
        case .last(let count):
            let name = count == 1 ? "the last event" : "the last \(count) events"
            canvas.text(
                .init(text: name, style: "note mono"), x: x + 386 - TextLines.width(name), y: y)
        }
    }
}
