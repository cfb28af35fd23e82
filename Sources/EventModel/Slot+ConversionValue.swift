// SPDX-License-Identifier: Apache-2.0
// Between values, lists and slots. Exercised by SlotConversionTests.

extension Slot {
    /// The slot of a value as it comes.
    package init(_ value: Value, in symbols: inout SymbolTable) {
        switch value {
        case .missing: self = .missing
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .float(let value): self = .float(value)
        case .string(let value): self = .string(symbols.intern(value))
        case .time(let value): self = .time(value)
        case .duration(let value): self = .duration(value)
        case .ip(let value): self = .ip(value, in: &symbols)
        case .network(let value): self = .network(value, in: &symbols)
        case .list(let values):
            var elements: [Slot] = []
            for value in values { elements.append(Slot(value, in: &symbols)) }
            self = symbols.encode(list: elements)
        }
    }

    /// The slot of a value as one of `type`, by the rules that hold for decoded events: a text
    /// may be an address, an int widens to a float; nil where it does not fit.
    package init?(_ value: Value, as type: ValueType, in symbols: inout SymbolTable) {
        switch (value, type) {
        case (.missing, _): self = .missing
        case (_, .any), (_, .erroneous): self.init(value, in: &symbols)
        case (.string(let text), _):
            guard let slot = Slot.text(text.utf8.span, as: type, in: &symbols) else { return nil }
            self = slot
        case (.int(let value), .int), (.int(let value), .number): self = .int(value)
        case (.int(let value), .float): self = .float(Double(value))
        case (.int(let value), .time):
            guard let slot = Slot.number(String(value).utf8.span, as: .time) else { return nil }
            self = slot
        case (.float(let value), .float), (.float(let value), .number): self = .float(value)
        case (.float(let value), .int):
            guard let int = NumberText.exactInt64(value) else { return nil }
            self = .int(int)
        case (.bool(let value), .bool): self = .bool(value)
        case (.time(let value), .time): self = .time(value)
        case (.duration(let value), .duration): self = .duration(value)
        case (.ip(let value), .ip): self = .ip(value, in: &symbols)
        case (.network(let value), .network): self = .network(value, in: &symbols)
        case (.list(let values), .list(let element)):
            var elements: [Slot] = []
            for value in values {
                guard let slot = Slot(value, as: element, in: &symbols) else { return nil }
                elements.append(slot)
            }
            self = symbols.encode(list: elements)
        default: return nil
        }
    }
}

extension Value {
    /// The value of a slot whose symbol, if it holds one, has the bytes `payload`.
    package init(_ slot: Slot, payload: Span<UInt8>) {
        switch slot.tag {
        case .missing, .excerpt: self = .missing
        case .bool: self = .bool(slot.isTrue)
        case .int: self = .int(slot.asInt)
        case .float: self = .float(slot.asFloat)
        case .string: self = .string(String(copying: payload))
        case .time: self = .time(StreamTime(nanoseconds: slot.asInt))
        case .duration: self = .duration(TimeSpan(nanoseconds: slot.asInt))
        case .ipv4: self = .ip(IPAddress(ipv4: UInt32(truncatingIfNeeded: slot.bits)))
        case .ipv6: self = .ip(IPAddress(bytes: payload))
        case .network:
            let address = IPAddress(bytes: payload.extracting(1...))
            self =
                IPNetwork(address, prefixLength: Int(payload[0])).map(Value.network) ?? .missing
        case .list:
            var values: [Value] = []
            var reader = ListReader()
            while let (element, range) = reader.next(in: payload) {
                values.append(Value(element, payload: payload.extracting(range)))
            }
            self = .list(values)
        }
    }
}

extension SymbolTable {
    /// The value that `slot` holds.
    package func value(of slot: Slot) -> Value {
        switch slot.tag {
        case .string: .string(string(of: slot.symbol))
        case .ipv6, .network, .list: withBytes(of: slot.symbol) { Value(slot, payload: $0) }
        default: Value(slot, payload: [UInt8]().span)
        }
    }

