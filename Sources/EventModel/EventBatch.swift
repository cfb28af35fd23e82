// SPDX-License-Identifier: Apache-2.0

/// Decoded events in order: what a feed hands to the engine.
///
/// - Shape: one row an event, in one array for what every event has and one for its slots: event
///   i's are `slots[i * slotCount ..< (i + 1) * slotCount]`. Texts are ranges of `text`, which may
///   be the reader's own buffer and then also holds what is no event's.
package struct EventBatch: Sendable {
    /// What every event has.
    package struct Event: Sendable {
        package var time: StreamTime
        /// The number of the line or record in its feed, from 1.
        package var position: Int64
        /// The given id (`.string` or `.int`); missing: the id is the feed's name and the position.
        package var id: Slot
        /// Index into `DecodePlan.types`, or `DecodePlan.otherType`.
        package var type: Int32
        /// The name of the type: differs from the plan's only for `otherType`.
        package var typeName: Symbol
        /// Which feed the event came from, as numbered by the caller.
        package var feed: Int32
        /// Where its text as it came is in the batch's `text`.
        package var textStart: Int
        package var textEnd: Int
        /// How that text came in.
        package var form: TextForm

        @inlinable
        package init(
            type: Int32, typeName: Symbol, time: StreamTime, id: Slot, feed: Int32,
            position: Int64, textStart: Int, textEnd: Int, form: TextForm = .object
        ) {
            self.time = time
            self.position = position
            self.id = id
            self.type = type
            self.typeName = typeName
            self.feed = feed
            self.textStart = textStart
            self.textEnd = textEnd
            self.form = form
        }
    }

    package let slotCount: Int
    package var events: [Event] = []
    package var slots: [Slot] = []
    package private(set) var text: [UInt8] = []
    /// Of the rows of CSV among the texts: the columns, by the places in their forms.
    package private(set) var columns: [RowColumns] = []
    /// Whether `text` is another's buffer, which must not be held longer than the events.
    private var isTextLent = false

    package init(slotCount: Int) { self.slotCount = slotCount }

    @inlinable package var count: Int { events.count }

    /// Appends an event whose slots are all missing.
    @inlinable
    package mutating func append(_ event: Event) {
        events.append(event)
        let slotCount = slotCount
        slots.append(addingCapacity: slotCount) {
            $0.append(repeating: .missing, count: slotCount)
        }
    }

    /// Appends events until there are `limit`, or fewer.
    ///
    /// - Parameter body: appends the events; the slots of all of them are there from `first` on,
    ///   and missing.
    package mutating func appendRows(
        upTo limit: Int,
        _ body: (
            _ events: inout OutputSpan<Event>, _ slots: inout MutableSpan<Slot>, _ first: Int
        ) -> Void
    ) {
        let (before, room) = (count, limit - count)
        slots.append(addingCapacity: room * slotCount) {
            $0.append(repeating: .missing, count: room * slotCount)
        }
        var slots: [Slot] = []
        swap(&slots, &self.slots)
        let first = before * slotCount
        events.append(addingCapacity: room) { events in
            var rows = slots.mutableSpan
            body(&events, &rows, first)
        }
        slots.removeLast((limit - count) * slotCount)
        swap(&slots, &self.slots)
    }

    /// Appends a copy of an event's text, before the event; gives its place.
    package mutating func append(text bytes: Span<UInt8>) -> Range<Int> {
        let start = text.count
        text.append(copying: bytes)
        return start..<text.count
    }

    package mutating func append(text bytes: ArraySlice<UInt8>) -> Range<Int> {
        let start = text.count
        text.append(contentsOf: bytes)
        return start..<text.count
    }

    /// The form of rows with those columns.
    package mutating func form(ofRowsWith columns: RowColumns) -> TextForm {
        // The rows of a feed come one after the other.
        if let last = self.columns.last, last === columns {
            return TextForm(.row, place: self.columns.count - 1)
        }
        if let place = self.columns.firstIndex(where: { $0 === columns }) {
            return TextForm(.row, place: place)
        }
        self.columns.append(columns)
        return TextForm(.row, place: self.columns.count - 1)
    }

    /// Appends the text of event `index` as the JSON object that alerts show.
    package func appendObject(ofEvent index: Int, to bytes: inout [UInt8]) {
        let event = events[index]
        let text = text.span.extracting(textRange(index))
        switch event.form.kind {
        case .object: bytes.append(copying: text)
        case .row: columns[event.form.place].appendObject(of: text, to: &bytes)
        case .plainLine, .oldHeader, .newHeader:
            bytes.append(logLine: text, LogLineParts(text, event.form), time: event.time)
        }
    }

    /// Takes `buffer` as the text that the events' places are in, without a copy.
    ///
    /// - Precondition: no event's text has been copied into this batch.
    package mutating func lend(text buffer: [UInt8]) {
        text = buffer
        isTextLent = true
    }

    /// The range in `text` of event `index`.
    package func textRange(_ index: Int) -> Range<Int> {
        events[index].textStart..<events[index].textEnd
    }

    /// Empties the batch and keeps its memory; what was lent goes back.
    package mutating func removeAll() {
        events.removeAll(keepingCapacity: true)
        slots.removeAll(keepingCapacity: true)
        columns.removeAll(keepingCapacity: true)
        if isTextLent { text = [] } else { text.removeAll(keepingCapacity: true) }
        isTextLent = false
    }
}
