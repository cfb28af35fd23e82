// SPDX-License-Identifier: Apache-2.0
// Preference, `skip` and `attempts latest`: docs/reference/matching.md, "Reporting".

internal import Automata
internal import BasicContainers
internal import EventModel

extension RuleRuntime {
    /// Reports the candidates in order of preference and gives them back.
    mutating func report(_ memory: inout MatchMemory) {
        if candidates.count > 1, rule.canRepeat { orderCandidates(&memory) }
        var i = 0
        while i < candidates.count {
            let record = candidates[i]
            i += 1
            if record < 0 { continue }
            let chain = words[base(record) + rule.sequences[0].chain]
            let match = finished(chain, memory)
            if let having = havings[member], !memory.evaluate(having, match).isTrue {
                counters.refused += 1
                continue
            }
            counters.matches += 1
            if collectsMatches {
                let first = words[base(record) + RecordLayout.firstArrival]
                build(match, keyOrder: keyOrder(chain, first, memory), &memory)
            }
            applySkip(record, chain, from: i, &memory)
        }
        for record in candidates where record >= 0 { free(record, &memory) }
        candidates.removeAll(keepingCapacity: true)
    }

    /// What orders a match among those of other keys whose last event bound is the same one.
    private func keyOrder(
        _ chain: Int64, _ first: Int64, _ memory: borrowing MatchMemory
    ) -> Int64 {
        var order: Int64 = 0
        var node = chain
        while node != BindingStore.empty {
            let ordinal = memory.bindings.ordinal(of: node)
            order = max(order, moment(arrival(node, memory), ordinal: ordinal))
            node = memory.bindings.parent(of: node)
        }
        // With nothing bound since its opening it stands in the place of its row.
        return first < 0 && lastArrival(chain, memory) == 0 ? first : order
    }

    /// The frame in which a finished match is looked at.
    func finished(_ chain: Int64, _ memory: borrowing MatchMemory) -> EvaluationFrame {
        var frame = EvaluationFrame(chain: chain)
        frame.event = .none
        frame.matchStart = .distantFuture
        frame.matchEnd = StreamTime(nanoseconds: now)
        var node = chain
        while node != BindingStore.empty {
            frame.matchCount += 1
            let time = memory.time(of: memory.bindings.event(of: node))
            frame.matchStart = min(frame.matchStart, time)
            node = memory.bindings.parent(of: node)
        }
        return frame
    }

    /// Ends what the reported match ends: attempts under way, and later candidates.
    private mutating func applySkip(
        _ record: Int, _ chain: Int64, from next: Int, _ memory: inout MatchMemory
    ) {
        let first = words[base(record) + RecordLayout.firstArrival]
        var low = Int64.min
        let high: Int64
        switch rule.skip {
        case .none: return
        case .pastLast: high = lastArrival(chain, memory)
        case .toNext: (low, high) = (first, first)
        case .toFirst(let step):
            let node = memory.bindings.first(of: step, in: chain)
            guard node != BindingStore.empty else { return }
            high = arrival(node, memory) - 1
            if high < firstArrival(chain, memory) { return }
        case .toLast(let step):
            let node = memory.bindings.last(of: step, in: chain)
            guard node != BindingStore.empty else { return }
            high = arrival(node, memory) - 1
            if high < firstArrival(chain, memory) { return }
        }
        var other = Int(keys[key].head)
        while other >= 0 {
            let following = Int(words[base(other) + RecordLayout.next])
            let start = words[base(other) + RecordLayout.firstArrival]
            if start >= low, start <= high { drop(other, &memory) }
            other = following
        }
        for i in next..<max(next, candidates.count) where candidates[i] >= 0 {
            let start = words[base(candidates[i]) + RecordLayout.firstArrival]
            if start >= low, start <= high {
                free(candidates[i], &memory)
                candidates[i] = -1
            }
        }
    }

    func arrival(_ node: Int64, _ memory: borrowing MatchMemory) -> Int64 {
        memory.events[memory.bindings.event(of: node)].arrival
    }

    func lastArrival(_ chain: Int64, _ memory: borrowing MatchMemory) -> Int64 {
        var last: Int64 = 0
        var node = chain
        while node != BindingStore.empty {
            last = max(last, arrival(node, memory))
            node = memory.bindings.parent(of: node)
        }
        return last
    }

    private func firstArrival(_ chain: Int64, _ memory: borrowing MatchMemory) -> Int64 {
        var first = Int64.max
        var node = chain
        while node != BindingStore.empty {
            first = min(first, arrival(node, memory))
            node = memory.bindings.parent(of: node)
        }
        return first
    }

    // MARK: Preference

