// SPDX-License-Identifier: Apache-2.0
// What rules over a window hold of their keys: docs/reference/matching.md, "Windows". Aggregates
// are kept up as events come and go, so an event costs the same whatever the window holds. Where
// events leave one by one, their values are held in a queue a key, and each part of the window is a
// place in that queue from which on events count. Exercised by the differential tests.

internal import Automata
internal import BasicContainers
internal import EventModel

/// - Shape: a key is one row of `recordWords` words and `recordSlots` slots; an event that is held
///   16 bytes, 16 more a column and 4 more a list of different values. Nothing is allocated but to
///   grow, but for sums of floats that are no whole numbers and for lists.
struct WindowRuntime: ~Copyable {
    /// Words of a row.
    enum Layout {
        /// When it closes (hopping), when it began (session), or whether `having` held at the last
        /// look.
        static let mark = 0
        static let count = 1
        /// The arrival number of the newest event, and 16 bits for its order among keys.
        static let lastOrder = 2
        static let lastTime = 3
        static let headerWords = 4
        /// Behind the header, where events are held: the newest one.
        static let tail = 4
        /// For each part its oldest event and the number of its events.
        static let parts = 5
        static let partWords = 2
    }

    struct Accumulator {
        var family: WindowProgram.Family
        var column: Int
        var part: Int
        /// Where in a row its words and its slot are.
        var words: Int
        var slot: Int
        /// Of different values that are asked for in order, and leave one by one, the place among
        /// the links of an event; else -1.
        var link: Int
        /// Of different values that are looked into, how many are of each kind; else -1.
        var kinds: Int
    }

    struct Column {
        var code: CodeRange
        /// Of a plain field its number; else -1.
        var field: Int
    }

    struct Entry {
        var time: Int64
        /// -1: none. Of entries that are free, the next free one.
        var next: Int32
        /// One more than that of the event before; it may wrap around, for what counts is how far
        /// it is from the oldest one's.
        var number: UInt32 = 0
    }

    let kind: WindowProgram.Kind
    let filter: Int
    let holdsEvents: Bool
    let firesOnRisingEdge: Bool
    /// Whether looks by the clock are left out.
    let onlyFalls: Bool
    let lineageReading: Int
    let havingReadingCount: Int
    let columns: UniqueArray<Column>
    let parts: UniqueArray<WindowProgram.Part>
    let havingParts: UniqueArray<Int>
    let accumulators: UniqueArray<Accumulator>
    let probes: UniqueArray<CodeRange>
    let readings: UniqueArray<WindowProgram.Reading>
    let recordWords: Int
    let recordSlots: Int

    var words = RowArray<Int64>()
    var slots = RowArray<Slot>()
    var entries = RowArray<Entry>()
    /// By entry and column.
    var values = RowArray<Slot>()
    let linkCount: Int
    /// By entry and link: the next event with the same value; -1: none yet.
    var links = RowArray<Int32>()
    private var freeEntry: Int32 = -1
    var entryCount = 0
    var numbers = WideNumbers()
    var extremes = ExtremeQueues()
    var counted = CountedValues()
    var ordered = OrderedValues()
    /// Scratch: what the columns give for the event at hand.
    var row: RowArray<Slot>

    init(_ program: WindowProgram, _ code: [Instruction]) {
        kind = program.kind
        filter = program.filter
        holdsEvents = program.holdsEvents
        firesOnRisingEdge = program.firesOnRisingEdge
        onlyFalls = program.onlyFalls
        lineageReading = Int(program.lineageReading)
        havingReadingCount = program.havingReadingCount
        parts = UniqueArray(copying: program.parts)
        havingParts = UniqueArray(copying: program.havingParts)
        probes = UniqueArray(copying: program.probes)
        readings = UniqueArray(copying: program.readings)
        var columns = UniqueArray<Column>()
        for range in program.columns {
            var field = -1
            if range.end - range.start == 1, case .field(let number) = code[Int(range.start)] {
                field = Int(number)
            }
            columns.append(Column(code: range, field: field))
        }
        row = RowArray(repeating: .missing, count: columns.count)
        self.columns = columns
        var accumulators = UniqueArray<Accumulator>()
        var words = Layout.headerWords
        if program.holdsEvents { words = Layout.parts + Layout.partWords * program.parts.count }
        var slots = 0
        var links = 0
        for (number, item) in program.accumulators.enumerated() {
            let isLinked = program.holdsEvents && program.isListed(number)
            let isProbed = program.isProbed(number)
            let length = item.family.wordCount(holdsEvents: program.holdsEvents)
            accumulators.append(
                Accumulator(
                    family: item.family, column: item.column, part: item.part, words: words,
                    slot: slots, link: isLinked ? links : -1, kinds: isProbed ? length : -1))
            links += isLinked ? 1 : 0
            words += length + (isProbed ? WindowRuntime.kindCount : 0)
            slots += item.family.slotCount(holdsEvents: program.holdsEvents)
        }
        self.accumulators = accumulators
        linkCount = links
        recordWords = words
        recordSlots = slots
    }

