// SPDX-License-Identifier: Apache-2.0
// What one event changes in each accumulator when it comes and when it leaves.

internal import Automata
internal import BasicContainers
internal import EventModel

extension WindowRuntime {
    /// Words of a total: how many values of each kind, the sum of those that are whole numbers, and
    /// a `WideNumber` for the others (-1: none). Of a spread also that of the squares.
    enum TotalLayout {
        static let ints = 0
        static let floats = 1
        static let durations = 2
        static let others = 3
        static let low = 4
        static let high = 5
        static let wide = 6
        static let words = 7
        static let squareLow = 7
        static let squareHigh = 8
        static let squareWide = 9
        static let spreadWords = 10
    }

    /// Words of what is sorted.
    enum SortedLayout {
        static let root = 0
        static let numbers = 1
        static let durations = 2
        static let others = 3
    }

    /// Kinds of values that have an order among themselves, and one for those without.
    static let kindCount = 6

    static func kind(_ value: Slot) -> Int {
        switch value.tag {
        case .int, .float: 0
        case .time: 1
        case .duration: 2
        case .string: 3
        case .ipv4, .ipv6: 4
        case .bool, .network, .list, .missing, .excerpt: 5
        }
    }

    // MARK: A row

    /// Sets the words that are not zero in a row that holds nothing.
    mutating func prepare(_ item: Accumulator, _ base: Int) {
        let words = base + item.words
        switch item.family {
        case .total: self.words[words + TotalLayout.wide] = -1
        case .spread:
            self.words[words + TotalLayout.wide] = -1
            self.words[words + TotalLayout.squareWide] = -1
        case .least, .greatest:
            if holdsEvents { (self.words[words], self.words[words + 1]) = (-1, -1) }
        case .distinct: (self.words[words], self.words[words + 1]) = (-1, -1)
        case .sorted: self.words[words + SortedLayout.root] = -1
        case .moving, .first, .last: break
        }
    }

    mutating func release(_ item: Accumulator, _ base: Int) {
        let words = base + item.words
        switch item.family {
        case .total: releaseWide(words + TotalLayout.wide)
        case .spread:
            releaseWide(words + TotalLayout.wide)
            releaseWide(words + TotalLayout.squareWide)
        case .least, .greatest:
            guard holdsEvents else { return }
            var (front, back) = queue(words)
            while front >= 0 { extremes.removeFront(&front, &back) }
        case .distinct:
            var list = list(words)
            counted.removeAll(&list)
        case .sorted:
            var root = Int32(truncatingIfNeeded: self.words[words + SortedLayout.root])
            ordered.removeAll(&root)
        case .moving, .first, .last: break
        }
    }

    private mutating func releaseWide(_ word: Int) {
        if words[word] >= 0 { numbers.remove(Int(words[word])) }
        words[word] = -1
    }

    private func queue(_ words: Int) -> (Int32, Int32) {
        (
            Int32(truncatingIfNeeded: self.words[words]),
            Int32(truncatingIfNeeded: self.words[words + 1])
        )
    }

    func list(_ words: Int) -> CountedValues.List {
        CountedValues.List(
            head: Int32(truncatingIfNeeded: self.words[words]),
            tail: Int32(truncatingIfNeeded: self.words[words + 1]), count: self.words[words + 2])
    }

    private mutating func set(_ list: CountedValues.List, _ words: Int) {
        self.words[words] = Int64(list.head)
        self.words[words + 1] = Int64(list.tail)
        self.words[words + 2] = list.count
    }

    // MARK: Coming

    /// - Parameter entry: where the event is held; -1: it is not.
    @inline(__always)
    mutating func add(
        _ item: Accumulator, _ base: Int, _ key: Int, _ entry: Int32,
        _ memory: borrowing MatchMemory
    ) {
        add(row[item.column], item, base, key, entry, memory)
    }

