// SPDX-License-Identifier: Apache-2.0
// Exercised by JSONLineDecoderTests.

import EventModel

// Values.
extension JSONLineDecoder {
    /// Fills a slot of the event whose slots begin at `base`, if its value is there.
    ///
    /// - Parameter origin: where the event's text begins in `line`.
    mutating func fill(
        _ target: FieldIndex.Target, _ line: Span<UInt8>, from origin: Int, _ base: Int,
        _ rows: inout MutableSpan<Slot>, _ symbols: inout SymbolTable
    ) {
        var spot = spots[target.firstSpot]
        if spot.generation != generation {
            guard target.spots.count > 1, let other = found(target.spots) else { return }
            spot = other
        }
        if target.form == .excerpt, spot.kind == .text,
            let place = Slot.excerpt(spot.start - origin..<spot.end - origin)
        {
            rows[base + target.slot] = place
        } else if let value = slotValue(line, spot, target, &symbols) {
            rows[base + target.slot] = value
        } else {
            mismatchCounts[target.path] += 1
        }
    }

    /// The slot of a found value; nil where it is none of the target's type.
    @inline(__always)
    private mutating func slotValue(
        _ line: Span<UInt8>, _ spot: Spot, _ target: FieldIndex.Target,
        _ symbols: inout SymbolTable
    ) -> Slot? {
        switch (target.form, spot.kind) {
        case (.text, .text):
            return .string(symbols.intern(line.extracting(spot.start..<spot.end)))
        case (.int, .integer), (.number, .integer):
            if let plain = NumberText.plainInteger(line, spot.start, spot.end) {
                return .int(Int64(plain))
            }
        case (.float, .integer), (.float, .fraction), (.number, .fraction):
            if let plain = NumberText.plainDecimal(line, spot.start, spot.end) {
                return .float(plain)
            }
        default: break
        }
        return scalarOrList(
            line.extracting(spot.start..<spot.end), spot.kind,
            as: index.targetTypes[target.type], &symbols)
    }

    private mutating func scalarOrList(
        _ bytes: Span<UInt8>, _ kind: JSONKind, as type: ValueType, _ symbols: inout SymbolTable
    ) -> Slot? {
        switch kind {
        case .text:
            return .text(bytes, as: type, isTextual: options.isTextual, in: &symbols)
        case .escapedText:
            JSONScanner.unescape(bytes, into: &scratch)
            return .text(scratch.span, as: type, isTextual: options.isTextual, in: &symbols)
        case .integer, .fraction: return .number(bytes, as: type)
        case .yes: return .bool(true, as: type)
        case .no: return .bool(false, as: type)
        case .null: return .missing
        case .object: return nil
        case .array:
            switch type {
            case .list(let element): return list(bytes, of: element, &symbols)
            case .any, .erroneous: return list(bytes, of: .any, &symbols)
            default: return nil
            }
        }
    }

    /// The list of a checked array; nil where one element does not fit.
    private mutating func list(
        _ bytes: Span<UInt8>, of element: ValueType, _ symbols: inout SymbolTable
    ) -> Slot? {
        var elements: [Slot] = []
        var i = JSONScanner.skipBlanks(bytes, 1)
        while i < bytes.count, bytes[i] != UInt8(ascii: "]") {
            guard let scanned = try? JSONScanner.value(bytes, i, depth: 1) else { return nil }
            let isText = scanned.kind == .text || scanned.kind == .escapedText
            let inner = isText ? i + 1..<scanned.end - 1 : i..<scanned.end
            guard
                let slot = scalarOrList(
                    bytes.extracting(inner), scanned.kind, as: element, &symbols)
            else { return nil }
            elements.append(slot)
            i = JSONScanner.skipBlanks(bytes, scanned.end)
            if i < bytes.count, bytes[i] == UInt8(ascii: ",") {
                i = JSONScanner.skipBlanks(bytes, i + 1)
            }
        }
        return symbols.encode(list: elements)
    }
}