    @inline(__always)
    func base(_ key: Int) -> Int { key * recordWords }

    @inline(__always)
    func partBase(_ part: Int, of key: Int) -> Int {
        key * recordWords + Layout.parts + part * Layout.partWords
    }

    func count(_ key: Int) -> Int64 { words[base(key) + Layout.count] }

    // MARK: Keys

    /// Makes room for `key`, of which nothing is held.
    mutating func open(_ key: Int) {
        if words.count <= key * recordWords {
            words.append(repeating: 0, count: (key + 1) * recordWords - words.count)
            let slotCount = (key + 1) * recordSlots
            slots.append(repeating: .missing, count: slotCount - slots.count)
        }
        let base = base(key)
        for word in 0..<recordWords { words[base + word] = 0 }
        for slot in 0..<recordSlots { slots[key * recordSlots + slot] = .missing }
        if holdsEvents {
            words[base + Layout.tail] = -1
            for part in 0..<parts.count { words[partBase(part, of: key)] = -1 }
        }
        for i in 0..<accumulators.count { prepare(accumulators[i], base) }
    }

    /// Lets go of all that is held of a key.
    mutating func close(_ key: Int) {
        let base = base(key)
        for i in 0..<accumulators.count { release(accumulators[i], base) }
        guard holdsEvents else { return }
        var entry = Int32(truncatingIfNeeded: words[partBase(0, of: key)])
        while entry >= 0 {
            let next = entries[Int(entry)].next
            giveBack(entry)
            entry = next
        }
    }

    // MARK: Events

    /// Works out the columns of the event at hand.
    mutating func read(_ memory: inout MatchMemory) {
        for i in 0..<columns.count {
            row[i] =
                columns[i].field >= 0
                ? memory.field(columns[i].field, of: .none)
                : memory.evaluate(columns[i].code, EvaluationFrame(chain: BindingStore.empty))
        }
    }

    /// Takes in an event whose values are in `row`.
    ///
    /// - Parameter time: not before that of any event of the key.
    mutating func push(
        _ key: Int, at time: Int64, order: Int64, _ memory: borrowing MatchMemory
    ) {
        let base = base(key)
        words[base + Layout.lastOrder] = order
        words[base + Layout.lastTime] = time
        var entry: Int32 = -1
        if holdsEvents { entry = hold(key, time) }
        for i in 0..<accumulators.count { add(accumulators[i], base, key, entry, memory) }
        words[base + Layout.count] += 1
        guard holdsEvents else { return }
        for part in 0..<parts.count {
            if part > 0 { words[partBase(part, of: key) + 1] += 1 }
            if case .last(let most) = parts[part] { narrow(part, of: key, toCount: most) }
        }
        if case .last(let most) = kind { narrow(0, of: key, toCount: most) }
    }

    private mutating func hold(_ key: Int, _ time: Int64) -> Int32 {
        let base = base(key)
        let tail = words[base + Layout.tail]
        let number = tail < 0 ? 0 : entries[Int(tail)].number &+ 1
        let entry = newEntry(Entry(time: time, next: -1, number: number))
        if tail >= 0 { entries[Int(tail)].next = entry }
        words[base + Layout.tail] = Int64(entry)
        for part in 0..<parts.count where words[partBase(part, of: key)] < 0 {
            words[partBase(part, of: key)] = Int64(entry)
        }
        for column in 0..<columns.count {
            values[Int(entry) * columns.count + column] = row[column]
        }
        return entry
    }

