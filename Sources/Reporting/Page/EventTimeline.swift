// SPDX-License-Identifier: Apache-2.0
// Exercised by PageTests.

package import EventModel

/// A few events in order of time: where they stand in it as dots on a line, and each in words.
package struct EventTimeline: Sendable {
    package struct Event: Sendable {
        package var time: StreamTime
        /// What it was for the rule: the name of a step.
        package var part: String
        /// A title of `part`: its line in the rule.
        package var partTitle: String?
        /// Its type.
        package var type: String
        package var fields: [(name: String, value: String)]
        /// A class of the style sheet for its dot.
        package var style: String?
        /// What stands small below `part`.
        package var note: String?
        /// Where on the page there is more about it.
        package var link: String?
        /// What it is called: its id.
        package var source: String?
        /// Fields that are not among them.
        package var hiddenFieldCount = 0

        package init(
            time: StreamTime, part: String, partTitle: String? = nil, type: String,
            fields: [(name: String, value: String)], style: String? = nil
        ) {
            self.time = time
            self.part = part
            self.partTitle = partTitle
            self.type = type
            self.fields = fields
            self.style = style
        }
    }

    package var events: [Event]
    /// Events that are not among them.
    package var hiddenCount: Int

    package init(_ events: [Event], hiddenCount: Int = 0) {
        self.events = events
        self.hiddenCount = hiddenCount
    }

    package func write(to page: inout MarkupWriter) {
        guard let first = events.map(\.time).min(), let last = events.map(\.time).max() else {
            return
        }
        if first < last { writeStrip(&page, first, last) }
        page.element("ol", ["class": "timeline"]) { list in
            for event in events { write(event, &list, first) }
        }
        if hiddenCount > 0 {
            let more = Figures.counted(hiddenCount, "more event")
            page.element("p", ["class": "quiet"], text: "and \(more)")
        }
    }

    private func writeStrip(_ page: inout MarkupWriter, _ first: StreamTime, _ last: StreamTime) {
        let length = Double(last.nanoseconds) - Double(first.nanoseconds)
        page.element("div", ["class": "strip", "aria-hidden": "true"]) { area in
            area.element(
                "svg",
                ["xmlns": "http://www.w3.org/2000/svg", "width": "100%", "height": "14"]
            ) { svg in
                svg.element("line", ["x1": "0", "x2": "100%", "y1": "7", "y2": "7"])
                for event in events {
                    let part = (Double(event.time.nanoseconds) - Double(first.nanoseconds)) / length
                    svg.element(
                        "circle",
                        ["class": event.style, "cx": PlotScale.percent(part), "cy": "7", "r": "4"])
                }
            }
        }
    }

    private func write(_ event: Event, _ list: inout MarkupWriter, _ first: StreamTime) {
        list.element("li") { item in
            item.element("time", text: PlotScale.full(event.time))
            item.element(
                "span", ["class": "offset"],
                text: EventTimeline.offset(from: first, to: event.time))
            item.element("span", ["class": "part", "title": event.partTitle]) { part in
                part.write(event.part)
                if let note = event.note { part.element("small", text: " \(note)") }
            }
            item.element("span", ["class": "fields"]) { fields in
                if let link = event.link {
                    fields.element("a", ["href": link, "title": event.source], text: event.type)
                } else {
                    fields.element("b", ["title": event.source], text: event.type)
                }
                for field in event.fields {
                    fields.write(" ")
                    fields.element("span", ["class": "field"]) {
                        $0.element("i", text: field.name)
                        $0.element("code", text: field.value)
                    }
                }
                if event.hiddenFieldCount > 0 {
                    let more = Figures.counted(event.hiddenFieldCount, "more field")
                    fields.element("span", ["class": "quiet"], text: " and \(more)")
                }
            }
        }
    }

    /// `+3m20s`.
    static func offset(from first: StreamTime, to time: StreamTime) -> String {
        let (length, isOver) = time.nanoseconds.subtractingReportingOverflow(first.nanoseconds)
        return isOver ? "+\u{2026}" : "+\(TimeSpan(nanoseconds: length))"
    }
}
