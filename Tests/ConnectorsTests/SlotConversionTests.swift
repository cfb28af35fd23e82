// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

/// What a token becomes as a value of a type; nil: it does not fit.
@Suite struct SlotConversionTests {
    private static let ok = ValueType.enumeration(["ok", "fail"])

    @Test(
        arguments: [
            ("x", .string, .string("x")), ("", .string, .string("")), ("7", .any, .string("7")),
            ("7", .int, nil), ("7", .number, nil), ("true", .bool, nil), ("ok", ok, .string("ok")),
            ("OK", ok, nil), ("okay", ok, nil), ("", ok, nil),
            ("10.0.0.1", .ip, .ip(IPAddress(ipv4: 0x0a00_0001))),
            ("255.255.255.255", .ip, .ip(IPAddress(ipv4: .max))),
            ("::ffff:1.2.3.4", .ip, .ip(IPAddress(ipv4: 0x0102_0304))),
            ("2001:db8::1", .ip, .ip(IPAddress(high: 0x2001_0db8_0000_0000, low: 1))),
            ("10.0.0", .ip, nil), ("10.0.0.256", .ip, nil), ("10.0.0.01", .ip, nil),
            ("10.0.0.1 ", .ip, nil), ("1.2.3.4.", .ip, nil), ("1.2.3.4.5", .ip, nil),
            ("", .ip, nil),
            ("10.0.0.", .ip, nil), (".10.0.0", .ip, nil), ("99999999999999999999", .ip, nil),
            (
                "10.0.0.0/8", .network,
                .network(IPNetwork(IPAddress(ipv4: 0x0a00_0000), prefixLength: 8)!)
            ),
            (
                "2001:db8::/32", .network,
                .network(
                    IPNetwork(IPAddress(high: 0x2001_0db8_0000_0000, low: 0), prefixLength: 32)!)
            ),
            ("10.0.0.0/33", .network, nil),
            ("1h30m", .duration, .duration(TimeSpan(seconds: 5400))),
            ("-10ms", .duration, .duration(TimeSpan(milliseconds: -10))),
            ("0s", .duration, .duration(.zero)), ("1s1h", .duration, nil), ("1s1s", .duration, nil),
            ("1", .duration, nil), ("s", .duration, nil), ("", .duration, nil),
            ("-", .duration, nil),
            ("1x", .duration, nil), ("999999999999999d", .duration, nil), ("1.5h", .duration, nil),
            ("x", .list(.string), nil),
        ] as [(String, ValueType, Value?)])
    func aText(_ text: String, _ type: ValueType, _ expected: Value?) {
        var symbols = SymbolTable()
        let slot = Slot.text(text.utf8.span, as: type, in: &symbols)
        #expect(slot.map { symbols.value(of: $0) } == expected)
    }

    @Test(
        arguments: [
            ("7", .int, .int(7)), ("+7", .int, .int(7)), ("007", .int, .int(7)),
            ("7.0", .int, .int(7)),
            ("7.5", .int, nil), ("", .int, nil), (" 7", .int, nil), ("0x7", .int, nil),
            ("inf", .float, nil), ("nan", .float, nil), ("1e3", .float, .float(1000)),
            ("7", .float, .float(7)), ("7.", .float, nil), (".5", .float, nil),
            ("7", .number, .int(7)),
            ("7.5", .number, .float(7.5)), ("true", .bool, .bool(true)),
            ("false", .bool, .bool(false)),
            ("True", .bool, nil), ("1", .bool, nil), ("7", .any, .string("7")),
            ("1700000000", .time, .time(StreamTime(nanoseconds: 1_700_000_000_000_000_000))),
        ] as [(String, ValueType, Value?)])
    func aTextOfASourceThatHasOnlyTexts(_ text: String, _ type: ValueType, _ expected: Value?) {
        var symbols = SymbolTable()
        let slot = Slot.text(text.utf8.span, as: type, isTextual: true, in: &symbols)
        #expect(slot.map { symbols.value(of: $0) } == expected)
    }

