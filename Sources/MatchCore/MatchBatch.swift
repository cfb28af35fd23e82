// SPDX-License-Identifier: Apache-2.0

package import Automata
package import EventModel

/// Reported matches, flat: rows, and one buffer of bytes that they point into.
///
/// It refers to nothing of the engine's, so it may be kept while the engine goes on.
///
/// - Shape: appending allocates only to grow, and emptying keeps what has grown.
package struct MatchBatch: Sendable {
    package struct Row: Sendable {
        /// Index into the program's rules.
        package var rule: Int
        package var start: StreamTime
        package var end: StreamTime
        /// Where in the bytes they stand.
        package var severity: Range<Int>
        package var title: Range<Int>
        /// Where its values begin: those of the key, then of the labels, then of the fields.
        package var firstValue: Int
        /// Its events by arrival.
        package var events: Range<Int>
        /// The events that the match is of; a window's are not all shown, and an opening is not.
        package var eventCount = 0
        /// The arrival number of the last event bound.
        var completedBy: Int64
        /// Orders the matches of one rule that the same event completes under different keys.
        var keyOrder: Int64
        /// Orders what nothing else does.
        var number: Int
        /// Whether a deadline completed it.
        package var isByClock: Bool
        package var status = Status.open
        /// When it comes out: its end or, for what resolves an alert, the time of that.
        package var moment: StreamTime
        /// Matches that `suppress` or `resolve on` has kept back and this one tells of.
        package var suppressed = 0
        /// Matches that `limit` has kept back and this one tells of.
        package var limited = 0
        /// Matches that `except` has dropped and this one tells of.
        package var excepted = 0
        /// Of a window of alerts, which value their ids are; else -1.
        package var lineage = -1
        /// Whether the match began without an event, by `keys from`: `start` says when.
        package var isOpened = false
        /// Where it is known already; nil: to be made.
        package var id: AlertID?
        /// When it was reported.
        var place = Place()
    }

    /// What a row is.
    package enum Status: Sendable {
        /// A match, and the alert that it makes.
        case open
        /// The notice that an alert is resolved.
        case resolved
        /// An event of `resolve on`, which whoever keeps alerts open takes out.
        case resolution
        /// A match that an `except` drops: whoever decides about matches counts it.
        case excepted
    }

    /// Where a match stands among those of all shards.
    struct Place: Sendable {
        /// How many events had reached the engine.
        var arrival: Int64 = 0
        /// The instant that was worked off after them; the least number: it was the last of them.
        var instant = Int64.min
        /// Of several keys that the event has in one input, the number of the match's.
        var keyOrdinal = 0
    }

    /// An event that a match bound.
    package struct EventRow: Sendable {
        /// The step that bound it.
        package var step: Int
        package var feed: Int32
        package var position: Int64
        package var time: StreamTime
        /// The number of the event among all that reached the engine.
        package var arrival: Int64
        /// The id if one was given; nil: made from the feed and the position by whoever knows the
        /// feeds.
        package var givenID: Range<Int>?
        package var type: Range<Int>
        /// The event as it came in, one JSON object.
        package var text: Range<Int>
        /// The row of the program's `derivedFields`; negative: it can have none.
        package var incomingType: Int32
        /// Where the values of its derived fields begin, those that are missing among them.
        package var firstValue: Int

        /// Whether it is an alert of a rule.
        package var isAlert: Bool { feed == MatchBatch.alertFeed }
    }

    /// The feed of events that are alerts of rules; their positions are -1, -2 and so on.
    package static let alertFeed: Int32 = -1
    /// The feed of the events that stand for the first line of rules with `keys from`.
    package static let openingFeed: Int32 = -2

    struct ValueRow: Sendable {
        var slot: Slot
        /// Of a slot that holds a symbol, the symbol's bytes.
        var payload: Range<Int>
    }

    package internal(set) var rows: [Row] = []
    package internal(set) var events: [EventRow] = []
    private var values: [ValueRow] = []
    package internal(set) var bytes: [UInt8] = []

    package init() {}

    package var count: Int { rows.count }
    package var isEmpty: Bool { rows.isEmpty }

    package mutating func removeAll() {
        // After a burst the room for it is given back.
        let keeps = bytes.capacity <= MatchBatch.bytesKept
        rows.removeAll(keepingCapacity: keeps)
        events.removeAll(keepingCapacity: keeps)
        values.removeAll(keepingCapacity: keeps)
        bytes.removeAll(keepingCapacity: keeps)
    }

    private static let bytesKept = 4 << 20

    // MARK: Values

    var valueCount: Int { values.count }

    mutating func append(_ slot: Slot, _ symbols: borrowing SymbolTable) {
        guard slot.holdsSymbol else {
            values.append(ValueRow(slot: slot, payload: 0..<0))
            return
        }
        let payload = append(textOf: slot.symbol, symbols)
        values.append(ValueRow(slot: slot, payload: payload))
    }

    mutating func append(_ slot: Slot, payload: [UInt8]) {
        values.append(ValueRow(slot: slot, payload: append(payload[...])))
    }

    /// Appends the values of another batch, whose bytes have been appended from `offset` on.
    mutating func appendValues(of other: MatchBatch, movedBy offset: Int) {
        for var value in other.values {
            value.payload = value.payload.moved(by: offset)
            values.append(value)
        }
    }

    /// Appends bytes; where they stand.
    mutating func append(_ text: ArraySlice<UInt8>) -> Range<Int> {
        let start = bytes.count
        bytes.append(contentsOf: text)
        return start..<bytes.count
    }

    /// Appends the text of a symbol; where it stands.
    mutating func append(
        textOf symbol: Symbol, _ symbols: borrowing SymbolTable
    ) -> Range<Int> {
        let start = bytes.count
        symbols.withBytes(of: symbol) { bytes.append(copying: copy $0) }
        return start..<bytes.count
    }

    package func isMissing(value index: Int) -> Bool { values[index].slot.isMissing }

    package func value(_ index: Int) -> Value {
        Value(values[index].slot, payload: bytes.span.extracting(values[index].payload))
    }

    /// Calls `body` with a value as a slot and the bytes of its symbol, without a copy.
    package func withSlot(_ index: Int, _ body: (Slot, Span<UInt8>) -> Void) {
        body(values[index].slot, bytes.span.extracting(values[index].payload))
    }

    package func text(_ range: Range<Int>) -> String {
        String(copying: bytes.span.extracting(range))
    }

    // MARK: Order

    /// Puts the matches from `first` on, all of one instant, in the order of the last event bound,
    /// then of the rule.
    package mutating func sortInstant(from first: Int) { sort(from: first, MatchBatch.precedes) }

    /// Puts the matches from `first` on, all completed by one event, in the order of the rules.
    mutating func sortByRule(from first: Int) {
        sort(from: first) { $0.rule != $1.rule ? $0.rule < $1.rule : $0.number < $1.number }
    }

    /// Says of the matches from `first` on when they were reported.
    package mutating func setPlace(
        arrival: Int64, instant: Int64 = .min, from first: Int
    ) {
        for i in first..<max(first, rows.count) {
            rows[i].place.arrival = arrival
            rows[i].place.instant = instant
        }
    }

    mutating func setKeyOrdinal(_ ordinal: Int, from first: Int) {
        for i in first..<max(first, rows.count) { rows[i].place.keyOrdinal = ordinal }
    }

    /// Whether match `index` comes before one of another shard, both in the order of their batches.
    package func precedes(_ index: Int, _ other: Int, of batch: borrowing MatchBatch) -> Bool {
        let (a, b) = (rows[index], batch.rows[other])
        if a.place.arrival != b.place.arrival { return a.place.arrival < b.place.arrival }
        if a.place.instant != b.place.instant { return a.place.instant < b.place.instant }
        // Those of an instant; no event has completed them.
        if a.place.instant != .min { return MatchBatch.precedes(a, b) }
        return a.rule != b.rule ? a.rule < b.rule : a.place.keyOrdinal < b.place.keyOrdinal
    }

    private mutating func sort(from first: Int, _ precedes: (Row, Row) -> Bool) {
        // They mostly come in order, and sorting a slice copies it.
        for i in first..<max(first, rows.count - 1) where precedes(rows[i + 1], rows[i]) {
            rows[first...].sort(by: precedes)
            return
        }
    }

    private static func precedes(_ a: Row, _ b: Row) -> Bool {
        if a.end != b.end { return a.end < b.end }
        if a.completedBy != b.completedBy { return a.completedBy < b.completedBy }
        if a.rule != b.rule { return a.rule < b.rule }
        return a.keyOrder != b.keyOrder ? a.keyOrder < b.keyOrder : a.number < b.number
    }

    /// Takes the matches from `first` on out that end behind a time; for `putBack`.
    package mutating func takeOut(
        endingAfter time: Int64, from first: Int, into ending: inout [Row]
    ) {
        var kept = first
        for i in first..<max(first, rows.count) {
            if rows[i].end.nanoseconds > time {
                ending.append(rows[i])
            } else {
                rows.swapAt(kept, i)
                kept += 1
            }
        }
        rows.removeLast(rows.count - kept)
    }

    /// Appends matches that were taken out, in the order of an instant.
    package mutating func putBack(_ ending: inout [Row]) {
        let first = rows.count
        rows.append(contentsOf: ending)
        ending.removeAll(keepingCapacity: true)
        sortInstant(from: first)
    }

    /// Takes out the rows of rules that only emit events.
    package mutating func removeEmitted(of program: RulesetProgram) {
        rows.removeAll { program.rules[$0.rule].chain.onlyEmits }
    }

    // MARK: Single matches

    package func match(_ index: Int, of program: RulesetProgram) -> Match {
        let row = rows[index]
        let rule = program.rules[row.rule]
        let labels = row.firstValue + rule.keyNames.count
        let fields = labels + rule.alert.labels.count
        var steps: [[Match.BoundEvent]] = Array(repeating: [], count: rule.stepNames.count)
        for event in events[row.events] {
            steps[event.step].append(
                Match.BoundEvent(position: event.position, arrival: event.arrival))
        }
        return Match(
            rule: row.rule, status: row.status, moment: row.moment, suppressed: row.suppressed,
            limited: row.limited, excepted: row.excepted, key: (row.firstValue..<labels).map(value),
            start: row.start,
            end: row.end, severity: text(row.severity), title: text(row.title),
            labels: rule.alert.labels.enumerated().map { ($1.name, value(labels + $0)) },
            fields: rule.alert.fields.enumerated().map { ($1.name, value(fields + $0)) },
            steps: steps, eventCount: row.eventCount, isByClock: row.isByClock)
    }
}
