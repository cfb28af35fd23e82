// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import BasicContainers
internal import EventModel

/// How far an attempt has come, for who looks for the furthest.
package struct AttemptProgress: Hashable, Comparable, Sendable {
    /// The arrival number of its first event.
    package var firstArrival: Int64
    /// The line at which it is, counted over the whole program of its rule.
    var line: Int64
    var isOpen: Bool
    /// Events bound, up to `countedEvents`.
    package var boundCount: Int

    static let countedEvents = 1_000

    package static func < (a: AttemptProgress, b: AttemptProgress) -> Bool {
        (a.line, a.isOpen ? 1 : 0, a.boundCount, a.firstArrival)
            < (b.line, b.isOpen ? 1 : 0, b.boundCount, b.firstArrival)
    }
}

extension RuleRuntime {
    /// The attempts of all keys, where they are kept one by one; else none.
    ///
    /// - Shape: O(attempts): for inspection.
    func attemptsInDetail(_ memory: borrowing MatchMemory) -> [AttemptProgress] {
        guard backend == .attempts, !isWindow else { return [] }
        var result: [AttemptProgress] = []
        for key in keys.indices where keys[key].isLive {
            if rule.queue != nil {
                addQueue(of: key, memory, to: &result)
                continue
            }
            var record = Int(keys[key].head)
            while record >= 0 {
                result.append(progress(record, memory))
                record = Int(words[base(record) + RecordLayout.next])
            }
        }
        return result
    }

    private func progress(
        _ record: Int, _ memory: borrowing MatchMemory
    ) -> AttemptProgress {
        let base = base(record)
        let block = base + rule.sequences[0].block
        var count = 0
        var node = words[block + RecordLayout.chain]
        while node != BindingStore.empty, count < AttemptProgress.countedEvents {
            count += 1
            node = memory.bindings.parent(of: node)
        }
        return AttemptProgress(
            firstArrival: words[base + RecordLayout.firstArrival],
            line: words[block + RecordLayout.current],
            isOpen: words[block + RecordLayout.flags] & RecordLayout.isOpen != 0,
            boundCount: count)
    }

    /// Of a queue every event that waits is bound by the attempts that began at or before it.
    private func addQueue(
        of key: Int, _ memory: borrowing MatchMemory, to result: inout [AttemptProgress]
    ) {
        var left = Int(keys[key].waiting)
        var place = Int(keys[key].head)
        while place >= 0 {
            if waiting[place].isStart {
                result.append(
                    AttemptProgress(
                        firstArrival: memory.events[waiting[place].event].arrival, line: 0,
                        isOpen: false, boundCount: min(left, AttemptProgress.countedEvents)))
            }
            left -= 1
            place = Int(waiting[place].next)
        }
    }
}

extension MatchShard {
    /// The attempts of rule `index` that are furthest, the furthest first, and how many there are.
    ///
    /// - Precondition: its attempts are kept one by one: `Backend.attempts`.
    package func furthestAttempts(
        ofRule index: Int, atMost wanted: Int
    ) -> (furthest: [AttemptProgress], count: Int) {
        let all = runtimes[Int(places[index].runtime)].attemptsInDetail(memory).sorted(by: >)
        var furthest: [AttemptProgress] = []
        // Copies of one attempt count once.
        for attempt in all where furthest.count < wanted {
            if !furthest.contains(where: { $0.firstArrival == attempt.firstArrival }) {
                furthest.append(attempt)
            }
        }
        return (furthest, all.count)
    }
}