    @Test(
        arguments: [
            ("1", .int, .int(1)), ("1.0", .int, .int(1)), ("1e3", .int, .int(1000)),
            ("1.5", .int, nil), ("9223372036854775807", .int, .int(.max)),
            ("9223372036854775808", .int, nil), ("-9223372036854775808", .int, .int(.min)),
            ("-9223372036854775809", .int, nil), ("1", .float, .float(1)),
            ("9223372036854775808", .number, .float(0x1p63)), ("1", .number, .int(1)),
            ("1.0", .number, .float(1)), ("1", .string, nil), ("1", .bool, nil),
            ("1", .duration, nil),
            ("1", .ip, nil), ("1", .list(.int), nil), ("1", ok, nil),
            ("0.1", .float, .float(0.1)), ("-0.0", .float, .float(0)),
            ("2.2250738585072014e-308", .float, .float(.leastNormalMagnitude)),
            ("1.7976931348623157e308", .float, .float(.greatestFiniteMagnitude)),
            ("1e309", .float, nil), ("1e99999999999999999999", .float, nil),
            ("9007199254740993", .float, .float(9_007_199_254_740_992)),
            ("123456789.123456789123456789", .float, .float(123456789.12345679)),
        ] as [(String, ValueType, Value?)])
    func aNumber(_ token: String, _ type: ValueType, _ expected: Value?) {
        let symbols = SymbolTable()
        let slot = Slot.number(token.utf8.span, as: type)
        #expect(slot.map { symbols.value(of: $0) } == expected)
    }

