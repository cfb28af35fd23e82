// SPDX-License-Identifier: Apache-2.0
// FNV-1a, 128 bits wide. Source: Fowler, Noll, Vo, Eastlake, "The FNV Non-Cryptographic Hash
// Algorithm". What is hashed is fixed by docs/reference/alert-json.md. Exercised by AlertIDTests.

internal import Automata
internal import EventModel

/// The id of an alert: the same for the same rule, key and bound events, in every process.
///
/// - Shape: 128 bits, written as 32 hexadecimal digits.
package struct AlertID: Hashable, Sendable {
    package private(set) var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

    package init() {}

    package init(hash: UInt128) { self.hash = hash }

    package mutating func add(_ bytes: Span<UInt8>) {
        var hash = hash
        for i in bytes.indices {
            hash = (hash ^ UInt128(bytes[i])) &* 0x100_0000_0000_0000_0000_013b
        }
        self.hash = hash
    }

    /// Appends the digits.
    package func append(to bytes: inout [UInt8]) {
        var digits = InlineArray<32, UInt8>(repeating: 0)
        var rest = hash
        for place in (0..<32).reversed() {
            let digit = UInt8(truncatingIfNeeded: rest) & 15
            digits[place] = digit < 10 ? 48 + digit : 87 + digit
            rest >>= 4
        }
        bytes.append(copying: digits.span)
    }
}

/// Makes the ids of the alerts of one rule.
package struct AlertNaming: Sendable {
    /// The hash of what stands before the key in the text that makes the id.
    private let head: AlertID
    private let partCount: Int
    private let stepCount: Int
    /// Whether the matches are looks at a window.
    private let isWindow: Bool

    package init(rule name: String, partCount: Int, stepCount: Int, isWindow: Bool) {
        var text = [UInt8(ascii: "[")]
        text.append(jsonString: name.utf8.span)
        text.append(UInt8(ascii: ","))
        var head = AlertID()
        head.add(text.span)
        self.head = head
        self.partCount = partCount
        self.stepCount = stepCount
        self.isWindow = isWindow
    }

    /// The id of a match of the rule.
    ///
    /// - Parameters:
    ///   - feedNames: by the number of the feed, what stands before the position in the id of an
    ///     event that brings none.
    ///   - text: scratch; what was in it is lost.
    package func id(
        of row: borrowing MatchBatch.Row, in batch: borrowing MatchBatch, feedNames: [[UInt8]],
        using text: inout [UInt8]
    ) -> AlertID {
        if let id = row.id { return id }
        text.removeAll(keepingCapacity: true)
        text.append(UInt8(ascii: "["))
        for part in 0..<partCount {
            if part > 0 { text.append(UInt8(ascii: ",")) }
            batch.withSlot(row.firstValue + part) { text.append(json: $0, payload: $1) }
        }
        text.append(literal: "],[")
        if isWindow {
            // A look is known by its time; of several at one time each is of an event.
            text.append(decimal: row.start.nanoseconds)
            text.append(UInt8(ascii: ","))
            text.append(decimal: row.end.nanoseconds)
            text.append(literal: "],[")
        }
        for step in 0..<stepCount {
            if step > 0 { text.append(UInt8(ascii: ",")) }
            text.append(UInt8(ascii: "["))
            var isFirst = true
            // A key that has not been heard of since then may be so again after another start.
            if step == 0, row.isOpened {
                text.append(decimal: row.start.nanoseconds)
                isFirst = false
            }
            for event in row.events where batch.events[event].step == step {
                if !isFirst { text.append(UInt8(ascii: ",")) }
                isFirst = false
                batch.appendEventID(batch.events[event], feedNames: feedNames, to: &text)
            }
            text.append(UInt8(ascii: "]"))
        }
        text.append(literal: "]]")
        var id = head
        id.add(text.span)
        return id
    }
}

extension MatchBatch {
    /// Appends the id of a bound event as a JSON text: the one that it brought, or one made of its
    /// feed's name and its position.
    package func appendEventID(
        _ event: EventRow, feedNames: [[UInt8]], to bytes: inout [UInt8]
    ) {
        if let id = event.givenID {
            bytes.append(jsonString: self.bytes.span.extracting(id))
            return
        }
        let feed = Int(event.feed)
        let name = feedNames.indices.contains(feed) ? feedNames[feed] : Array("feed \(feed):".utf8)
        bytes.append(jsonString: name.span)
        // The number goes inside the quotes.
        bytes.removeLast()
        bytes.append(decimal: event.position)
        bytes.append(UInt8(ascii: "\""))
    }
}
