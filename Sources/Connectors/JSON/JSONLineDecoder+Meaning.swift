// SPDX-License-Identifier: Apache-2.0
// Exercised by JSONLineDecoderTests.

import EventModel

// Type, time and id.
extension JSONLineDecoder {
    /// Sets `type`; false: the plan does not want it.
    mutating func findType(_ line: Span<UInt8>) throws(Undecodable) -> Bool {
        if isTypeFixed {
            // Of one name the memo's last entry is always the same.
            if isFixedTypeWanted { return true }
            let name = fixedType
            isFixedTypeWanted = wants(type: name.span)
            return isFixedTypeWanted
        }
        guard let spot = found(index.typeSpots) else {
            throw Undecodable("no field `\(options.typeField)`")
        }
        guard spot.kind == .text || spot.kind == .escapedText, spot.end > spot.start else {
            throw Undecodable("the field `\(options.typeField)` is not the name of a type")
        }
        let name = line.extracting(spot.start..<spot.end)
        if spot.kind == .text { return wants(type: name) }
        var unescaped: [UInt8] = []
        JSONScanner.unescape(name, into: &unescaped)
        return wants(type: unescaped.span)
    }

    private mutating func wants(type name: Span<UInt8>) -> Bool {
        isTypeRemembered = name.count <= ShortBytes.byteCap
        guard isTypeRemembered else {
            type = index.typeNames.find(name, scope: 0)
            if type >= 0 || index.hasOtherType { return true }
            ignored.count(name)
            return false
        }
        let short = ShortBytes(name)
        if typeMemo.find(short) {
            type = typeMemo.last.type
        } else {
            type = index.typeNames.find(name, scope: 0)
            let counter = type >= 0 || index.hasOtherType ? -1 : ignored.counter(name)
            typeMemo.add(short, type: type, counter: counter)
        }
        if type >= 0 || index.hasOtherType { return true }
        ignored.count(at: typeMemo.last.counter)
        return false
    }

    @inline(__always)
    mutating func typeNameSymbol(
        _ line: Span<UInt8>, _ symbols: inout SymbolTable
    ) -> Symbol {
        if isTypeRemembered {
            let symbol = typeMemo.last.symbol
            if symbol != TypeMemo.noSymbol { return symbol }
        }
        let symbol = typeNameLookedUp(line, &symbols)
        if isTypeRemembered { typeMemo.noteSymbol(symbol) }
        return symbol
    }

    @inline(never)
    private mutating func typeNameLookedUp(
        _ line: Span<UInt8>, _ symbols: inout SymbolTable
    ) -> Symbol {
        guard !isTypeFixed, let spot = found(index.typeSpots) else {
            return symbols.intern(fixedType)
        }
        let name = line.extracting(spot.start..<spot.end)
        if spot.kind == .text { return symbols.intern(name) }
        JSONScanner.unescape(name, into: &scratch)
        return symbols.intern(scratch)
    }

    mutating func findTime(_ line: Span<UInt8>) throws(Undecodable) -> StreamTime {
        let planned = planned(type)
        let own = planned < 0 ? -1 : index.types[planned].time
        if own >= 0 {
            guard let spot = found(index.timePlaces[own].spots), spot.kind != .null else {
                if let assumedTime { return assumedTime }
                throw Undecodable("no field `\(index.timeFields[own].path)`")
            }
            return try time(line, spot, own)
        }
        for field in 0..<index.feedTimeCount {
            if let spot = found(index.timePlaces[field].spots), spot.kind != .null {
                return try time(line, spot, field)
            }
        }
        if let assumedTime { return assumedTime }
        throw Undecodable(options.timeField.map { "no field `\($0)`" } ?? "no time")
    }

    @inline(__always)
    private mutating func time(
        _ line: Span<UInt8>, _ spot: Spot, _ field: Int
    ) throws(Undecodable) -> StreamTime {
        let unit = index.timePlaces[field].unit
        if spot.kind == .integer, unit >= 0,
            let number = NumberText.plainInteger(line, spot.start, spot.end),
            let time = TimeFormat.time(sinceEpoch: number, unit: unit)
        {
            return time
        }
        return try anyTime(line, spot, field)
    }

    private mutating func anyTime(
        _ line: Span<UInt8>, _ spot: Spot, _ number: Int
    ) throws(Undecodable) -> StreamTime {
        let field = index.timeFields[number]
        let bytes = line.extracting(spot.start..<spot.end)
        let reading: TimeReading
        switch spot.kind {
        case .text: reading = textTime(bytes, field.format)
        case .escapedText:
            JSONScanner.unescape(bytes, into: &scratch)
            let text = scratch
            reading = textTime(text.span, field.format)
        case .integer, .fraction: reading = field.format.read(number: bytes)
        default: reading = .malformed
        }
        switch reading {
        case .time(let time): return time
        case .malformed: throw Undecodable("the field `\(field.path)` is not a time")
        case .outOfRange: throw Undecodable("time out of range")
        }
    }

    private mutating func textTime(_ text: Span<UInt8>, _ format: TimeFormat) -> TimeReading {
        guard case .automatic = format else {
            return format.read(text: text, isTextual: options.isTextual)
        }
        if let time = day.read(text) { return .time(time) }
        let reading = format.read(text: text, isTextual: options.isTextual)
        switch reading {
        case .time(let time): day.learn(text, time)
        case .malformed: if let time = stamps.read(text) { return .time(time) }
        case .outOfRange: break
        }
        return reading
    }

    /// What the event that was scanned last is known by, if it comes again; nil: it has no id.
    mutating func recentID(
        _ line: Span<UInt8>, _ symbols: inout SymbolTable
    ) -> RecentIDs.ID? {
        meet(symbols)
        let planned = planned(type)
        if planned < 0 { return nil }
        let id = eventID(line, index.types[planned].id, &symbols)
        if id.isMissing { return nil }
        var hash = RecentIDs.ID.Hash()
        let name = typeNameSymbol(line, &symbols)
        symbols.withBytes(of: name) { hash.take($0) }
        if id.holdsSymbol {
            symbols.withBytes(of: id.symbol) {
                hash.take($0)
            }
        } else {
            hash.take(id.bits)
        }
        return hash.id
    }

    /// The given id: a text or an integer.
    mutating func eventID(
        _ line: Span<UInt8>, _ range: Range<Int>, _ symbols: inout SymbolTable
    ) -> Slot {
        guard let spot = found(range) else { return .missing }
        let bytes = line.extracting(spot.start..<spot.end)
        switch spot.kind {
        case .text: return .string(symbols.intern(bytes))
        case .escapedText:
            JSONScanner.unescape(bytes, into: &scratch)
            return .string(symbols.intern(scratch))
        case .integer:
            if let plain = NumberText.plainInteger(line, spot.start, spot.end) {
                return .int(Int64(plain))
            }
            return NumberText.int64(bytes).map(Slot.int) ?? .missing
        default: return .missing
        }
    }
}
