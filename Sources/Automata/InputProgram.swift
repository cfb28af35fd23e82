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
    package var starts: Filings
    /// What can move what a rule holds of a key, for the rules that only such events move.
    package var moves: Filings
    /// The rules that hold to every event of a key of which they hold something.
    package var watchful: [Int32]

    /// The inputs of the rules, in the order of their first rules.
    static func inputs(of rules: [RuleProgram], _ builder: CodeBuilder) -> [InputProgram] {
        var inputs: [InputProgram] = []
        var known: [Key: Int] = [:]
        /// By rule.
        var places: [Int] = []
        places.reserveCapacity(rules.count)
        for number in rules.indices {
            if rules[number].model >= 0 {
                let index = places[Int(rules[number].model)]
                places.append(index)
                inputs[index].rules.append(Int32(number))
                continue
            }
            let key = Key(
                routes: rules[number].routes, partCount: rules[number].keyNames.count)
            let index = known[key] ?? inputs.count
            if index == inputs.count {
                known[key] = index
                inputs.append(
                    InputProgram(
                        rules: [], routes: key.routes, partCount: key.partCount,
                        starts: Filings(), moves: Filings(), watchful: []))
            }
            places.append(index)
            inputs[index].rules.append(Int32(number))
        }
        for index in inputs.indices { inputs[index].file(rules, builder) }
        return inputs
    }

    private struct Key: Hashable {
        var routes: [RuleProgram.Route]
        var partCount: Int
    }

    private mutating func file(_ all: [RuleProgram], _ builder: CodeBuilder) {
        var begin = FilingCabinet(builder)
        var move = FilingCabinet(builder)
        /// Of rules that others are like.
        var known: [Int32: FiledFilters] = [:]
        for number in rules {
            let rule = Int(number)
            let model = all[rule].model < 0 ? number : all[rule].model
            if known[model] == nil { known[model] = FiledFilters(all[rule]) }
            guard let filed = known[model] else { continue }
            for filter in filed.starts { begin.add(number, all[rule].filters[filter]) }
            if filed.isMovedByAnyEvent {
                watchful.append(number)
            } else {
                for filter in filed.later { move.add(number, all[rule].filters[filter]) }
            }
        }
        starts = begin.filings()
        moves = move.filings()
    }
}

/// The filters that a rule is filed under.
private struct FiledFilters {
    let starts: [Int]
    let later: [Int]
    let isMovedByAnyEvent: Bool

    init(_ rule: RuleProgram) {
        starts = rule.startFilters
        isMovedByAnyEvent = rule.isMovedByAnyEvent
        later = isMovedByAnyEvent ? [] : rule.laterFilters
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

    /// Whether an event that satisfies none of `laterFilters` may still change an attempt, or what
    /// becomes of it: by being the very next one, or by ending a row or an iteration.
    package var isMovedByAnyEvent: Bool {
        window != nil || sequences.count > 1 || keepsLatestAttemptOnly
            || lines.contains { line in
                if line.connector == .next || !line.butNotNext.isEmpty { return true }
                guard case .step(let step) = line.kind else { return false }
                return steps[step].isConsecutive || steps[step].spread >= 0
            }
    }

    /// The filters that are asked on behalf of attempts under way, each once.
    package var laterFilters: [Int] {
        var result: [Int] = []
        func add(_ filter: Int) { if !result.contains(filter) { result.append(filter) } }
        let first = firstLine(of: 0)
        for (index, line) in lines.enumerated() {
            switch line.kind {
            case .step(let step):
                // A first step that takes one event has taken it.
                let isTaken = index == first && steps[step].maximum == 1 && !line.isSkippable
                if !isTaken { add(steps[step].filter) }
            case .absence(let absence): add(absences[absence].filter)
            case .group, .allOf, .anyOf, .start: break
            }
            for filter in line.butNo + line.butNotNext + line.until { add(filter) }
        }
        for filter in resets { add(filter) }
        return result
    }
}
