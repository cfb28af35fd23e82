// SPDX-License-Identifier: Apache-2.0
// Counts the ways to match without following them. An event is a linear map of the numbers of ways
// to have come so far: for each step that it satisfies, the ways to have come to the step before
// are added to those that have come to it. What a window of events does is the product of its maps,
// kept with two stacks (Tangwongsan, Hirzel, Schneider, Wu: General Incremental Sliding-Window
// Aggregation, VLDB 2015, section 3): events come into the back, whose product grows by columns;
// they go from the front, for each of whose events is known what the front does from there on. When
// the front has run out, the back becomes the front. Exercised by CountingTests.

internal import BasicContainers

/// What a rule holds of its keys where only the number of its matches is asked for.
///
/// With k steps there are k places to be at: 0, where any event may begin, to k − 1, from where the
/// last step completes a match. Numbers stay at `UInt64.max` once they get there: sums and products
/// of numbers cut off there are the sums and products, cut off there.
///
/// - Shape: an event costs O(k) a step that it satisfies, amortised, whatever the window holds; a
///   key takes O(k²) words and an event in its window O(k). Nothing is allocated but to grow.
struct CountingRuntime: ~Copyable {
    private let inPlace = InPlace()
    /// An event in the window of a key, in two lists: those that came before it and after it.
    struct Entry {
        var time: Int64
        /// The steps that it satisfies, a bit each, without the last step.
        var steps: UInt32
        /// -1: none. Of entries that are free, the next free one.
        var next: Int32
        var previous: Int32
    }

    struct Window {
        /// The oldest and the newest entry; -1: none.
        var head: Int32 = -1
        var tail: Int32 = -1
        /// The last entry of the front; -1: the front is empty.
        var frontTail: Int32 = -1
    }

    let stepCount: Int
    /// Whether there is a limit; without one nothing ever goes, and the back is all there is.
    let isLimited: Bool
    /// By event type, any event last: a range of `steps`.
    let stepsByType: UniqueArray<Range<Int>>
    let steps: UniqueArray<Step>

    struct Step {
        /// Its bit.
        var bit: UInt32
        var filter: Int
    }

    /// The words of a product. Of one with a limit: a strict upper triangle, column by column, for
    /// on its diagonal are ones; else what its first row has behind the one.
    private let productWords: Int
    /// The words of a row behind its first one, which is a one.
    private let rowWords: Int

    private var windows = UniqueArray<Window>()
    /// By key: what the back does.
    private var products = UniqueArray<UInt64>()
    private var entries = UniqueArray<Entry>()
    /// By entry: in how many ways the front from it on leads from place 0 to the others.
    private var rows = UniqueArray<UInt64>()
    private var free: Int32 = -1
    private var entryCount = 0
    /// Scratch: what the later events of a front do, row by row.
    private var suffix: UniqueArray<UInt64>

    /// - Parameter filters: those of the steps; of none where the rule is not counted.
    init(filters: [(filter: Int, type: Int32)], typeCount: Int, isLimited: Bool) {
        stepCount = filters.count
        self.isLimited = isLimited
        rowWords = max(stepCount - 1, 0)
        productWords = isLimited ? stepCount * rowWords / 2 : rowWords
        suffix = UniqueArray(repeating: 0, count: isLimited ? stepCount * stepCount : 0)
        var steps = UniqueArray<Step>()
        var stepsByType = UniqueArray<Range<Int>>()
        for type in filters.isEmpty ? 0..<0 : 0..<typeCount + 1 {
            let first = steps.count
            for (step, filter) in filters.enumerated()
            where filter.type == (type == typeCount ? -1 : Int32(type)) {
                steps.append(Step(bit: 1 << UInt32(step), filter: filter.filter))
            }
            stepsByType.append(first..<steps.count)
        }
        self.steps = steps
        self.stepsByType = stepsByType
    }

    var lastStep: UInt32 { 1 << UInt32(stepCount - 1) }

    // MARK: Keys

    /// Makes room for `key`, of which nothing is held.
    mutating func open(_ key: Int) {
        while windows.count <= key {
            windows.append(Window())
            for _ in 0..<productWords { products.append(0) }
        }
        clearProduct(of: key)
    }