    private mutating func add(
        _ value: Slot, _ item: Accumulator, _ base: Int, _ key: Int, _ entry: Int32,
        _ memory: borrowing MatchMemory
    ) {
        let words = base + item.words
        let slot = key * recordSlots + item.slot
        switch item.family {
        case .first:
            if !holdsEvents, self.words[base + Layout.count] == 0 { slots[slot] = value }
            return
        case .last:
            if !holdsEvents { slots[slot] = value }
            return
        default: if value.isMissing { return }
        }
        switch item.family {
        case .total: changeTotal(words, value, by: 1)
        case .spread:
            changeTotal(words, value, by: 1)
            changeSquares(words, value, isLeaving: false)
        case .least, .greatest:
            let wanted: Instruction.Comparison = item.family == .least ? .less : .greater
            if holdsEvents {
                self.words[words + 2 + WindowRuntime.kind(value)] += 1
                queueUp(value, entry, wanted, words, memory)
            } else {
                choose(value, wanted, words, slot, memory)
            }
        case .distinct:
            var list = list(words)
            let before = list.count
            let place = counted.add(value, owner: Int32(key), set: Int32(item.words), &list)
            set(list, words)
            if item.kinds >= 0 {
                self.words[words + item.kinds + WindowRuntime.kind(value)] += list.count - before
            }
            if item.link >= 0 { link(entry, item, place) }
        case .sorted: changeSorted(words, value, isLeaving: false)
        case .moving(let length): move(words, value, length)
        case .first, .last: break
        }
    }

    // MARK: Leaving

    mutating func remove(_ item: Accumulator, _ base: Int, _ key: Int, _ entry: Int) {
        let value = values[entry * columns.count + item.column]
        if value.isMissing { return }
        let words = base + item.words
        switch item.family {
        case .total: changeTotal(words, value, by: -1)
        case .spread:
            changeTotal(words, value, by: -1)
            changeSquares(words, value, isLeaving: true)
        case .least, .greatest:
            self.words[words + 2 + WindowRuntime.kind(value)] -= 1
            var (front, back) = queue(words)
            if front >= 0, extremes.event(front) == Int32(entry) {
                extremes.removeFront(&front, &back)
                (self.words[words], self.words[words + 1]) = (Int64(front), Int64(back))
            }
        case .distinct:
            var list = list(words)
            let place = counted.remove(value, owner: Int32(key), set: Int32(item.words), &list)
            set(list, words)
            if item.kinds >= 0, place < 0 {
                self.words[words + item.kinds + WindowRuntime.kind(value)] -= 1
            }
            if item.link >= 0, place >= 0 {
                counted.begin(place, with: links[entry * linkCount + item.link])
            }
        case .sorted: changeSorted(words, value, isLeaving: true)
        case .moving, .first, .last: break
        }
    }

    // MARK: Different values in order

    /// Hangs an event behind the one before it that has the same value, so that it is known which
    /// is the oldest when that one leaves.
    private mutating func link(_ entry: Int32, _ item: Accumulator, _ place: Int32) {
        let before = counted.follow(place, by: entry)
        if before >= 0 { links[Int(before) * linkCount + item.link] = entry }
        links[Int(entry) * linkCount + item.link] = -1
    }

    // MARK: Sums

    private mutating func changeTotal(_ words: Int, _ value: Slot, by sign: Int64) {
        switch value.tag {
        case .int:
            self.words[words + TotalLayout.ints] += sign
            addExact(Int128(value.asInt) * Int128(sign), words + TotalLayout.low)
        case .duration:
            self.words[words + TotalLayout.durations] += sign
            addExact(Int128(value.asInt) * Int128(sign), words + TotalLayout.low)
        case .float:
            self.words[words + TotalLayout.floats] += sign
            guard value.asFloat.isFinite else {
                self.words[words + TotalLayout.others] += sign
                return
            }
            if let whole = WindowRuntime.whole(value.asFloat) {
                addExact(Int128(whole) * Int128(sign), words + TotalLayout.low)
            } else {
                let (significand, exponent) = value.asFloat.parts
                addWide(
                    UInt128(significand), isNegative: (value.asFloat < 0) == (sign > 0),
                    at: exponent + WideNumber.unitBits, words + TotalLayout.wide)
            }
            // A sum of nothing but ints asks for no rounding.
            if self.words[words + TotalLayout.floats] == 0 {
                releaseWide(words + TotalLayout.wide)
            }
        default: self.words[words + TotalLayout.others] += sign
        }
    }

    private mutating func changeSquares(_ words: Int, _ value: Slot, isLeaving: Bool) {
        let whole: Int64
        switch value.tag {
        case .int, .duration: whole = value.asInt
        case .float:
            guard value.asFloat.isFinite else { return }
            guard let exact = WindowRuntime.whole(value.asFloat) else {
                let (significand, exponent) = value.asFloat.parts
                addWide(
                    UInt128(significand) * UInt128(significand), isNegative: isLeaving,
                    at: 2 * exponent + WideNumber.unitBits, words + TotalLayout.squareWide)
                return
            }
            whole = exact
        default: return
        }
        let square = UInt128(whole.magnitude) * UInt128(whole.magnitude)
        // So many of these that 128 bits would not hold them cannot be there.
        if square < 1 << 80 {
            addExact(isLeaving ? -Int128(square) : Int128(square), words + TotalLayout.squareLow)
        } else {
            addWide(
                square, isNegative: isLeaving, at: WideNumber.unitBits,
                words + TotalLayout.squareWide)
        }
    }

