// SPDX-License-Identifier: Apache-2.0

import EventModel

extension DecoderFuzz {
    /// Takes each line of a log both as parts and as the object that is made of it.
    ///
    /// - Returns: the first line that they do not agree about, and how many events came of parts.
    static func logLineComparison(
        _ bytes: [UInt8], _ plan: DecodePlan
    ) -> (difference: String?, eventCount: Int) {
        var options = JSONLineDecoder.Options()
        options.isTextual = true
        options.fixedType = plan.types.first?.name ?? "line"
        var direct = LogReading(plan, options)
        var careful = LogReading(plan, options)
        var lines = LogLines(stamps: OldStamps(modified: .zero))
        var eventCount = 0
        for line in bytes.split(separator: 0x0a) {
            let raw = line.span.extracting(0..<LogLines.end(of: line.span))
            guard let reading = lines.read(raw) else { continue }
            lines.write(raw, reading)
            let object = lines.text
            guard let result = direct.takeParts(raw, reading) else { continue }
            eventCount += 1
            let expected = careful.takeObject(object)
            guard result == expected else {
                return ("\(String(copying: raw)): \(result), not \(expected)", eventCount)
            }
        }
        return (nil, eventCount)
    }

    /// A decoder and what it makes of lines, as text.
    private struct LogReading: ~Copyable {
        private var decoder: JSONLineDecoder
        private var symbols = SymbolTable()
        private var batch: EventBatch

        init(_ plan: DecodePlan, _ options: JSONLineDecoder.Options) {
            decoder = JSONLineDecoder(plan: plan, options: options)
            batch = EventBatch(slotCount: plan.slotCount)
        }

        /// Nil where the line has to be made an object.
        mutating func takeParts(_ line: Span<UInt8>, _ reading: LogLines.Reading) -> String? {
            guard decoder.takesLogLines, let time = reading.time,
                JSONScanner.firstInvalidUTF8(line) == nil
            else { return nil }
            guard decoder.note(line, reading.parts, time: time) else { return "ignored" }
            batch.removeAll()
            decoder.append(
                line, textAt: batch.append(text: line), form: reading.form,
                to: &batch, symbols: &symbols, feed: 0, position: 1)
            return described()
        }

        mutating func takeObject(_ object: [UInt8]) -> String {
            do throws(Undecodable) {
                guard case .event = try decoder.scan(object.span) else { return "ignored" }
            } catch {
                return error.reason
            }
            batch.removeAll()
            decoder.append(object.span, to: &batch, symbols: &symbols, feed: 0, position: 1)
            return described()
        }

        /// The event with its slots and the object that alerts show.
        private func described() -> String {
            let event = batch.events[0]
            let raw = batch.text.span.extracting(batch.textRange(0))
            var text = "\(event.type) \(symbols.string(of: event.typeName)) \(event.time)"
            text += " \(symbols.value(of: event.id))"
            for slot in batch.slots {
                if slot.tag == .excerpt {
                    text += " string \(Value.string(String(copying: raw.extracting(slot.place))))"
                } else {
                    text += " \(slot.tag) \(symbols.value(of: slot))"
                }
            }
            var object: [UInt8] = []
            if event.form.kind == .object {
                object.append(copying: raw)
            } else {
                object.append(logLine: raw, LogLineParts(raw, event.form), time: event.time)
            }
            return text + " " + String(copying: object.span)
        }
    }
}
