// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

private func span(_ nanoseconds: Int64) -> Value { .duration(TimeSpan(nanoseconds: nanoseconds)) }
private func time(_ nanoseconds: Int64) -> Value { .time(StreamTime(nanoseconds: nanoseconds)) }

@Suite struct ArithmeticTests {
    @Test(
        arguments: [
            (.int(1), .int(2), .int(3)), (.int(.max), .int(1), .missing),
            (.int(1), .float(0.5), .float(1.5)), (.string("a"), .string("b"), .string("ab")),
            (.string("a"), .int(1), .missing), (time(5), span(2), time(7)),
            (span(2), time(5), time(7)),
            (time(.max), span(1), .missing), (span(.max), span(1), .missing),
            (time(1), time(1), .missing), (.float(1e308), .float(1e308), .missing),
            (.missing, .int(1), .missing), (.bool(true), .int(1), .missing),
        ] as [(Value, Value, Value)])
    func additionIsChecked(a: Value, b: Value, sum: Value) {
        #expect(ValueOperations.add(a, b) == sum)
    }

    @Test(
        arguments: [
            (.int(.min), .int(1), .missing), (.int(1), .int(3), .int(-2)),
            (time(5), time(7), span(-2)),
            (time(5), span(7), time(-2)), (span(5), time(7), .missing),
            (span(5), span(7), span(-2)),
            (time(.min), time(1), .missing), (.float(1), .int(1), .float(0)),
        ] as [(Value, Value, Value)])
    func subtractionIsChecked(a: Value, b: Value, difference: Value) {
        #expect(ValueOperations.subtract(a, b) == difference)
    }

    @Test(
        arguments: [
            (.int(.min), .int(-1), .missing), (.int(3), .int(-4), .int(-12)),
            (span(3), .int(2), span(6)),
            (.int(2), span(3), span(6)), (span(3), .float(0.5), span(2)),
            (.float(0.5), span(-3), span(-2)),
            (span(.max), .float(2), .missing), (span(1), .float(.infinity), .missing),
            (span(1), span(1), .missing), (.int(1 << 40), .float(2), .float(0x1p41)),
            (.int(-1), .float(0), .float(0)),
        ] as [(Value, Value, Value)])
    func multiplicationIsChecked(a: Value, b: Value, product: Value) {
        #expect(ValueOperations.multiply(a, b) == product)
    }

    @Test(
        arguments: [
            (.int(7), .int(2), .float(3.5)), (.int(1), .int(0), .missing),
            (.int(0), .int(0), .missing),
            (.float(1), .float(0), .missing), (.int(.min), .int(-1), .float(0x1p63)),
            (span(7), .int(2), span(3)), (span(-7), .int(2), span(-3)),
            (span(7), .int(0), .missing),
            (span(.min), .int(-1), .missing), (span(7), .float(2), span(4)),
            (span(7), .float(0), .missing),
            (span(3), span(2), .float(1.5)), (span(3), span(0), .missing),
            (.int(3), span(1), .missing),
        ] as [(Value, Value, Value)])
    func divisionByZeroIsMissing(a: Value, b: Value, quotient: Value) {
        #expect(ValueOperations.divide(a, b) == quotient)
    }

    @Test(
        arguments: [
            (.int(7), .int(3), .int(1)), (.int(-7), .int(3), .int(-1)),
            (.int(7), .int(-3), .int(1)),
            (.int(.min), .int(-1), .int(0)), (.int(7), .int(0), .missing),
            (.float(-7.5), .int(2), .float(-1.5)), (.float(1), .float(0), .missing),
            (span(7), span(3), span(1)), (span(7), .int(3), .missing),
        ] as [(Value, Value, Value)])
    func theRemainderHasTheSignOfTheDividend(a: Value, b: Value, remainder: Value) {
        #expect(ValueOperations.remainder(a, b) == remainder)
    }

    @Test(
        arguments: [
            (.int(3), .int(-3)), (.int(.min), .missing), (.float(1.5), .float(-1.5)),
            (span(3), span(-3)), (span(.min), .missing), (.string("a"), .missing),
            (.missing, .missing),
        ] as [(Value, Value)])
    func negationIsChecked(a: Value, negative: Value) {
        #expect(ValueOperations.negate(a) == negative)
    }
}
