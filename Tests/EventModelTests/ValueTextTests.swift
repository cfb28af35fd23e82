// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@Suite struct ValueTextTests {
    @Test(
        arguments: [
            (.missing, "", "null"), (.bool(true), "true", "true"),
            (.int(.min), "-9223372036854775808", "-9223372036854775808"), (.float(3), "3", "3.0"),
            (.float(-0.0), "0", "-0.0"), (.float(0.1), "0.1", "0.1"),
            (.float(1e300), "1e+300", "1e+300"),
            (.float(.nan), "nan", "null"), (.float(-.infinity), "-inf", "null"),
            (.string("a\"b\\c\n\u{1}é"), "a\"b\\c\n\u{1}é", #""a\"b\\c\n\u0001é""#),
            (.time(.zero), "1970-01-01T00:00:00.000Z", #""1970-01-01T00:00:00.000Z""#),
            (.duration(TimeSpan(seconds: 5400)), "1h30m", #""1h30m""#),
            (.ip(IPAddress("::1")!), "::1", #""::1""#),
            (.network(IPNetwork("10.0.0.0/8")!), "10.0.0.0/8", #""10.0.0.0/8""#),
            (.list([.int(1), .string("a"), .missing]), "1, a, ", #"[1,"a",null]"#),
            (.list([]), "", "[]"),
        ] as [(Value, String, String)])
    func aValueIsShownToReadersAndToPrograms(value: Value, text: String, json: String) {
        #expect(value.displayText == text)
        #expect(value.json == json)
    }

    @Test(
        arguments: [
            .missing, .bool(false), .int(0), .int(.min), .int(.max), .float(3), .float(-0.5),
            .float(1e300), .float(0x1p53), .string(""), .string("aé\n"),
            .time(StreamTime(nanoseconds: -1)), .duration(TimeSpan(nanoseconds: -1)),
            .ip(IPAddress("255.0.10.1")!), .ip(IPAddress("2001:db8::1")!),
            .network(IPNetwork("::/0")!), .list([]),
            .list([.int(1), .string("b, c"), .list([.missing, .ip(IPAddress("::1")!)])]),
        ] as [Value])
    func aSlotIsShownAsItsValue(value: Value) {
        var symbols = SymbolTable()
        let slot = Slot(value, in: &symbols)
        var bytes = Array("x".utf8)
        symbols.appendText(of: slot, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "x" + value.displayText)
        #expect(symbols.value(of: slot) == value)
    }

    @Test func whatIsNoUTF8IsReplaced() {
        var symbols = SymbolTable()
        var bytes: [UInt8] = []
        symbols.appendText(of: .string(symbols.intern([0x61, 0xff, 0x62])), to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "a\u{fffd}b")
    }
}
