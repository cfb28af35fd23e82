// SPDX-License-Identifier: Apache-2.0
// Windows in snapshots. Where events are held they are written, and what is made of them is made
// anew; else what is made of them is all there is.

internal import Automata
internal import BasicContainers
internal import EventModel

extension WindowRuntime {
    /// Whether events leave one by one without the window closing.
    var evicts: Bool {
        switch kind {
        case .sliding, .last: true
        case .hopping(let length, let hop): length != hop
        case .session: false
        }
    }

    /// Whether what is kept of a key grows with its events.
    var keepsValues: Bool {
        if holdsEvents { return true }
        for i in 0..<accumulators.count {
            switch accumulators[i].family {
            case .distinct, .sorted: return true
            case .total, .spread, .least, .greatest, .moving, .first, .last: continue
            }
        }
        return false
    }

    // MARK: Writing

    func write(
        _ key: Int, to writer: inout SnapshotWriter, _ symbols: borrowing SymbolTable
    ) {
        let base = base(key)
        for word in 0..<Layout.headerWords { writer.write(words[base + word]) }
        if holdsEvents {
            var entry = head(0, of: key)
            while entry >= 0 {
                writer.write(entries[entry].time)
                for column in 0..<columns.count {
                    writer.write(values[entry * columns.count + column], symbols)
                }
                entry = Int(entries[entry].next)
            }
            for part in 1..<parts.count { writer.write(partCount(part, of: key)) }
        }
        for i in 0..<accumulators.count { write(accumulators[i], key, to: &writer, symbols) }
    }

    private func write(
        _ item: Accumulator, _ key: Int, to writer: inout SnapshotWriter,
        _ symbols: borrowing SymbolTable
    ) {
        let words = base(key) + item.words
        if case .moving = item.family {
            writer.write(self.words[words])
            writer.write(self.words[words + 1])
        }
        if holdsEvents { return }
        switch item.family {
        case .total, .spread:
            for word in 0..<TotalLayout.wide { writer.write(self.words[words + word]) }
            write(wide: words + TotalLayout.wide, to: &writer)
            guard item.family == .spread else { return }
            writer.write(self.words[words + TotalLayout.squareLow])
            writer.write(self.words[words + TotalLayout.squareHigh])
            write(wide: words + TotalLayout.squareWide, to: &writer)
        case .least, .greatest:
            writer.write(self.words[words])
            writer.write(slots[key * recordSlots + item.slot], symbols)
        case .first, .last: writer.write(slots[key * recordSlots + item.slot], symbols)
        case .distinct:
            var list: [Slot] = []
            counted.append(self.list(words), to: &list)
            writer.write(list.count)
            for value in list { writer.write(value, symbols) }
        case .sorted:
            let root = Int32(truncatingIfNeeded: self.words[words + SortedLayout.root])
            for word in 1..<4 { writer.write(self.words[words + word]) }
            for rank in 0..<ordered.count(root) {
                let value = ordered.value(at: rank, of: root)
                writer.write(Int64(bitPattern: value.bitPattern))
            }
        case .moving: break
        }
    }

    private func write(wide word: Int, to writer: inout SnapshotWriter) {
        let number = words[word]
        writer.write(number < 0 ? 0 : 1)
        if number >= 0 { numbers[Int(number)].write(to: &writer) }
    }

    // MARK: Reading

    /// Reads what was written of a key.
    ///
    /// - Precondition: the key is open, and nothing is held of it.
    mutating func read(
        _ key: Int, _ reader: inout SnapshotReader, arrivals: Int64, now: Int64,
        _ memory: inout MatchMemory
    ) throws(SnapshotError) {
        let mark = try reader.int64()
        let count = try reader.int()
        let lastOrder = try reader.int64()
        let lastTime = try reader.int64(upTo: now)
        guard count > 0, lastOrder > 0, lastOrder >> 16 <= arrivals,
            isSound(mark, lastTime)
        else { throw .damaged }
        if holdsEvents {
            try readEvents(key, count, lastOrder, lastTime, &reader, &memory)
        }
        let base = base(key)
        words[base + Layout.mark] = mark
        words[base + Layout.count] = Int64(count)
        words[base + Layout.lastOrder] = lastOrder
        words[base + Layout.lastTime] = lastTime
        for i in 0..<accumulators.count {
            try read(accumulators[i], key, Int64(count), &reader, &memory)
        }
    }

    private func isSound(_ mark: Int64, _ lastTime: Int64) -> Bool {
        switch kind {
        case .sliding, .last: mark == 0 || mark == 1
        case .session: mark <= lastTime
        case .hopping(let length, let hop):
            // It is the next one to end, and has begun.
            mark == .max
                || (mark > lastTime && sum(mark, -length) <= lastTime
                    && sum(mark, -length) % hop == 0)
        }
    }

