// SPDX-License-Identifier: Apache-2.0
// Aggregates over bound events, with the order of floating-point operations that the language
// defines (docs/reference/functions.md), so that every implementation gives the same bits. Variance
// by
// Welford's algorithm (1962). Exercised by the differential tests.

internal import Automata
internal import EventModel

extension MatchMemory {
    /// The aggregate of the code's value over the events that `step` has bound.
    ///
    /// - Parameter total: the number of the running total that keeps it; -1: none does.
    /// - Shape: O(bound events), with a running total O(events bound since it was last asked for).
    mutating func aggregate(
        _ code: AggregateCode, _ step: Int, total number: Int, _ start: Int, _ end: Int,
        _ frame: borrowing EvaluationFrame
    ) -> Slot {
        if number >= 0 {
            return result(of: code, total(number, code, step, start, end, frame))
        }
        if start == end { return countOnly(code, step, frame.chain) }
        let firstNode = nodes.count
        let firstValue = values.count
        var node = frame.chain
        while node != BindingStore.empty {
            if bindings.step(of: node) == step { nodes.append(node) }
            node = bindings.parent(of: node)
        }
        var i = nodes.count
        while i > firstNode {
            i -= 1
            let value = look(at: nodes[i], start, end, frame)
            if !value.isMissing { values.append(value) }
        }
        nodes.removeLast(nodes.count - firstNode)
        let result = apply(code, to: values[firstValue...])
        values.removeLast(values.count - firstValue)
        return result
    }

    private func countOnly(_ code: AggregateCode, _ step: Int, _ chain: Int64) -> Slot {
        guard case .count = code else { return .missing }
        var count: Int64 = 0
        var node = chain
        while node != BindingStore.empty {
            if bindings.step(of: node) == step { count += 1 }
            node = bindings.parent(of: node)
        }
        return .int(count)
    }

    /// A running total brought up to the end of the chain.
    private mutating func total(
        _ number: Int, _ code: AggregateCode, _ step: Int, _ start: Int, _ end: Int,
        _ frame: borrowing EvaluationFrame
    ) -> RunningTotal {
        // Most often the total is there, or that of the node before.
        guard frame.chain != BindingStore.empty else { return RunningTotal.none }
        let known = bindings.total(number, of: frame.chain)
        if known.isKnown { return known }
        let firstNode = nodes.count
        var node = bindings.parent(of: frame.chain)
        while node != BindingStore.empty, !bindings.total(number, of: node).isKnown {
            nodes.append(node)
            events.prefetchFields(of: bindings.event(of: node))
            node = bindings.parent(of: node)
        }
        var total = node == BindingStore.empty ? .none : bindings.total(number, of: node)
        while nodes.count > firstNode {
            extend(&total, number, code, step, by: nodes.removeLast(), start, end, frame)
        }
        extend(&total, number, code, step, by: frame.chain, start, end, frame)
        return total
    }

    /// Brings a total over one more node, which keeps it.
    @inline(__always)
    private mutating func extend(
        _ total: inout RunningTotal, _ number: Int, _ code: AggregateCode, _ step: Int,
        by node: Int64, _ start: Int, _ end: Int, _ frame: borrowing EvaluationFrame
    ) {
        if bindings.step(of: node) == step {
            if start == end {
                total.addOne()
            } else {
                let value = look(at: node, start, end, frame)
                if !value.isMissing { add(value, to: &total, code) }
            }
        }
        bindings.keep(total, number, of: node)
    }

    private func add(_ value: Slot, to total: inout RunningTotal, _ code: AggregateCode) {
        switch code {
        case .minimum: total.choose(value, .less, self)
        case .maximum: total.choose(value, .greater, self)
        default: total.add(value)
        }
    }

    private mutating func result(of code: AggregateCode, _ total: RunningTotal) -> Slot {
        switch code {
        case .count: return .int(total.count)
        case .minimum, .maximum: return total.chosen
        default: break
        }
        guard let sum = total.sum else {
            overflows += 1
            return .missing
        }
        if case .average = code { return average(sum, total.count) }
        return sum
    }

    private mutating func apply(_ code: AggregateCode, to values: ArraySlice<Slot>) -> Slot {
        switch code {
        case .count, .sum, .average, .minimum, .maximum:
            var total = RunningTotal()
            for value in values { add(value, to: &total, code) }
            return result(of: code, total)
        default: break
        }
        guard !values.isEmpty else { return .missing }
        switch code {
        case .count, .sum, .average, .minimum, .maximum: return .missing
        case .countDistinct: return .int(Int64(distinct(values).count))
        case .distinct: return symbols.encode(list: distinct(values))
        case .standardDeviation: return overFloats(values, MatchMemory.deviation)
        case .median: return overFloats(values, MatchMemory.median)
        case .percentile(let p): return overFloats(values) { MatchMemory.percentile(p, $0) }
        case .exponentialMovingAverage(let n):
            return overFloats(values) { MatchMemory.movingAverage(Int(n), $0) }
        }
    }

    /// The values without those equal to an earlier one, in order.
    private func distinct(_ values: ArraySlice<Slot>) -> [Slot] {
        var seen: Set<Slot> = []
        return values.filter { seen.insert($0.identity).inserted }
    }

    mutating func average(_ sum: Slot, _ count: Int64) -> Slot {
        switch sum.tag {
        case .int: finite(Double(sum.asInt) / Double(count))
        case .float: finite(sum.asFloat / Double(count))
        case .duration: .duration(TimeSpan(nanoseconds: sum.asInt / count))
        default: .missing
        }
    }

    private mutating func overFloats(
        _ values: ArraySlice<Slot>, _ body: ([Double]) -> Double?
    ) -> Slot {
        if values.allSatisfy({ $0.tag == .duration }) {
            guard let result = body(values.map { Double($0.asInt) }),
                let whole = Int64(exactly: result.rounded())
            else { return .missing }
            return .duration(TimeSpan(nanoseconds: whole))
        }
        var numbers: [Double] = []
        for value in values {
            switch value.tag {
            case .int: numbers.append(Double(value.asInt))
            case .float: numbers.append(value.asFloat)
            default: return .missing
            }
        }
        guard let result = body(numbers) else { return .missing }
        return finite(result)
    }

    private static func deviation(_ numbers: [Double]) -> Double? {
        guard numbers.count >= 2 else { return nil }
        var mean = 0.0
        var squares = 0.0
        var count = 0.0
        for number in numbers {
            count += 1
            let delta = number - mean
            mean += delta / count
            squares += delta * (number - mean)
        }
        return (squares / (count - 1)).squareRoot()
    }

    private static func median(_ numbers: [Double]) -> Double? {
        let sorted = numbers.sorted()
        let half = sorted.count / 2
        if sorted.count % 2 == 1 { return sorted[half] }
        return (sorted[half - 1] + sorted[half]) / 2
    }

    private static func percentile(_ percent: Double, _ numbers: [Double]) -> Double? {
        guard (0...100).contains(percent) else { return nil }
        let sorted = numbers.sorted()
        let rank = percent / 100 * Double(sorted.count - 1)
        let below = min(Int(rank), sorted.count - 1)
        let share = rank - Double(below)
        guard share != 0, below + 1 < sorted.count else { return sorted[below] }
        return sorted[below] + (sorted[below + 1] - sorted[below]) * share
    }

    private static func movingAverage(_ length: Int, _ numbers: [Double]) -> Double? {
        guard length >= 1, var average = numbers.first else { return nil }
        let weight = 2 / (Double(length) + 1)
        for number in numbers.dropFirst() { average += weight * (number - average) }
        return average
    }
}
