// SPDX-License-Identifier: Apache-2.0
// The fast way through a line, which ends with the newline behind it, so that nobody has to look
// for that first. It takes lines that are objects without anything odd between their members and
// gives up at everything else, also at whatever may be a mistake: the careful way then has the last
// word, and the words for it. Exercised by PredictedLineTests and by the fuzzer of JSON lines,
// which hold it against the careful way.

import EventModel

extension JSONLineDecoder {
    /// Like `scan` for the line that begins at `start`, of which only the places of values are
    /// found: the newline behind it; -1 where the careful way has to be taken.
    ///
    /// - Parameter text: the same bytes as `bytes`.
    mutating func scanPredicted(_ text: RawText, _ bytes: Span<UInt8>, from start: Int) -> Int {
        generation += 1
        // The last bytes of a buffer go the careful way: a value that ends before the limit leaves
        // room to compare a lead behind it, and a byte behind that.
        let limit = text.count - KeyPrediction.leadByteCap - 2
        guard start < limit, text[start] == UInt8(ascii: "{") else { return -1 }
        var i = start
        var lead = KeyPrediction.start
        while true {
            let next = prediction.leads[lead].next
            if prediction.fits(next, text, i) {
                lead = next
            } else {
                if text[i] == UInt8(ascii: "}") {
                    i &+= 1
                    break
                }
                guard i < limit else { return -1 }
                guard let other = otherLead(after: lead, text, bytes, &i, limit) else { return -1 }
                if other < 0 { break }
                lead = other
            }
            i &+= prediction.leads[lead].length
            i = value(text, bytes, i, lead, limit)
            if i < 0 { return -1 }
        }
        if text[i] == 0x0a { return i }
        return text[i] == 0x0d && text[i + 1] == 0x0a ? i + 1 : -1
    }

    /// The end of the value at `i`, noted if it is wanted; -1 where it is odd.
    @inline(__always)
    private mutating func value(
        _ text: RawText, _ bytes: Span<UInt8>, _ start: Int, _ lead: Int, _ limit: Int
    ) -> Int {
        let spot = prediction.leads[lead].spot
        if spot == KeyPrediction.parentSpot { return otherValue(bytes, start, lead, limit) }
        let first = text[start]
        if first == UInt8(ascii: "\"") {
            var end = text.plainEnd(from: start &+ 1)
            guard end < limit else { return -1 }
            var kind = JSONKind.text
            if text[end] != UInt8(ascii: "\"") {
                guard let odd = try? JSONScanner.oddString(bytes, end), odd.end < limit else {
                    return -1
                }
                end = odd.end &- 1
                kind = odd.kind
            }
            if spot >= 0 { note(spot, start &+ 1, end, kind) }
            return end &+ 1
        }
        if first &- 48 < 10 {
            var end = text.digitsEnd(from: start &+ 1)
            guard end < limit, first != 48 || end == start &+ 1 else { return -1 }
            var kind = JSONKind.integer
            if text[end] == UInt8(ascii: ".") {
                let point = end
                end = text.digitsEnd(from: point &+ 1)
                guard end < limit, end > point &+ 1 else { return -1 }
                kind = .fraction
            }
            if text[end] | 0x20 == UInt8(ascii: "e") { return -1 }
            if spot >= 0 { note(spot, start, end, kind) }
            return end
        }
        return otherValue(bytes, start, lead, limit)
    }

    @inline(__always)
    private mutating func note(_ spot: Int, _ start: Int, _ end: Int, _ kind: JSONKind) {
        spots[spot] = Spot(start: start, end: end, generation: generation, kind: kind)
    }

    /// An object, an array, a word, or a number that is negative.
    @inline(never)
    private mutating func otherValue(
        _ bytes: Span<UInt8>, _ start: Int, _ lead: Int, _ limit: Int
    ) -> Int {
        let edge = prediction.leads[lead].edge
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

    /// What stands at `i` and was not foreseen: the lead there, -1 where the object ends, whose end
    /// `i` then is, nil where it is odd.
    @inline(never)
    private mutating func otherLead(
        after lead: Int, _ text: RawText, _ bytes: Span<UInt8>, _ i: inout Int, _ limit: Int
    ) -> Int? {
        let other = prediction.leads[lead].otherNext
        if prediction.fits(other, text, i) {
            prediction.swapSuccessors(of: lead)
            return other
        }
        var j = skipLineBlanks(text, i, limit)
        if text[j] == UInt8(ascii: "}") {
            // An object without members goes the careful way.
            if lead == KeyPrediction.start { return nil }
            i = j + 1
            return -1
        }
        guard text[j] == (lead == KeyPrediction.start ? UInt8(ascii: "{") : UInt8(ascii: ","))
        else { return nil }
        j = skipLineBlanks(text, j + 1, limit)
        guard let key = try? JSONScanner.key(bytes, j), key.end < limit else { return nil }
        let edge = edge(bytes.extracting(j + 1..<key.end - 1), key.kind, 0)
        j = skipLineBlanks(text, key.end, limit)
        guard text[j] == UInt8(ascii: ":") else { return nil }
        j = skipLineBlanks(text, j + 1, limit)
        return prediction.learn(bytes.extracting(i..<j), edge, after: lead, index)
    }

    /// Blanks but the newline; at most up to `limit`, where there is a byte.
    private func skipLineBlanks(_ text: RawText, _ start: Int, _ limit: Int) -> Int {
        var i = start
        while i < limit, text[i] == 0x20 || text[i] == 0x09 { i += 1 }
        return i
    }
}
