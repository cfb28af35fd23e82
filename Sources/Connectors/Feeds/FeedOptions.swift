// SPDX-License-Identifier: Apache-2.0

package import EventModel

/// How the records of a file are written.
package enum FeedFormat: String, Hashable, Sendable, CaseIterable {
    /// One JSON object a line.
    case jsonLines = "jsonl"
    case csv
    /// One text or syslog message a line.
    case lines

    /// Guesses from a path: `.jsonl`, `.ndjson` and `.json`, `.csv`, else lines; a `.gz` or `.zst`
    /// behind that is passed over.
    package init(guessedFrom path: String) {
        var name = path.lowercased()[...]
        for suffix in [".gz", ".zst"] where name.hasSuffix(suffix) {
            name = name.dropLast(suffix.count)
        }
        if [".jsonl", ".ndjson", ".json"].contains(where: name.hasSuffix) {
            self = .jsonLines
        } else {
            self = name.hasSuffix(".csv") ? .csv : .lines
        }
    }
}

/// How a recorded feed is read.
package struct FeedOptions: Sendable {
    /// Nil: guessed from the path.
    package var format: FeedFormat?
    /// The type of every event; nil: it stands in the event (JSON lines, CSV) or is `line`.
    package var fixedType: String?
    /// The path of the field that holds the type.
    package var typeField = "type"
    /// The path of the field that holds the time; nil: `time`, `ts`, `timestamp` or `@timestamp`.
    package var timeField: String?
    /// The path of the field that holds the id, for types that declare none.
    package var idField = "id"
    /// Whether an event without a time has that at which it was pushed; otherwise it is none.
    package var assumesArrivalTime = false
    /// How far an event may be behind the latest one and still be put in order.
    package var lateness = TimeSpan.zero
    /// How far an event's time may be after the moment at which it is pushed; nil: any way.
    package var maxAhead: TimeSpan?
    /// How long ids are remembered, by which an event that comes once more is known and passed
    /// over; nil: not at all.
    package var rememberedIDSpan: TimeSpan?
    /// The year of the first stamp of a file that has none; nil: taken from when the file was last
    /// changed.
    package var assumedYear: Int?
    /// What is between the cells of CSV.
    package var delimiter = UInt8(ascii: ",")
    /// The longest line, or row of CSV, that is decoded.
    package var maxLineBytes = 16 << 20

    package init() {}
}

/// What a feed counted.
package struct FeedStatistics: Sendable {
    package var lines = 0
    /// Events given on.
    package var events = 0
    /// Complete events of types that no rule wants.
    package var ignored = NameCounter()
    /// Events behind the watermark: not given on.
    package var late = 0
    /// Events that came before, as their ids say: not given on.
    package var repeated = 0
    /// Ids that were forgotten before their time, since there were too many.
    package var forgottenIDs = 0
    /// Events outside of the span of time asked for: not given on.
    package var outside = 0
    package var undecodable = 0
    /// Values that were none of the type that a rule needs, by path of the field, in order of the
    /// plan; each left its slot missing.
    package var mismatched: [(path: String, count: Int)] = []

    package init() {}
}

/// A record that became no event.
package struct DeadLetter: Hashable, Sendable {
    /// Bytes of a record that are kept, at most.
    package static let byteCap = 64 * 1024

    package var feed: Int32
    /// The number of the record's first line, from 1.
    package var lineNumber: Int64
    package var reason: String
    /// The record as it came, up to the cap.
    package var bytes: [UInt8]
    /// Whether the record went on behind `bytes`.
    package var isTruncated: Bool
}
