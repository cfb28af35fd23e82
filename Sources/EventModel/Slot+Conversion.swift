// SPDX-License-Identifier: Apache-2.0
// From the tokens of a source to slots. Exercised by SlotConversionTests.

extension Slot {
    /// The slot of a decoded text as a value of `type`; nil where the text is no such value.
    ///
    /// A text is an address, network, time, duration or case of an enumeration if it is written as
    /// one. `any` leaves it a text.
    ///
    /// - Parameter isTextual: the source writes every value as a text (CSV, syslog), so numbers
    ///   and bools are read too, where the type asks for them.
    package static func text(
        _ bytes: Span<UInt8>, as type: ValueType, isTextual: Bool = false,
        in symbols: inout SymbolTable
    ) -> Slot? {
        switch type {
        case .string, .any, .erroneous: return .string(symbols.intern(bytes))
        case .enumeration(let cases):
            for name in cases where NumberText.isEqual(name, bytes) {
                return .string(symbols.intern(bytes))
            }
            return nil
        case .ip:
            guard let address = IPAddress.parse(bytes) else { return nil }
            return .ip(address, in: &symbols)
        case .network:
            guard let network = IPNetwork(String(copying: bytes)) else { return nil }
            return .network(network, in: &symbols)
        case .time:
            if case .time(let time) = TimeFormat.automatic.read(text: bytes, isTextual: isTextual) {
                return .time(time)
            }
            return nil
        case .duration: return TimeSpan(bytes).map(Slot.duration)
        case .int, .float, .number: return isTextual ? number(bytes, as: type) : nil
        case .bool:
            guard isTextual else { return nil }
            if NumberText.isEqual("true", bytes) { return .bool(true) }
            return NumberText.isEqual("false", bytes) ? .bool(false) : nil
        case .list: return nil
        }
    }

    /// The slot of a number, as JSON writes it, as a value of `type`; nil where it does not fit.
    ///
    /// An integer of more than 64 bits is a float. A float that is a whole number within 64 bits
    /// fits an int. A number is a time as `TimeFormat.automatic` reads it, and never a duration,
    /// because its unit is not known.
    package static func number(_ token: Span<UInt8>, as type: ValueType) -> Slot? {
        switch type {
        case .int:
            if let int = NumberText.int64(token) { return .int(int) }
            // Beyond 64 bits the nearest double may be a whole number that was never written.
            guard !NumberText.isInteger(token) else { return nil }
            return NumberText.double(token).flatMap(NumberText.exactInt64).map(Slot.int)
        case .float: return NumberText.double(token).map(Slot.float)
        case .number, .any, .erroneous:
            if let int = NumberText.int64(token) { return .int(int) }
            return NumberText.double(token).map(Slot.float)
        case .time:
            if case .time(let time) = TimeFormat.automatic.read(number: token) {
                return .time(time)
            }
            return nil
        case .bool, .string, .enumeration, .duration, .ip, .network, .list: return nil
        }
    }

    package static func bool(_ value: Bool, as type: ValueType) -> Slot? {
        switch type {
        case .bool, .any, .erroneous: .bool(value)
        default: nil
        }
    }

    package static func ip(_ address: IPAddress, in symbols: inout SymbolTable) -> Slot {
        if address.isIPv4 { return Slot(tag: .ipv4, bits: address.low) }
        let bytes = InlineArray<16, UInt8> { address.byte($0) }
        return Slot(tag: .ipv6, bits: UInt64(symbols.intern(bytes.span).id))
    }

    package static func network(_ network: IPNetwork, in symbols: inout SymbolTable) -> Slot {
        let offset = network.base.isIPv4 ? 12 : 0
        var bytes = [UInt8(network.prefixLength)]
        for i in offset..<16 { bytes.append(network.base.byte(i)) }
        return Slot(tag: .network, bits: UInt64(symbols.intern(bytes).id))
    }

    /// Whether `bits` is the id of a symbol, which a sweep of the table has to keep.
    @inlinable package var holdsSymbol: Bool {
        switch tag {
        case .string, .ipv6, .network, .list: true
        case .missing, .bool, .int, .float, .time, .duration, .ipv4, .excerpt: false
        }
    }
}

extension IPAddress {
    /// Byte `index` of the 16 of an IPv6 address; of an IPv4 address the last four count.
    func byte(_ index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> UInt64(56 - 8 * (index & 7)))
    }

    /// Parses like `init?(_:)`, without an allocation for an IPv4 address.
    package static func parse(_ bytes: Span<UInt8>) -> IPAddress? {
        guard bytes.count <= 45 else { return nil }
        var result: UInt32 = 0
        var octet = -1
        var dots = 0
        for i in bytes.indices {
            let byte = bytes[i]
            if byte &- 48 < 10, octet != 0 {
                octet = max(octet, 0) * 10 + Int(byte - 48)
                guard octet <= 255 else { return parse(Array(copying: bytes)[...]) }
            } else if byte == UInt8(ascii: "."), octet >= 0, dots < 3 {
                result = result << 8 | UInt32(octet)
                octet = -1
                dots += 1
            } else {
                // Not plain dotted quads: the general parser has the last word.
                return parse(Array(copying: bytes)[...])
            }
        }
        guard dots == 3, octet >= 0 else { return parse(Array(copying: bytes)[...]) }
        return IPAddress(ipv4: result << 8 | UInt32(octet))
    }
}

extension TimeSpan {
    /// Parses a span as the rule language writes it: `1h30m`, `500ms`, `-2s`; nil for anything
    /// else. Units go from large to small, each at most once.
    package init?(_ bytes: Span<UInt8>) {
        var i = 0
        let isNegative = bytes.count > 0 && bytes[0] == UInt8(ascii: "-")
        if isNegative { i = 1 }
        guard i < bytes.count else { return nil }
        var total: UInt64 = 0
        var lastUnit = -1
        while i < bytes.count {
            let digits = i
            var amount: UInt64 = 0
            while i < bytes.count, bytes[i] &- 48 < 10 {
                let (scaled, over) = amount.multipliedReportingOverflow(by: 10)
                let (sum, carry) = scaled.addingReportingOverflow(UInt64(bytes[i] - 48))
                guard !over, !carry else { return nil }
                amount = sum
                i += 1
            }
            let name = i
            while i < bytes.count, bytes[i] &- 97 < 26 { i += 1 }
            let unitName = bytes.extracting(name..<i)
            let unit = TimeSpan.units.firstIndex { NumberText.isEqual($0.name, unitName) }
            guard name > digits, let unit, unit > lastUnit else { return nil }
            let (part, over) = amount.multipliedReportingOverflow(
                by: TimeSpan.units[unit].nanoseconds)
            let (sum, carry) = total.addingReportingOverflow(part)
            guard !over, !carry else { return nil }
            total = sum
            lastUnit = unit
        }
        guard let nanoseconds = Int64(exactly: total) else { return nil }
        self.init(nanoseconds: isNegative ? -nanoseconds : nanoseconds)
    }
}
