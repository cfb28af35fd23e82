// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import Diagnostics
internal import EventModel
internal import Pipeline
internal import RuleLanguage

/// One rule of the report: what it is, and its first alerts with their events.
extension BacktestReport {
    func writeRule(_ index: Int, to section: inout MarkupWriter) {
        let rule = ruleset.rules[index]
        let record = recorder.rules[index]
        let head = "rule-\(index + 1)"
        section.element("article", ["id": head, "aria-labelledby": "\(head)-title"]) { article in
            article.element("h3", ["id": "\(head)-title"]) { title in
                title.element("code", text: rule.name)
                if let severity = record.usualSeverity {
                    title.write(" ")
                    SeverityMark.write(severity, to: &title)
                }
            }
            if let title = rule.title { article.element("p", text: title) }
            article.element("p", ["class": "quiet"], text: explanations[index].sentence)
            writeText(index, to: &article)
            writeAlerts(index, to: &article)
        }
    }

    private func writeText(_ index: Int, to article: inout MarkupWriter) {
        let name = ruleset.rules[index].name
        article.element("details", ["class": "source"]) { details in
            details.element("summary") { summary in
                summary.write("Text and drawing")
                if let place = listing.place(of: name) {
                    summary.element(
                        "span", ["class": "quiet"], text: " \(place.file):\(place.line)")
                }
            }
            details.element("div", ["class": "source-body"]) { body in
                listing.write(name, to: &body)
                body.element(
                    "div",
                    [
                        "class": "drawing", "tabindex": "0", "role": "region",
                        "aria-label": "Drawing of \(name)",
                    ]
                ) { $0.append(RuleDrawing.part(explanations[index])) }
            }
        }
    }

    private func writeAlerts(_ index: Int, to article: inout MarkupWriter) {
        let record = recorder.rules[index]
        guard record.count > 0 else {
            let text = ruleset.rules[index].onlyEmits ? emittedText(index) : "No alert."
            return article.element("p", ["class": "quiet"], text: text)
        }
        for alert in record.shown {
            writeAlert(alert, resolved: record.resolutions[alert.id], to: &article)
        }
        let more = record.count - record.shown.count
        if more > 0 {
            let alerts = Figures.counted(more, "more alert")
            article.element("p", ["class": "quiet more"], text: "and \(alerts)")
        }
    }

    private func emittedText(_ index: Int) -> String {
        let count = index < report.matches.count ? report.matches[index].count : 0
        return "Its \(Figures.counted(count, "match", plural: "matches")) are events for other "
            + "rules, and no alerts."
    }

    private func writeAlert(
        _ alert: ShownAlert, resolved: StreamTime?, to article: inout MarkupWriter
    ) {
        article.element("details", ["class": "match", "id": "alert-\(alert.id)"]) { details in
            details.element("summary") { summary in
                summary.element("time", text: PlotScale.full(alert.moment))
                summary.element("strong", text: EventFields.shortened(alert.title, to: 300))
                SeverityMark.write(alert.severity, to: &summary)
            }
            details.element("div", ["class": "match-body"]) { body in
                writeValues(alert, resolved: resolved, to: &body)
                writeEvents(alert, to: &body)
            }
        }
    }

    private func writeValues(
        _ alert: ShownAlert, resolved: StreamTime?, to body: inout MarkupWriter
    ) {
        var pairs = (alert.key + alert.fields).map { entry in
            (entry.name, entry.value.map { EventFields.shortened($0) } ?? "(missing)")
        }
        if alert.suppressed > 0 {
            pairs.append(("suppressed before", Figures.grouped(alert.suppressed)))
        }
        if alert.limited > 0 {
            pairs.append(("beyond the limit before", Figures.grouped(alert.limited)))
        }
        if alert.excepted > 0 {
            pairs.append(("excepted before", Figures.grouped(alert.excepted)))
        }
        if let resolved { pairs.append(("resolved", PlotScale.full(resolved))) }
        pairs.append(("id", alert.id))
        body.element("ul", ["class": "pairs"]) { list in
            for (name, value) in pairs {
                list.element("li") { item in
                    item.element("i", text: name)
                    item.element("code", text: value)
                }
            }
        }
    }

    private func writeEvents(_ alert: ShownAlert, to body: inout MarkupWriter) {
        let rule = ruleset.rules[alert.rule]
        if rule.window != nil {
            let events = Figures.counted(alert.eventCount, "event")
            body.element(
                "p", ["class": "quiet"],
                text: "\(events) in the window, from \(PlotScale.full(alert.start)) to "
                    + "\(PlotScale.full(alert.end))")
        }
        let names = recorder.program.rules[alert.rule].stepNames
        let events = alert.events.map { event in
            let step = event.step < rule.steps.count ? rule.steps[event.step] : nil
            let (fields, hidden) = EventFields.members(
                of: event.text, without: ["type", "time", "ts", "timestamp", "@timestamp"])
            var shown = EventTimeline.Event(
                time: event.time, part: event.step < names.count ? names[event.step] : "",
                partTitle: step.map { $0.span.file.lineText($0.span.line) }, type: event.type,
                fields: fields)
            shown.hiddenFieldCount = hidden
            shown.note = step.map { "line \($0.span.line)" }
            shown.source = event.isAlert ? nil : event.id
            if event.isAlert, shownIDs.contains(event.id) { shown.link = "#alert-\(event.id)" }
            return shown
        }
        EventTimeline(events, hiddenCount: alert.hiddenEventCount).write(to: &body)
    }
}
