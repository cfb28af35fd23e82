// SPDX-License-Identifier: Apache-2.0
// The automaton of a rule, from the top down as the rule is read: a line of the pattern is a box,
// what takes an attempt on stands at the line between two boxes, what ends it at the right of a
// box. A pattern is made of sequences inside each other, so boxes are placed by that and not by a
// search for a layout: a line never crosses a text. Exercised by DrawingTests.

internal import Automata

/// Draws states and transitions.
struct AutomatonDrawing {
    typealias State = RuleExplanation.State
    typealias Transition = RuleExplanation.Transition
    typealias Place = RuleExplanation.Place

    static let labelColumns = 46
    static let sideColumns = 46
    /// From the left edge of a box to the line that comes into it.
    static let spine = 22
    static let gutter = 24

    let rule: RuleExplanation
    var canvas: Canvas

    init(_ rule: RuleExplanation, on canvas: Canvas) {
        self.rule = rule
        self.canvas = canvas
    }

    /// Draws the whole below `y`, from the start to the match; gives where it ends.
    mutating func draw(x: Int, y: Int) -> Int {
        let states = rule.states.filter { $0.parent == nil }
        let column = x + (states.contains(where: \.isSkippable) ? Self.gutter : 0)
        let spine = column + Self.spine
        canvas.dot("start", x: spine, y: y + 8, radius: 6)
        let keys = rule.key.isEmpty ? "all events" : "each \(rule.key.joined(separator: ", "))"
        canvas.text(
            .init(text: TextLines.shortened(keys, width: 60), style: "note"),
            x: spine + 14, y: y + 12)
        var bottom = place(states, from: .start, x: x, y: y + 14)
        bottom = drawMatch(after: states.last, spine: spine, y: bottom)
        return bottom
    }

    private mutating func drawMatch(after last: State?, spine: Int, y: Int) -> Int {
        var labels: [Label] = []
        var stroke = Canvas.Stroke.flow
        if let last, let way = transition(from: .state(last.number), to: .match) {
            if last.kind == .absence { stroke = .clock }
            if way.on != "at once" { labels.append(Label(way.on, style: "note")) }
        }
        if let having = rule.having { labels.append(Label("having \(having)", keyword: "having")) }
        let bottom = link(stroke, labels, spine: spine, y: y)
        drawMatchMark(spine: spine, y: bottom)
        return bottom + 22
    }

    mutating func drawMatchMark(spine: Int, y: Int) {
        canvas.dot("ring", x: spine, y: y + 9, radius: 9)
        canvas.dot("start", x: spine, y: y + 9, radius: 5)
        canvas.text(.init(text: "match", style: "name"), x: spine + 18, y: y + 13)
        let title = TextLines.shortened(rule.alertTitle, width: 40)
        canvas.text(
            .init(text: title, style: "quoted", whole: rule.alertTitle), x: spine + 68, y: y + 13)
    }

    // MARK: sequences

    /// Draws states that follow one another; gives where the last one ends.
    ///
    /// - Parameter x: of the column, with the room for what goes around a box at its left.
    mutating func place(_ states: [State], from entry: Place, x: Int, y: Int) -> Int {
        let hasDetours = states.contains(where: \.isSkippable)
        let column = x + (hasDetours ? Self.gutter : 0)
        let spine = column + Self.spine
        var bottom = y
        var before = entry
        for state in states {
            let top = bottom
            bottom = drawLink(from: before, to: state, spine: spine, y: bottom)
            bottom = drawState(state, x: column, y: bottom)
            if state.isSkippable {
                // Around the box, and back on the line below it.
                let left = column - 14
                canvas.path(
                    .flow,
                    "M\(spine) \(top + 3)H\(left + 6)Q\(left) \(top + 3) \(left) \(top + 9)"
                        + "V\(bottom + 6)Q\(left) \(bottom + 12) \(left + 6) \(bottom + 12)"
                        + "H\(spine - 7)")
                canvas.tipRight(x: spine - 1, y: bottom + 12)
                canvas.path(.flow, "M\(spine) \(bottom)V\(bottom + 14)")
                bottom += 14
            }
            before = .state(state.number)
        }
        return bottom
    }

    func transition(from: Place, to: Place) -> Transition? {
        rule.transitions.first { $0.from == from && $0.to == to && $0.kind != .collect }
    }

    /// A text at a line.
    struct Label {
        var text: String
        var style: String
        var keyword: String?
        var isTimed: Bool

        init(_ text: String, style: String = "code", keyword: String? = nil, isTimed: Bool = false)
        {
            self.text = text
            self.style = style
            self.keyword = keyword
            self.isTimed = isTimed
        }
    }