    /// Puts the candidates in order of preference, and makes those that bind the same events one.
    ///
    /// - Shape: O(n log n) comparisons; without choices the candidates come in order by themselves.
    private mutating func orderCandidates(_ memory: inout MatchMemory) {
        let keyed = candidates.enumerated().map { offset, record in
            (
                record: record, first: words[base(record) + RecordLayout.firstArrival],
                key: preferenceKey(bound(record), memory), offset: offset
            )
        }.sorted { a, b in
            if a.first != b.first { return a.first < b.first }
            return a.key == b.key ? a.offset < b.offset : a.key.lexicographicallyPrecedes(b.key)
        }
        var seen: Set<[Int64]> = []
        candidates.removeAll(keepingCapacity: true)
        for entry in keyed {
            if seen.insert(entry.key).inserted {
                candidates.append(entry.record)
            } else {
                free(entry.record, &memory)
            }
        }
    }

    /// What a chain binds, so that keys in ascending order are in order of preference: for each
    /// step first how many events, more before fewer, then the events.
    private func preferenceKey(_ chain: Int64, _ memory: borrowing MatchMemory) -> [Int64] {
        var key: [Int64] = []
        for step in rule.stepNames.indices {
            let arrivals = arrivals(of: step, chain, memory)
            key.append(Int64(-arrivals.count))
            key += arrivals
        }
        return key
    }

    private func isPreferred(
        _ a: Int, to b: Int, _ memory: borrowing MatchMemory
    ) -> Bool {
        preference(a, b, memory) < 0
    }

    /// Negative where `a` is preferred, positive where `b` is, 0 where both bind the same events.
    private func preference(_ a: Int, _ b: Int, _ memory: borrowing MatchMemory) -> Int {
        let (x, y) = (base(a), base(b))
        let firstA = words[x + RecordLayout.firstArrival]
        let firstB = words[y + RecordLayout.firstArrival]
        if firstA != firstB { return firstA < firstB ? -1 : 1 }
        return compare(chainsNow(a), chainsNow(b), memory)
    }

    /// What the attempt has bound.
    private func bound(_ record: Int) -> Int64 {
        words[base(record) + rule.sequences[0].chain]
    }

    /// The chains of what would be bound if the current line were left now: of a line that is not
    /// open, also what its parts have bound.
    private func chainsNow(_ record: Int) -> [Int64] {
        let base = base(record)
        let block = base + rule.sequences[0].block
        var chains = [bound(record)]
        if words[block + RecordLayout.flags] & RecordLayout.isOpen == 0 {
            collectChains(below: 0, base, &chains)
        }
        return chains
    }

    private func collectChains(below id: Int, _ base: Int, _ chains: inout [Int64]) {
        var parts: [Int] = []
        switch rule.lines[Int(words[base + rule.sequences[id].block + RecordLayout.current])].kind {
        case .step, .absence, .start: break
        case .group(let group): parts = [rule.groups[group].body]
        case .allOf(let index), .anyOf(let index):
            parts = rule.branches[index].sequences.map { rule.numbers[$0] }
        }
        for part in parts
        where words[base + rule.sequences[part].block + RecordLayout.current] >= 0 {
            chains.append(words[base + rule.sequences[part].chain])
            collectChains(below: part, base, &chains)
        }
    }

    private func compare(_ a: [Int64], _ b: [Int64], _ memory: borrowing MatchMemory) -> Int {
        for step in rule.stepNames.indices {
            let x = Set(a.flatMap { arrivals(of: step, $0, memory) }).sorted()
            let y = Set(b.flatMap { arrivals(of: step, $0, memory) }).sorted()
            if x == y { continue }
            if x.count != y.count { return x.count > y.count ? -1 : 1 }
            return x.lexicographicallyPrecedes(y) ? -1 : 1
        }
        return 0
    }

    private func arrivals(
        of step: Int, _ chain: Int64, _ memory: borrowing MatchMemory
    ) -> [Int64] {
        var result: [Int64] = []
        var node = chain
        while node != BindingStore.empty {
            if memory.bindings.step(of: node) == step { result.append(arrival(node, memory)) }
            node = memory.bindings.parent(of: node)
        }
        return result.sorted()
    }

    // MARK: Alternatives

    /// Of the alternatives of an attempt that have no unfinished `all of`, keeps the preferred.
    mutating func keepPreferredAlternatives(_ memory: inout MatchMemory) {
        var settled: [(strand: Int64, record: Int)] = []
        var records = candidates
        var record = Int(keys[key].head)
        while record >= 0 {
            records.append(record)
            record = Int(words[base(record) + RecordLayout.next])
        }
        for record in records where !hasUnfinishedAllOf(0, base(record), memory) {
            let strand = words[self.strand(base(record))]
            if let i = settled.firstIndex(where: { $0.strand == strand }) {
                // A complete alternative goes before one that could only go on.
                let rival = settled[i].record
                let (complete, rivalComplete) = (
                    candidates.contains(record), candidates.contains(rival)
                )
                let better =
                    complete == rivalComplete
                    ? isPreferred(record, to: rival, memory) : complete
                if better { settled[i].record = record }
            } else {
                settled.append((strand, record))
            }
        }
        for record in records {
            let strand = words[self.strand(base(record))]
            guard let best = settled.first(where: { $0.strand == strand }), best.record != record
            else { continue }
            if let i = candidates.firstIndex(of: record) {
                candidates.remove(at: i)
                free(record, &memory)
            } else {
                drop(record, &memory)
            }
        }
    }

