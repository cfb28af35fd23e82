// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Reporting

@Suite struct PlotTests {
    @Test(arguments: [
        (0, [0, 1]), (1, [0, 1]), (3, [0, 1, 2, 3]), (7, [0, 2, 4, 6, 8]),
        (41, [0, 20, 40, 60]), (100, [0, 50, 100]), (1_234, [0, 500, 1000, 1500]),
    ])
    func marksOfCountsAreRound(maximum: Int, marks: [Int]) {
        #expect(PlotScale.counts(upTo: maximum) == marks)
    }

    @Test func theLargestCountHasMarks() {
        let marks = PlotScale.counts(upTo: .max)
        #expect(marks.count <= 5 && marks.count >= 2)
    }

    @Test(arguments: [
        (0, 3_600, "10m", "00:10"), (0, 30, "5s", "00:00:05"), (0, 700_000, "2d", "Jan 7"),
        (-40, 40, "15s", "23:59:45"), (0, 40_000_000, "90d", "Apr 1970"),
        (3_000_000, 12_000_000, "30d", "Mar 1970"), (0, 400_000_000, "720d", "1972"),
    ])
    func marksOfTimeAreRound(start: Int64, end: Int64, step: String, second: String) {
        let marks = PlotScale.times(
            from: StreamTime(nanoseconds: start * 1_000_000_000),
            to: StreamTime(nanoseconds: end * 1_000_000_000))
        #expect("\(marks.step)" == step)
        #expect(marks.times.count >= 2 && marks.times.count <= 8)
        let labels = marks.times.map { PlotScale.label($0, step: marks.step) }
        #expect(labels.contains(second), "\(labels)")
    }

    @Test func allOfTimeHasMarks() {
        let marks = PlotScale.times(from: .distantPast, to: .distantFuture)
        #expect(marks.times.count >= 2 && marks.times.count <= 8)
    }

    @Test(arguments: [
        (0.0, "0"), (1.0, "1"), (33.333, "33.33"), (0.05, "0.05"), (12.5, "12.5"), (-0.25, "-0.25"),
        (99.999, "100"),
    ])
    func numbersHaveTwoDigitsAtMost(number: Double, text: String) {
        #expect(PlotScale.decimal(number) == text)
    }

    private func drawn(_ plot: TimePlot) -> String {
        Markup { page in page.element("div") { plot.write(to: &$0) } }.text
    }

    @Test func barsStandOnTopOfEachOther() throws {
        let plot = TimePlot(
            "alerts", start: .zero, width: TimeSpan(seconds: 60),
            series: [
                .init(name: "low", style: "severity-low", counts: [1, 0, 2]),
                .init(name: "high", style: "severity-high", counts: [3, 0]),
                .init(name: "none", style: "severity-info", counts: [0, 0, 0]),
            ])
        let text = drawn(plot)
        let parsed = try WellFormed(text)
        #expect(parsed.elements["rect"] == 3)
        #expect(text.contains("<title>1970-01-01 00:00:00: high 3, low 1</title>"))
        #expect(text.contains("y=\"75%\" height=\"25%\""))
        #expect(text.contains("y=\"0%\" height=\"75%\""))
        #expect(text.contains("1970-01-01 00:00:00 to 1970-01-01 00:03:00 UTC, a bar is 1m."))
        #expect(!text.contains(">none<"))
        // The table: a head and the two bars that have anything.
        #expect(parsed.elements["tr"] == 3)
    }

    @Test func nothingIsSaidInWords() {
        let plot = TimePlot("alerts", start: .zero, width: TimeSpan(seconds: 1), series: [])
        #expect(drawn(plot).contains("No alerts."))
    }
}
