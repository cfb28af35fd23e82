// SPDX-License-Identifier: Apache-2.0

import EventModel

/// A decoder and what it makes of lines, as text.
struct DecoderReading: ~Copyable {
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

    /// Nil where the row has to be made an object.
    mutating func takeCells(_ row: Span<UInt8>, _ rows: CSVRows) -> String? {
        guard let columns = rows.columns else { return nil }
        let cells = rows.cells
        do throws(Undecodable) {
            guard let scanned = try decoder.note(row: row, cells.span) else { return nil }
            guard case .event = scanned else { return "ignored" }
        } catch {
            return error.reason
        }
        batch.removeAll()
        decoder.append(
            row, textAt: batch.append(text: row), form: batch.form(ofRowsWith: columns),
            to: &batch, symbols: &symbols, feed: 0, position: 1)
        return described()
    }

    mutating func meet(_ columns: RowColumns) { decoder.meet(columns) }

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
        batch.appendObject(ofEvent: 0, to: &object)
        return text + " " + String(copying: object.span)
    }
}
