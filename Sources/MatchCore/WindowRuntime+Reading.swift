// SPDX-License-Identifier: Apache-2.0
// What a look at a window reads of its accumulators.

internal import Automata
internal import BasicContainers
internal import EventModel

extension WindowRuntime {
    /// The time of the oldest event held, or when the session began.
    func startTime(_ key: Int) -> Int64 {
        holdsEvents ? headTime(0, of: key) : words[base(key) + Layout.mark]
    }

    /// Puts readings where expressions find them.
    func read(
        _ range: Range<Int>, of key: Int, _ frame: borrowing EvaluationFrame,
        _ memory: inout MatchMemory
    ) {
        var i = range.lowerBound
        while i < range.upperBound {
            let slot: Slot
            switch readings[i].source {
            case .events(let part):
                slot = .int(part == 0 ? count(key) : words[partBase(part, of: key) + 1])
            case .accumulator(let index):
                slot = value(accumulators[index], readings[i].aggregate, key, &memory)
            case .membership(let index, let probe):
                let sought = memory.evaluate(probes[probe], frame)
                slot = membership(of: sought, in: accumulators[index], key, memory)
            }
            memory.windowReadings[i] = slot
            i += 1
        }
    }

    private func value(
        _ item: Accumulator, _ aggregate: AggregateCode?, _ key: Int, _ memory: inout MatchMemory
    ) -> Slot {
        let words = base(key) + item.words
        switch item.family {
        case .total, .spread: return total(words, aggregate, &memory)
        case .least, .greatest: return extreme(words, item, key)
        case .distinct:
            if case .distinct? = aggregate { return distinct(words, item, key, &memory) }
            let count = self.words[words + 2]
            return count == 0 ? .missing : .int(count)
        case .sorted: return ranked(words, aggregate, &memory)
        case .moving: return moving(words, &memory)
        case .first, .last:
            guard holdsEvents else { return slots[key * recordSlots + item.slot] }
            let head = head(item.part, of: key)
            if head < 0 { return .missing }
            let entry =
                item.family == .first ? head : Int(self.words[base(key) + Layout.tail])
            return values[entry * columns.count + item.column]
        }
    }

    // MARK: Sums

    private func total(
        _ words: Int, _ aggregate: AggregateCode?, _ memory: inout MatchMemory
    ) -> Slot {
        let (ints, floats) = (
            self.words[words + TotalLayout.ints], self.words[words + TotalLayout.floats]
        )
        let durations = self.words[words + TotalLayout.durations]
        let others = self.words[words + TotalLayout.others]
        let numbers = ints + floats
        if case .count? = aggregate { return .int(numbers + durations + others) }
        if others > 0 || (numbers > 0) == (durations > 0) { return .missing }
        if case .standardDeviation? = aggregate {
            return deviation(words, numbers + durations, isDuration: durations > 0, &memory)
        }
        let sum = sum(words, hasFloats: floats > 0, isDuration: durations > 0, &memory)
        if case .average? = aggregate { return memory.average(sum, numbers + durations) }
        return sum
    }

    private func sum(
        _ words: Int, hasFloats: Bool, isDuration: Bool, _ memory: inout MatchMemory
    ) -> Slot {
        let exact = exact(words + TotalLayout.low)
        if hasFloats {
            let wide = self.words[words + TotalLayout.wide]
            if wide < 0 { return memory.finite(WideNumber.float(exact)) }
            var number = numbers[Int(wide)]
            number.add(exact)
            return memory.finite(number.float)
        }
        guard let whole = Int64(exactly: exact) else {
            memory.overflows += 1
            return .missing
        }
        return isDuration ? .duration(TimeSpan(nanoseconds: whole)) : .int(whole)
    }

    private func deviation(
        _ words: Int, _ count: Int64, isDuration: Bool, _ memory: inout MatchMemory
    ) -> Slot {
        if count < 2 { return .missing }
        let sum = exact(words + TotalLayout.low)
        let squares = exact(words + TotalLayout.squareLow)
        let wideSum = self.words[words + TotalLayout.wide]
        let wideSquares = self.words[words + TotalLayout.squareWide]
        var result: Double?
        if wideSum < 0, wideSquares < 0 {
            result = WideNumber.deviation(count, sum: sum, squares: squares)
        }
        if result == nil {
            var allSum = wideSum < 0 ? WideNumber() : numbers[Int(wideSum)]
            var allSquares = wideSquares < 0 ? WideNumber() : numbers[Int(wideSquares)]
            allSum.add(sum)
            allSquares.add(squares)
            result = WideNumber.deviation(count, sum: allSum, squares: allSquares)
        }
        return slot(result ?? 0, isDuration: isDuration, &memory)
    }

