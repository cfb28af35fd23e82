// SPDX-License-Identifier: Apache-2.0

internal import Connectors
internal import Diagnostics
internal import EventModel
internal import Harness
internal import Pipeline
internal import RuleLanguage

/// Reads what `replay` lines of tests name: files of events, beside the rules file.
enum RecordingReader {
    /// Why a recording is of no use to a test.
    enum Problem: Error, CustomStringConvertible {
        /// A test has to know each of its events.
        case undecodable(line: Int64, reason: String)

        var description: String {
            switch self {
            case .undecodable(let line, let reason): "line \(line): \(reason)"
            }
        }
    }

    /// Long enough to put any file in order of time.
    private static let lateness = TimeSpan(seconds: 5_000_000_000)
    private static let batchSize = 512

    static func events(
        of line: CheckedTest.Line, _ path: String, _ plan: DecodePlan
    ) throws -> [TestEvent] {
        var options = FeedOptions()
        options.lateness = lateness
        var feed = try RecordedFeed(
            path: RulesetLoader.beside(line.span.file.name, path), number: 0, plan: plan,
            options: options)
        var symbols = SymbolTable()
        var batch = EventBatch(slotCount: plan.slotCount)
        var events: [TestEvent] = []
        var hasMore = true
        while hasMore {
            batch.removeAll()
            hasMore = try feed.fill(&batch, upTo: batchSize, symbols: &symbols)
            if let letter = feed.takeDeadLetters().first {
                throw Problem.undecodable(line: letter.lineNumber, reason: letter.reason)
            }
            for index in 0..<batch.count { events.append(event(index, of: batch, symbols, plan)) }
        }
        return events
    }

    private static func event(
        _ index: Int, of batch: EventBatch, _ symbols: borrowing SymbolTable, _ plan: DecodePlan
    ) -> TestEvent {
        let id = symbols.value(of: batch.events[index].id)
        return TestEvent(
            type: symbols.string(of: batch.events[index].typeName), time: batch.events[index].time,
            id: id.isMissing ? nil : id.displayText, fields: fields(index, of: batch, symbols, plan)
        )
    }

    /// The fields of a decoded event as it came in.
    static func fields(
        _ index: Int, of batch: EventBatch, _ symbols: borrowing SymbolTable, _ plan: DecodePlan
    ) -> [(name: String, value: Value)] {
        let type = Int(batch.events[index].type)
        let wanted = type >= 0 ? plan.types[type].fields : plan.otherFields ?? []
        let base = index * batch.slotCount
        return wanted.compactMap { field -> (name: String, value: Value)? in
            let values = field.targets.map { symbols.value(of: batch.slots[base + $0.slot]) }
            // A text converts to whatever else rules want of the field, and not the other way.
            let text = values.first { if case .string = $0 { true } else { false } }
            let value = text ?? values.first { !$0.isMissing }
            return value.map { (field.path, $0) }
        }
    }
}