    private mutating func readEvents(
        _ key: Int, _ count: Int, _ lastOrder: Int64, _ lastTime: Int64,
        _ reader: inout SnapshotReader, _ memory: inout MatchMemory
    ) throws(SnapshotError) {
        var before = Int64.min
        for _ in 0..<count {
            let time = try reader.int64(upTo: lastTime)
            guard time >= before else { throw .damaged }
            before = time
            for column in 0..<columns.count { row[column] = try reader.slot(&memory.symbols) }
            push(key, at: time, order: lastOrder, memory)
        }
        guard before == lastTime, self.count(key) == Int64(count) else { throw .damaged }
        for part in 1..<parts.count {
            narrow(part, of: key, toCount: Int64(try reader.int(below: count + 1)))
        }
    }

    private mutating func read(
        _ item: Accumulator, _ key: Int, _ count: Int64, _ reader: inout SnapshotReader,
        _ memory: inout MatchMemory
    ) throws(SnapshotError) {
        let words = base(key) + item.words
        if case .moving = item.family {
            self.words[words] = try reader.int64()
            self.words[words + 1] = Int64(try reader.int(below: 1 << WindowRuntime.kindCount))
        }
        if holdsEvents { return }
        switch item.family {
        case .total, .spread:
            var all: Int64 = 0
            for word in 0..<TotalLayout.low {
                self.words[words + word] = Int64(try reader.int(below: Int(count) + 1))
                all += self.words[words + word]
            }
            // A float that is no number counts twice.
            guard all <= 2 * count else { throw .damaged }
            self.words[words + TotalLayout.low] = try reader.int64()
            self.words[words + TotalLayout.high] = try reader.int64()
            try read(wide: words + TotalLayout.wide, &reader)
            guard item.family == .spread else { return }
            self.words[words + TotalLayout.squareLow] = try reader.int64()
            self.words[words + TotalLayout.squareHigh] = try reader.int64()
            try read(wide: words + TotalLayout.squareWide, &reader)
        case .least, .greatest:
            self.words[words] = Int64(try reader.int(below: 1 << WindowRuntime.kindCount))
            let value = try reader.slot(&memory.symbols)
            guard value.isMissing == (self.words[words] == 0) else { throw .damaged }
            slots[key * recordSlots + item.slot] = value
        case .first, .last:
            slots[key * recordSlots + item.slot] = try reader.slot(&memory.symbols)
        case .distinct:
            for _ in 0..<(try reader.int(below: Int(count) + 1)) {
                row[item.column] = try reader.slot(&memory.symbols)
                guard !row[item.column].isMissing else { throw .damaged }
                add(item, base(key), key, -1, memory)
            }
        case .sorted: try readSorted(item, key, count, &reader, memory)
        case .moving: break
        }
    }

    private mutating func readSorted(
        _ item: Accumulator, _ key: Int, _ count: Int64, _ reader: inout SnapshotReader,
        _ memory: borrowing MatchMemory
    ) throws(SnapshotError) {
        let words = base(key) + item.words
        var counts: [Int64] = []
        for _ in 1..<4 { counts.append(Int64(try reader.int(below: Int(count) + 1))) }
        for _ in 0..<(counts[0] + counts[1]) {
            let value = Double(bitPattern: UInt64(bitPattern: try reader.int64()))
            guard value.isFinite else { throw .damaged }
            row[item.column] = .float(value)
            add(item, base(key), key, -1, memory)
        }
        for word in 0..<3 { self.words[words + 1 + word] = counts[word] }
    }

    private mutating func read(
        wide word: Int, _ reader: inout SnapshotReader
    ) throws(SnapshotError) {
        guard try reader.int(below: 2) == 1 else { return }
        let number = numbers.insert()
        words[word] = Int64(number)
        numbers[number] = try WideNumber(&reader)
    }

    // MARK: Inspection

    /// Marks the symbols that values hold.
    func markSymbols(in live: inout [Bool], keys: borrowing KeyStates) {
        func mark(_ value: Slot) {
            if value.holdsSymbol { live[Int(value.symbol.id)] = true }
        }
        for i in 0..<values.count { mark(values[i]) }
        for key in keys.indices where keys[key].isLive {
            for slot in 0..<recordSlots { mark(slots[key * recordSlots + slot]) }
            if holdsEvents { continue }
            for i in 0..<accumulators.count where accumulators[i].family == .distinct {
                counted.markSymbols(list(base(key) + accumulators[i].words), in: &live)
            }
        }
    }

    /// The first thing found wrong; nil where all agree. For tests.
    func violation(keys: borrowing KeyStates) -> String? {
        var held = 0
        for key in keys.indices where keys[key].isLive {
            if count(key) <= 0 { return "a window without events" }
            guard holdsEvents else { continue }
            var before = Int64.min
            var count: Int64 = 0
            var entry = head(0, of: key)
            var last = -1
            while entry >= 0 {
                if entries[entry].time < before { return "events of a window out of order" }
                before = entries[entry].time
                count += 1
                last = entry
                entry = Int(entries[entry].next)
            }
            if count != self.count(key) { return "a window has miscounted its events" }
            if last != Int(words[base(key) + Layout.tail]) { return "a tail is not the last" }
            held += Int(count)
        }
        if held != entryCount { return "an event is in no window" }
        if keys.count == 0, numbers.count + extremes.total + counted.total + ordered.total > 0 {
            return "values outlive their window"
        }
        return nil
    }
}
