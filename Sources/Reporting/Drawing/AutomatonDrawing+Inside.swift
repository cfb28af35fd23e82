// SPDX-License-Identifier: Apache-2.0

internal import Automata

/// What stands at the right of a box, and what is inside of one.
extension AutomatonDrawing {
    struct Side {
        var text: String
        var isKill: Bool
    }

    /// What keeps an attempt at a state, and what ends it there.
    func sides(of state: State) -> [Side] {
        let here = Place.state(state.number)
        return rule.transitions.compactMap { way in
            if way.kind == .collect, way.from == here, state.kind == .step {
                return Side(text: way.on, isKill: false)
            }
            guard way.kind == .end else { return nil }
            // What breaks an absence stands at the absence.
            let place = way.absence.map { Place.state($0) } ?? way.from
            return place == here ? Side(text: way.on, isKill: true) : nil
        }
    }

    mutating func drawSides(_ sides: [Side], x: Int, y: Int, height: Int) {
        var middle = y + (height - sides.count * 20) / 2 + 10
        for side in sides {
            let text = TextLines.shortened(side.text, width: Self.sideColumns)
            if side.isKill {
                canvas.path(.kill, "M\(x) \(middle)h18")
                canvas.cross(x: x + 22, y: middle)
            } else {
                canvas.path(
                    .flow,
                    "M\(x) \(middle - 5)h14q5 0 5 5t-5 5h-8")
                canvas.tipLeft(x: x + 1, y: middle + 5)
            }
            canvas.text(
                .init(text: text, style: side.isKill ? "code ends" : "code", whole: side.text),
                x: x + 34, y: middle + 4)
            middle += 20
        }
    }

    /// A head of a box with others inside; gives where they may begin.
    private mutating func drawHead(_ state: State, x: Int, y: Int) -> Int {
        let line =
            switch state.kind {
            case .allOf: "all of these, in any order"
            case .anyOf: "any of these"
            case .group, .step, .absence: state.line
            }
        let text = TextLines.shortened(line, width: 40)
        canvas.text(.init(text: text, style: "head", whole: line), x: x + 12, y: y + 19)
        return y + 28
    }

    /// A repeated or optional sequence, with a way back where it is repeated.
    mutating func drawGroup(_ state: State, x: Int, y: Int) -> Int {
        let inner = rule.states.filter { $0.parent == state.number }
        let left = x + 26
        let spine = left + Self.spine + (inner.contains(where: \.isSkippable) ? Self.gutter : 0)
        let outside = canvas
        canvas.clearExtent()
        let top = drawHead(state, x: x, y: y)
        canvas.dot("start", x: spine, y: top + 6, radius: 4)
        var bottom = place(inner, from: .state(state.number), x: left, y: top + 10)
        bottom = link(.flow, exitLabels(inner.last, to: state), spine: spine, y: bottom, least: 22)
        canvas.dot("ring", x: spine, y: bottom + 4, radius: 4)
        if let again = rule.transitions.first(where: {
            $0.kind == .collect && $0.from == .state(state.number)
        }) {
            let back = x + 14
            canvas.path(
                .flow,
                "M\(spine - 4) \(bottom + 4)H\(back + 6)"
                    + "Q\(back) \(bottom + 4) \(back) \(bottom - 2)"
                    + "V\(top + 12)Q\(back) \(top + 6) \(back + 6) \(top + 6)H\(spine - 11)")
            canvas.tipRight(x: spine - 5, y: top + 6)
            let text = TextLines.shortened(again.on, width: 40)
            canvas.text(
                .init(text: text, style: "note", whole: again.on), x: spine + 12, y: bottom + 8)
        }
        let (width, height) = (max(canvas.width + 14 - x, 130), bottom + 18 - y)
        canvas.restoreExtent(outside)
        canvas.frame("group", x: x, y: y, width: width, height: height)
        drawSides(sides(of: state), x: x + width, y: y, height: height)
        return y + height
    }

    private func exitLabels(_ last: State?, to state: State) -> [Label] {
        guard let last,
            let way = transition(from: .state(last.number), to: .state(state.number)),
            way.on != "at once"
        else { return [] }
        return [Label(way.on, style: "note")]
    }

    /// Branches beside each other, between two bars.
    mutating func drawBranches(_ state: State, x: Int, y: Int) -> Int {
        let inner = rule.states.filter { $0.parent == state.number }
        let count = (inner.map(\.branch).max() ?? 0) + 1
        let outside = canvas
        canvas.clearExtent()
        let top = drawHead(state, x: x, y: y) + 6
        let head = canvas
        canvas.clearExtent()
        var spines: [(x: Int, bottom: Int, branch: [State])] = []
        var left = x + 12
        for branch in 0..<count {
            let states = inner.filter { $0.branch == branch }
            let spine =
                left + Self.spine + (states.contains(where: \.isSkippable) ? Self.gutter : 0)
            let bottom = place(states, from: .state(state.number), x: left, y: top)
            spines.append((spine, bottom, states))
            left = canvas.width + 26
        }
        var floor = 0
        for branch in spines {
            let labels = exitLabels(branch.branch.last, to: state)
            floor = max(floor, branch.bottom + max(22, labels.count * TextLines.lineHeight + 16))
        }
        for branch in spines {
            let labels = exitLabels(branch.branch.last, to: state)
            let stroke: Canvas.Stroke = branch.branch.last?.kind == .absence ? .clock : .flow
            _ = link(
                stroke, labels, spine: branch.x, y: branch.bottom, least: floor - branch.bottom)
        }
        let first = spines.first?.x ?? x
        let wide = max((spines.last?.x ?? x) - first, 0) + 24
        // One thick bar waits for all; of a thin one, any line is enough.
        let thickness = state.kind == .allOf ? 5 : 2
        canvas.box("bar", x: first - 12, y: top - thickness, width: wide, height: thickness)
        canvas.box("bar", x: first - 12, y: floor, width: wide, height: thickness)
        canvas.restoreExtent(head)
        let (width, height) = (max(canvas.width + 14 - x, 130), floor + thickness + 12 - y)
        canvas.restoreExtent(outside)
        canvas.frame("branches", x: x, y: y, width: width, height: height)
        drawSides(sides(of: state), x: x + width, y: y, height: height)
        return y + height
    }
}
