// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// A story for programs: one object.
package enum StoryJSON {
    package static func line(_ story: KeyStory) -> String {
        let later = Later(story.moment)
        let fields = [
            "\"rule\":\(quoted(story.rule))",
            "\"place\":\(quoted(story.place))",
            "\"key\":\(object(story.key.map { ($0.name, .string($0.value)) }))",
            "\"events\":\(array(story.counts, json))",
            "\"at\":\(story.moment.map { quoted($0.time.description) } ?? "null")",
            "\"underWay\":\(story.moment.map { "\($0.isUnderWay)" } ?? "null")",
            "\"matches\":\(array(story.matches) { json($0, later) })",
            "\"attemptCount\":\(story.attemptCount)",
            "\"skippedCount\":\(story.skippedCount)",
            "\"lookCount\":\(story.lookCount.map(String.init) ?? "null")",
            "\"attempts\":\(array(story.attempts) { json($0, later) })",
            "\"notBegun\":\(story.notBegun.map(json) ?? "null")",
            "\"notes\":\(array(story.notes, quoted))",
        ]
        return "{\(fields.joined(separator: ","))}\n"
    }

    private static func quoted(_ text: String) -> String { Value.string(text).json }

    private static func array<T>(_ items: [T], _ json: (T) -> String) -> String {
        "[\(items.map(json).joined(separator: ","))]"
    }

    private static func object(_ values: [(name: String, value: Value)]) -> String {
        "{\(values.map { "\(quoted($0.name)):\($0.value.json)" }.joined(separator: ","))}"
    }

    private static func json(_ count: TypeCount) -> String {
        "{\"type\":\(quoted(count.type)),\"count\":\(count.count),\"ofKey\":\(count.ofKey),"
            + "\"lackingKey\":\(count.lackingKey)}"
    }

    /// Says of what came after the time of interest that it did.
    private struct Later {
        let time: StreamTime?

        init(_ moment: KeyStory.Moment?) { time = moment.flatMap { $0.isUnderWay ? $0.time : nil } }

        /// A member to put in.
        func member(_ other: StreamTime) -> String {
            time.map { other > $0 } ?? false ? "\"later\":true," : ""
        }
    }

    private static func json(_ event: StoryEvent) -> String { json(event, Later(nil)) }

    private static func json(_ event: StoryEvent, _ later: Later) -> String {
        let step =
            (event.step.map { "\"step\":\(quoted($0))," } ?? "") + later.member(event.time)
        if let table = event.keysFrom {
            return "{\(step)\"keysFrom\":\(quoted(table)),"
                + "\"time\":\(quoted(event.time.description))}"
        }
        return "{\(step)\"type\":\(quoted(event.type)),\"time\":\(quoted(event.time.description)),"
            + "\"id\":\(quoted(event.id)),\"fields\":\(object(event.fields))}"
    }

    private static func json(_ failure: FailedPart) -> String {
        "{\"condition\":\(quoted(failure.text)),\"values\":\(object(failure.values)),"
            + "\"detail\":\(failure.detail.map(quoted) ?? "null")}"
    }

    private static func json(_ miss: NearMiss) -> String { json(miss, Later(nil)) }

    private static func json(_ miss: NearMiss, _ later: Later) -> String {
        "{\"event\":\(json(miss.event, later)),\"line\":\(quoted(miss.line)),"
            + "\"failed\":\(array(miss.failures, json))}"
    }

    private static func json(_ attempt: AttemptStory, _ later: Later) -> String {
        var fields = [
            "\"start\":\(quoted(attempt.start.description))",
            "\"end\":\(quoted(attempt.end.description))",
            "\"ending\":\(quoted(attempt.ending))",
            "\"reason\":\(quoted(attempt.reason))",
            "\"bound\":\(array(attempt.bound) { json($0, later) })",
            "\"awaited\":\(array(attempt.awaited, quoted))",
            "\"endedBy\":\(attempt.endedBy.map { json($0, later) } ?? "null")",
        ]
        if let (event, span) = attempt.late {
            fields.append(
                "\"late\":{\"by\":\(quoted(span.description)),\"event\":\(json(event, later))}")
        } else {
            fields.append("\"late\":null")
        }
        fields.append("\"nearest\":\(attempt.nearest.map { json($0, later) } ?? "null")")
        fields.append("\"failed\":\(array(attempt.failures, json))")
        fields.append("\"unseen\":\(array(attempt.unseen, quoted))")
        if attempt.isMatch {
            fields.append("\"keptBack\":\(attempt.heldBack.map(quoted) ?? "null")")
        }
        return "{\(fields.joined(separator: ","))}"
    }

    private static func json(_ notBegun: KeyStory.NotBegun) -> String {
        "{\"lines\":\(array(notBegun.lines, quoted)),"
            + "\"reasons\":\(array(notBegun.reasons, quoted)),"
            + "\"nearest\":\(array(notBegun.nearest, json))}"
    }
}