    private mutating func drawLink(
        from place: Place, to state: State, spine: Int, y: Int
    ) -> Int {
        var labels: [Label] = []
        var stroke = Canvas.Stroke.flow
        if case .state(let number) = place, rule.states[number - 1].kind == .absence,
            rule.states[number - 1].name != "waiting"
        {
            stroke = .clock
            labels.append(Label("when its deadline has passed", style: "note"))
        }
        if let way = transition(from: place, to: .state(state.number)), way.kind != .deadline {
            labels += self.labels(way, to: state)
        }
        return link(stroke, labels, spine: spine, y: y)
    }

    private func labels(_ way: Transition, to state: State) -> [Label] {
        guard let words = way.words else {
            let isEvent = way.kind == .inside && way.on != "at once"
            return [Label(way.on, style: isEvent ? "code" : "note")]
        }
        var labels: [Label] = []
        // What a group or a choice begins with stands inside of it.
        let isLeaf = state.kind == .step
        let text = [words.connector, isLeaf || words.connector == nil ? words.event : nil]
            .compactMap { $0 }.joined(separator: " ")
        if words.connector == nil, let quiet = words.condition {
            labels.append(Label(quiet, isTimed: true))
        }
        if isLeaf || words.connector != nil {
            labels.append(Label(text, keyword: words.connector))
        }
        if let gap = words.gap { labels.append(Label(gap, isTimed: true)) }
        // After an absence the line itself says so.
        if words.connector != nil, let condition = words.condition, !labels.isEmpty,
            !isBehindAbsence(way)
        {
            labels.append(Label(condition, style: "note"))
        }
        return labels
    }

    private func isBehindAbsence(_ way: Transition) -> Bool {
        guard case .state(let number) = way.from else { return false }
        return rule.states[number - 1].kind == .absence
    }

    /// Draws a line down with its labels at the right; gives where it ends.
    mutating func link(
        _ stroke: Canvas.Stroke, _ labels: [Label], spine: Int, y: Int, least: Int = 26
    ) -> Int {
        var place = y + 7
        for label in labels {
            let indent = label.isTimed ? 16 : 0
            let lines = TextLines.wrapped(label.text, width: Self.labelColumns, most: 3)
            if label.isTimed { canvas.clock(x: spine + 18, y: place + 9) }
            let texts = lines.enumerated().map { index, line in
                Canvas.Text(
                    text: line, style: label.style, whole: label.text,
                    keyword: index == 0 ? label.keyword : nil)
            }
            place += canvas.texts(texts, x: spine + 12 + indent, y: place)
        }
        let bottom = max(y + least, labels.isEmpty ? 0 : place + 9)
        canvas.arrowDown(stroke, x: spine, from: y, to: bottom)
        return bottom
    }

    // MARK: states

    private mutating func drawState(_ state: State, x: Int, y: Int) -> Int {
        switch state.kind {
        case .step: return drawStep(state, x: x, y: y)
        case .absence where state.name == "waiting": return drawStep(state, x: x, y: y)
        case .absence: return drawAbsence(state, x: x, y: y)
        case .group: return drawGroup(state, x: x, y: y)
        case .allOf, .anyOf: return drawBranches(state, x: x, y: y)
        }
    }

    private mutating func drawStep(_ state: State, x: Int, y: Int) -> Int {
        let name = TextLines.shortened(state.name, width: 30)
        let count = state.count.map { TextLines.shortened($0, width: 34) }
        let sides = sides(of: state)
        let texts = max(TextLines.width(name, size: 13), count.map { TextLines.width($0) } ?? 0)
        let width = max(96, texts + 24)
        let height = max(count == nil ? 34 : 50, sides.count * 20 + 10)
        canvas.box("state", x: x, y: y, width: width, height: height)
        let top = y + (height - (count == nil ? 17 : 34)) / 2
        canvas.text(
            .init(text: name, style: "name", whole: state.line), x: x + 12, y: top + 13, size: 13)
        if let count {
            canvas.text(
                .init(text: count, style: "note mono", whole: state.count), x: x + 12, y: top + 30)
        }
        drawSides(sides, x: x + width, y: y, height: height)
        return y + height
    }

    private mutating func drawAbsence(_ state: State, x: Int, y: Int) -> Int {
        let lines = TextLines.wrapped(state.line, width: 38)
        let sides = sides(of: state)
        let width = max(96, (lines.map { TextLines.width($0) }.max() ?? 0) + 46)
        let height = max(lines.count * 17 + 16, sides.count * 20 + 10)
        canvas.box("timer", x: x, y: y, width: width, height: height)
        let top = y + (height - lines.count * 17) / 2
        canvas.clock(x: x + 18, y: top + 8)
        let texts = lines.map { Canvas.Text(text: $0, whole: state.line) }
        _ = canvas.texts(texts, x: x + 32, y: top)
        drawSides(sides, x: x + width, y: y, height: height)
        return y + height
    }
}