    /// Whether an `all of` holds an event and is not open.
    private func hasUnfinishedAllOf(
        _ id: Int, _ base: Int, _ memory: borrowing MatchMemory
    ) -> Bool {
        let block = base + rule.sequences[id].block
        let line = words[block + RecordLayout.current]
        guard line >= 0 else { return false }
        switch rule.lines[Int(line)].kind {
        case .step, .absence, .start: return false
        case .group(let group): return hasUnfinishedAllOf(rule.groups[group].body, base, memory)
        case .anyOf(let index): return hasUnfinishedAllOf(among: index, base, memory)
        case .allOf(let index):
            return
                (words[block + RecordLayout.flags] & RecordLayout.isOpen == 0
                && hasBound(Int(line), in: id, base, memory))
                || hasUnfinishedAllOf(among: index, base, memory)
        }
    }

    private func hasUnfinishedAllOf(
        among index: Int, _ base: Int, _ memory: borrowing MatchMemory
    ) -> Bool {
        for place in rule.branches[index].sequences {
            let branch = rule.numbers[place]
            guard hasUnfinishedAllOf(branch, base, memory) else { continue }
            return true
        }
        return false
    }

    // MARK: attempts latest

    /// Of the attempts that wait in the same place, keeps the one that got there last.
    mutating func keepLatestAttempts(_ memory: inout MatchMemory) {
        var record = Int(keys[key].head)
        while record >= 0 {
            let next = Int(words[base(record) + RecordLayout.next])
            var other = Int(keys[key].head)
            while other >= 0 {
                if other != record, gotThereLater(other, than: record, memory),
                    waitsAlike(0, base(record), base(other), memory)
                {
                    drop(record, &memory)
                    break
                }
                other = Int(words[base(other) + RecordLayout.next])
            }
            record = next
        }
    }

    /// Of two that moved at the same moment, the one that began last; of two copies of one attempt,
    /// the preferred one.
    private func gotThereLater(
        _ a: Int, than b: Int, _ memory: borrowing MatchMemory
    ) -> Bool {
        let (x, y) = (base(a), base(b))
        let (movedA, movedB) = (words[movedAt(x)], words[movedAt(y)])
        if movedA != movedB { return movedA > movedB }
        let firstA = words[x + RecordLayout.firstArrival]
        let firstB = words[y + RecordLayout.firstArrival]
        if firstA != firstB { return firstA > firstB }
        let order = compare(chainsNow(a), chainsNow(b), memory)
        if order != 0 { return order < 0 }
        var record = Int(words[x + RecordLayout.next])
        while record >= 0 {
            if record == b { return true }
            record = Int(words[base(record) + RecordLayout.next])
        }
        return false
    }

    /// How many events the current line has bound, those of rows under way included.
    private func boundCount(_ block: Int, _ memory: borrowing MatchMemory) -> Int64 {
        var count = words[block + RecordLayout.count]
        guard words[block + RecordLayout.flags] & RecordLayout.hasRows != 0 else { return count }
        var node = words[block + RecordLayout.row]
        while node != BindingStore.empty {
            count += 1
            node = memory.bindings.parent(of: node)
        }
        return count
    }

    private func waitsAlike(
        _ id: Int, _ a: Int, _ b: Int, _ memory: borrowing MatchMemory
    ) -> Bool {
        let (x, y) = (a + rule.sequences[id].block, b + rule.sequences[id].block)
        guard words[x + RecordLayout.current] == words[y + RecordLayout.current],
            boundCount(x, memory) == boundCount(y, memory),
            (words[x + RecordLayout.flags] ^ words[y + RecordLayout.flags]) & RecordLayout.isOpen
                == 0
        else { return false }
        let line = words[x + RecordLayout.current]
        guard line >= 0 else { return true }
        switch rule.lines[Int(line)].kind {
        case .step, .absence, .start: return true
        case .group(let group): return waitsAlike(rule.groups[group].body, a, b, memory)
        case .allOf(let index):
            for place in rule.branches[index].sequences {
                let branch = rule.numbers[place]
                guard !waitsAlike(branch, a, b, memory) else { continue }
                return false
            }
            return true
        case .anyOf(let index):
            let area = rule.sequences[id].area
            if words[a + area] != words[b + area] { return false }
            for place in rule.branches[index].sequences {
                let branch = rule.numbers[place]
                guard !waitsAlike(branch, a, b, memory) else { continue }
                return false
            }
            return true
        }
    }
}
