// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage
import Testing

@testable import MatchCore

/// The structures that windows are kept in, against plain lists.
@Suite struct WindowStructureTests {
    /// A plain generator: the same numbers in each run.
    private struct Numbers {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 20
        }

        /// Floats of all sizes, mostly ordinary ones.
        mutating func float() -> Double {
            let sign = next() % 2 == 0 ? 1.0 : -1.0
            switch next() % 6 {
            case 0: return sign * Double(next() % 1000)
            case 1: return sign * Double(bitPattern: next() % (2046 << 32) << 20 | next())
            case 2: return sign * Double.leastNonzeroMagnitude * Double(next() % 5)
            default: return sign * Double(next() % 1_000_000) / 700
            }
        }
    }

    private static func add(_ value: Double, to number: inout WideNumber, isLeaving: Bool) {
        let (significand, exponent) = value.parts
        number.add(
            UInt128(significand), isNegative: (value < 0) != isLeaving,
            at: exponent + WideNumber.unitBits)
    }

    private static func addSquare(
        _ value: Double, to number: inout WideNumber, isLeaving: Bool
    ) {
        let (significand, exponent) = value.parts
        number.add(
            UInt128(significand) * UInt128(significand), isNegative: isLeaving,
            at: 2 * exponent + WideNumber.unitBits)
    }

    @Test(arguments: 1...6) func sumsAreExactWhateverHasLeft(seed: UInt64) {
        var numbers = Numbers(state: seed)
        var held: [Double] = []
        var sum = WideNumber()
        var squares = WideNumber()
        for _ in 0..<200 {
            let value = numbers.float()
            held.append(value)
            Self.add(value, to: &sum, isLeaving: false)
            Self.addSquare(value, to: &squares, isLeaving: false)
            if held.count > Int(numbers.next() % 20) {
                let left = held.remove(at: Int(numbers.next()) % held.count)
                Self.add(left, to: &sum, isLeaving: true)
                Self.addSquare(left, to: &squares, isLeaving: true)
            }
            if held.isEmpty { continue }
            let values = held.map(Value.float)
            let wanted = Aggregate.sum.applyExactly(values)
            #expect(ValueOperations.finite(sum.float) == wanted)
            guard held.count > 1 else { continue }
            let deviation = WideNumber.deviation(
                Int64(held.count), sum: sum, squares: squares)
            #expect(
                ValueOperations.finite(deviation)
                    == Aggregate.standardDeviation.applyExactly(values))
        }
    }

    @Test func smallAndLargeDeviationsAgree() {
        var numbers = Numbers(state: 9)
        for _ in 0..<100 {
            let values = (0..<5).map { _ in Int64(numbers.next() % 100_000) - 50_000 }
            let sum = values.reduce(Int128(0)) { $0 + Int128($1) }
            let squares = values.reduce(Int128(0)) { $0 + Int128($1) * Int128($1) }
            var wideSum = WideNumber()
            var wideSquares = WideNumber()
            wideSum.add(sum)
            wideSquares.add(squares)
            let small = WideNumber.deviation(5, sum: sum, squares: squares)
            #expect(small == WideNumber.deviation(5, sum: wideSum, squares: wideSquares))
            let wanted = Aggregate.standardDeviation.applyExactly(values.map(Value.int))
            #expect(small.map(Value.float) == wanted)
        }
    }

    @Test func theOldFormulaGivesNearlyTheSameDeviation() {
        let values = [4.0, 2.5, 4.0, 1.0, 1e3, -7.25].map(Value.float)
        guard case .float(let exact) = Aggregate.standardDeviation.applyExactly(values),
            case .float(let welford) = Aggregate.standardDeviation.apply(values)
        else {
            Issue.record("both are floats")
            return
        }
        #expect(abs(exact - welford) < 1e-12 * exact)
    }

    @Test(arguments: 1...4) func theKthValueIsThatOfTheSortedList(seed: UInt64) {
        var numbers = Numbers(state: seed)
        var sets = OrderedValues()
        var roots: [Int32] = [-1, -1]
        var lists: [[Double]] = [[], []]
        for _ in 0..<600 {
            let set = Int(numbers.next() % 2)
            if lists[set].isEmpty || numbers.next() % 5 < 3 {
                let value = Double(numbers.next() % 40)
                sets.insert(value, in: &roots[set])
                lists[set].append(value)
            } else {
                let value = lists[set].remove(at: Int(numbers.next()) % lists[set].count)
                sets.remove(value, from: &roots[set])
            }
            #expect(sets.count(roots[set]) == lists[set].count)
            for (rank, value) in lists[set].sorted().enumerated() {
                #expect(sets.value(at: rank, of: roots[set]) == value)
            }
        }
        sets.removeAll(&roots[0])
        sets.removeAll(&roots[1])
        #expect(sets.total == 0)
    }

    @Test func valuesAreCountedForEachSetApart() {
        var numbers = Numbers(state: 5)
        var counted = CountedValues()
        var lists = [CountedValues.List(), CountedValues.List(), CountedValues.List()]
        var held: [[Slot]] = [[], [], []]
        for _ in 0..<3_000 {
            let set = Int(numbers.next() % 3)
            if held[set].isEmpty || numbers.next() % 9 < 5 {
                let number = Int64(numbers.next() % 50)
                let value = number % 2 == 0 ? Slot.int(number) : Slot.float(Double(number / 2))
                held[set].append(value)
                counted.add(value, owner: Int32(set), set: 4, &lists[set])
            } else {
                let value = held[set].removeFirst()
                counted.remove(value, owner: Int32(set), set: 4, &lists[set])
            }
            #expect(Int(lists[set].count) == Set(held[set].map(\.identity)).count)
            var values: [Slot] = []
            counted.append(lists[set], to: &values)
            #expect(Set(values.map(\.identity)) == Set(held[set].map(\.identity)))
        }
        for set in 0..<3 { counted.removeAll(&lists[set]) }
        #expect(counted.total == 0)
    }
}