    /// The address that `slot` holds; nil for any other value.
    package func address(of slot: Slot) -> IPAddress? {
        switch slot.tag {
        case .ipv4: IPAddress(ipv4: UInt32(truncatingIfNeeded: slot.bits))
        case .ipv6: withBytes(of: slot.symbol) { IPAddress(bytes: $0) }
        default: nil
        }
    }

    /// One list slot of `elements`, which may hold lists themselves.
    ///
    /// - Shape: an element is its tag and then: nothing (missing), 8 bytes with the least
    ///   significant first (bool, int, float, time, duration, ipv4), or a length in 4 bytes and
    ///   the bytes of its symbol. So two lists are one symbol exactly if their elements are the
    ///   same one by one; 1 and 1.0 are not the same here.
    package mutating func encode(list elements: [Slot]) -> Slot {
        var encoded: [UInt8] = []
        for element in elements {
            encoded.append(element.tag.rawValue)
            if element.holdsSymbol {
                let bytes = bytes(of: element.symbol)
                appendLittleEndian(UInt64(bytes.count), byteCount: 4, to: &encoded)
                encoded.append(contentsOf: bytes)
            } else if !element.isMissing {
                appendLittleEndian(element.bits, byteCount: 8, to: &encoded)
            }
        }
        return Slot(tag: .list, bits: UInt64(intern(encoded).id))
    }

    /// The elements of a list slot; none of any other.
    package mutating func elements(of list: Slot) -> [Slot] {
        guard list.tag == .list else { return [] }
        // A copy of its own, so that interning the elements does not copy the whole table.
        let encoded = withBytes(of: list.symbol) { Array(copying: $0) }
        var elements: [Slot] = []
        var reader = ListReader()
        while let element = reader.next(in: encoded.span) {
            if element.bytes.isEmpty, !element.slot.holdsSymbol {
                elements.append(element.slot)
            } else {
                let symbol = intern(encoded.span.extracting(element.bytes))
                elements.append(Slot(tag: element.slot.tag, bits: UInt64(symbol.id)))
            }
        }
        return elements
    }

    /// The number of elements of a list slot.
    package func elementCount(of list: Slot) -> Int {
        guard list.tag == .list else { return 0 }
        return withBytes(of: list.symbol) { bytes in
            var reader = ListReader()
            var count = 0
            while reader.next(in: bytes) != nil { count += 1 }
            return count
        }
    }
}

/// Walks the encoding of `SymbolTable.encode(list:)`.
package struct ListReader {
    private var position = 0

    package init() {}

    /// The next element; where it is one that needs a symbol, `bytes` is where the symbol's are.
    package mutating func next(
        in encoded: Span<UInt8>
    ) -> (slot: Slot, bytes: Range<Int>)? {
        guard position < encoded.count, let tag = SlotTag(rawValue: encoded[position]) else {
            return nil
        }
        position += 1
        var slot = Slot(tag: tag, bits: 0)
        if slot.isMissing { return (slot, 0..<0) }
        guard slot.holdsSymbol else {
            slot.bits = littleEndian(encoded, at: position, byteCount: 8)
            position += 8
            return (slot, 0..<0)
        }
        let start = position + 4
        position = start + Int(littleEndian(encoded, at: position, byteCount: 4))
        return (slot, start..<position)
    }
}

extension IPAddress {
    /// The address of 4 or 16 bytes, most significant first.
    init(bytes: Span<UInt8>) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        for i in bytes.indices {
            high = high << 8 | low >> 56
            low = low << 8 | UInt64(bytes[i])
        }
        if bytes.count == 4 {
            self.init(ipv4: UInt32(truncatingIfNeeded: low))
        } else {
            self.init(high: high, low: low)
        }
    }
}

private func appendLittleEndian(_ value: UInt64, byteCount: Int, to bytes: inout [UInt8]) {
    for i in 0..<byteCount {
        bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * i)))
    }
}

private func littleEndian(_ bytes: Span<UInt8>, at start: Int, byteCount: Int) -> UInt64 {
    var value: UInt64 = 0
    for i in 0..<byteCount { value |= UInt64(bytes[start + i]) << UInt64(8 * i) }
    return value
}