    private mutating func clearProduct(of key: Int) {
        var word = key * productWords
        let end = word + productWords
        while word < end {
            products[word] = 0
            word += 1
        }
    }

    /// Whether no attempt is under way for a key.
    @inline(__always)
    func isEmpty(_ key: Int) -> Bool { isLimited && windows[key].head < 0 }

    /// The time of the newest event held of a key that is not empty, but not before that of the
    /// oldest, which an event out of order may be.
    func newestTime(of key: Int) -> Int64 {
        max(entries[Int(windows[key].tail)].time, entries[Int(windows[key].head)].time)
    }

    // MARK: Events

    /// In how many ways an event that satisfies the last of several steps completes a match.
    func completions(of key: Int) -> UInt64 {
        let base = key * productWords
        guard isLimited else { return products[base + stepCount - 2] }
        let column = base + (stepCount - 1) * (stepCount - 2) / 2
        var count = products[column]
        guard windows[key].frontTail >= 0 else { return count }
        let row = Int(windows[key].head) * rowWords
        var place = 1
        while place < stepCount - 1 {
            let ways = product(rows[row + place - 1], products[column + place])
            count = CountingRuntime.sum(count, ways)
            place += 1
        }
        return CountingRuntime.sum(count, rows[row + stepCount - 2])
    }

    /// Takes in an event.
    ///
    /// - Parameter steps: those that it satisfies, without the last; not none.
    mutating func push(_ steps: UInt32, at time: Int64, to key: Int) {
        guard isLimited else { return advance(key, by: steps) }
        multiply(key, by: steps)
        let tail = windows[key].tail
        let entry = newEntry(Entry(time: time, steps: steps, next: -1, previous: tail))
        if tail >= 0 { entries[Int(tail)].next = entry } else { windows[key].head = entry }
        windows[key].tail = entry
    }

    /// Puts an event behind the back: to the column of each place that it leads to is added that of
    /// the place before, the last place first, for an event takes an attempt on by one step.
    private mutating func multiply(_ key: Int, by steps: UInt32) {
        var left = steps
        while left != 0 {
            let place = UInt32.bitWidth - left.leadingZeroBitCount
            left &= ~(1 << UInt32(place - 1))
            let column = key * productWords + place * (place - 1) / 2
            let before = column - (place - 1)
            var from = 0
            while from < place - 1 {
                products[column + from] = CountingRuntime.sum(
                    products[column + from], products[before + from])
                from += 1
            }
            products[column + from] = CountingRuntime.sum(products[column + from], 1)
        }
    }

    /// The same without a limit, where all begins at place 0.
    private mutating func advance(_ key: Int, by steps: UInt32) {
        let base = key * productWords - 1
        var left = steps
        while left != 0 {
            let place = UInt32.bitWidth - left.leadingZeroBitCount
            left &= ~(1 << UInt32(place - 1))
            let ways = place == 1 ? 1 : products[base + place - 1]
            products[base + place] = CountingRuntime.sum(products[base + place], ways)
        }
    }

    /// Lets go of the events before `time`, and of what no event with which an attempt began is
    /// before.
    mutating func expire(_ key: Int, before time: Int64) {
        guard isLimited else { return }
        var window = windows[key]
        var isBackCut = false
        while window.head >= 0 {
            let entry = entries[Int(window.head)]
            if entry.time >= time, entry.steps & 1 != 0 { break }
            if window.frontTail < 0 { isBackCut = true }
            if window.frontTail == window.head { window.frontTail = -1 }
            giveBack(window.head)
            window.head = entry.next
        }
        if window.head < 0 { window.tail = -1 } else { entries[Int(window.head)].previous = -1 }
        windows[key] = window
        if isBackCut { flip(key) }
    }

    /// Makes the back the front: the newest event first, each is put before what came after it.
    private mutating func flip(_ key: Int) {
        clearProduct(of: key)
        windows[key].frontTail = windows[key].tail
        for word in 0..<suffix.count { suffix[word] = word % (stepCount + 1) == 0 ? 1 : 0 }
        var entry = windows[key].tail
        while entry >= 0 {
            let index = Int(entry)
            premultiply(by: entries[index].steps)
            var place = 1
            while place < stepCount {
                rows[index * rowWords + place - 1] = suffix[place]
                place += 1
            }
            entry = entries[index].previous
        }
    }

