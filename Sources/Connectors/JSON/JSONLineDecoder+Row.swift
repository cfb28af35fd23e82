// SPDX-License-Identifier: Apache-2.0
// Rows of CSV: where the values are is known as soon as the row's object is made, so nobody has to
// look for them there. Exercised by CSVFeedTests, which holds rows against their objects.

import EventModel

extension JSONLineDecoder {
    /// Finds out where the values of the columns of rows belong.
    mutating func meet(columns: [[UInt8]]) {
        columnSpots.removeAll()
        // A name that an object writes in another way is looked for there.
        guard columns.allSatisfy({ $0.span.plainEnd(from: 0) == $0.count }) else { return }
        for name in columns {
            let edge = index.keys.find(name.span, scope: 0)
            columnSpots.append(edge < 0 ? -1 : index.edges[edge].spot)
        }
    }

    /// Like `scan`, of an object of texts whose values are known to be at `places`, by column, and
    /// to have no escapes; nil where it has to be scanned.
    mutating func note(
        _ text: Span<UInt8>, _ places: Span<Range<Int>>
    ) throws(Undecodable) -> ScannedLine? {
        guard places.count == columnSpots.count, places.count > 0, text.count <= Spot.lineByteCap
        else { return nil }
        generation += 1
        for column in columnSpots.indices where columnSpots[column] >= 0 {
            let place = places[column]
            // Of columns of one name the last that has a value counts.
            if place.isEmpty { continue }
            spots[columnSpots[column]] = Spot(
                start: place.lowerBound, end: place.upperBound, generation: generation, kind: .text)
        }
        return try understand(text)
    }
}
