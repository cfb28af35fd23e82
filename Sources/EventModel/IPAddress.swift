// SPDX-License-Identifier: Apache-2.0

/// An IPv4 or IPv6 address.
///
/// - Shape: an IPv4 address is the low 32 bits of `low` with `isIPv4` set; an IPv4-mapped IPv6
///   address (`::ffff:10.0.0.1`) is read as the IPv4 address it carries.
package struct IPAddress: Hashable, Comparable, Sendable {
    package var high: UInt64
    package var low: UInt64
    package var isIPv4: Bool

    package init(ipv4: UInt32) {
        high = 0
        low = UInt64(ipv4)
        isIPv4 = true
    }

    package init(high: UInt64, low: UInt64) {
        isIPv4 = high == 0 && low >> 32 == 0xffff
        self.high = high
        self.low = isIPv4 ? low & 0xffff_ffff : low
    }

    /// IPv4 addresses sort before IPv6 addresses, each by number.
    package static func < (a: IPAddress, b: IPAddress) -> Bool {
        if a.isIPv4 != b.isIPv4 { return a.isIPv4 }
        return a.high != b.high ? a.high < b.high : a.low < b.low
    }
}

/// A block of addresses: `10.0.0.0/8`.
package struct IPNetwork: Hashable, Sendable {
    /// The first address of the block.
    package let base: IPAddress
    /// The number of leading bits that are fixed: 0...32 for IPv4, 0...128 for IPv6.
    package let prefixLength: Int

    /// The block of `prefixLength` bits around `address`, or nil where the length is out of range.
    package init?(_ address: IPAddress, prefixLength: Int) {
        guard prefixLength >= 0, prefixLength <= (address.isIPv4 ? 32 : 128) else { return nil }
        self.prefixLength = prefixLength
        base = IPNetwork.mask(address, prefixLength)
    }

    package func contains(_ address: IPAddress) -> Bool {
        address.isIPv4 == base.isIPv4 && IPNetwork.mask(address, prefixLength) == base
    }

    private static func mask(_ address: IPAddress, _ length: Int) -> IPAddress {
        var result = address
        if address.isIPv4 {
            result.low &= length == 0 ? 0 : (0xffff_ffff << UInt64(32 - length)) & 0xffff_ffff
        } else {
            result.high &= length == 0 ? 0 : length >= 64 ? .max : .max << UInt64(64 - length)
            result.low &= length <= 64 ? 0 : .max << UInt64(128 - length)
        }
        return result
    }
}
