// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:DB8::0:1", "2001:db8::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"), ("::ffff:10.0.0.1", "10.0.0.1"),
        ("::ffff:a00:1", "10.0.0.1"), ("64:ff9b::10.0.0.1", "64:ff9b::a00:1"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("fe80::", "fe80::"),
    ])
    func anAddressHasOneCanonicalText(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(canonical) == address)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "256.0.0.1", "1.2.3.04", "1..2.3", ".1.2.3", "1.2.3.",
        "1.2.3.4 ", "+1.2.3.4", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3",
        "12345::", "g::", ":1::", "1::2:", "::1%eth0", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "::1/64",
        "1.2.3.4:80", "é", "1:2:3:4:5:6:7:8::",
    ])
    func whatIsNoAddressIsRefused(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [
        ("10.1.2.3/8", "10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
        ("10.0.0.1", "10.0.0.1/32", "10.0.0.1", "10.0.0.2"),
        ("0.0.0.0/0", "0.0.0.0/0", "255.1.2.3", "::1"),
        ("2001:db8::1/33", "2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::"),
        ("::/0", "::/0", "ffff::", "10.0.0.1"), ("1::/64", "1::/64", "1::ffff", "1:0:0:1::"),
        ("1::2/127", "1::2/127", "1::3", "1::4"),
    ])
    func aNetworkHoldsItsAddresses(text: String, shown: String, inside: String, outside: String) {
        let network = IPNetwork(text)
        #expect(network?.description == shown)
        #expect(network?.contains(IPAddress(inside)!) == true)
        #expect(network?.contains(IPAddress(outside)!) == false)
    }

    @Test(arguments: [
        "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/8/8", "/8", "10.0.0.0/-1", "x/8",
    ])
    func whatIsNoNetworkIsRefused(text: String) {
        #expect(IPNetwork(text) == nil)
    }
}
