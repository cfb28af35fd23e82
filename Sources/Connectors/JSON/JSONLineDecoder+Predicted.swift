// SPDX-License-Identifier: Apache-2.0
// The fast way through a line, which ends with the newline behind it, so that nobody has to look
// for that first. It takes lines that are objects without anything odd between their members and
// gives up at everything else, also at whatever may be a mistake: the careful way then has the last
// word, and the words for it. What is foreseen is C (`CMemberScan.h`), what is not is here.
// Exercised by PredictedLineTests and by the fuzzer of JSON lines, which hold it against the
// careful way.

import CByteScan
import EventModel

extension JSONLineDecoder {
    /// Like `scan` for the line that begins at `start`, of which only the places of values are
    /// found: the newline behind it; -1 where the careful way has to be taken.
    ///
    /// - Parameter text: the same bytes as `bytes`.
    @inline(__always)
    mutating func scanPredicted(_ text: RawText, _ bytes: Span<UInt8>, from start: Int) -> Int {
        generation &+= 1
        // The last bytes of a buffer go the careful way.
        guard start < text.count &- RawText.margin, text.count <= Spot.lineByteCap,
            text[start] == UInt8(ascii: "{")
        else { return -1 }
        var scan = martlet_scan(
            place: Int64(start), start: 0, lead: Int32(KeyPrediction.start), is_at_value: false)
        let stop = text.scanMembers(
            prediction.leads, spots, generation, &scan, isNarrow: isNarrow)
        if stop == MARTLET_STOPPED_AT_END { return Int(scan.place) }
        return scanOnwards(text, bytes, scan, stop)
    }

    /// Does what was not foreseen, and goes on.
    @inline(never)
    private mutating func scanOnwards(
        _ text: RawText, _ bytes: Span<UInt8>, _ start: martlet_scan, _ firstStop: martlet_stop
    ) -> Int {
        let limit = text.count - RawText.margin
        var scan = start
        var stop = firstStop
        while true {
            let place = Int(scan.place)
            switch stop {
            case MARTLET_STOPPED_AT_END: return place
            case MARTLET_STOPPED_BEHIND_VALUE:
                guard let next = otherLead(after: Int(scan.lead), text, bytes, place, limit) else {
                    return -1
                }
                if next.lead < 0 { return next.place }
                scan.lead = Int32(next.lead)
                scan.place = Int64(next.place)
                scan.is_at_value = true
            case MARTLET_STOPPED_AT_VALUE:
                let end = otherValue(bytes, place, Int(scan.lead), limit)
                if end < 0 { return -1 }
                scan.place = Int64(end)
                scan.is_at_value = false
            case MARTLET_STOPPED_IN_TEXT:
                guard let odd = try? JSONScanner.oddString(bytes, place), odd.end < limit else {
                    return -1
                }
                let spot = Int(prediction.leads[Int(scan.lead)].spot)
                if spot >= 0 {
                    spots[spot] = Spot(
                        start: Int(scan.start), end: odd.end - 1, generation: generation,
                        kind: odd.kind)
                }
                scan.place = Int64(odd.end)
                scan.is_at_value = false
            default: return -1
            }
            stop = text.scanMembers(
                prediction.leads, spots, generation, &scan, isNarrow: isNarrow)
        }
    }

    /// An object, an array, or a number with an exponent; -1 where it is none.
    private mutating func otherValue(
        _ bytes: Span<UInt8>, _ start: Int, _ lead: Int, _ limit: Int
    ) -> Int {
        let edge = Int(prediction.leads[lead].edge)
        let end: Int
        do throws(JSONFailure) {
            end =
                edge < 0
                ? try JSONScanner.value(bytes, start, depth: 1).end
                : try wantedValue(bytes, start, edge: edge, depth: 1)
        } catch {
            return -1
        }
        guard end < limit else { return -1 }
        // Inside of an object or an array a newline would count as a blank.
        let isNested = bytes[start] == UInt8(ascii: "{") || bytes[start] == UInt8(ascii: "[")
        if isNested {
            for i in start..<end where bytes[i] == 0x0a { return -1 }
        }
        return end
    }

    /// What stands at `start` and was not foreseen: the lead, and the place behind it where a value
    /// begins; where the line ends, -1 and its newline; nil where it is odd.
    private mutating func otherLead(
        after lead: Int, _ text: RawText, _ bytes: Span<UInt8>, _ start: Int, _ limit: Int
    ) -> (lead: Int, place: Int)? {
        var i = skipLineBlanks(text, start, limit)
        if text[i] == UInt8(ascii: "}") {
            // An object without members goes the careful way.
            if lead == KeyPrediction.start { return nil }
            i += text[i + 1] == 0x0d ? 2 : 1
            guard text[i] == 0x0a else { return nil }
            _ = prediction.learn(
                bytes.extracting(start..<i + 1), .endOfLine, -1, after: lead, index)
            return (-1, i)
        }
        guard text[i] == (lead == KeyPrediction.start ? UInt8(ascii: "{") : UInt8(ascii: ","))
        else { return nil }
        i = skipLineBlanks(text, i + 1, limit)
        guard let key = try? JSONScanner.key(bytes, i), key.end < limit else { return nil }
        let edge = edge(bytes.extracting(i + 1..<key.end - 1), key.kind, 0)
        i = skipLineBlanks(text, key.end, limit)
        guard text[i] == UInt8(ascii: ":") else { return nil }
        i = skipLineBlanks(text, i + 1, limit)
        var form = KeyPrediction.Form.value
        if edge >= 0, index.edges[edge].child >= 0 {
            form = .parent
        } else if text[i] == UInt8(ascii: "\""), i < start + KeyPrediction.leadByteCap {
            form = .text
            i += 1
        }
        return (
            prediction.learn(bytes.extracting(start..<i), form, edge, after: lead, index), i
        )
    }

    /// Blanks but the newline; at most up to `limit`, where there is a byte.
    private func skipLineBlanks(_ text: RawText, _ start: Int, _ limit: Int) -> Int {
        var i = start
        while i < limit, text[i] == 0x20 || text[i] == 0x09 { i += 1 }
        return i
    }
}
