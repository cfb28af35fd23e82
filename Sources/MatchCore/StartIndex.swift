// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import BasicContainers
internal import EventModel

/// Which rules of an input an event may begin an attempt of: each condition to begin with is filed
/// under an equality that it asks for, so that an event finds the few that it satisfies by a probe
/// a field, however many rules there are.
struct StartIndex: ~Copyable {
    private let inPlace = InPlace()
    struct Node {
        /// The rules that an event of the type may always begin: a range of `rules`.
        var always: Range<Int>
        /// The fields to probe: a range of `fields`.
        var fields: Range<Int>
    }

    struct Entry {
        var field: Int32
        var value: Slot
        /// A range of `rules`.
        var rules: Range<Int>
    }

    /// By event type; any event last.
    private var nodes = UniqueArray<Node>()
    private var fields = RowArray<Int32>()
    private var rules = RowArray<Int32>()
    private var entries = UniqueArray<Entry>()
    /// Entry number; -1 is empty. A power of two.
    private var buckets: RowArray<Int32>

    /// - Parameter constants: the program's, as slots of the shard's symbol table.
    init(_ starts: [InputProgram.Start], typeCount: Int, constants: [Slot]) {
        var bucketCount = 16
        while bucketCount < starts.count * 2 { bucketCount *= 2 }
        buckets = RowArray(repeating: -1, count: bucketCount)
        let byType = Dictionary(grouping: starts, by: \.type)
        for type in 0...typeCount {
            add(byType[type == typeCount ? -1 : Int32(type)] ?? [], constants)
        }
    }

    private mutating func add(_ starts: [InputProgram.Start], _ constants: [Slot]) {
        let always = append(starts.lazy.filter { $0.field < 0 }.map(\.rule))
        let firstField = fields.count
        let byField = Dictionary(grouping: starts.filter { $0.field >= 0 }, by: \.field)
        for (field, starts) in byField.sorted(by: { $0.key < $1.key }) {
            fields.append(field)
            let byValue = Dictionary(grouping: starts) {
                constants[Int($0.constant)].identity
            }
            for (value, starts) in byValue.sorted(by: { $0.value[0].rule < $1.value[0].rule }) {
                let range = append(starts.lazy.map(\.rule))
                insert(Entry(field: field, value: value, rules: range))
            }
        }
        nodes.append(Node(always: always, fields: firstField..<fields.count))
    }

    /// Starts come in the order of their rules.
    private mutating func append(_ wanted: some Sequence<Int32>) -> Range<Int> {
        let first = rules.count
        for rule in wanted where rules.count == first || rules[rules.count - 1] != rule {
            rules.append(rule)
        }
        return first..<rules.count
    }

    private mutating func insert(_ entry: Entry) {
        var bucket = StartIndex.hash(entry.field, entry.value) & (buckets.count - 1)
        while buckets[bucket] >= 0 { bucket = (bucket + 1) & (buckets.count - 1) }
        buckets[bucket] = Int32(entries.count)
        entries.append(entry)
    }

    @inline(__always)
    private static func hash(_ field: Int32, _ value: Slot) -> Int {
        let kind = UInt64(value.tag.rawValue) << 56 ^ UInt64(UInt32(bitPattern: field)) << 40
        return Int(truncatingIfNeeded: ((value.bits ^ kind) &* 0x9e37_79b9_7f4a_7c15) >> 24)
    }

    /// Adds the rules that the event at hand may begin behind those in `work`, in one list or
    /// several, each in the order of the rules.
    ///
    /// - Returns: the number of lists.
    func find(_ memory: borrowing MatchMemory, _ work: inout RowArray<Work>) -> Int {
        var lists = 0
        var member = 0
        let members = memory.current.members.count
        // Behind the types that the event is a member of comes the node of any event.
        while member <= members {
            let node =
                member == members ? nodes.count - 1 : Int(memory.current.members[member])
            member += 1
            if !nodes[node].always.isEmpty {
                lists += 1
                append(nodes[node].always, to: &work)
            }
            var i = nodes[node].fields.lowerBound
            let end = nodes[node].fields.upperBound
            while i < end {
                let found = entry(fields[i], memory)
                i += 1
                if found < 0 { continue }
                lists += 1
                append(entries[found].rules, to: &work)
            }
        }
        return lists
    }

    private func append(_ range: Range<Int>, to work: inout RowArray<Work>) {
        var i = range.lowerBound
        while i < range.upperBound {
            work.append(Work(rule: rules[i], state: -1))
            i += 1
        }
    }

    @inline(__always)
    private func entry(_ field: Int32, _ memory: borrowing MatchMemory) -> Int {
        let value = memory.field(Int(field), of: .none).identity
        if value.isMissing { return -1 }
        let mask = buckets.count - 1
        var bucket = StartIndex.hash(field, value) & mask
        while true {
            let entry = Int(buckets[bucket])
            if entry < 0 { return -1 }
            if entries[entry].field == field, entries[entry].value == value { return entry }
            bucket = (bucket + 1) & mask
        }
    }
}

extension Work {
    /// Brings several lists into the order of the rules; of equal rules the first stays.
    static func unite(_ work: inout RowArray<Work>) {
        var end = 0
        // The usual case by itself: a rule that holds something of the key and may begin anew.
        if work.count == 2, work[0].rule == work[1].rule { return work.removeLast(1) }
        // Few lists, each in order: an insertion sort moves little.
        for i in work.indices.dropFirst() {
            let item = work[i]
            var j = i
            while j > 0, work[j - 1].rule > item.rule {
                work[j] = work[j - 1]
                j -= 1
            }
            work[j] = item
        }
        for i in work.indices where end == 0 || work[end - 1].rule != work[i].rule {
            work[end] = work[i]
            end += 1
        }
        work.removeLast(work.count - end)
    }
}