    private mutating func newEntry(_ entry: Entry) -> Int32 {
        entryCount += 1
        if freeEntry >= 0 {
            let reused = freeEntry
            freeEntry = entries[Int(reused)].next
            entries[Int(reused)] = entry
            return reused
        }
        entries.append(entry)
        for _ in 0..<columns.count { values.append(.missing) }
        for _ in 0..<linkCount { links.append(-1) }
        return Int32(entries.count - 1)
    }

    private mutating func giveBack(_ entry: Int32) {
        entryCount -= 1
        // What is free holds no symbol.
        for column in 0..<columns.count { values[Int(entry) * columns.count + column] = .missing }
        entries[Int(entry)].next = freeEntry
        freeEntry = entry
    }

    // MARK: Leaving

    func partCount(_ part: Int, of key: Int) -> Int64 {
        part == 0 ? count(key) : words[partBase(part, of: key) + 1]
    }

    /// The oldest event of a part; -1: there is none.
    @inline(__always)
    func head(_ part: Int, of key: Int) -> Int { Int(words[partBase(part, of: key)]) }

    /// The time of the oldest event of a part that is not empty.
    func headTime(_ part: Int, of key: Int) -> Int64 { entries[head(part, of: key)].time }

    mutating func narrow(_ part: Int, of key: Int, toCount most: Int64) {
        while partCount(part, of: key) > most { removeHead(part, of: key) }
    }

    /// Lets events before `time` leave a part; whether there were any.
    mutating func narrow(_ part: Int, of key: Int, from time: Int64) -> Bool {
        var hasLeft = false
        while head(part, of: key) >= 0, headTime(part, of: key) < time {
            removeHead(part, of: key)
            hasLeft = true
        }
        return hasLeft
    }

    /// The oldest event leaves a part, and with the whole window all parts that it is in.
    mutating func removeHead(_ part: Int, of key: Int) {
        let entry = head(part, of: key)
        if part == 0 {
            var other = 1
            while other < parts.count {
                if head(other, of: key) == entry { removeHead(other, of: key) }
                other += 1
            }
            words[base(key) + Layout.count] -= 1
        } else {
            words[partBase(part, of: key) + 1] -= 1
        }
        for i in 0..<accumulators.count where accumulators[i].part == part {
            remove(accumulators[i], base(key), key, entry)
        }
        let next = entries[entry].next
        words[partBase(part, of: key)] = Int64(next)
        guard part == 0 else { return }
        if next < 0 { words[base(key) + Layout.tail] = -1 }
        giveBack(Int32(entry))
    }
}

extension WindowProgram.Family {
    fileprivate func wordCount(holdsEvents: Bool) -> Int {
        switch self {
        case .total: WindowRuntime.TotalLayout.words
        case .spread: WindowRuntime.TotalLayout.spreadWords
        case .least, .greatest: holdsEvents ? 2 + WindowRuntime.kindCount : 1
        case .distinct: 3
        case .sorted: 4
        case .moving: 2
        case .first, .last: 0
        }
    }

    fileprivate func slotCount(holdsEvents: Bool) -> Int {
        switch self {
        case .least, .greatest, .first, .last: holdsEvents ? 0 : 1
        case .total, .spread, .distinct, .sorted, .moving: 0
        }
    }
}

/// Sums that 128 bits do not hold, or that are of floats which are no whole numbers.
struct WideNumbers: ~Copyable {
    private var numbers = UniqueArray<WideNumber>()
    private var free = UniqueArray<Int32>()

    /// Those in use.
    var count: Int { numbers.count - free.count }

    subscript(number: Int) -> WideNumber {
        _read { yield numbers[number] }
        _modify { yield &numbers[number] }
    }

    /// A number that is zero.
    mutating func insert() -> Int {
        if let reused = free.popLast() { return Int(reused) }
        numbers.append(WideNumber())
        return numbers.count - 1
    }

    mutating func remove(_ number: Int) {
        numbers[number].reset()
        free.append(Int32(number))
    }
}
