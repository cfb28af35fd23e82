// SPDX-License-Identifier: Apache-2.0
// What a line of a lent buffer means, once the places of its values are known: the short ways for
// what most lines have (a short name of a type, times and ids that are whole numbers, short texts),
// which leave everything else to the long ones. Exercised by PredictedLineTests and by the fuzzer
// of JSON lines.

import EventModel

extension JSONLineDecoder {
    /// Like `understand` for the line that `scanPredicted` has gone through; nil where that has to
    /// be asked.
    @inline(__always)
    mutating func understandPlain(_ text: RawText) -> ScannedLine? {
        if isTypeFixed {
            guard isFixedTypeWanted else { return nil }
        } else {
            let spot = spots[firstTypeSpot]
            guard spot.holds(.text, generation), spot.count > 0,
                spot.count <= ShortBytes.byteCap,
                typeMemo.find(text.shortBytes(at: spot.start, spot.count))
            else { return nil }
            isTypeRemembered = true
            type = typeMemo.last.type
        }
        let planned = planned(type)
        if planned < 0 {
            ignored.count(at: typeMemo.last.counter)
            return .ignored
        }
        guard index.types[planned].time < 0 else { return nil }
        for field in 0..<index.feedTimeCount {
            let place = index.timePlaces[field]
            let spot = spots[place.firstSpot]
            if spot.generation != generation {
                if place.spots.count > 1 { return nil }
                continue
            }
            guard place.unit >= 0, let number = plainNumber(spot, text),
                let time = TimeFormat.time(sinceEpoch: number, unit: place.unit)
            else { return nil }
            self.time = time
            return .event(time)
        }
        return nil
    }

    /// Like `append` for a line that `scanPredicted` has gone through and that has been understood.
    ///
    /// - Parameter base: where in `rows` the slots of the event are, all missing.
    @inline(__always)
    mutating func appendPlain(
        _ text: RawText, _ bytes: Span<UInt8>, _ line: Range<Int>,
        to events: inout OutputSpan<EventBatch.Event>, _ rows: inout MutableSpan<Slot>,
        slotsAt base: Int, symbols: inout SymbolTable, feed: Int32, position: Int64
    ) {
        let planned = planned(type)
        var id = Slot.missing
        if planned >= 0 {
            let place = index.types[planned].id
            let spot = spots[index.spots[place.lowerBound]]
            if let number = plainNumber(spot, text) {
                id = .int(Int64(number))
            } else if spot.generation == generation || place.count > 1 {
                id = eventID(bytes, place, &symbols)
            }
        }
        events.append(
            EventBatch.Event(
                type: Int32(truncatingIfNeeded: type), typeName: typeNameSymbol(bytes, &symbols),
                time: time, id: id, feed: feed, position: position, textStart: line.lowerBound,
                textEnd: line.upperBound))
        if planned < 0 { return }
        for t in index.types[planned].targets {
            let target = index.targets[t]
            let spot = spots[target.firstSpot]
            if target.form == .text, spot.holds(.text, generation),
                spot.count <= ShortBytes.byteCap
            {
                pending.add(
                    text.shortBytes(at: spot.start, spot.count), slot: base &+ target.slot,
                    target: t, &rows, &symbols)
            } else if target.form == .float || target.form == .number,
                spot.holds(.fraction, generation), spot.count <= 16, spot.end >= 24,
                let number = text.decimal(before: spot.end, spot.count)
            {
                rows[base &+ target.slot] = .float(number)
            } else if target.form == .int || target.form == .number,
                let number = plainNumber(spot, text)
            {
                rows[base &+ target.slot] = .int(Int64(number))
            } else {
                fill(target, bytes, from: line.lowerBound, base, &rows, &symbols)
            }
        }
    }

    /// A whole number of up to 16 digits without a sign, with 16 bytes before its end.
    @inline(__always)
    private func plainNumber(_ spot: Spot, _ text: RawText) -> UInt64? {
        guard spot.holds(.integer, generation), spot.count <= 16, spot.end >= 16,
            text[spot.start] != UInt8(ascii: "-")
        else { return nil }
        return text.number(before: spot.end, spot.count)
    }
}
