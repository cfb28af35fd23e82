// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

private let two53: Int64 = 1 << 53

@Suite struct ValueOperationsTests {
    @Test(
        arguments: [
            (.int(1), .int(2), .less), (.int(two53 + 1), .float(0x1p53), .greater),
            (.float(0x1p53), .int(two53 + 1), .less), (.int(two53), .float(0x1p53), .equal),
            (.int(.max), .float(0x1p63), .less), (.int(.min), .float(-0x1p63), .equal),
            (.int(.min), .float(-.infinity), .greater), (.int(.max), .float(.infinity), .less),
            (.int(-1), .float(-1.5), .greater), (.int(-2), .float(-1.5), .less),
            (.int(1), .float(1.5), .less), (.float(0), .float(-0.0), .equal),
            (.int(1), .float(.nan), nil), (.float(.nan), .float(.nan), nil),
            (.string("a"), .string("B"), .greater), (.string("é"), .string("e\u{301}"), .greater),
            (.string(""), .string("a"), .less), (.string("1"), .int(1), nil),
            (.missing, .int(1), nil), (.missing, .missing, nil), (.bool(true), .bool(false), nil),
            (.ip(IPAddress("255.0.0.1")!), .ip(IPAddress("::1")!), .less),
            (.time(.zero), .duration(.zero), nil),
            (.duration(TimeSpan(seconds: 1)), .duration(TimeSpan(milliseconds: 999)), .greater),
        ] as [(Value, Value, ValueOperations.Order?)])
    func valuesAreOrderedExactly(a: Value, b: Value, order: ValueOperations.Order?) {
        #expect(ValueOperations.order(a, b) == order)
        if order == .less { #expect(ValueOperations.order(b, a) == .greater) }
        if order == nil { #expect(ValueOperations.order(b, a) == nil) }
    }

    @Test(
        arguments: [
            (.bool(true), .bool(true), true), (.bool(true), .bool(false), false),
            (.bool(true), .int(1), nil), (.string("é"), .string("e\u{301}"), false),
            (.network(IPNetwork("10.0.0.0/8")!), .network(IPNetwork("10.9.0.0/8")!), true),
            (.network(IPNetwork("10.0.0.1/32")!), .ip(IPAddress("10.0.0.1")!), nil),
            (.list([.int(1)]), .list([.float(1)]), true), (.list([]), .list([.missing]), false),
            (.list([.int(1), .missing]), .list([.int(1), .missing]), nil),
            (.list([.int(1), .missing]), .list([.int(2), .missing]), false),
            (.list([]), .list([]), true),
        ] as [(Value, Value, Bool?)])
    func equalityIsThreeValued(a: Value, b: Value, equal: Bool?) {
        #expect(ValueOperations.equal(a, b) == equal)
        #expect(ValueOperations.equal(b, a) == equal)
    }

    @Test(arguments: [
        ("ADMIN", "admin", true), ("É", "é", true), ("a", "b", false), ("", "", true),
    ])
    func caseCanBeIgnored(a: String, b: String, equal: Bool) {
        #expect(ValueOperations.equalIgnoringCase(.string(a), .string(b)) == equal)
        #expect(ValueOperations.equalIgnoringCase(.string(a), .int(1)) == nil)
        #expect(ValueOperations.equalIgnoringCase(.missing, .string(b)) == nil)
    }

    @Test(
        arguments: [
            (.int(1), .list([.float(1)]), true), (.int(1), .list([.int(2)]), false),
            (.int(1), .list([.missing, .int(1)]), true),
            (.int(1), .list([.missing, .int(2)]), nil),
            (.int(1), .list([.string("1")]), nil), (.int(1), .list([]), false),
            (.missing, .list([]), nil), (.int(1), .int(1), nil), (.int(1), .missing, nil),
            (.ip(IPAddress("10.1.2.3")!), .list([.network(IPNetwork("10.0.0.0/8")!)]), true),
            (.ip(IPAddress("::1")!), .list([.network(IPNetwork("10.0.0.0/8")!)]), false),
            (.ip(IPAddress("10.1.2.3")!), .network(IPNetwork("10.0.0.0/8")!), true),
            (.ip(IPAddress("11.1.2.3")!), .list([.ip(IPAddress("11.1.2.3")!)]), true),
        ] as [(Value, Value, Bool?)])
    func membershipIsThreeValued(value: Value, list: Value, isIn: Bool?) {
        #expect(ValueOperations.isIn(value, list) == isIn)
        if case .string = list { return }
        #expect(ValueOperations.contains(list, value) == isIn)
    }

    @Test(arguments: [
        ("abc", "bc", true), ("abc", "", true), ("", "", true), ("", "a", false),
        ("abc", "abcd", false), ("é", "e", false),
    ])
    func aTextContainsAText(whole: String, part: String, contained: Bool) {
        #expect(ValueOperations.contains(.string(whole), .string(part)) == contained)
        #expect(ValueOperations.contains(.string(whole), .int(1)) == nil)
    }

    @Test func distinctMeansNotEqual() {
        let values: [Value] = [
            .int(1), .float(1), .float(1.5), .string("é"), .string("e\u{301}"), .bool(true),
            .list([.int(1)]), .list([.float(1)]), .float(0), .float(-0.0), .int(0), .float(0x1p63),
            .int(.min), .float(-0x1p63),
        ]
        for a in values {
            for b in values {
                let same = ValueIdentity(a) == ValueIdentity(b)
                #expect(same == (ValueOperations.equal(a, b) == true), "\(a) and \(b)")
            }
        }
    }
}
