// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import BasicContainers
internal import EventModel
internal import TextMatching

/// Rules filed under what they ask of an event, so that an event finds those it may satisfy by a
/// probe a field, however many rules there are: docs/explanation/architecture.md, "From an event to
/// the rules".
struct RuleIndex: ~Copyable {
    private let inPlace = InPlace()
    struct Node {
        /// The groups that ask for nothing that can be looked up: a range of `numbers`.
        var always: Extent
        /// Whether there is nothing else.
        var isPlain: Bool
        /// Fields to probe for equal values: a range of `probes`.
        var probes: Extent
        var trees: Extent
        var texts: Extent
        var patterns: Extent
        var isEmpty: Bool
    }

    /// A field that is looked up, unless the event fails what all rules ask that are filed so.
    struct Probe {
        var field: Int32
        /// Predicates that cost no code: a range of `numbers`.
        var guards: Extent
    }

    struct Entry {
        var field: Int32
        var value: Slot
        /// Groups, with `sureMark` where an event that comes here satisfies their condition: a
        /// range of `numbers`.
        var groups: Extent
    }

    /// Set in the number of a group of which nothing is left to be asked.
    private static let sureMark: Int32 = 1 << 30

    /// Rules that ask the same.
    struct Group {
        /// See `RuleProgram.Filter.condition`.
        var condition: Int32
        /// A range of `rules`.
        var rules: Extent
    }

    /// By event type; any event last.
    private var nodes = RowArray<Node>()
    /// The number of nodes of an event beyond those of the types that it is a member of.
    private var nodesOfAny = 1
    private var probes = RowArray<Probe>()
    /// Of groups, and of predicates.
    private var numbers = RowArray<Int32>()
    private var groups = RowArray<Group>()
    private var rules = RowArray<Int32>()
    private var entries = RowArray<Entry>()
    /// Entry number; -1 is empty. A power of two.
    private var buckets: RowArray<Int32>
    private var trees = UniqueArray<RangeTree>()
    private var texts = UniqueArray<TextIndex>()
    private var patterns = UniqueArray<PatternIndex>()

    /// - Parameter constants: the program's, as slots of the shard's symbol table.
    init(_ filings: Filings, of program: RulesetProgram, constants: [Slot]) {
        let typeCount = program.typeNames.count
        var bucketCount = 16
        while bucketCount < filings.entries.count * 2 { bucketCount *= 2 }
        buckets = RowArray(repeating: -1, count: bucketCount)
        for group in filings.groups {
            let first = rules.count
            for rule in group.rules { rules.append(rule) }
            groups.append(Group(condition: group.condition, rules: Extent(first..<rules.count)))
        }
        let byType = Dictionary(grouping: filings.entries) {
            filings.groups[Int($0.group)].type
        }
        for type in 0...typeCount {
            add(byType[type == typeCount ? -1 : Int32(type)] ?? [], program, constants)
        }
        if nodes[typeCount].isEmpty { nodesOfAny = 0 }
    }

