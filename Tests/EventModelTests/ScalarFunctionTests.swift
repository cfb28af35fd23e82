// SPDX-License-Identifier: Apache-2.0
// The meanings are tested by the examples of docs/reference/functions.md (EvaluationPageTests).

import EventModel
import Testing

@Suite struct ScalarFunctionTests {
    static let oddValues: [Value] = [
        .missing, .bool(true), .int(.min), .int(.max), .int(0), .int(-1), .float(.nan),
        .float(.infinity), .float(-1e308), .float(.leastNonzeroMagnitude),
        .string(""), .string("é\u{0}"),
        .string("-9223372036854775809"), .time(.distantPast), .time(.distantFuture),
        .duration(TimeSpan(nanoseconds: .min)), .ip(IPAddress("::")!),
        .network(IPNetwork("0.0.0.0/0")!), .list([]), .list([.missing]),
    ]

    @Test(arguments: ScalarFunction.allCases)
    func noArgumentsTrapAndMissingStaysMissing(function: ScalarFunction) {
        #expect(function.apply([]) == .missing)
        for a in Self.oddValues {
            check(function, [a])
            for b in Self.oddValues {
                check(function, [a, b])
                for c in Self.oddValues { check(function, [a, b, c]) }
            }
            check(function, [a, a, a, a])
        }
        #expect(
            function.apply(Array(repeating: .string("a"), count: 9)) == .missing
                || function == .min || function == .max)
    }

    private func check(_ function: ScalarFunction, _ arguments: [Value]) {
        let result = function.apply(arguments)
        if arguments.contains(.missing) { #expect(result == .missing) }
        // Only what hands on an argument as it is may give a float that is not finite.
        if case .float(let number) = result, ![.abs, .min, .max].contains(function) {
            #expect(number.isFinite, "\(function) of \(arguments)")
        }
    }

    @Test func theEntropyOfRareLettersIsExact() {
        let text = String(repeating: "a", count: 15) + "b"
        guard case .float(let bits) = ScalarFunction.entropy.apply([.string(text)]) else {
            Issue.record("no float")
            return
        }
        #expect(abs(bits - 0.3372900666170139) < 1e-15)
    }
}
