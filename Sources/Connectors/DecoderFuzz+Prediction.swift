// SPDX-License-Identifier: Apache-2.0

import EventModel

extension DecoderFuzz {
    /// Takes each line of `bytes` the fast way and the careful way, twice, so that the fast one
    /// has learned what there is to be foreseen.
    ///
    /// - Returns: the first line that they do not agree about, and how often the fast way was
    ///   taken.
    static func comparison(
        _ bytes: [UInt8], _ plan: DecodePlan
    ) -> (difference: String?, predictedCount: Int) {
        // Behind the last line there is as much as the fast way may look at.
        let padding = [UInt8](repeating: 0x0a, count: KeyPrediction.leadByteCap + 4)
        let buffer = bytes + padding
        var fast = Reading(plan)
        var careful = Reading(plan)
        var predictedCount = 0
        for _ in 0..<2 {
            var start = 0
            while start < bytes.count {
                let newline = buffer[start...].firstIndex(of: 0x0a) ?? bytes.count
                let line = start..<newline
                if let result = fast.takePredicted(buffer, line) {
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

        init(_ plan: DecodePlan) {
            decoder = JSONLineDecoder(plan: plan)
            batch = EventBatch(slotCount: plan.slotCount)
        }

        /// Nil where the fast way gives up.
        mutating func takePredicted(_ buffer: [UInt8], _ line: Range<Int>) -> String? {
            // SAFETY: `buffer` lives longer than the closure.
            let newline = unsafe buffer.withUnsafeBufferPointer { bytes in
                guard let text = unsafe RawText(bytes) else { return -1 }
                return decoder.scanPredicted(text, buffer.span, from: line.lowerBound)
            }
            if newline < 0 { return nil }
            if newline != line.upperBound { return "an end at \(newline)" }
            do throws(Undecodable) {
                return try describe(buffer, line, try decoder.understand(buffer.span))
            } catch {
                return error.reason
            }
        }

        mutating func take(_ buffer: [UInt8], _ line: Range<Int>) -> String {
            let bytes = Array(buffer[line])
            do throws(Undecodable) {
                return try describe(bytes, 0..<bytes.count, try decoder.scan(bytes.span))
            } catch {
                return error.reason
            }
        }

        private mutating func describe(
            _ buffer: [UInt8], _ line: Range<Int>, _ scanned: ScannedLine
        ) throws(Undecodable) -> String {
            guard case .event = scanned else { return "\(scanned)" }
            batch.removeAll()
            decoder.append(
                buffer.span, textAt: line, defersTexts: true, to: &batch, symbols: &symbols,
                feed: 0, position: 1)
            decoder.finishTexts(buffer.span, of: &batch, symbols: &symbols)
            let event = batch.events[0]
            var text = "\(event.type) \(symbols.string(of: event.typeName)) \(event.time)"
            text += " \(symbols.value(of: event.id))"
            for slot in batch.slots { text += " \(slot.tag) \(symbols.value(of: slot))" }
            return text
        }
    }
}