    private mutating func add(
        _ entries: [Filings.Entry], _ program: RulesetProgram, _ constants: [Slot]
    ) {
        if RuleIndex.areAskedOneByOne(entries) {
            let all = append(Array(Set(entries.map(\.group))).sorted())
            nodes.append(
                Node(
                    always: all, isPlain: true, probes: .none, trees: .none, texts: .none,
                    patterns: .none,
                    isEmpty: all.isEmpty))
            return
        }
        var always: [Int32] = []
        var equal: [Int32: [(constant: Int32, group: Int32)]] = [:]
        var ranges: [TreePlace: [(range: AccessRange, number: Int32)]] = [:]
        var parts: [TextPlace: [(bytes: [UInt8], group: Int32)]] = [:]
        var regexes: [Int32: [(pattern: String, flags: String, group: Int32)]] = [:]
        for entry in entries {
            switch entry.access {
            case nil: always.append(entry.group)
            case .equal(let field, let constant)?:
                equal[field, default: []].append((constant, entry.group))
            case .range(let field, let range)?:
                let place = TreePlace(field: field, kind: range.kind.rawValue)
                ranges[place, default: []].append((range, entry.group))
            case .text(let field, let text)?:
                let place = TextPlace(field: field, ignoresCase: text.ignoresCase)
                parts[place, default: []].append((text.bytes, entry.group))
            case .pattern(let field, let regex)?:
                regexes[field, default: []].append((regex.pattern, regex.flags, entry.group))
            }
        }
        let (firstProbe, firstTree, firstText) = (probes.count, trees.count, texts.count)
        let firstPattern = patterns.count
        let alwaysRange = append(always)
        for (field, list) in equal.sorted(by: { $0.key < $1.key }) {
            add(list, of: field, program, constants)
        }
        for (place, list) in ranges.sorted(by: { $0.key.order < $1.key.order }) {
            trees.append(RangeTree(field: place.field, kind: list[0].range.kind, list))
        }
        for (place, list) in parts.sorted(by: { $0.key.order < $1.key.order }) {
            texts.append(TextIndex(field: place.field, ignoringCase: place.ignoresCase, list))
        }
        for (field, list) in regexes.sorted(by: { $0.key < $1.key }) {
            patterns.append(PatternIndex(field: field, list))
        }
        nodes.append(
            Node(
                always: alwaysRange, isPlain: false, probes: Extent(firstProbe..<probes.count),
                trees: Extent(firstTree..<trees.count), texts: Extent(firstText..<texts.count),
                patterns: Extent(firstPattern..<patterns.count),
                isEmpty: entries.isEmpty))
    }

    /// A few conditions that begin with comparing a field are asked at no more cost than they are
    /// looked up.
    private static func areAskedOneByOne(_ entries: [Filings.Entry]) -> Bool {
        entries.count <= 3
            && entries.allSatisfy { entry in
                switch entry.access {
                case nil, .equal?, .range?: true
                case .text?, .pattern?: false
                }
            }
    }

    private struct TreePlace: Hashable {
        var field: Int32
        var kind: UInt8
        var order: Int { Int(field) << 8 | Int(kind) }
    }

    private struct TextPlace: Hashable {
        var field: Int32
        var ignoresCase: Bool
        var order: Int { Int(field) << 1 | (ignoresCase ? 1 : 0) }
    }

    private mutating func append(_ list: [Int32]) -> Extent {
        let first = numbers.count
        for group in list { numbers.append(group) }
        return Extent(first..<numbers.count)
    }

    /// Makes an entry for each value that is asked of a field.
    private mutating func add(
        _ list: [(constant: Int32, group: Int32)], of field: Int32, _ program: RulesetProgram,
        _ constants: [Slot]
    ) {
        let guards = commonPredicates(of: list.map(\.group), program)
        probes.append(Probe(field: field, guards: append(guards)))
        var places: [Slot: Int] = [:]
        var values: [(value: Slot, groups: [Int32])] = []
        for (constant, group) in list {
            let value = constants[Int(constant)].identity
            let access = Access.equal(field: field, constant: constant)
            let condition = program.conditions[Int(groups[Int(group)].condition)]
            let isExact = value.tag != .float
            let isSure = condition.allSatisfy {
                guards.contains($0)
                    || isExact && program.predicates[Int($0)].follows(from: access)
            }
            let number = isSure ? group | RuleIndex.sureMark : group
            if let place = places[value] {
                values[place].groups.append(number)
            } else {
                places[value] = values.count
                values.append((value, [number]))
            }
        }
        for (value, groups) in values {
            insert(Entry(field: field, value: value, groups: append(groups)))
        }
    }

    /// The predicates without code that the conditions of all these groups have in common.
    private func commonPredicates(of list: [Int32], _ program: RulesetProgram) -> [Int32] {
        guard let first = list.first else { return [] }
        var common = program.conditions[Int(groups[Int(first)].condition)].filter {
            program.predicates[Int($0)].isCheap
        }
        for group in list.dropFirst() where !common.isEmpty {
            let condition = program.conditions[Int(groups[Int(group)].condition)]
            common.removeAll { !condition.contains($0) }
        }
        return common
    }

