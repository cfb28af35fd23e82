// SPDX-License-Identifier: Apache-2.0
// Exercised by DrawingTests.

package import Automata

/// Rules as drawings: a frame each, with the automaton or the window, and what ends an attempt
/// wherever it is.
package enum RuleDrawing {
    private static let margin = 12

    /// A file of its own: the rules below each other, with the colours of day and night.
    package static func file(_ rules: [RuleExplanation]) -> String {
        let drawings = rules.map(drawing)
        let width = (drawings.map(\.width).max() ?? 0) + 2 * margin
        let height = drawings.reduce(margin) { $0 + $1.height + margin }
        var file = MarkupWriter()
        let names = rules.map(\.name).joined(separator: ", ")
        file.element("svg", attributes(width, height, label: names)) { svg in
            svg.newline()
            svg.code("style", PageStyle.colours + "\n" + DrawingStyle.text)
            svg.element("rect", ["class": "paper", "width": "100%", "height": "100%"])
            var top = margin
            for drawing in drawings {
                svg.element("g", ["transform": "translate(\(margin) \(top))"]) {
                    $0.newline()
                    $0.append(drawing.markup)
                }
                top += drawing.height + margin
            }
        }
        return file.markup.text
    }

    /// A part of a page that has the style sheet.
    package static func part(_ rule: RuleExplanation) -> Markup {
        let drawing = drawing(rule)
        return Markup { page in
            page.element(
                "svg", attributes(drawing.width + 2, drawing.height + 2, label: rule.name)
            ) { svg in
                svg.newline()
                svg.element("g", ["transform": "translate(1 1)"]) { $0.append(drawing.markup) }
            }
        }
    }

    private static func attributes(
        _ width: Int, _ height: Int, label: String
    ) -> MarkupWriter.Attributes {
        [
            "xmlns": "http://www.w3.org/2000/svg", "class": "automaton", "width": "\(width)",
            "height": "\(height)", "viewBox": "0 0 \(width) \(height)", "role": "img",
            "aria-label": "How an attempt goes on and ends: \(label)",
        ]
    }

    private static func drawing(
        _ rule: RuleExplanation
    ) -> (markup: Markup, width: Int, height: Int) {
        var canvas = Canvas()
        let name = TextLines.shortened(rule.name, width: 60)
        canvas.text(
            .init(text: name, style: "title", whole: rule.sentence), x: 18, y: 29, size: 15)
        var drawing = AutomatonDrawing(rule, on: canvas)
        var bottom =
            rule.window.map { drawing.drawWindow($0, x: 18, y: 46) } ?? drawing.draw(x: 18, y: 46)
        canvas = drawing.canvas
        if !rule.limits.isEmpty {
            bottom = drawLimits(rule.limits, on: &canvas, y: bottom + 16)
        }
        let (width, height) = (canvas.width + 18, bottom + 18)
        canvas.frame("rule", x: 0, y: 0, width: width, height: height)
        return (canvas.markup, width, height)
    }

    /// What ends an attempt in any state, at the foot of the frame.
    private static func drawLimits(_ limits: [String], on canvas: inout Canvas, y: Int) -> Int {
        canvas.text(.init(text: "Wherever it is, an attempt ends", style: "note"), x: 18, y: y + 12)
        var bottom = y + 20
        for limit in limits {
            canvas.path(.kill, "M20 \(bottom + 9)h14")
            canvas.cross(x: 38, y: bottom + 9)
            let lines = TextLines.wrapped(limit, width: 58)
            let texts = lines.map { Canvas.Text(text: $0, style: "code ends", whole: limit) }
            bottom += canvas.texts(texts, x: 50, y: bottom)
        }
        return bottom
    }
}

/// How drawings of rules look; the colours are the pages'.
enum DrawingStyle {
    static let text = """
        .automaton { color: var(--ink); display: block; }
        .automaton .paper { fill: var(--paper); }
        .automaton rect.rule { fill: none; stroke: var(--rule); }
        .automaton text { fill: currentColor; font-size: 12px; white-space: pre;
          font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas,
            "DejaVu Sans Mono", "Liberation Mono", monospace; }
        .automaton .title { font-size: 15px; font-weight: 700; }
        .automaton .name { font-size: 13px; font-weight: 700; }
        .automaton .head { font-weight: 600; }
        .automaton .word { fill: var(--word); font-weight: 600; }
        .automaton .note { fill: var(--quiet); }
        .automaton .quoted { fill: var(--text); }
        .automaton .ends { fill: var(--bad); }
        .automaton .state { fill: var(--raised); stroke: var(--strong); stroke-width: 1.25; }
        .automaton .timer { fill: var(--fair-tint); stroke: var(--fair); stroke-dasharray: 5 3; }
        .automaton .group { fill: none; stroke: var(--strong); stroke-dasharray: 2 3; }
        .automaton .branches { fill: none; stroke: var(--rule); }
        .automaton .bar, .automaton .start, .automaton .tip { fill: var(--ink); }
        .automaton .ring { fill: var(--paper); stroke: var(--ink); stroke-width: 1.5; }
        .automaton .flow, .automaton .clock, .automaton .kill { fill: none; stroke: var(--ink);
          stroke-width: 1.25; }
        .automaton .clock { stroke-dasharray: 5 3; }
        .automaton .kill { stroke: var(--bad); stroke-dasharray: 2 2; }
        .automaton .cross { fill: none; stroke: var(--bad); stroke-width: 2; }
        .automaton .dial { fill: none; stroke: var(--fair); stroke-width: 1.25; }
        .automaton .span { fill: var(--fair-tint); stroke: var(--fair); }
        .automaton .event { fill: var(--ink); }
        .automaton .out { fill: var(--paper); stroke: var(--ink); }
        """
}
