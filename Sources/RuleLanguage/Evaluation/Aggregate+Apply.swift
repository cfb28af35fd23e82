// SPDX-License-Identifier: Apache-2.0
// What each aggregate gives, with the very order of floating-point operations: the engine computes
// the same step by step and must give the same bits. Source of the variance: B. P. Welford, "Note
// on a Method for Calculating Corrected Sums of Squares and Products", 1962. Exercised by
// EvaluationAggregateTests.

package import EventModel

extension Aggregate {
    /// The aggregate of `values` in order of binding. Missing ones are passed over; of none left,
    /// `count` is 0 and all others are missing. So are those of values they cannot take together
    /// (a text in a sum, a number with a duration), and results that cannot be represented.
    ///
    /// - `count`: how many are not missing, whatever their type.
    /// - `sum`: of ints alone and of durations the exact sum, missing where that is beyond 64
    ///   bits, in whatever order it got there. With one float or more among the numbers: from
    ///   0.0, each as a float added in order.
    /// - `average`: the `sum` divided by the count as `/` divides: of numbers a float
    ///   (Double(sum) / Double(count)), of durations cut to a nanosecond.
    /// - `minimum`, `maximum`: by `<` and `>`, of equal ones the first.
    /// - `countDistinct`, `distinct`: equal is what `==` finds equal; the first of them is kept.
    /// - `standardDeviation`: of the sample (n − 1), missing below two values. Welford: with x the
    ///   nth value as a float, from mean = 0 and m2 = 0: d = x − mean; mean += d / n;
    ///   m2 += d × (x − mean); the result is √(m2 / (n − 1)).
    /// - `median`: of the sorted floats the middle one, or (a + b) / 2 of the middle two.
    /// - `percentile(p)`: of the sorted floats, with r = p / 100 × (n − 1) and k = ⌊r⌋: the kth
    ///   where r is whole, else a + (b − a) × (r − k) of the kth a and the next b.
    /// - `exponentialMovingAverage(n)`: with w = 2 / (n + 1), from e = the first value:
    ///   e += w × (x − e).
    ///
    /// The last four take numbers as floats and give a float, or take durations as floats of
    /// nanoseconds and give a duration, rounded to the nearest, halves away from zero.
    package func apply(_ values: [Value]) -> Value {
        let values = values.filter { !$0.isMissing }
        if values.isEmpty { return self == .count ? .int(0) : .missing }
        switch self {
        case .count: return .int(Int64(values.count))
        case .countDistinct: return .int(Int64(Aggregate.distinctValues(values).count))
        case .distinct: return .list(Aggregate.distinctValues(values))
        case .sum: return Aggregate.sum(values)
        case .average:
            return ValueOperations.divide(Aggregate.sum(values), .int(Int64(values.count)))
        case .minimum: return Aggregate.extreme(values, .less)
        case .maximum: return Aggregate.extreme(values, .greater)
        case .standardDeviation: return Aggregate.overFloats(values, Aggregate.deviation)
        case .median: return Aggregate.overFloats(values, Aggregate.median)
        case .percentile(let p):
            return Aggregate.overFloats(values) { Aggregate.percentile(p, $0) }
        case .exponentialMovingAverage(let n):
            return Aggregate.overFloats(values) { Aggregate.movingAverage(n, $0) }
        }
    }

    private static func distinctValues(_ values: [Value]) -> [Value] {
        var seen: Set<ValueIdentity> = []
        return values.filter { seen.insert(ValueIdentity($0)).inserted }
    }

    private static func extreme(_ values: [Value], _ wanted: ValueOperations.Order) -> Value {
        guard var best = values.first, ValueOperations.order(best, best) != nil else {
            return .missing
        }
        for value in values.dropFirst() {
            guard let order = ValueOperations.order(value, best) else { return .missing }
            if order == wanted { best = value }
        }
        return best
    }
}

/// All of these take at least one value.
extension Aggregate {
    private static func sum(_ values: [Value]) -> Value {
        if let spans = durations(values) {
            return exactSum(spans).map { .duration(TimeSpan(nanoseconds: $0)) } ?? .missing
        }
        let ints = values.compactMap { value -> Int64? in
            if case .int(let number) = value { number } else { nil }
        }
        if ints.count == values.count { return exactSum(ints).map(Value.int) ?? .missing }
        guard let floats = numbers(values) else { return .missing }
        return ValueOperations.finite(floats.reduce(0, +))
    }

    /// 128 bits hold the sum of any number of values that memory holds.
    private static func exactSum(_ numbers: [Int64]) -> Int64? {
        Int64(exactly: numbers.reduce(Int128(0)) { $0 + Int128($1) })
    }

    private static func numbers(_ values: [Value]) -> [Double]? {
        let numbers = values.compactMap(ValueOperations.number)
        return numbers.count == values.count ? numbers : nil
    }

    private static func durations(_ values: [Value]) -> [Int64]? {
        let spans = values.compactMap { value -> Int64? in
            if case .duration(let span) = value { span.nanoseconds } else { nil }
        }
        return spans.count == values.count ? spans : nil
    }

    private static func overFloats(_ values: [Value], _ body: ([Double]) -> Double?) -> Value {
        if let spans = durations(values) {
            return body(spans.map(Double.init)).map(ValueOperations.duration(rounding:)) ?? .missing
        }
        return numbers(values).flatMap(body).map(ValueOperations.finite) ?? .missing
    }

    private static func deviation(_ numbers: [Double]) -> Double? {
        guard numbers.count >= 2 else { return nil }
        var mean = 0.0
        var m2 = 0.0
        for (i, x) in numbers.enumerated() {
            let d = x - mean
            mean += d / Double(i + 1)
            m2 += d * (x - mean)
        }
        return (m2 / Double(numbers.count - 1)).squareRoot()
    }

    private static func median(_ numbers: [Double]) -> Double? {
        let sorted = numbers.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    private static func percentile(_ p: Double, _ numbers: [Double]) -> Double? {
        guard p >= 0, p <= 100 else { return nil }
        let sorted = numbers.sorted()
        let rank = p / 100 * Double(sorted.count - 1)
        let k = min(Int(rank), sorted.count - 1)
        let share = rank - Double(k)
        if share == 0 || k + 1 == sorted.count { return sorted[k] }
        return sorted[k] + (sorted[k + 1] - sorted[k]) * share
    }

    private static func movingAverage(_ n: Int, _ numbers: [Double]) -> Double? {
        guard n >= 1, let first = numbers.first else { return nil }
        let weight = 2 / (Double(n) + 1)
        return numbers.dropFirst().reduce(first) { $0 + weight * ($1 - $0) }
    }
}
