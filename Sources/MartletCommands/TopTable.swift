// SPDX-License-Identifier: Apache-2.0
// Exercised by RunAdminTests.

internal import Connectors
internal import EventModel
internal import Pipeline

/// What `top` shows, as lines.
struct TopTable {
    /// What a service said of itself at one moment.
    struct Look: Sendable {
        var status: JSONValue
        var rules: [JSONValue]

        var takenAt: Int64 { status.time("taken_at")?.nanoseconds ?? 0 }
    }

    private struct Row {
        var name: String
        var severity: String
        var rate: Double
        var events: Int
        var underWay: Int?
        var matches: Int
        var alerts: Int
        var kept: Int
        var caps: Int
    }

    private let now: Look
    private let rows: [Row]
    private let rate: Double
    private let isColoured: Bool

    init(_ now: Look, _ before: Look, order: TopCommand.Order, isColoured: Bool) {
        self.now = now
        self.isColoured = isColoured
        let seconds = Double(now.takenAt - before.takenAt) / 1e9
        func rate(_ count: Int, _ old: Int?) -> Double {
            seconds > 0 ? max(0, Double(count - (old ?? count))) / seconds : 0
        }
        var known: [String: Int] = [:]
        for rule in before.rules { known[rule.text("name") ?? ""] = rule.count("events") }
        self.rate = rate(now.status.count("events"), before.status.count("events"))
        let rows = now.rules.map { rule in
            let name = rule.text("name") ?? ""
            let kept = ["suppressed", "limited", "excepted", "refused"].reduce(0) {
                $0 + rule.count($1)
            }
            return Row(
                name: name, severity: rule.text("severity") ?? "",
                rate: rate(rule.count("events"), known[name]), events: rule.count("events"),
                underWay: rule["attempts_under_way"]?.integer, matches: rule.count("matches"),
                alerts: rule.count("alerts"), kept: kept,
                caps: rule["caps"]?.members.reduce(0) { $0 + ($1.value.integer ?? 0) } ?? 0)
        }
        self.rows = TopTable.sorted(rows, by: order)
    }

    private static func sorted(_ rows: [Row], by order: TopCommand.Order) -> [Row] {
        func value(_ row: Row) -> Double {
            switch order {
            case .events: row.rate
            case .alerts: Double(row.alerts)
            case .attempts: Double(row.underWay ?? 0)
            case .name: 0
            }
        }
        return rows.sorted { a, b in
            let (x, y) = (value(a), value(b))
            return x == y ? a.name < b.name : x > y
        }
    }

    /// - Parameter height: lines at most; nil: as many as there are.
    func lines(width: Int, height: Int?) -> [String] {
        let head = head(width)
        let connectors = connectors(width)
        let room = height.map { max(1, $0 - head.count - connectors.count - 3) } ?? rows.count
        var lines = head + [""]
        lines.append(bold(TopTable.line(TopTable.heads, width, TopTable.ranking)))
        lines += rows.prefix(room).map { cells($0, width) }
        if rows.count > room { lines.append(dim("and \(rows.count - room) more")) }
        return (lines + connectors).map { clipped($0, width) }
    }

    private func head(_ width: Int) -> [String] {
        let status = now.status
        let phase = status.text("phase") ?? ""
        let isReady = status["ready"] == .bool(true)
        let word = isReady ? phase : "\(phase), not ready"
        let behind = seconds(since: status.time("watermark")).map { "event time \($0) behind" }
        let checkpoint = seconds(since: status["checkpoint"]?.time("written_at"))
        let parts = [
            "\(TopTable.short(rate)) events/s", "\(status.count("alerts")) alerts",
            "\(status.count("keys")) keys", behind,
            "\(status.count("dead_letters")) dead letters",
            checkpoint.map { "checkpoint \($0) ago" }, removed,
        ].compactMap { $0 }
        return [
            bold("martlet \(status.text("version") ?? "")")
                + "  " + coloured(word, isReady ? 32 : 31)
                + dim("  since \(status.text("started_at") ?? "")")
        ] + TopTable.packed(parts, width)
    }

    /// What retention has removed since the start; nil: nothing, or it is not told.
    private var removed: String? {
        guard let figures = now.status["retention"] else { return nil }
        let (alerts, forRoom) = (figures.count("removed_alerts"), figures.count("removed_for_room"))
        let letters = figures.count("removed_dead_letters")
        var parts: [String] = []
        if alerts > 0 {
            parts.append("\(alerts) alerts" + (forRoom > 0 ? " (\(forRoom) for room)" : ""))
        }
        if letters > 0 { parts.append("\(letters) dead letters") }
        return parts.isEmpty ? nil : "removed: " + parts.joined(separator: ", ")
    }

    /// Parts beside each other, in as many lines as they need.
    private static func packed(_ parts: [String], _ width: Int) -> [String] {
        var lines: [String] = []
        for part in parts {
            if let last = lines.last, last.count + 3 + part.count <= width {
                lines[lines.count - 1] = last + " · " + part
            } else {
                lines.append(part)
            }
        }
        return lines
    }

    private static let heads = [
        "RULE", "SEVERITY", "EVENTS/S", "EVENTS", "UNDER WAY", "MATCHES", "ALERTS", "KEPT BACK",
        "CAPS",
    ]
    /// The columns behind the first, the ones that are needed most first.
    private static let ranking = [2, 6, 5, 1, 3, 4, 7, 8]
    private static let feedRanking = [2, 4, 5, 6, 3, 1]
    private static let sinkRanking = [1, 2, 3, 4, 5]

