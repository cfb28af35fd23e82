// SPDX-License-Identifier: Apache-2.0

internal import MatchCore
internal import Pipeline

/// What was read and how.
extension BacktestReport {
    func writeReading(_ section: inout MarkupWriter) {
        var table = PageTable(
            "Lines and events", columns: [.init("What"), .init("Number", isNumber: true)])
        table.add(.text("Lines read"), .number(report.lines))
        table.add(.text("Events that reached the rules"), .number(report.events))
        func add(_ name: String, _ count: Int) {
            if count > 0 { table.add(.text(name), .number(count)) }
        }
        add("Events of types that no rule reads", report.ignored)
        add("Events outside of the times asked for", report.outside)
        add("Late events, not used", report.late)
        add("Records that are no events", report.undecodable)
        for entry in report.mismatched {
            add("With a `\(entry.field)` of another type than the rules say", entry.count)
        }
        for entry in report.lackingKey { add("Without the key of \(entry.rule)", entry.count) }
        for entry in report.refused {
            add("Began nothing in \(entry.rule): the memory allowed was used up", entry.count)
        }
        for entry in report.capped {
            add("Times that a cap on what \(entry.rule) may hold was reached", entry.count)
        }
        for entry in report.forgotten {
            add("Alerts of \(entry.rule) beyond what is remembered", entry.count)
        }
        add("Computations beyond the range of numbers", report.overflows)
        add("Alerts with an unknown severity, taken as medium", report.unknownSeverities)
        table.write(to: &section)
        writeReasons("The first late events", report.lateReasons, to: &section)
        writeReasons(
            "The first records that are no events", report.undecodableReasons, to: &section)
    }

    private func writeReasons(
        _ title: String, _ reasons: [String], to section: inout MarkupWriter
    ) {
        if reasons.isEmpty { return }
        section.element("p", ["class": "quiet"], text: title)
        section.element("ul") { list in
            for reason in reasons {
                list.element("li") {
                    $0.element("code", text: EventFields.shortened(reason, to: 300))
                }
            }
        }
    }

    func writeArguments(_ section: inout MarkupWriter) {
        var table = PageTable("How it was run", columns: [.init(""), .init("")])
        for argument in arguments where !argument.values.isEmpty {
            let values = Markup { cell in
                for value in argument.values {
                    cell.element("div") { $0.element("code", text: value) }
                }
            }
            table.add(.text(argument.name), .markup(values))
        }
        section.element("div", ["class": "run"]) { table.write(to: &$0) }
    }
}
