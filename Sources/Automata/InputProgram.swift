// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// What rules with the same input share: the event types they take and the fields that hold the
/// key in them. One look at the key of an event serves all of them.
package struct InputProgram: Sendable {
    /// In ascending order.
    package var rules: [Int32]
    package var routes: [RuleProgram.Route]
    /// Parts of the key.
    package var partCount: Int
    /// What can put a rule to work for a key of which it holds nothing; no rule begins otherwise.
    package var starts: [Start]

    /// A condition that an attempt may begin with, filed under an equality that it asks for.
    package struct Start: Hashable, Sendable {
        package var rule: Int32
        /// The event type; -1: any event.
        package var type: Int32
        /// The field that has to equal the constant; -1: the condition asks for no equality.
        package var field: Int32
        package var constant: Int32
    }

    /// The inputs of the rules, in the order of their first rules.
    static func inputs(of rules: [RuleProgram], constants: [Value]) -> [InputProgram] {
        var inputs: [InputProgram] = []
        var known: [Key: Int] = [:]
        var filters: [[(rule: Int32, filter: RuleProgram.Filter)]] = []
        for rule in rules {
            let key = Key(routes: rule.routes, partCount: rule.keyNames.count)
            let index = known[key] ?? inputs.count
            if index == inputs.count {
                known[key] = index
                inputs.append(
                    InputProgram(
                        rules: [], routes: rule.routes, partCount: rule.keyNames.count, starts: []))
                filters.append([])
            }
            inputs[index].rules.append(Int32(rule.index))
            for filter in rule.startFilters {
                filters[index].append((Int32(rule.index), rule.filters[filter]))
            }
        }
        for index in inputs.indices {
            inputs[index].starts = starts(filters[index], constants)
        }
        return inputs
    }

    private struct Key: Hashable {
        var routes: [RuleProgram.Route]
        var partCount: Int
    }

    /// Files each condition under the equality whose field has the most constants over all of
    /// them: the one that leaves the fewest rules for an event.
    private static func starts(
        _ filters: [(rule: Int32, filter: RuleProgram.Filter)], _ constants: [Value]
    ) -> [Start] {
        var constantsByField: [Int32: Set<Int32>] = [:]
        for (_, filter) in filters {
            for atom in filter.atoms where isAccess(atom, constants) {
                constantsByField[atom.field, default: []].insert(atom.constant)
            }
        }
        var seen: Set<Start> = []
        return filters.compactMap { rule, filter in
            let access = filter.atoms.filter { isAccess($0, constants) }.max { a, b in
                let (x, y) = (constantsByField[a.field]?.count, constantsByField[b.field]?.count)
                // Of equals the first one: it was put first for being cheap.
                return (x ?? 0) < (y ?? 0)
            }
            let start = Start(
                rule: rule, type: filter.type, field: access?.field ?? -1,
                constant: access?.constant ?? -1)
            return seen.insert(start).inserted ? start : nil
        }
    }

    /// Whether the atom holds exactly for the values that are the constant.
    private static func isAccess(_ atom: RuleProgram.Atom, _ constants: [Value]) -> Bool {
        guard atom.comparison == .equal else { return false }
        switch constants[Int(atom.constant)] {
        case .bool, .int, .string, .time, .duration: return true
        case .float(let number): return !number.isNaN
        default: return false
        }
    }
}

extension RuleProgram {
    /// The filters of which one has to hold for an event to put the rule to work for a key of
    /// which it holds nothing, each once.
    var startFilters: [Int] {
        var result: [Int] = []
        if let leadingAbsence { result.append(leadingAbsence.filter) }
        // An event that resolves is looked at whatever the rule holds.
        if let resolution = alert.policy.resolution { result.append(resolution.filter) }
        addStartFilters(of: 0, to: &result)
        return result
    }

    private func addStartFilters(of sequence: Int, to result: inout [Int]) {
        for line in firstLine(of: sequence)..<sequences[sequence].lines.upperBound {
            switch lines[line].kind {
            case .step(let step):
                let filter = steps[step].filter
                if !result.contains(filter) { result.append(filter) }
            case .group(let group): addStartFilters(of: groups[group].body, to: &result)
            case .allOf(let index), .anyOf(let index):
                for branch in branches[index].sequences { addStartFilters(of: branch, to: &result) }
            case .absence, .start: break
            }
            if !lines[line].isSkippable { return }
        }
    }
    /// The line of a sequence with which an attempt begins. An absence before it is the leading
    /// absence, which has held.
    package func firstLine(of sequence: Int) -> Int {
        let first = sequences[sequence].lines.lowerBound
        guard case .start = lines[first].kind else { return first }
        if case .absence = lines[first + 1].kind { return first + 2 }
        return first + 1
    }
}