    private mutating func insert(_ entry: Entry) {
        var bucket = RuleIndex.hash(entry.field, entry.value) & (buckets.count - 1)
        while buckets[bucket] >= 0 { bucket = (bucket + 1) & (buckets.count - 1) }
        buckets[bucket] = Int32(entries.count)
        entries.append(entry)
    }

    @inline(__always)
    private static func hash(_ field: Int32, _ value: Slot) -> Int {
        let kind = UInt64(value.tag.rawValue) << 56 ^ UInt64(UInt32(bitPattern: field)) << 40
        return Int(truncatingIfNeeded: ((value.bits ^ kind) &* 0x9e37_79b9_7f4a_7c15) >> 24)
    }

    // MARK: Finding

    /// Adds the rules that the event at hand finds to `found`, unless they are more than `limit`.
    ///
    /// - Parameter hits: room for the groups found.
    /// - Returns: false where they are more; then `found` holds some of them.
    mutating func find(
        _ memory: inout MatchMemory, limit: Int, _ found: inout RuleSet,
        _ hits: inout RowArray<Int32>
    ) -> Bool {
        var left = limit
        var member = 0
        let members = memory.current.members.count
        // Behind the types that the event is a member of comes the node of any event.
        while member < members + nodesOfAny {
            let node =
                member == members ? nodes.count - 1 : Int(memory.current.members[member])
            member += 1
            if nodes[node].isEmpty { continue }
            var i = Int(nodes[node].always.start)
            while i < nodes[node].always.end {
                guard ask(numbers[i], &memory, &left, &found) else { return false }
                i += 1
            }
            if nodes[node].isPlain { continue }
            hits.removeAll()
            guard lookUp(node, memory, limit, &hits) else { return false }
            i = 0
            while i < hits.count {
                guard ask(hits[i], &memory, &left, &found) else { return false }
                i += 1
            }
        }
        return true
    }

    /// Adds the rules of a group whose condition holds to `found`. False where they are more than
    /// `left`.
    @inline(__always)
    private func ask(
        _ number: Int32, _ memory: inout MatchMemory, _ left: inout Int, _ found: inout RuleSet
    ) -> Bool {
        let group = groups[Int(number & ~RuleIndex.sureMark)]
        if number & RuleIndex.sureMark != 0 {
            memory.takeDown(condition: Int(group.condition))
        } else if !memory.conditionHolds(Int(group.condition)) {
            return true
        }
        left -= group.rules.count
        if left < 0 { return false }
        var rule = Int(group.rules.start)
        while rule < group.rules.end {
            found.insert(rules[rule])
            rule += 1
        }
        return true
    }

    private mutating func lookUp(
        _ node: Int, _ memory: borrowing MatchMemory, _ limit: Int,
        _ hits: inout RowArray<Int32>
    ) -> Bool {
        var i = Int(nodes[node].probes.start)
        while i < nodes[node].probes.end {
            let probe = probes[i]
            i += 1
            guard mayHold(probe.guards, memory) else { continue }
            let entry = entry(probe.field, memory)
            if entry >= 0, !hit(entries[entry].groups, limit, &hits) { return false }
        }
        if nodes[node].trees.isEmpty, nodes[node].texts.isEmpty, nodes[node].patterns.isEmpty {
            return true
        }
        for tree in nodes[node].trees.rows {
            let value = memory.field(Int(trees[tree].field), of: .none)
            guard trees[tree].find(value, limit: limit, &hits) else { return false }
        }
        for text in nodes[node].texts.rows {
            guard texts[text].find(memory, limit: limit, &hits) else { return false }
        }
        for pattern in nodes[node].patterns.rows {
            guard patterns[pattern].find(memory, limit: limit, &hits) else { return false }
        }
        return true
    }

    /// Whether the event satisfies what is asked of all that are filed under a field.
    @inline(__always)
    private func mayHold(_ guards: Extent, _ memory: borrowing MatchMemory) -> Bool {
        var i = Int(guards.start)
        while i < guards.end {
            if !memory.cheapPredicateHolds(Int(numbers[i])) { return false }
            i += 1
        }
        return true
    }

