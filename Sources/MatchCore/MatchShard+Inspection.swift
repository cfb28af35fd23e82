// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import BasicContainers
internal import EventModel

extension MatchShard {
    /// A hash of what runs the rules; 0 where attempts run all.
    package var backendMark: UInt64 {
        var hash: UInt64 = 0
        for rule in 0..<places.count {
            let runtime = Int(places[rule].runtime)
            guard runtimes[runtime].backend != .attempts else { continue }
            hash = (hash ^ UInt64(rule * 2 + (runtimes[runtime].isCounted ? 1 : 2)))
            hash &*= 0x9e37_79b9_7f4a_7c15
        }
        return hash
    }

    /// Automata at work: rules that differ in constants alone share one.
    package var automatonCount: Int { runtimes.count }

    /// Attempts under way over all rules; of those that are counted by counters none.
    package var attemptCount: Int {
        var count = 0
        for runtime in 0..<runtimes.count {
            let (sum, isOver) = count.addingReportingOverflow(runtimes[runtime].attemptsUnderWay)
            count = isOver ? .max : sum
        }
        return count
    }

    /// Attempts under way in a rule that keeps them one by one; nil: it keeps sets of them,
    /// counters or a window.
    ///
    /// - Shape: O(1).
    package func attemptCount(ofRule rule: Int) -> Int? {
        let (place, runtime) = (places[rule], Int(places[rule].runtime))
        if runtimes[runtime].backend != .attempts || runtimes[runtime].isWindow { return nil }
        return runtimes[runtime].attemptCounts[Int(place.member)]
    }

    /// Counts, by rule, the keys of which it holds something.
    ///
    /// - Shape: O(keys).
    package func countKeys(into counts: inout [Int]) {
        counts = [Int](repeating: 0, count: places.count)
        for runtime in 0..<runtimes.count {
            for state in runtimes[runtime].keys.indices {
                let row = runtimes[runtime].keys[state]
                if row.isLive { counts[Int(runtimes[runtime].ruleNumbers[Int(row.member)])] += 1 }
            }
        }
    }

    /// Keys with state, over all rules.
    package var keyCount: Int {
        var count = 0
        for runtime in 0..<runtimes.count { count += runtimes[runtime].keyCount }
        return count
    }

    /// The latest deadline of any attempt, in nanoseconds; `Int64.min` where none is pending.
    package func latestDeadline() -> Int64 {
        var latest = Int64.min
        for runtime in 0..<runtimes.count {
            latest = max(latest, runtimes[runtime].latestDeadline(memory))
        }
        return latest
    }

    /// The first thing found wrong in the lists, counts and references; nil where all agree. For
    /// tests and simulation.
    package func violation() -> String? {
        for runtime in 0..<runtimes.count {
            if let violation = runtimes[runtime].violation(memory) { return violation }
        }
        var heldCount = 0
        for input in 0..<inputs.count {
            var keyCount = 0
            for key in 0..<inputs[input].keys.rows.count
            where inputs[input].keys.rows[key].isLive {
                keyCount += 1
                let list = inputs[input].holders(of: key)
                if list.isEmpty { return "a key of which nothing is held" }
                heldCount += list.count
                for (place, work) in list.enumerated() {
                    if place > 0, list[place - 1].rule >= work.rule { return "rules out of order" }
                    let place = places[Int(work.rule)]
                    let state = runtimes[Int(place.runtime)].keys[Int(work.state)]
                    if state.owner != Int32(key) { return "a state is not that of its key" }
                    if state.member != place.member { return "a state is not that of its rule" }
                }
            }
            if keyCount != inputs[input].keys.count { return "a key is neither live nor free" }
        }
        return heldCount == keyCount ? nil : "a state of which no key knows"
    }
}