    private func slot(
        _ number: Double, isDuration: Bool, _ memory: inout MatchMemory
    ) -> Slot {
        guard isDuration else { return memory.finite(number) }
        guard let whole = Int64(exactly: number.rounded()) else { return .missing }
        return .duration(TimeSpan(nanoseconds: whole))
    }

    // MARK: Order

    private func extreme(_ words: Int, _ item: Accumulator, _ key: Int) -> Slot {
        guard holdsEvents else {
            // Of one kind that has an order.
            let kinds = self.words[words]
            let isOrdered = kinds.nonzeroBitCount == 1 && kinds != 1 << 5
            return isOrdered ? slots[key * recordSlots + item.slot] : .missing
        }
        var kinds = 0
        for kind in 0..<WindowRuntime.kindCount where self.words[words + 2 + kind] > 0 {
            kinds += kind == WindowRuntime.kindCount - 1 ? 2 : 1
        }
        guard kinds == 1 else { return .missing }
        return extremes.value(Int32(truncatingIfNeeded: self.words[words]))
    }

    private func ranked(
        _ words: Int, _ aggregate: AggregateCode?, _ memory: inout MatchMemory
    ) -> Slot {
        let numbers = self.words[words + SortedLayout.numbers]
        let durations = self.words[words + SortedLayout.durations]
        if self.words[words + SortedLayout.others] > 0 || (numbers > 0) == (durations > 0) {
            return .missing
        }
        let root = Int32(truncatingIfNeeded: self.words[words + SortedLayout.root])
        let count = Int(numbers + durations)
        let result: Double
        if case .percentile(let percent)? = aggregate {
            let rank = percent / 100 * Double(count - 1)
            let below = min(Int(rank), count - 1)
            let share = rank - Double(below)
            let low = ordered.value(at: below, of: root)
            if share == 0 || below + 1 >= count {
                result = low
            } else {
                result = low + (ordered.value(at: below + 1, of: root) - low) * share
            }
        } else {
            let half = count / 2
            let high = ordered.value(at: half, of: root)
            result = count % 2 == 1 ? high : (ordered.value(at: half - 1, of: root) + high) / 2
        }
        return slot(result, isDuration: durations > 0, &memory)
    }

    private func moving(_ words: Int, _ memory: inout MatchMemory) -> Slot {
        let average = Double(bitPattern: UInt64(bitPattern: self.words[words]))
        switch self.words[words + 1] {
        case 1: return memory.finite(average)
        case 1 << 2: return slot(average, isDuration: true, &memory)
        default: return .missing
        }
    }

    // MARK: Distinct values

    /// Each value as it is in the oldest event that has it, in the order of these events.
    ///
    /// - Shape: O(d) for d different values, where events leave one by one O(d log d).
    private func distinct(
        _ words: Int, _ item: Accumulator, _ key: Int, _ memory: inout MatchMemory
    ) -> Slot {
        let set = list(words)
        if set.count == 0 { return .missing }
        var list: [Slot] = []
        list.reserveCapacity(Int(set.count))
        if holdsEvents {
            let number = entries[head(item.part, of: key)].number
            let events = oldestFirst(set, since: number)
            for entry in events { list.append(values[entry * columns.count + item.column]) }
        } else {
            counted.append(set, to: &list)
        }
        return memory.symbols.encode(list: list)
    }

    /// Whether a value is in the list of different ones, as `in` says, without the list.
    ///
    /// - Shape: O(1) where all values are numbers, texts, times, durations or addresses like the
    ///   one looked for; else O(d) for d different values.
    private func membership(
        of value: Slot, in item: Accumulator, _ key: Int, _ memory: borrowing MatchMemory
    ) -> Slot {
        let words = base(key) + item.words
        let set = list(words)
        if value.isMissing || set.count == 0 { return .missing }
        let kind = WindowRuntime.kind(value)
        if kind < WindowRuntime.kindCount - 1 {
            if counted.contains(value, owner: Int32(key), set: Int32(item.words)) {
                return .bool(true)
            }
            // What is of another kind may hold the value, or not compare with it.
            if self.words[words + item.kinds + kind] == set.count { return .bool(false) }
        }
        var values: [Slot] = []
        counted.append(set, to: &values)
        return memory.isIn(value, among: values)
    }

    /// The oldest event of each value of a set, ordered by how far it is behind the oldest of all.
    private func oldestFirst(_ set: CountedValues.List, since number: UInt32) -> [Int] {
        var events: [Int32] = []
        events.reserveCapacity(Int(set.count))
        counted.appendFirstEvents(set, to: &events)
        var order: [UInt64] = []
        order.reserveCapacity(events.count)
        for event in events {
            let distance = UInt64(entries[Int(event)].number &- number)
            order.append(distance << 32 | UInt64(UInt32(event)))
        }
        order.sort()
        return order.map { Int($0 & 0xffff_ffff) }
    }
}
