// SPDX-License-Identifier: Apache-2.0
// Text forms of addresses: RFC 4291 section 2.2 in, RFC 5952 out. Exercised by IPAddressTests.

extension IPAddress {
    /// Parses `10.0.0.1`, `::1`, `2001:db8::10.0.0.1`; nil for anything else. Zones are refused.
    package init?(_ text: some StringProtocol) {
        guard let address = IPAddress.parse(Array(text.utf8)[...]) else { return nil }
        self = address
    }

    package static func parse(_ bytes: ArraySlice<UInt8>) -> IPAddress? {
        bytes.contains(UInt8(ascii: ":")) ? ipv6(bytes) : ipv4(bytes).map(IPAddress.init(ipv4:))
    }

    private static func ipv4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        var result: UInt32 = 0
        var octet = -1
        var digits = 0
        var dots = 0
        for byte in bytes {
            if byte == UInt8(ascii: ".") {
                guard octet >= 0, dots < 3 else { return nil }
                result = result << 8 | UInt32(octet)
                (octet, digits, dots) = (-1, 0, dots + 1)
            } else {
                guard byte >= 48, byte <= 57, digits < 3, octet != 0 else { return nil }
                octet = max(octet, 0) * 10 + Int(byte - 48)
                digits += 1
                guard octet <= 255 else { return nil }
            }
        }
        guard dots == 3, octet >= 0 else { return nil }
        return result << 8 | UInt32(octet)
    }

    private static func ipv6(_ bytes: ArraySlice<UInt8>) -> IPAddress? {
        let colon = UInt8(ascii: ":")
        var groups: [UInt16] = []
        var gap: Int?
        var i = bytes.startIndex
        if bytes.count >= 2, bytes[i] == colon {
            guard bytes[i + 1] == colon else { return nil }
            gap = 0
            i += 2
        }
        while i < bytes.endIndex {
            let end = bytes[i...].firstIndex(of: colon) ?? bytes.endIndex
            if end == bytes.endIndex, bytes[i...].contains(UInt8(ascii: ".")) {
                guard let tail = ipv4(bytes[i...]) else { return nil }
                groups += [UInt16(tail >> 16), UInt16(tail & 0xffff)]
                i = end
                break
            }
            guard let group = hex(bytes[i..<end]) else { return nil }
            groups.append(group)
            guard groups.count <= 8 else { return nil }
            i = end
            guard i < bytes.endIndex else { break }
            i += 1
            if i < bytes.endIndex, bytes[i] == colon {
                guard gap == nil else { return nil }
                gap = groups.count
                i += 1
            } else if i == bytes.endIndex {
                return nil
            }
        }
        if let gap {
            guard groups.count < 8 else { return nil }
            groups.insert(contentsOf: Array(repeating: 0, count: 8 - groups.count), at: gap)
        }
        guard groups.count == 8 else { return nil }
        let high = groups[..<4].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        let low = groups[4...].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        return IPAddress(high: high, low: low)
    }

    private static func hex(_ bytes: ArraySlice<UInt8>) -> UInt16? {
        guard (1...4).contains(bytes.count) else { return nil }
        var result: UInt16 = 0
        for byte in bytes {
            let digit: UInt8
            switch byte {
            case 48...57: digit = byte - 48
            case 97...102: digit = byte - 87
            case 65...70: digit = byte - 55
            default: return nil
            }
            result = result << 4 | UInt16(digit)
        }
        return result
    }
}

extension IPAddress: CustomStringConvertible {
    /// The canonical text form: dotted quads, or RFC 5952 for IPv6.
    package var description: String {
        if isIPv4 { return "\(low >> 24 & 255).\(low >> 16 & 255).\(low >> 8 & 255).\(low & 255)" }
        let groups = (0..<8).map { i in
            UInt16(truncatingIfNeeded: (i < 4 ? high : low) >> UInt64(48 - 16 * (i % 4)))
        }
        var best = 0..<0
        var start = 0
        for i in 0...8 where i == 8 || groups[i] != 0 {
            if i - start > max(best.count, 1) { best = start..<i }
            start = i + 1
        }
        let text = { (part: ArraySlice<UInt16>) in
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        if best.isEmpty { return text(groups[...]) }
        return text(groups[..<best.lowerBound]) + "::" + text(groups[best.upperBound...])
    }
}

extension IPNetwork: CustomStringConvertible {
    /// Parses `10.0.0.0/8`; an address alone is the block of that one address.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(parts[0]) else { return nil }
        guard parts.count == 2 else {
            self.init(address, prefixLength: address.isIPv4 ? 32 : 128)
            return
        }
        guard (1...3).contains(parts[1].utf8.count),
            parts[1].utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), let length = Int(parts[1])
        else { return nil }
        self.init(address, prefixLength: length)
    }

    package var description: String { "\(base)/\(prefixLength)" }
}
