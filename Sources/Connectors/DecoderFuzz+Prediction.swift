// SPDX-License-Identifier: Apache-2.0

import EventModel

extension DecoderFuzz {
    /// Takes each line of `bytes` the fast ways and the careful way, twice, so that the fast ones
    /// have learned what there is to be foreseen.
    ///
    /// - Returns: the first line that they do not agree about, and how often a fast way was taken.
    static func comparison(
        _ bytes: [UInt8], _ plan: DecodePlan
    ) -> (difference: String?, predictedCount: Int) {
        // Behind the last line there is as much as the fast way may look at.
        let padding = [UInt8](repeating: 0x0a, count: RawText.margin + 4)
        let buffer = bytes + padding
        var fast = Reading(plan)
        var narrow = Reading(plan, isNarrow: true)
        var careful = Reading(plan)
        var predictedCount = 0
        for _ in 0..<2 {
            var start = 0
            while start < bytes.count {
                let newline = buffer[start...].firstIndex(of: 0x0a) ?? bytes.count
                let line = start..<newline
                let result = fast.takePredicted(buffer, line)
                let narrowResult = narrow.takePredicted(buffer, line)
                guard result == narrowResult else {
                    let text = String(decoding: buffer[line], as: UTF8.self)
                    return ("\(text): \(result ?? "-") or \(narrowResult ?? "-")", predictedCount)
                }
                if let result {
                    predictedCount += 1
                    let expected = careful.take(buffer, line)
                    guard result == expected else {
                        let text = String(decoding: buffer[line], as: UTF8.self)
                        return ("\(text): \(result), not \(expected)", predictedCount)
                    }
                }
                start = newline + 1
            }
        }
        return (nil, predictedCount)
    }

    /// A decoder and what it makes of lines, as text.
    private struct Reading: ~Copyable {
        private var decoder: JSONLineDecoder
        private var symbols = SymbolTable()
        private var batch: EventBatch

        init(_ plan: DecodePlan, isNarrow: Bool = false) {
            decoder = JSONLineDecoder(plan: plan)
            decoder.isNarrow = isNarrow
            batch = EventBatch(slotCount: plan.slotCount)
        }

        /// Nil where the fast way gives up.
        mutating func takePredicted(_ buffer: [UInt8], _ line: Range<Int>) -> String? {
            // SAFETY: `buffer` lives longer than the closure.
            unsafe buffer.withUnsafeBufferPointer { bytes in
                guard let text = unsafe RawText(bytes) else { return nil }
                let newline = decoder.scanPredicted(text, buffer.span, from: line.lowerBound)
                if newline < 0 { return nil }
                if newline != line.upperBound { return "an end at \(newline)" }
                do throws(Undecodable) {
                    var scanned = decoder.understandPlain(text)
                    if scanned == nil { scanned = try decoder.understand(buffer.span) }
                    guard case .event = scanned else { return scanned.map { "\($0)" } }
                } catch {
                    return error.reason
                }
                decoder.meet(symbols)
                batch.removeAll()
                batch.appendRows(upTo: 1) { events, rows, firstSlot in
                    decoder.appendPlain(
                        text, buffer.span, line, to: &events, &rows, slotsAt: firstSlot,
                        symbols: &symbols, feed: 0, position: 1)
                    decoder.finishTexts(&rows, symbols: &symbols)
                }
                return described
            }
        }

        mutating func take(_ buffer: [UInt8], _ line: Range<Int>) -> String {
            let bytes = Array(buffer[line])
            do throws(Undecodable) {
                let scanned = try decoder.scan(bytes.span)
                guard case .event = scanned else { return "\(scanned)" }
            } catch {
                return error.reason
            }
            batch.removeAll()
            decoder.append(bytes.span, to: &batch, symbols: &symbols, feed: 0, position: 1)
            return described
        }

        /// The one event of the batch.
        private var described: String {
            let event = batch.events[0]
            var text = "\(event.type) \(symbols.string(of: event.typeName)) \(event.time)"
            text += " \(symbols.value(of: event.id))"
            for slot in batch.slots { text += " \(slot.tag) \(symbols.value(of: slot))" }
            return text
        }
    }
}
