// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import BasicContainers
internal import EventModel

/// What conditions ask of an event alone, as the hot path reads it.
struct PredicateTable: ~Copyable {
    struct Row {
        var field: Int32
        var constant: Int32
        var comparison: Instruction.Comparison
        /// A range of `values`, of which the field has to be one; nil: it is compared.
        var values: Extent?
        /// The code, where that is what is asked.
        var code: CodeRange?
    }

    let rows: RowArray<Row>
    /// By condition: a range of `numbers`.
    let conditions: RowArray<Extent>
    /// Predicates.
    let numbers: RowArray<Int32>
    /// Those of lists, as `Slot.identity`, in an order of their own.
    let values: RowArray<Slot>

    /// - Parameter constants: the program's, as slots of the shard's symbol table.
    init(_ program: RulesetProgram, constants: [Slot]) {
        var values = RowArray<Slot>()
        var rows = RowArray<Row>()
        for predicate in program.predicates {
            switch predicate.test {
            case .atom(let atom):
                rows.append(
                    Row(
                        field: atom.field, constant: atom.constant, comparison: atom.comparison))
            case .oneOf(let field, let numbers):
                let first = values.count
                let list = numbers.map { constants[Int($0)].identity }
                for value in list.sorted(by: PredicateTable.isBefore) { values.append(value) }
                rows.append(
                    Row(
                        field: field, constant: -1, comparison: .equal,
                        values: Extent(first..<values.count)))
            case .code(let code):
                rows.append(Row(field: -1, constant: -1, comparison: .equal, code: code))
            }
        }
        self.rows = rows
        self.values = values
        var conditions = RowArray<Extent>()
        var numbers = RowArray<Int32>()
        for condition in program.conditions {
            let first = numbers.count
            for number in condition { numbers.append(number) }
            conditions.append(Extent(first..<numbers.count))
        }
        self.conditions = conditions
        self.numbers = numbers
    }

    @inline(__always)
    private static func isBefore(_ a: Slot, _ b: Slot) -> Bool {
        a.bits == b.bits ? a.tag.rawValue < b.tag.rawValue : a.bits < b.bits
    }

    /// Whether a value is one of a list's.
    func holds(_ range: Extent, _ value: Slot) -> Bool {
        let value = value.identity
        var low = Int(range.start)
        var high = Int(range.end)
        while low < high {
            let middle = (low + high) / 2
            if PredicateTable.isBefore(values[middle], value) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < range.end && values[low] == value
    }
}

extension MatchMemory {
    /// Whether the event under test satisfies a condition; -1 is none.
    @inline(__always)
    mutating func conditionHolds(_ condition: Int) -> Bool {
        if condition < 0 { return true }
        let arrival = current.arrival
        let known = conditionAnswers[condition]
        if known == arrival { return true }
        return known != -arrival && askCondition(condition)
    }

    /// Takes down that the event under test satisfies a condition, which was found out without
    /// asking it.
    @inline(__always)
    mutating func takeDown(condition: Int) {
        if condition >= 0 { conditionAnswers[condition] = current.arrival }
    }

    /// Whether the event under test satisfies a predicate without code.
    @inline(__always)
    func cheapPredicateHolds(_ predicate: Int) -> Bool { holds(predicates.rows[predicate], .none) }

    private mutating func askCondition(_ condition: Int) -> Bool {
        let arrival = current.arrival
        var answer = true
        var i = Int(predicates.conditions[condition].start)
        let end = Int(predicates.conditions[condition].end)
        while answer, i < end {
            answer = predicateHolds(Int(predicates.numbers[i]))
            i += 1
        }
        conditionAnswers[condition] = answer ? arrival : -arrival
        return answer
    }

    private mutating func predicateHolds(_ predicate: Int) -> Bool {
        let row = predicates.rows[predicate]
        // Comparing costs no more than looking up what came of it.
        guard let code = row.code else { return holds(row, .none) }
        let arrival = current.arrival
        let known = predicateAnswers[predicate]
        if known == arrival { return true }
        if known == -arrival { return false }
        let answer = evaluate(code, EvaluationFrame(chain: BindingStore.empty)).isTrue
        predicateAnswers[predicate] = answer ? arrival : -arrival
        return answer
    }

    /// Whether an event satisfies a predicate without code.
    @inline(__always)
    private func holds(_ row: PredicateTable.Row, _ event: StoredEvent) -> Bool {
        let value = field(Int(row.field), of: event)
        if let values = row.values { return predicates.holds(values, value) }
        return compare(row.comparison, value, constants[Int(row.constant)]).isTrue
    }

    /// Whether the event of a frame satisfies a condition; -1 is none.
    mutating func conditionHolds(_ condition: Int, _ frame: borrowing EvaluationFrame) -> Bool {
        if condition < 0 { return true }
        for i in predicates.conditions[condition].rows {
            let row = predicates.rows[Int(predicates.numbers[i])]
            let answer =
                if let code = row.code { evaluate(code, frame).isTrue } else {
                    holds(row, frame.event)
                }
            if !answer { return false }
        }
        return true
    }
}
