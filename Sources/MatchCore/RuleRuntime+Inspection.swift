// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import EventModel

extension RuleRuntime {
    /// Keys that hold state.
    package var keyCount: Int { keys.count }

    /// The latest deadline of any attempt, in nanoseconds; `Int64.min` where none is pending.
    ///
    /// - Shape: O(attempts): for the end of a replay, not for the hot path.
    package func latestDeadline() -> Int64 {
        guard rule.hasDeadlines else { return .min }
        var latest = Int64.min
        for key in keys.indices {
            var record = Int(keys.heads[key])
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

    /// Stops the process where lists, counts and references disagree. For tests and simulation.
    package func checkInvariants(_ memory: borrowing MatchMemory) {
        var attempts = 0
        for key in keys.indices {
            var before = -1
            var count = 0
            var record = Int(keys.heads[key])
            var lastFirst = Int64.min
            while record >= 0 {
                let base = base(record)
                precondition(Int(words[base + RecordLayout.previous]) == before, "links agree")
                precondition(words[base + RecordLayout.firstArrival] >= lastFirst, "oldest first")
                lastFirst = words[base + RecordLayout.firstArrival]
                count += 1
                before = record
                record = Int(words[base + RecordLayout.next])
            }
            precondition(Int(keys.tails[key]) == before, "the tail is the last attempt")
            precondition(Int(keys.attemptCounts[key]) == count, "the count is that of the list")
            attempts += count
        }
        precondition(attempts == attemptCount, "attempts are those of the keys")
        let records = rule.recordWords == 0 ? 0 : words.count / rule.recordWords
        precondition(freeRecords.count + attempts == records, "a record is live or free")
        if attempts == 0, memory.program.rules.count == 1 {
            precondition(memory.bindings.count == 0, "no binding outlives its attempt")
            precondition(memory.events.count == 0, "no event outlives its bindings")
        }
    }
}