    @inline(__always)
    private func hit(
        _ range: Extent, _ limit: Int, _ hits: inout RowArray<Int32>
    ) -> Bool {
        if hits.count + range.count > limit { return false }
        var i = Int(range.start)
        while i < range.end {
            hits.append(numbers[i])
            i += 1
        }
        return true
    }

    @inline(__always)
    private func entry(_ field: Int32, _ memory: borrowing MatchMemory) -> Int {
        let value = memory.field(Int(field), of: .none).identity
        if value.isMissing { return -1 }
        let mask = buckets.count - 1
        var bucket = RuleIndex.hash(field, value) & mask
        while true {
            let entry = Int(buckets[bucket])
            if entry < 0 { return -1 }
            if entries[entry].field == field, entries[entry].value == value { return entry }
            bucket = (bucket + 1) & mask
        }
    }
}

/// The texts that rules ask for inside the text of one field.
struct TextIndex: ~Copyable {
    let field: Int32
    private let literals: LiteralSet
    private var scan: LiteralScan
    /// By literal: a range of `groups`.
    private let ranges: RowArray<Extent>
    private let groups: RowArray<Int32>

    init(field: Int32, ignoringCase: Bool, _ list: [(bytes: [UInt8], group: Int32)]) {
        self.field = field
        literals = LiteralSet(list.map(\.bytes), ignoringCase: ignoringCase)
        scan = LiteralScan(literals)
        var byLiteral = [[Int32]](repeating: [], count: list.count)
        for (place, number) in literals.numbers.enumerated() {
            byLiteral[Int(number)].append(list[place].group)
        }
        var ranges = RowArray<Extent>()
        var groups = RowArray<Int32>()
        for list in byLiteral {
            let first = groups.count
            for group in list { groups.append(group) }
            ranges.append(Extent(first..<groups.count))
        }
        self.ranges = ranges
        self.groups = groups
    }

    /// Adds the groups whose text is in the event's to `found`.
    ///
    /// - Returns: false where there would be more than `limit`.
    mutating func find(
        _ memory: borrowing MatchMemory, limit: Int, _ found: inout RowArray<Int32>
    ) -> Bool {
        let value = memory.field(Int(field), of: .none)
        switch value.tag {
        case .string:
            memory.symbols.withBytes(of: value.symbol) { scan.find(literals, in: $0) }
            var i = 0
            while i < scan.found.count {
                guard add(ranges[Int(scan.found[i])], limit, &found) else { return false }
                i += 1
            }
            return true
        // A list may contain the text as an element.
        case .list: return add(Extent(0..<groups.count), limit, &found)
        default: return true
        }
    }

    private func add(
        _ range: Extent, _ limit: Int, _ found: inout RowArray<Int32>
    ) -> Bool {
        if found.count + range.count > limit { return false }
        for i in range.rows { found.append(groups[i]) }
        return true
    }
}

/// The regexes that rules look for in the text of one field.
struct PatternIndex: ~Copyable {
    let field: Int32
    private var set: PatternSet
    /// By regex.
    private let groups: RowArray<Int32>

    init(field: Int32, _ list: [(pattern: String, flags: String, group: Int32)]) {
        self.field = field
        set = PatternSet(list.map { (pattern: $0.pattern, flags: $0.flags) })
        groups = RowArray(copying: list.map(\.group))
    }

    /// Adds the groups whose regex the event's text may match to `found`.
    ///
    /// - Returns: false where there would be more than `limit`.
    mutating func find(
        _ memory: borrowing MatchMemory, limit: Int, _ found: inout RowArray<Int32>
    ) -> Bool {
        let value = memory.field(Int(field), of: .none)
        switch value.tag {
        case .string:
            memory.symbols.withBytes(of: value.symbol) { set.find(in: $0) }
            if found.count + set.found.count > limit { return false }
            for number in set.found { found.append(groups[Int(number)]) }
            return true
        // A list may have the text as an element.
        case .list:
            if found.count + groups.count > limit { return false }
            for place in groups.indices { found.append(groups[place]) }
            return true
        default: return true
        }
    }
}
