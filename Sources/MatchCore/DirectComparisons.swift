// SPDX-License-Identifier: Apache-2.0
// Conditions of the commonest shapes: two operands compared, one of which may be computed from two.
// They are asked without the stack of the expression machine, by the same operations in the same
// order. Exercised by fixtures/golden/matching/comparisons.txt and the differential tests.

internal import Automata
internal import BasicContainers
internal import EventModel

/// A condition `left op right`.
struct DirectComparison: BitwiseCopyable {
    /// What one value is read from.
    enum Operand: BitwiseCopyable {
        case constant(Int32)
        /// A field of the event under test.
        case field(Int32)
        case key(Int32)
        /// A field of the event bound last, by table.
        case previous(Int32)
        /// A field of a bound event: the instruction at this place, and the one behind it.
        case bound(Int32)
        /// An aggregate of which a running total is kept: the instruction at this place.
        case total(Int32)

        /// The table of `prev`, if one operand is that and the other is nothing that is bound.
        fileprivate static func onlyPrevious(_ a: Operand, _ b: Operand) -> Int32 {
            switch (a, b) {
            case (.previous(let table), .constant), (.previous(let table), .field),
                (.previous(let table), .key), (.constant, .previous(let table)),
                (.field, .previous(let table)), (.key, .previous(let table)):
                table
            default: -1
            }
        }
    }

    /// Which side is computed, from itself and `second`.
    enum Side: BitwiseCopyable { case neither, left, right }

    var comparison: Instruction.Comparison
    var computed = Side.neither
    var operation = Instruction.Arithmetic.add
    var left: Operand
    var right: Operand
    var second: Operand
    /// The table of the one `prev`, where nothing is computed and nothing else that is bound is
    /// asked; else -1.
    var lastAlone: Int32 = -1

    /// Nil where the code is of another shape.
    init?(_ code: borrowing RowArray<Instruction>, _ range: CodeRange) {
        var reader = Reader(place: Int(range.start), end: Int(range.end))
        guard let first = reader.operand(code), let next = reader.operand(code) else { return nil }
        (left, right, second) = (first, next, next)
        if let operation = reader.arithmetic(code) {
            guard let last = reader.operand(code) else { return nil }
            (computed, self.operation, right) = (.left, operation, last)
        } else if let last = reader.operand(code) {
            guard let operation = reader.arithmetic(code) else { return nil }
            (computed, self.operation, second) = (.right, operation, last)
        }
        guard let comparison = reader.comparison(code) else { return nil }
        self.comparison = comparison
        if computed == .neither { lastAlone = Operand.onlyPrevious(left, right) }
    }

    /// Goes through code from its start.
    private struct Reader {
        var place: Int
        let end: Int

        mutating func operand(_ code: borrowing RowArray<Instruction>) -> Operand? {
            guard place < end else { return nil }
            let start = Int32(place)
            switch code[place] {
            case .constant(let i): return take(1, .constant(i))
            case .field(let i): return take(1, .field(i))
            case .key(let i): return take(1, .key(i))
            case .previous(let i): return take(1, .previous(i))
            case .bound(_, _, let length):
                guard length == 1, case .field = code[place + 1] else { return nil }
                return take(2, .bound(start))
            case .aggregate(_, _, let running, let length):
                return running >= 0 ? take(1 + Int(length), .total(start)) : nil
            default: return nil
            }
        }

        mutating func arithmetic(
            _ code: borrowing RowArray<Instruction>
        ) -> Instruction.Arithmetic? {
            guard place < end, case .arithmetic(let operation) = code[place] else { return nil }
            place += 1
            return operation
        }

        /// That with which the code ends.
        func comparison(_ code: borrowing RowArray<Instruction>) -> Instruction.Comparison? {
            guard place == end - 1, case .compare(let comparison) = code[place] else { return nil }
            return comparison
        }

        private mutating func take(_ length: Int, _ operand: Operand) -> Operand {
            place += length
            return operand
        }
    }
}