    /// The int that a float is, where ints of that size have no gaps.
    @inline(__always)
    private static func whole(_ value: Double) -> Int64? {
        guard value.magnitude < 0x1p53 else { return nil }
        let whole = Int64(value)
        return Double(whole) == value ? whole : nil
    }

    func exact(_ word: Int) -> Int128 {
        Int128(truncatingIfNeeded: words[word + 1]) << 64
            | Int128(UInt64(bitPattern: words[word]))
    }

    @inline(__always)
    private mutating func addExact(_ number: Int128, _ word: Int) {
        let sum = exact(word) &+ number
        words[word] = Int64(truncatingIfNeeded: sum)
        words[word + 1] = Int64(truncatingIfNeeded: sum >> 64)
    }

    private mutating func addWide(
        _ magnitude: UInt128, isNegative: Bool, at bit: Int, _ word: Int
    ) {
        if words[word] < 0 { words[word] = Int64(numbers.insert()) }
        numbers[Int(words[word])].add(magnitude, isNegative: isNegative, at: bit)
    }

    // MARK: Order

    /// Whether `a` goes before `b`; values of different kinds have an order here too.
    private func precedes(
        _ a: Slot, _ b: Slot, _ wanted: Instruction.Comparison, _ memory: borrowing MatchMemory
    ) -> Bool {
        let kinds = (WindowRuntime.kind(a), WindowRuntime.kind(b))
        if kinds.0 != kinds.1 { return kinds.0 < kinds.1 }
        return memory.compare(wanted, a, b).isTrue
    }

    private mutating func queueUp(
        _ value: Slot, _ entry: Int32, _ wanted: Instruction.Comparison, _ words: Int,
        _ memory: borrowing MatchMemory
    ) {
        var (front, back) = queue(words)
        while back >= 0, precedes(value, extremes.value(back), wanted, memory) {
            extremes.removeBack(&front, &back)
        }
        extremes.append(value, entry, &front, &back)
        (self.words[words], self.words[words + 1]) = (Int64(front), Int64(back))
    }

    private mutating func choose(
        _ value: Slot, _ wanted: Instruction.Comparison, _ words: Int, _ slot: Int,
        _ memory: borrowing MatchMemory
    ) {
        let isFirst = self.words[words] == 0
        self.words[words] |= 1 << Int64(WindowRuntime.kind(value))
        if isFirst || memory.compare(wanted, value, slots[slot]).isTrue { slots[slot] = value }
    }

    private mutating func changeSorted(_ words: Int, _ value: Slot, isLeaving: Bool) {
        let number: Double
        let counter: Int
        switch value.tag {
        case .int: (number, counter) = (Double(value.asInt), SortedLayout.numbers)
        case .float: (number, counter) = (value.asFloat, SortedLayout.numbers)
        case .duration: (number, counter) = (Double(value.asInt), SortedLayout.durations)
        default: (number, counter) = (.nan, SortedLayout.others)
        }
        let isNumber = !number.isNaN
        self.words[words + (isNumber ? counter : SortedLayout.others)] += isLeaving ? -1 : 1
        guard isNumber else { return }
        var root = Int32(truncatingIfNeeded: self.words[words + SortedLayout.root])
        if isLeaving {
            ordered.remove(number, from: &root)
        } else {
            ordered.insert(number, in: &root)
        }
        self.words[words + SortedLayout.root] = Int64(root)
    }

    private mutating func move(_ words: Int, _ value: Slot, _ length: Int32) {
        let isFirst = self.words[words + 1] == 0
        self.words[words + 1] |= 1 << Int64(WindowRuntime.kind(value))
        let number: Double
        switch value.tag {
        case .int, .duration: number = Double(value.asInt)
        case .float: number = value.asFloat
        default: return
        }
        var average = Double(bitPattern: UInt64(bitPattern: self.words[words]))
        let weight = 2 / (Double(length) + 1)
        if isFirst { average = number } else { average += weight * (number - average) }
        self.words[words] = Int64(bitPattern: average.bitPattern)
    }
}