    private func cells(_ row: Row, _ width: Int) -> String {
        let line = TopTable.line(
            [
                TerminalText.printable(row.name, upTo: 200), row.severity, TopTable.short(row.rate),
                "\(row.events)", row.underWay.map { "\($0)" } ?? "-", "\(row.matches)",
                "\(row.alerts)", "\(row.kept)", "\(row.caps)",
            ], width, TopTable.ranking)
        return row.caps > 0 ? coloured(line, 31) : line
    }

    private func connectors(_ width: Int) -> [String] {
        var lines = [""]
        let heads = ["FEED", "", "LINES", "EVENTS", "LATE", "WRONG", "REFUSED"]
        lines.append(bold(TopTable.line(heads, width, TopTable.feedRanking)))
        for feed in now.status["feeds"]?.elements ?? [] {
            let wrong = feed.count("late") + feed.count("undecodable")
            let line = TopTable.line(
                [
                    feed.text("name") ?? "", feed["quiet"] == .bool(true) ? "quiet" : "",
                    "\(feed.count("lines"))", "\(feed.count("events"))", "\(feed.count("late"))",
                    "\(feed.count("undecodable"))",
                    "\(feed.count("refused") + feed.count("dropped"))",
                ], width, TopTable.feedRanking)
            lines.append(wrong > 0 ? coloured(line, 33) : line)
        }
        return lines + sinks(width)
    }

    private func sinks(_ width: Int) -> [String] {
        let sinks = now.status["sinks"]?.elements ?? []
        if sinks.isEmpty { return [] }
        let heads = ["SINK", "STATE", "SENT", "WAITING", "FAILED", "GIVEN UP"]
        var lines = ["", bold(TopTable.line(heads, width, TopTable.sinkRanking))]
        for sink in sinks {
            let health = sink.text("health") ?? ""
            let line = TopTable.line(
                [
                    sink.text("name") ?? "", health, "\(sink.count("sent"))",
                    "\(sink.count("waiting"))", "\(sink.count("failed"))",
                    "\(sink.count("dead_letters"))",
                ], width, TopTable.sinkRanking)
            lines.append(health == "up" ? line : coloured(line, 31))
            if health != "up", let problem = sink.text("problem") {
                lines.append(coloured("  " + TerminalText.printable(problem, upTo: 200), 31))
            }
        }
        return lines
    }

    // MARK: Cells

    /// Cells below each other: the first as wide as there is room, numbers at the right.
    ///
    /// - Parameter ranking: the columns behind the first; where there is no room, the last ones of
    ///   these are left out.
    private static func line(_ cells: [String], _ width: Int, _ ranking: [Int]) -> String {
        let widths = [0, 10, 10, 12, 11, 11, 9, 11, 7]
        var (shown, room) = (Set<Int>(), width - 16)
        for column in ranking {
            room -= widths[column]
            if room < 0 { break }
            shown.insert(column)
        }
        let others = shown.reduce(0) { $0 + widths[$1] }
        var line = padded(cells[0], min(max(16, width - others), 48))
        for (column, cell) in cells.enumerated() where shown.contains(column) {
            // The second is a word.
            line +=
                column == 1
                ? padded(cell, widths[1])
                : String(repeating: " ", count: max(1, widths[column] - cell.count)) + cell
        }
        return line
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        let short = text.count >= width ? text.prefix(width - 2) + "…" : text[...]
        return short + String(repeating: " ", count: max(0, width - short.count))
    }

    private static func short(_ rate: Double) -> String {
        if rate < 10, rate > 0 { return "\((rate * 10).rounded() / 10)" }
        return "\(Int(min(rate, 1e15).rounded()))"
    }

    private func seconds(since time: StreamTime?) -> String? {
        guard let time else { return nil }
        let (span, isOver) = now.takenAt.subtractingReportingOverflow(time.nanoseconds)
        if isOver { return nil }
        let whole = max(0, span / 1_000_000_000)
        return "\(TimeSpan(seconds: whole))"
    }

    // MARK: Colours

    private func bold(_ text: String) -> String { wrapped(text, "1") }
    private func dim(_ text: String) -> String { wrapped(text, "2") }
    private func coloured(_ text: String, _ colour: Int) -> String { wrapped(text, "\(colour)") }

    private func wrapped(_ text: String, _ code: String) -> String {
        isColoured ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }

    /// No wider than the terminal; what stands between escapes counts alone.
    private func clipped(_ line: String, _ width: Int) -> String {
        var (result, count, isEscape) = ("", 0, false)
        for character in line {
            if character == "\u{1b}" { isEscape = true }
            if isEscape {
                result.append(character)
                if character == "m" { isEscape = false }
            } else if count < width {
                result.append(character)
                count += 1
            }
        }
        return result
    }
}

extension JSONValue {
    fileprivate func text(_ name: String) -> String? { self[name]?.string }
    fileprivate func time(_ name: String) -> StreamTime? {
        guard let text = text(name),
            case .time(let time) = TimeFormat.automatic.read(text: text.utf8.span)
        else { return nil }
        return time
    }

    fileprivate func count(_ name: String) -> Int { self[name]?.integer ?? 0 }

    fileprivate var integer: Int? {
        guard case .number(let text) = self else { return nil }
        return Int(text)
    }
}