    /// To the row of each place that the event leads from is added that of the place behind.
    private mutating func premultiply(by steps: UInt32) {
        var left = steps
        while left != 0 {
            let place = left.trailingZeroBitCount + 1
            left &= left - 1
            let row = (place - 1) * stepCount
            var to = place
            while to < stepCount {
                suffix[row + to] = CountingRuntime.sum(
                    suffix[row + to], suffix[row + stepCount + to])
                to += 1
            }
        }
    }

    // MARK: Entries

    private mutating func newEntry(_ entry: Entry) -> Int32 {
        entryCount += 1
        if free >= 0 {
            let reused = free
            free = entries[Int(reused)].next
            entries[Int(reused)] = entry
            return reused
        }
        entries.append(entry)
        for _ in 0..<rowWords { rows.append(0) }
        return Int32(entries.count - 1)
    }

    private mutating func giveBack(_ entry: Int32) {
        entryCount -= 1
        entries[Int(entry)].next = free
        free = entry
    }

    @inline(__always)
    private static func sum(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let (result, isOver) = a.addingReportingOverflow(b)
        return isOver ? .max : result
    }

    @inline(__always)
    private func product(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let (result, isOver) = a.multipliedReportingOverflow(by: b)
        return isOver ? .max : result
    }
}

// MARK: Snapshots and inspection

extension CountingRuntime {
    func write(_ key: Int, to writer: inout SnapshotWriter) {
        guard isLimited else {
            for word in 0..<productWords {
                writer.write(Int64(bitPattern: products[key * productWords + word]))
            }
            return
        }
        var events: [Entry] = []
        var entry = windows[key].head
        while entry >= 0 {
            events.append(entries[Int(entry)])
            entry = entries[Int(entry)].next
        }
        writer.write(events.count)
        for event in events {
            writer.write(event.time)
            writer.write(Int(event.steps))
        }
    }

    /// Reads what was written of a key; where the front ends does not matter to what it does.
    ///
    /// - Precondition: the key is open, and nothing is held of it.
    mutating func read(
        _ key: Int, _ reader: inout SnapshotReader, now: Int64
    ) throws(SnapshotError) {
        guard isLimited else {
            for word in 0..<productWords {
                products[key * productWords + word] = UInt64(bitPattern: try reader.int64())
            }
            return
        }
        for number in 0..<(try reader.int()) {
            let time = try reader.int64(upTo: now)
            let steps = UInt32(try reader.int(below: Int(lastStep)))
            guard steps != 0, number > 0 || steps & 1 != 0 else { throw .damaged }
            push(steps, at: time, to: key)
        }
        guard !isEmpty(key) else { throw .damaged }
    }

    /// The first thing found wrong in the lists and products; nil where all agree. For tests.
    func violation(keys: borrowing KeyStates) -> String? {
        guard isLimited else { return nil }
        var count = 0
        for key in keys.indices where keys[key].isLive {
            var before: Int32 = -1
            var isBack = windows[key].frontTail < 0
            var copy = CountingRuntime(
                filters: (0..<stepCount).map { ($0, 0) }, typeCount: 1, isLimited: true)
            copy.open(0)
            var entry = windows[key].head
            if entry < 0 { return "a key without an event in its window" }
            while entry >= 0 {
                count += 1
                if entries[Int(entry)].previous != before { return "events are not linked" }
                if isBack { copy.multiply(0, by: entries[Int(entry)].steps) }
                if entry == windows[key].frontTail { isBack = true }
                before = entry
                entry = entries[Int(entry)].next
            }
            if windows[key].tail != before || !isBack { return "a window ends elsewhere" }
            for word in 0..<productWords
            where products[key * productWords + word] != copy.products[word] {
                return "a product is not that of the back"
            }
        }
        return count == entryCount ? nil : "an event is in no window"
    }
}
