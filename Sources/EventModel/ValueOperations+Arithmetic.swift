// SPDX-License-Identifier: Apache-2.0
// Arithmetic of the language: checked, total. A result that cannot be represented (an int beyond
// 64 bits, a float that is not finite, a time out of range) is missing, so that no infinity and
// no NaN ever reaches a rule. Exercised by ArithmeticTests.

extension ValueOperations {
    /// Numbers, texts joined, time + duration (either way round), duration + duration.
    package static func add(_ a: Value, _ b: Value) -> Value {
        switch (a, b) {
        case (.int(let a), .int(let b)): int(a.addingReportingOverflow(b))
        case (.string(let a), .string(let b)): .string(a + b)
        case (.time(let a), .duration(let b)), (.duration(let b), .time(let a)):
            time(a.nanoseconds.addingReportingOverflow(b.nanoseconds))
        case (.duration(let a), .duration(let b)):
            duration(a.nanoseconds.addingReportingOverflow(b.nanoseconds))
        default: floats(a, b) { $0 + $1 }
        }
    }

    /// Numbers, time − time (a duration), time − duration, duration − duration.
    package static func subtract(_ a: Value, _ b: Value) -> Value {
        switch (a, b) {
        case (.int(let a), .int(let b)): int(a.subtractingReportingOverflow(b))
        case (.time(let a), .time(let b)):
            duration(a.nanoseconds.subtractingReportingOverflow(b.nanoseconds))
        case (.time(let a), .duration(let b)):
            time(a.nanoseconds.subtractingReportingOverflow(b.nanoseconds))
        case (.duration(let a), .duration(let b)):
            duration(a.nanoseconds.subtractingReportingOverflow(b.nanoseconds))
        default: floats(a, b) { $0 - $1 }
        }
    }

    /// Numbers, duration × number (either way round). With a float the product is rounded to the
    /// nearest nanosecond, halves away from zero.
    package static func multiply(_ a: Value, _ b: Value) -> Value {
        switch (a, b) {
        case (.int(let a), .int(let b)): int(a.multipliedReportingOverflow(by: b))
        case (.duration(let a), .int(let b)), (.int(let b), .duration(let a)):
            duration(a.nanoseconds.multipliedReportingOverflow(by: b))
        case (.duration(let a), .float(let b)), (.float(let b), .duration(let a)):
            duration(rounding: Double(a.nanoseconds) * b)
        default: floats(a, b) { $0 * $1 }
        }
    }

    /// Number ÷ number and duration ÷ duration are floats, also of two ints: `7 / 2` is 3.5.
    /// duration ÷ int is cut towards zero to a nanosecond, duration ÷ float rounded to the
    /// nearest. Missing where the divisor is 0.
    package static func divide(_ a: Value, _ b: Value) -> Value {
        switch (a, b) {
        case (.duration(let a), .int(let b)):
            duration(a.nanoseconds.dividedReportingOverflow(by: b))
        case (.duration(let a), .float(let b)):
            b == 0 ? .missing : duration(rounding: Double(a.nanoseconds) / b)
        case (.duration(let a), .duration(let b)):
            finite(Double(a.nanoseconds) / Double(b.nanoseconds))
        default: floats(a, b) { $0 / $1 }
        }
    }

    /// The remainder of a division cut towards zero; it has the sign of the dividend. Numbers,
    /// duration % duration. Missing where the divisor is 0.
    package static func remainder(_ a: Value, _ b: Value) -> Value {
        switch (a, b) {
        case (.int(let a), .int(let b)): remainder(a, b).map(Value.int) ?? .missing
        case (.duration(let a), .duration(let b)):
            remainder(a.nanoseconds, b.nanoseconds).map { .duration(TimeSpan(nanoseconds: $0)) }
                ?? .missing
        default: floats(a, b) { $0.truncatingRemainder(dividingBy: $1) }
        }
    }

    package static func negate(_ a: Value) -> Value {
        switch a {
        case .int(let a): int(Int64(0).subtractingReportingOverflow(a))
        case .float(let a): finite(-a)
        case .duration(let a): duration(Int64(0).subtractingReportingOverflow(a.nanoseconds))
        default: .missing
        }
    }

    /// The value as a float; nil for anything but an int or a float.
    package static func number(_ a: Value) -> Double? {
        switch a {
        case .int(let a): Double(a)
        case .float(let a): a
        default: nil
        }
    }

    /// A float, or missing where it is infinite or not a number; -0 becomes 0, as in a slot.
    package static func finite(_ a: Double) -> Value {
        a.isFinite ? .float(a == 0 ? 0 : a) : .missing
    }

    /// The nearest duration, halves away from zero, or missing where none can be represented.
    package static func duration(rounding a: Double) -> Value {
        guard let nanoseconds = Int64(exactly: a.rounded()) else { return .missing }
        return .duration(TimeSpan(nanoseconds: nanoseconds))
    }

    private static func floats(
        _ a: Value, _ b: Value, _ operation: (Double, Double) -> Double
    ) -> Value {
        guard let a = number(a), let b = number(b) else { return .missing }
        return finite(operation(a, b))
    }

    private static func remainder(_ a: Int64, _ b: Int64) -> Int64? {
        // Of -1 apart: the quotient of Int64.min overflows, its remainder does not.
        b == 0 ? nil : b == -1 ? 0 : a % b
    }

    private static func int(_ a: (partialValue: Int64, overflow: Bool)) -> Value {
        a.overflow ? .missing : .int(a.partialValue)
    }

    private static func time(_ a: (partialValue: Int64, overflow: Bool)) -> Value {
        a.overflow ? .missing : .time(StreamTime(nanoseconds: a.partialValue))
    }

    private static func duration(_ a: (partialValue: Int64, overflow: Bool)) -> Value {
        a.overflow ? .missing : .duration(TimeSpan(nanoseconds: a.partialValue))
    }
}
