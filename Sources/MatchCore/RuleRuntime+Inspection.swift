// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import BasicContainers
internal import EventModel

extension RuleRuntime {
    /// Keys that hold state.
    package var keyCount: Int { keys.count }

    /// Attempts of all keys.
    ///
    /// - Shape: of rules on sets O(nodes).
    var attemptsUnderWay: Int {
        isDetermined ? determined.attemptCount(of: keys) : attemptCount
    }

    /// The latest deadline of any attempt, in nanoseconds; `Int64.min` where none is pending.
    ///
    /// - Shape: O(attempts): for the end of a replay, not for the hot path.
    func latestDeadline(_ memory: borrowing MatchMemory) -> Int64 {
        if isWindow { return latestMoment() }
        if let queue = rule.queue { return latestInQueue(queue, memory) }
        guard rule.hasDeadlines else { return .min }
        var latest = Int64.min
        for key in keys.indices {
            var record = Int(keys[key].head)
            while record >= 0 {
                let base = base(record)
                let deadline = words[base + RecordLayout.deadline]
                if deadline <= sum(words[base + RecordLayout.firstTime], limit),
                    deadline != RecordLayout.noDeadline
                {
                    latest = max(latest, deadline)
                }
                record = Int(words[base + RecordLayout.next])
            }
        }
        return latest
    }

    /// The last time at which a window that holds something now is looked at by the clock.
    private func latestMoment() -> Int64 {
        var latest = Int64.min
        for key in keys.indices where keys[key].isLive && keys[key].wakeUp != .max {
            let last = windows.words[windows.base(key) + WindowRuntime.Layout.lastTime]
            let moment: Int64
            switch windows.kind {
            case .last: return .min
            case .sliding(let length): moment = sum(last, length)
            case .session(let gap): moment = sum(last, gap)
            case .hopping(let length, let hop):
                let since = last % hop
                let start = sum(last, -(since < 0 ? since + hop : since))
                let mark = windows.words[windows.base(key) + WindowRuntime.Layout.mark]
                moment = max(sum(start, length), mark == .max ? .min : mark) - 1
            }
            if moment < .max - 1 { latest = max(latest, moment) }
        }
        return latest
    }

    /// The first thing found wrong in the lists, counts and references; nil where all agree. For
    /// tests and simulation.
    package func violation(_ memory: borrowing MatchMemory) -> String? {
        if isDetermined, let violation = determined.violation(keys: keys, memory.events) {
            return violation
        }
        if rule.queue != nil, backend == .attempts { return queueViolation() }
        if isWindow { return windows.violation(keys: keys) }
        if isCounted, let violation = counting.violation(keys: keys) { return violation }
        var attempts = 0
        for key in keys.indices {
            var before = -1
            var count = 0
            var record = Int(keys[key].head)
            var lastFirst = Int64.min
            while record >= 0 {
                let base = base(record)
                if Int(words[base + RecordLayout.previous]) != before { return "links disagree" }
                let first = words[base + RecordLayout.firstArrival]
                if first < lastFirst { return "attempts are not in order of their start" }
                lastFirst = first
                count += 1
                before = record
                record = Int(words[base + RecordLayout.next])
            }
            if Int(keys[key].tail) != before { return "the tail is not the last attempt" }
            if Int(keys[key].attemptCount) != count { return "a count is not that of its list" }
            attempts += count
        }
        if attempts != attemptCount { return "attempts are not those of the keys" }
        var free = 0
        var record = Int(freeRecord)
        while record >= 0 {
            free += 1
            record = Int(words[base(record) + RecordLayout.next])
        }
        if free + attempts != words.count / rule.recordWords {
            return "a record is neither live nor free"
        }
        if attempts == 0, memory.program.rules.count == 1, determined.sets.count == 0 {
            if memory.bindings.count != 0 { return "a binding outlives its attempt" }
            if memory.events.count != 0 { return "an event outlives its bindings" }
        }
        return nil
    }
}
