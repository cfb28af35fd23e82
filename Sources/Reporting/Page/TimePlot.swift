// SPDX-License-Identifier: Apache-2.0
// Exercised by PlotTests.

package import EventModel

/// Counts over time as bars, the series of a bar on top of each other.
///
/// Places are percentages and texts have sizes of their own, so it is as wide as there is room and
/// its letters stay as they are. The numbers stand below it once more, for who cannot see it.
package struct TimePlot: Sendable {
    package struct Series: Sendable {
        package var name: String
        /// A class of the style sheet: `severity-high`, `series-1`…
        package var style: String
        /// One for each bar.
        package var counts: [Int]

        package init(name: String, style: String, counts: [Int]) {
            self.name = name
            self.style = style
            self.counts = counts
        }
    }

    /// What is counted: `alerts`.
    package var noun: String
    package var start: StreamTime
    /// The length of time of a bar.
    package var width: TimeSpan
    /// The lowest first.
    package var series: [Series]

    private static let height = 180

    package init(_ noun: String, start: StreamTime, width: TimeSpan, series: [Series]) {
        self.noun = noun
        self.start = start
        self.width = width
        self.series = series
    }

    private var barCount: Int { series.map(\.counts.count).max() ?? 0 }

    private func count(_ series: Series, _ bar: Int) -> Int {
        bar < series.counts.count ? max(series.counts[bar], 0) : 0
    }

    private func time(ofBar bar: Int) -> StreamTime {
        let (offset, isOver) = width.nanoseconds.multipliedReportingOverflow(by: Int64(bar))
        return start + TimeSpan(nanoseconds: isOver ? .max : offset)
    }

    package func write(to page: inout MarkupWriter) {
        let totals = (0..<barCount).map { bar in series.reduce(0) { $0 + count($1, bar) } }
        guard let highest = totals.max(), highest > 0 else {
            return page.element("p", ["class": "quiet"], text: "No \(noun).")
        }
        page.element("figure", ["class": "plot"]) { figure in
            writeLegend(&figure)
            figure.element("div", ["class": "plot-area"]) {
                writeDrawing(&$0, highest: highest)
            }
            let last = time(ofBar: barCount)
            figure.element(
                "figcaption",
                text: "\(PlotScale.full(start)) to \(PlotScale.full(last)) UTC, a bar is \(width).")
            writeNumbers(&figure, totals)
        }
    }

    private var shown: [Series] { series.filter { $0.counts.contains { $0 > 0 } } }

    private func writeLegend(_ figure: inout MarkupWriter) {
        figure.element("ul", ["class": "legend"]) { list in
            for entry in shown.reversed() {
                list.element("li", ["class": entry.style]) {
                    $0.write(entry.name)
                    let total = entry.counts.reduce(0, +)
                    $0.element("span", ["class": "quiet"], text: " \(Figures.grouped(total))")
                }
            }
        }
    }

    private func writeDrawing(_ area: inout MarkupWriter, highest: Int) {
        let marks = PlotScale.counts(upTo: highest)
        let top = Double(marks[marks.count - 1])
        let drawing: MarkupWriter.Attributes = [
            "xmlns": "http://www.w3.org/2000/svg", "width": "100%", "height": "\(Self.height)",
            "role": "img", "aria-label": "\(noun) over time; the numbers follow as a table",
        ]
        area.element("svg", drawing) { svg in
            for mark in marks {
                let y = PlotScale.percent(1 - Double(mark) / top)
                svg.element(
                    "line",
                    [
                        "class": mark == 0 ? "axis" : "grid", "x1": "0", "x2": "100%", "y1": y,
                        "y2": y,
                    ])
                svg.element(
                    "text", ["class": "mark", "x": "-8", "y": y, "dy": "4", "text-anchor": "end"],
                    text: Figures.grouped(mark))
            }
            writeTimes(&svg)
            for bar in 0..<barCount { writeBar(&svg, bar, top) }
        }
    }

    private func writeTimes(_ svg: inout MarkupWriter) {
        let end = time(ofBar: barCount)
        let span = Double(end.nanoseconds) - Double(start.nanoseconds)
        let marks = PlotScale.times(from: start, to: end)
        for (index, time) in marks.times.enumerated() {
            let part = (Double(time.nanoseconds) - Double(start.nanoseconds)) / max(span, 1)
            let x = PlotScale.percent(part)
            svg.element(
                "line",
                ["class": "axis", "x1": x, "x2": x, "y1": "100%", "y2": "\(Self.height + 5)"])
            // Narrow screens leave every other one out.
            let style = index % 2 == 0 ? "mark" : "mark odd"
            let anchor = part < 0.03 ? "start" : part > 0.97 ? "end" : "middle"
            svg.element(
                "text",
                ["class": style, "x": x, "y": "\(Self.height + 20)", "text-anchor": anchor],
                text: PlotScale.label(time, step: marks.step))
        }
    }

    private func writeBar(_ svg: inout MarkupWriter, _ bar: Int, _ top: Double) {
        let counts = shown.map { count($0, bar) }
        let total = counts.reduce(0, +)
        guard total > 0 else { return }
        let width = 1 / Double(barCount)
        let left = PlotScale.percent((Double(bar) + 0.1) * width)
        svg.element("g") { group in
            let parts = zip(shown, counts).filter { $0.1 > 0 }.reversed()
                .map { "\($0.0.name) \(Figures.grouped($0.1))" }
            let title = "\(PlotScale.full(time(ofBar: bar))): \(parts.joined(separator: ", "))"
            group.element("title", text: title)
            var below = 0
            for (entry, count) in zip(shown, counts) where count > 0 {
                below += count
                group.element(
                    "rect",
                    [
                        "class": entry.style, "x": left, "width": PlotScale.percent(width * 0.8),
                        "y": PlotScale.percent(1 - Double(below) / top),
                        "height": PlotScale.percent(Double(count) / top),
                    ])
            }
        }
    }

    private func writeNumbers(_ figure: inout MarkupWriter, _ totals: [Int]) {
        figure.element("details", ["class": "numbers"]) { details in
            details.element("summary", text: "The numbers")
            var table = PageTable(
                "\(noun) over time",
                columns: [.init("From")]
                    + shown.reversed().map { .init($0.name, isNumber: true) }
                    + (shown.count > 1 ? [.init("All", isNumber: true)] : []))
            for bar in totals.indices where totals[bar] > 0 {
                let cells = shown.reversed().map { PageTable.Cell.number(count($0, bar)) }
                table.rows.append(
                    .init(
                        [.text(PlotScale.full(time(ofBar: bar)))] + cells
                            + (shown.count > 1 ? [.number(totals[bar])] : [])))
            }
            table.write(to: &details)
        }
    }
}