    @Test func decimalsAreReadAsTheStandardLibraryReadsThem() {
        var numbers = SeededNumbers(state: 5)
        for _ in 0..<20_000 {
            let digits = String(numbers.next() >> UInt64.random(in: 0..<64, using: &numbers))
            let power = Int.random(in: -40...40, using: &numbers)
            let text = Bool.random(using: &numbers) ? "\(digits)e\(power)" : "0.\(digits)"
            #expect(NumberText.double(text.utf8.span) == Double(text), "\(text)")
        }
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01t00:00:01z", 1_000_000_000),
            ("1970-01-01 00:00:01.5", 1_500_000_000), ("1970-01-01T00:00:01,25Z", 1_250_000_000),
            ("1970-01-01T01:00:00+01:00", 0), ("1970-01-01T00:00:00-0030", 1_800_000_000_000),
            ("1970-01-01T00:00:00 +00", 0), ("1970-01-02", 86_400_000_000_000),
            ("1969-12-31T23:59:59.999999999Z", -1), ("1970-01-01T00:00:00.0000000019Z", 1),
            ("1972-06-30T23:59:60Z", 78_796_800_000_000_000),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000_000_000),
            ("2262-04-11T23:47:16.854775807Z", .max),
        ] as [(String, Int64)])
    func aTimeByRFC3339(_ text: String, _ nanoseconds: Int64) {
        let expected = TimeReading.time(StreamTime(nanoseconds: nanoseconds))
        #expect(TimeFormat.automatic.read(text: text.utf8.span) == expected)
    }

    @Test(arguments: [
        ("", TimeReading.malformed), ("now", .malformed), ("2024-1-01", .malformed),
        ("2023-02-29T00:00:00Z", .malformed), ("2024-13-01T00:00:00Z", .malformed),
        ("2024-01-01T24:00:00Z", .malformed), ("2024-01-01T00:60:00Z", .malformed),
        ("2024-01-01T00:00:61Z", .malformed), ("2024-01-01T00:00Z", .malformed),
        ("2024-01-01T00:00:00.Z", .malformed), ("2024-01-01T00:00:00ZZ", .malformed),
        ("2024-01-01T00:00:00+1", .malformed), ("2024-01-01T00:00:00+24:00", .malformed),
        ("2024-01-01T00:00:00 ", .malformed), ("2024-01-01x", .malformed),
        ("1700000000", .malformed), ("2263-01-01T00:00:00Z", .outOfRange),
        ("0001-01-01T00:00:00Z", .outOfRange), ("2262-04-11T23:47:16.9Z", .outOfRange),
        ("9999-99-99T00:00:00Z", .malformed),
    ])
    func noTimeByRFC3339(_ text: String, _ reading: TimeReading) {
        #expect(TimeFormat.automatic.read(text: text.utf8.span) == reading)
    }

    @Test(
        arguments: [
            ("0", .time(0)), ("1700000000", .time(1_700_000_000_000_000_000)),
            ("1700000000.123456789", .time(1_700_000_000_123_456_789)),
            ("1.7e9", .time(1_700_000_000_000_000_000)), ("-1", .time(-1_000_000_000)),
            ("-0.0000000001", .time(0)), ("-1.5", .time(-1_500_000_000)),
            ("1700000000123", .time(1_700_000_000_123_000_000)),
            ("1700000000123.5", .time(1_700_000_000_123_500_000)),
            ("1700000000123456", .time(1_700_000_000_123_456_000)),
            ("1700000000123456789", .time(1_700_000_000_123_456_789)),
            ("9223372036", .time(9_223_372_036_000_000_000)), ("9223372037", .out),
            ("99999999999", .out), ("100000000000", .time(100_000_000_000_000_000)),
            ("99999999999999", .out), ("100000000000000", .time(100_000_000_000_000_000)),
            ("99999999999999999", .out), ("100000000000000000", .time(100_000_000_000_000_000)),
            ("9223372036854775807", .time(.max)), ("9223372036854775808", .out), ("1e30", .out),
            ("1e-30", .time(0)), ("x", .bad), ("", .bad), ("1.", .bad), ("1e", .bad),
        ] as [(String, Expected)])
    func aTimeByItsSize(_ text: String, _ expected: Expected) {
        #expect(TimeFormat.automatic.read(number: text.utf8.span) == expected.reading)
    }

    enum Expected: Sendable {
        case time(Int64), out, bad

        var reading: TimeReading {
            switch self {
            case .time(let nanoseconds): .time(StreamTime(nanoseconds: nanoseconds))
            case .out: .outOfRange
            case .bad: .malformed
            }
        }
    }

    @Test(arguments: [
        ("ms", "1500", Expected.time(1_500_000_000)), ("s", "1.5", .time(1_500_000_000)),
        ("us", "-1", .time(-1000)), ("ns", "7.9", .time(7)), ("s", "x", .bad),
        ("rfc3339", "1970-01-01T00:00:01Z", .time(1_000_000_000)),
        ("%Y-%m-%d %H:%M:%S", "1970-01-01 00:00:01", .time(1_000_000_000)),
        ("%Y-%m-%d %H:%M:%S", "1970-01-01 00:00:01x", .bad),
        ("%d/%b/%Y:%H:%M:%S %z", "02/Jan/1970:01:00:00 +0100", .time(86_400_000_000_000)),
        ("%a %b %e %H:%M:%S.%f %Y", "Thu Jan  1 00:00:01.25 1970", .time(1_250_000_000)),
        ("%y%m%d%%", "700102%", .time(86_400_000_000_000)),
        ("%Y%m%d", "23000101", .out), ("%Y%m%d", "19701301", .bad), ("%Y%m%d", "", .bad),
    ])
    func aTimeByItsFormat(_ format: String, _ text: String, _ expected: Expected) throws {
        let format = try #require(TimeFormat(format))
        #expect(format.read(text: text.utf8.span) == expected.reading)
    }

    @Test(arguments: ["", "%", "%Q", "%Y", "%H:%M:%S", "%Y-%m", "m", "%m-%d"])
    func noFormat(_ text: String) {
        #expect(TimeFormat(text) == nil)
    }

    @Test func listsAreOneSymbolAndComeBack() {
        var symbols = SymbolTable()
        let value = Value.list([
            .int(1), .missing, .string("é"), .string(""), .bool(true), .float(-0.5),
            .time(StreamTime(nanoseconds: -5)), .duration(TimeSpan(seconds: 5)),
            .ip(IPAddress(ipv4: 1)), .ip(IPAddress(high: 1, low: 2)),
            .network(IPNetwork(IPAddress(high: 1, low: 0), prefixLength: 64)!),
            .network(IPNetwork(IPAddress(ipv4: 0x0a00_0000), prefixLength: 8)!),
            .list([.list([]), .string("x")]),
        ])
        let slot = Slot(value, in: &symbols)
        #expect(symbols.value(of: slot) == value)
        #expect(Slot(value, in: &symbols) == slot)
        #expect(symbols.elementCount(of: slot) == 13)
        let elements = symbols.elements(of: slot)
        #expect(Value.list(elements.map { symbols.value(of: $0) }) == value)
        #expect(symbols.encode(list: elements) == slot)
        #expect(symbols.encode(list: []) != slot)
    }

    @Test(
        arguments: [
            (.missing, .int, .missing), (.int(1), .float, .float(1)), (.int(1), .string, nil),
            (.float(2), .int, .int(2)), (.float(2.5), .int, nil),
            (
                .string("10.0.0.1"), .ip,
                .ip(IPAddress(ipv4: 0x0a00_0001))
            ),
            (.string("1s"), .duration, .duration(TimeSpan(seconds: 1))),
            (.string("ok"), ok, .string("ok")),
            (.string("no"), ok, nil),
            (.int(5), .time, .time(StreamTime(nanoseconds: 5_000_000_000))),
            (.list([.int(1), .missing]), .list(.float), .list([.float(1), .missing])),
            (.list([.string("x")]), .list(.int), nil), (.int(1), .list(.int), nil),
            (.ip(IPAddress(ipv4: 1)), .any, .ip(IPAddress(ipv4: 1))),
            (.ip(IPAddress(ipv4: 1)), .string, nil),
        ] as [(Value, ValueType, Value?)])
    func aValueAsAType(_ value: Value, _ type: ValueType, _ expected: Value?) {
        var symbols = SymbolTable()
        let slot = Slot(value, as: type, in: &symbols)
        #expect(slot.map { symbols.value(of: $0) } == expected)
    }
}
