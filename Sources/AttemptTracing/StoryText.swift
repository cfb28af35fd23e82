// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// A story for people: times count from the first event of each attempt.
package struct StoryText {
    private var lines: [String] = []
    private let story: KeyStory
    private let colour: Bool
    /// Of the attempt at hand all is told up to the time of interest.
    private var isLater = false

    /// Of the events that one step bound in a row, those at each end that are shown.
    private static let shownOfRow = 2

    /// Of many matches, those at each end that are shown.
    private static let shownMatches = 5

    package init(_ story: KeyStory, colour: Bool) {
        self.story = story
        self.colour = colour
        addHead()
        let count = story.matches.count
        let hidden = count - 2 * StoryText.shownMatches
        for (number, match) in story.matches.enumerated() {
            let isHidden =
                hidden > 1 && number >= StoryText.shownMatches
                && number < count - StoryText.shownMatches
            if !isHidden { addMatch(match, number: number + 1) }
            if isHidden, number == StoryText.shownMatches {
                lines += ["", "  …  (\(hidden) more matches)"]
            }
        }
        addAttempts()
        if let notBegun = story.notBegun { add(notBegun) }
        for note in story.notes { lines += ["", "  note: \(StoryText.shown(note))"] }
    }

    package var text: String { lines.map { $0 + "\n" }.joined() }

    private func paint(_ text: String, _ style: String) -> String {
        colour ? "\u{1b}[\(style)m\(text)\u{1b}[0m" : text
    }

    private mutating func addHead() {
        let key = story.key.map { "\($0.name)=\(StoryText.shown($0.value))" }
            .joined(separator: " ")
        let count = story.matches.count { $0.heldBack == nil }
        let held = story.matches.count - count
        var result =
            count == 0
            ? "no alert"
            : story.tellsFates ? counted(count, "alert") : counted(count, "match", "matches")
        if held > 0 { result += ", \(counted(held, "match", "matches")) kept back" }
        let name = paint(story.rule, "1") + (key.isEmpty ? "" : " for \(paint(key, "1"))")
        lines.append("\(name): \(paint(result, count == 0 ? "31" : "32"))  (\(story.place))")
        let counts = story.counts.map { count in
            let name = count.isDerived ? "perhaps \(count.type)" : count.type
            let all = "\(name) \(count.ofKey) of \(count.count)"
            return story.key.isEmpty ? "\(name) \(count.count)" : all
        }
        let head = story.key.isEmpty ? "events" : "events of this key"
        lines.append("  \(head): \(counts.joined(separator: ", "))")
        if let moment = story.moment, !moment.isUnderWay {
            let isNone = story.matches.isEmpty && story.attempts.isEmpty
            let rest = isNone ? "nor at any time before" : "the nearest before it:"
            lines += ["", "  \(paint("nothing was under way at \(moment.time)", "33")); \(rest)"]
        }
    }

    /// Marks where what came after the time of interest begins.
    private mutating func markLater(_ time: StreamTime, _ attempt: AttemptStory) {
        guard let moment = story.moment, moment.isUnderWay, !isLater, time > moment.time,
            attempt.start <= moment.time
        else { return }
        isLater = true
        let place = padded(offset(moment.time, attempt))
        lines.append("    \(place) \(paint("this far at \(moment.time); later:", "36"))")
    }

    private mutating func addMatch(_ match: AttemptStory, number: Int) {
        lines.append("")
        lines.append("  \(paint("match \(number)", "1")) at \(match.end)\(fate(match))")
        addBound(match)
        // A match of an absence is later than all that it bound.
        markLater(match.end, match)
    }

    private func fate(_ match: AttemptStory) -> String {
        guard story.tellsFates else { return "" }
        guard let why = match.heldBack else { return ": an alert" }
        return ": \(paint("kept back", "33")): \(why)"
    }

    private mutating func addAttempts() {
        let skipped = counted(story.skippedCount, "attempt")
        if story.skippedCount > 0 { lines += ["", "  \(skipped) ended with a match"] }
        guard !story.attempts.isEmpty else { return }
        lines.append("")
        if let looks = story.lookCount { return addLook(story.attempts[0], looks) }
        let all = counted(story.attemptCount, "attempt")
        let which =
            story.attempts.count == story.attemptCount
            ? "" : story.attempts.count == 1 ? "; the furthest" : "; the furthest of them"
        lines.append("  \(all) did not match\(which):")
        for attempt in story.attempts {
            lines.append("")
            lines.append("  \(paint("began \(attempt.start)", "1"))")
            addBound(attempt)
            addWaiting(attempt)
        }
    }

    private mutating func addLook(_ look: AttemptStory, _ count: Int) {
        let all = counted(count, "look")
        lines.append("  \(all) at the window gave no match; the nearest:")
        lines.append("")
        lines.append("  \(paint("at \(look.end)", "1")), holding since \(look.start)")
        addBound(look)
        markLater(look.end, look)
        lines.append("    \(padded(offset(look.end, look))) \(paint(look.reason, "31"))")
        for failure in look.failures { lines.append("    \(padded("")) \(text(failure))") }
    }

    private mutating func addBound(_ attempt: AttemptStory) {
        isLater = false
        var rows: [(time: String, step: String, event: StoryEvent)] = []
        var index = 0
        while index < attempt.bound.count {
            let step = attempt.bound[index].step
            var end = index
            while end < attempt.bound.count, attempt.bound[end].step == step { end += 1 }
            let hidden = end - index - 2 * StoryText.shownOfRow
            for place in index..<end {
                if hidden > 1, place >= index + StoryText.shownOfRow,
                    place < end - StoryText.shownOfRow
                {
                    if place == index + StoryText.shownOfRow {
                        flush(&rows, attempt)
                        lines.append("    …        (\(hidden) more)")
                    }
                    continue
                }
                let event = attempt.bound[place]
                rows.append((offset(event, attempt), step ?? "", event))
            }
            index = end
        }
        flush(&rows, attempt)
    }

    private mutating func flush(
        _ rows: inout [(time: String, step: String, event: StoryEvent)], _ attempt: AttemptStory
    ) {
        for row in rows {
            markLater(row.event.time, attempt)
            let step = row.step.isEmpty || row.step.hasPrefix("_") ? "" : "\(row.step): "
            lines.append("    \(padded(row.time)) \(step)\(text(row.event))")
        }
        rows = []
    }

    private mutating func addWaiting(_ attempt: AttemptStory) {
        for (index, line) in attempt.awaited.enumerated() {
            let word = index == 0 ? "waited for" : "or for    "
            let quoted = line.hasSuffix("`") ? line : "`\(line)`"
            lines.append("    \(padded("")) \(paint(word, "36")) \(quoted)")
        }
        markLater(attempt.end, attempt)
        let word = attempt.ending == "waiting" ? "still waiting" : "ended"
        let end = padded(offset(attempt.end, attempt))
        lines.append("    \(end) \(paint(word, "31")): \(attempt.reason)")
        if let event = attempt.endedBy {
            lines.append("    \(padded(offset(event, attempt))) by \(text(event))")
        }
        for failure in attempt.failures { lines.append("    \(padded("")) \(text(failure))") }
        if let (event, span) = attempt.late {
            lines.append(
                "    \(padded(offset(event, attempt))) \(paint("too late by \(span)", "33")):"
                    + " \(text(event))")
        }
        if let miss = attempt.nearest { add(miss, "nearest", from: attempt) }
        if !attempt.unseen.isEmpty {
            let types = attempt.unseen.map { "`\($0)`" }.joined(separator: " or ")
            let key = story.key.isEmpty ? "" : " of this key"
            lines.append("    \(padded("")) no other \(types)\(key) came while it waited")
        }
    }

    private mutating func add(_ miss: NearMiss, _ word: String, from attempt: AttemptStory?) {
        let time = attempt.map { padded(offset(miss.event, $0)) } ?? "\(miss.event.time)"
        lines.append("    \(time) \(paint(word, "33")): \(text(miss.event))")
        let blank = String(repeating: " ", count: time.count)
        for failure in miss.failures { lines.append("    \(blank)   \(text(failure))") }
    }

    private mutating func add(_ notBegun: KeyStory.NotBegun) {
        lines.append("")
        let begins = notBegun.lines.map { "`\($0)`" }.joined(separator: " or ")
        lines.append("  no attempt began: the first event has to fit \(begins)")
        for reason in notBegun.reasons { lines.append("    \(StoryText.shown(reason))") }
        for miss in notBegun.nearest { add(miss, "nearest", from: nil) }
    }

    // MARK: pieces

    private func text(_ failure: FailedPart) -> String { failure.description }

    private func text(_ event: StoryEvent) -> String {
        if let table = event.keysFrom { return "no event: `keys from \(table)`" }
        let fields = event.fields.map { " \($0.name)=\(StoryText.text($0.value))" }
        let type = StoryText.shown(event.type)
        return "\(type)\(fields.joined())  \(paint("[\(StoryText.shown(event.id))]", "2"))"
    }

    /// A text of the events', with what a terminal would obey written out.
    private static func shown(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    static func text(_ value: Value) -> String {
        if case .string = value { return shown(value.json) }
        return value.isMissing ? "missing" : shown(value.displayText)
    }

    private func offset(_ event: StoryEvent, _ attempt: AttemptStory) -> String {
        offset(event.time, attempt)
    }

    private func offset(_ time: StreamTime, _ attempt: AttemptStory) -> String {
        time < attempt.start ? "-\(attempt.start.since(time))" : "+\(time.since(attempt.start))"
    }

    private func padded(_ text: String) -> String {
        text + String(repeating: " ", count: max(0, 8 - text.count))
    }
}

extension FailedPart: CustomStringConvertible {
    /// `amount > 1000` failed: amount was 900.
    package var description: String {
        let read = values.map { "\($0.name) was \(StoryText.text($0.value))" }
        let all = read + (detail.map { [$0] } ?? [])
        let head = "`\(text)` failed"
        return all.isEmpty ? head : "\(head): \(all.joined(separator: ", "))"
    }
}