/// The last answer to a comparison that asks nothing but the event at hand and the one bound last:
/// many attempts of a key have bound the same event last.
struct KnownComparison {
    private var number = -1
    private var position: Int64 = 0
    private var field: Int32 = 0
    private var answer = false

    /// - Parameters:
    ///   - position: that of the event bound last.
    ///   - field: what of it is asked.
    @inline(__always)
    func answer(to number: Int, _ position: Int64, _ field: Int32) -> Bool? {
        number == self.number && position == self.position && field == self.field ? answer : nil
    }

    @inline(__always)
    mutating func note(_ answer: Bool, to number: Int, _ position: Int64, _ field: Int32) {
        (self.number, self.position, self.field, self.answer) = (number, position, field, answer)
    }

    /// Another event, or another key, is at hand.
    @inline(__always)
    mutating func forget() { number = -1 }
}

extension MatchMemory {
    /// The number of the comparison that a filter's code is; -1: it is none.
    ///
    /// - Note: asked once a filter, when rules are loaded.
    mutating func comparison(of code: CodeRange?) -> Int32 {
        guard let code, let comparison = DirectComparison(self.code, code) else { return -1 }
        comparisons.append(comparison)
        return Int32(comparisons.count - 1)
    }

    /// Whether a comparison holds of the event under test, given what `chain` has bound.
    mutating func holds(comparison number: Int, _ chain: Int64) -> Bool {
        let table = comparisons[number].lastAlone
        if table < 0 { return holds(comparisons[number], chain) }
        let position = bindings.position(of: chain)
        let field = previousField(Int(table), chain)
        if let answer = knownComparison.answer(to: number, position, field) { return answer }
        let answer = holds(comparisons[number], chain)
        knownComparison.note(answer, to: number, position, field)
        return answer
    }

    /// What a `prev` reads of the event bound last; anything where none is.
    @inline(__always)
    private func previousField(_ table: Int, _ chain: Int64) -> Int32 {
        chain == BindingStore.empty
            ? -1 : previousFields[table &* previousWidth &+ bindings.step(of: chain)]
    }

    private mutating func holds(_ asked: DirectComparison, _ chain: Int64) -> Bool {
        var left = value(asked.left, chain)
        var right: Slot
        switch asked.computed {
        case .neither: right = value(asked.right, chain)
        case .left:
            let second = value(asked.second, chain)
            left = arithmetic(asked.operation, left, second)
            right = value(asked.right, chain)
        case .right:
            right = value(asked.right, chain)
            let second = value(asked.second, chain)
            right = arithmetic(asked.operation, right, second)
        }
        if left.tag == .float, right.tag == .float {
            let (a, b) = (left.asFloat, right.asFloat)
            switch asked.comparison {
            case .less: return a < b
            case .lessOrEqual: return a <= b
            case .greater: return a > b
            case .greaterOrEqual: return a >= b
            case .equal, .notEqual, .equalIgnoringCase: break
            }
        }
        return compare(asked.comparison, left, right).isTrue
    }

    @inline(__always)
    private mutating func value(_ operand: DirectComparison.Operand, _ chain: Int64) -> Slot {
        switch operand {
        case .constant(let i): constants[Int(i)]
        case .field(let i): field(Int(i), of: .none)
        case .key(let i): key[Int(i)]
        case .previous(let table): previous(Int(table), chain)
        case .bound(let place), .total(let place): bound(at: Int(place), chain)
        }
    }

    @inline(never)
    private mutating func bound(at place: Int, _ chain: Int64) -> Slot {
        let (start, frame) = (place + 1, EvaluationFrame(chain: chain))
        switch code[place] {
        case .bound(let step, let isFirst, let length):
            return bound(Int(step), isFirst, start, start + Int(length), frame)
        case .aggregate(let code, let step, let total, let length):
            return aggregate(
                code, Int(step), total: Int(total), start, start + Int(length), frame)
        default: return .missing
        }
    }
}
