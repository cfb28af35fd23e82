// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage

/// The windows of one rule, one for each value of its key.
struct WindowRuns {
    struct Keyed {
        var run: WindowRun
        /// For each event that the window takes its rank in the order of time and arrival.
        var ranks: [Int] = []
        /// For each of them the place of this key among the event's keys.
        var keyRanks: [Int] = []
    }

    let rule: CheckedRule
    let window: CheckedRule.Window
    let evaluator: ExprEvaluator
    var all: [Keyed] = []
    /// In the order in which they were found, with the index of the run.
    var matches: [(run: Int, look: WindowLook)] = []
    /// Events of `resolve on`, as they came.
    var resolutions: [(rank: Int, keyRank: Int, key: [Value])] = []

    mutating func work(on event: ReadEvent, rank: Int, isAlert: Bool) {
        for (keyRank, key) in rule.keys(of: event, isAlert: isAlert).enumerated() {
            let index = indexOfRun(key)
            if let resolution = rule.policy.resolution,
                all[index].run.accepts(resolution.filter, event)
            {
                resolutions.append((rank, keyRank, key))
            }
            collect(index) { keyed in
                guard keyed.run.work(on: event) else { return }
                keyed.ranks.append(rank)
                keyed.keyRanks.append(keyRank)
            }
        }
    }

    private mutating func indexOfRun(_ key: [Value]) -> Int {
        if let index = all.firstIndex(where: { isSameKey($0.run.key, key) }) { return index }
        let run = WindowRun(rule: rule, window: window, key: key, evaluator: evaluator)
        all.append(Keyed(run: run))
        return all.count - 1
    }

    private mutating func collect(_ index: Int, _ work: (inout Keyed) -> Void) {
        let known = all[index].run.looks.count
        work(&all[index])
        matches += all[index].run.looks[known...].map { (index, $0) }
    }

    mutating func workDeadlines(while isDue: (StreamTime) -> Bool) {
        while let next = all.compactMap(\.run.deadline).min(), isDue(next) {
            for index in all.indices where all[index].run.deadline == next {
                collect(index) { $0.run.work(at: next) }
            }
        }
    }
}
