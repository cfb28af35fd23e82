// SPDX-License-Identifier: Apache-2.0
// The plain meanings are tested by the examples of docs/reference/functions.md; here are the order
// of operations, and the edges.

import EventModel
import RuleLanguage
import Testing

@Suite struct EvaluationAggregateTests {
    static let all: [Aggregate] = [
        .count, .sum, .average, .minimum, .maximum, .countDistinct, .distinct, .standardDeviation,
        .median, .percentile(95), .exponentialMovingAverage(5),
    ]

    @Test(arguments: all) func ofNothingOnlyTheCountIsThere(aggregate: Aggregate) {
        let expected: Value = aggregate == .count ? .int(0) : .missing
        #expect(aggregate.apply([]) == expected)
        #expect(aggregate.apply([.missing, .missing]) == expected)
    }

    @Test(arguments: all) func noValuesTrap(aggregate: Aggregate) {
        let odd: [Value] = [
            .bool(true), .int(.min), .int(.max), .float(.greatestFiniteMagnitude), .float(.nan),
            .float(-.infinity), .string(""), .time(.distantPast), .list([.missing]),
            .duration(TimeSpan(nanoseconds: .min)), .duration(TimeSpan(nanoseconds: .max)),
            .ip(IPAddress("::1")!), .network(IPNetwork("::/0")!), .missing,
        ]
        for a in odd {
            for b in odd {
                let result = aggregate.apply([a, b])
                if case .float(let number) = result, aggregate != .minimum, aggregate != .maximum {
                    #expect(number.isFinite, "\(aggregate) of \(a), \(b)")
                }
            }
        }
    }

    @Test func floatSumsAddInOrder() {
        let values: [Value] = [.float(1e16), .int(1), .float(-1e16), .float(0.5)]
        #expect(Aggregate.sum.apply(values) == .float(0.5))
        #expect(Aggregate.sum.apply(values.reversed()) == .float(0))
        #expect(Aggregate.average.apply(values) == .float(0.125))
    }

    @Test func intSumsAreExactHoweverTheyGetThere() {
        let values: [Value] = [.int(.max), .int(.max), .int(-.max), .int(-.max), .int(3)]
        #expect(Aggregate.sum.apply(values) == .int(3))
        #expect(Aggregate.sum.apply([.int(.max), .int(.max)]) == .missing)
        #expect(Aggregate.average.apply([.int(.max), .int(.max)]) == .missing)
    }

    @Test func deviationFollowsWelford() {
        let numbers = [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]
        #expect(
            Aggregate.standardDeviation.apply(numbers.map(Value.float)) == .float(30.0.squareRoot())
        )
        #expect(Aggregate.standardDeviation.apply([.int(5), .int(5)]) == .float(0))
    }

    @Test func ofEqualValuesTheFirstIsKept() {
        #expect(Aggregate.minimum.apply([.float(1), .int(1)]) == .float(1))
        #expect(Aggregate.maximum.apply([.int(1), .float(1)]) == .int(1))
        #expect(Aggregate.distinct.apply([.float(1), .int(1)]) == .list([.float(1)]))
        #expect(Aggregate.minimum.apply([.bool(true)]) == .missing)
    }

    @Test(
        arguments: [
            (0, 1), (25, 1.75), (50, 2.5), (100, 4), (-1, nil), (100.5, nil), (.nan, nil),
        ] as [(Double, Double?)])
    func percentilesAreLinearBetweenRanks(p: Double, expected: Double?) {
        let values: [Value] = [.int(4), .int(1), .int(3), .int(2)]
        #expect(Aggregate.percentile(p).apply(values) == expected.map(Value.float) ?? .missing)
    }

    @Test func movingAveragesStartAtTheFirst() {
        let values: [Value] = [.int(2), .int(4), .missing, .int(8)]
        #expect(Aggregate.exponentialMovingAverage(1).apply(values) == .float(8))
        #expect(Aggregate.exponentialMovingAverage(3).apply(values) == .float(5.5))
        #expect(Aggregate.exponentialMovingAverage(0).apply(values) == .missing)
        #expect(Aggregate.exponentialMovingAverage(.max).apply([.int(2)]) == .float(2))
    }
}
