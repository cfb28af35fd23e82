// SPDX-License-Identifier: Apache-2.0
// Compact sets of attempts, after Bucchi, Grez, Quintana, Riveros, Vansummeren: CORE: a Complex
// event Recognition Engine, VLDB 2022 (arXiv 2111.04635), section 5. Theirs are graphs of bottom,
// extending and union nodes. Here all that is in a state moves together, so what enters a state
// later holds no earlier start than what entered before: each union is of a single extension and
// what was in the state before, and the two are one node. Expired nodes are told by their latest
// start alone, in the order in which they were made. Exercised by DeterminedTests.

internal import BasicContainers
internal import EventModel

/// The attempts of one rule, of all keys: immutable nodes in one ring.
///
/// A node is a batch: every attempt of the set `below`, each with `event` bound behind it. A set is
/// a list of batches, the newest first, in descending order of their latest start. So the part of a
/// set that has not expired is a beginning of its list, and what is below a node that has not
/// expired is not empty.
///
/// - Shape: 24 bytes a node; moving a set to the next state is one node, however many attempts it
///   holds. Nothing is allocated but to double the ring.
struct CompactSets: ~Copyable {
    /// No set: no node has this number.
    static let none: UInt32 = 0
    /// More nodes than this would not be told apart by their numbers.
    static let countCap = 1 << 31

    struct Node {
        /// The latest start of an attempt in the batch.
        var latestStart: Int64
        /// What the event was bound behind; `none`: it is the first.
        var below: UInt32
        /// The batches that entered the state before.
        var rest: UInt32
        var event: StoredEvent
        /// How many events its attempts have bound.
        var state: UInt32
    }

    /// A power of two; node i is at i modulo that.
    private var nodes: UniqueArray<Node>
    /// The oldest node that has not been given back, and the number of the next one. Numbers start
    /// over behind the largest: those in use are never as many.
    private(set) var first: UInt32
    private(set) var next: UInt32
    /// While the ring is compacted: by node, what it will be called; `none`: it goes.
    private var names = UniqueArray<UInt32>()
    private var stack = UniqueArray<UInt32>()

    private static let filler = Node(
        latestStart: .min, below: none, rest: none, event: .none, state: 0)

    /// - Parameter capacity: a power of two.
    init(capacity: Int = 16, startingAt first: UInt32 = 1) {
        nodes = UniqueArray(repeating: CompactSets.filler, count: capacity)
        self.first = first
        next = first
    }

    /// Nodes held, of which some may have expired.
    var count: Int { Int(next &- first) }
    var capacity: Int { nodes.count }

    /// Where a node is in the ring.
    @inline(__always)
    func place(of node: UInt32) -> Int { Int(node) & (nodes.count - 1) }

    @inline(__always)
    subscript(node: UInt32) -> Node { nodes[place(of: node)] }

    @inline(__always)
    func isHeld(_ node: UInt32) -> Bool {
        node != CompactSets.none && node &- first < next &- first
    }

    /// The batch that entered the state before, if it has an attempt that began at `bound` or
    /// later; else `none`.
    @inline(__always)
    func older(_ node: UInt32, since bound: Int64) -> UInt32 {
        let rest = self[node].rest
        guard isHeld(rest), self[rest].latestStart >= bound else { return CompactSets.none }
        return rest
    }

    /// What a node is called that is the one of this number, from 1, behind so many others in a
    /// ring that had none; `none` for 0.
    static func number(_ number: Int, behind others: Int) -> UInt32 {
        number == 0 ? none : UInt32(others + number)
    }

    @inline(__always)
    func below(_ node: UInt32) -> UInt32 { self[node].below }

    /// Makes a node; its event is retained.
    mutating func append(_ node: Node, _ events: inout EventStore) -> UInt32 {
        // The number of no node is passed over.
        if next == CompactSets.none { _ = place(CompactSets.filler) }
        events.retain(node.event)
        return place(node)
    }

    private mutating func place(_ node: Node) -> UInt32 {
        if count == nodes.count { grow() }
        nodes[place(of: next)] = node
        next &+= 1
        return next &- 1
    }

    /// Doubles the ring.
    mutating func grow() {
        var larger = UniqueArray(repeating: CompactSets.filler, count: nodes.count * 2)
        var node = first
        while node != next {
            larger[Int(node) & (larger.count - 1)] = self[node]
            node &+= 1
        }
        nodes = larger
    }

    /// Gives back the oldest nodes, as long as all their attempts began before `bound`.
    ///
    /// A node is made at or after its latest start, so none is held for longer than the limit: once
    /// that has passed, every node before it has expired too.
    mutating func expire(before bound: Int64, _ events: inout EventStore) {
        while first != next, self[first].latestStart < bound {
            giveBackFirst(&events)
        }
    }

    // MARK: Compacting
    //
    // What ends before its limit leaves nodes behind that nothing leads to. Where the ring is full
    // and half of it is such, the others are copied to its beginning.

    mutating func beginMarking() {
        names.removeAll(keepingCapacity: true)
        for _ in 0..<count { names.append(CompactSets.none) }
    }

    /// Marks what a set holds that began at `bound` or later; returns how many nodes that is beyond
    /// those marked before.
    mutating func mark(_ set: UInt32, since bound: Int64) -> Int {
        var marked = 0
        stack.append(set)
        while let node = stack.popLast() {
            guard node != CompactSets.none, names[Int(node &- first)] == CompactSets.none else {
                continue
            }
            names[Int(node &- first)] = node
            marked += 1
            stack.append(below(node))
            stack.append(older(node, since: bound))
        }
        return marked
    }

    /// Keeps what has been marked, under the names that `name` then tells, until the next node is
    /// made.
    mutating func compact(_ events: inout EventStore) -> UInt32 {
        var kept = UniqueArray(repeating: CompactSets.filler, count: nodes.count)
        var name: UInt32 = 1
        var number = first
        while number != next {
            var node = self[number]
            if names[Int(number &- first)] == CompactSets.none {
                if node.event != .none { events.release(node.event) }
            } else {
                // What it goes on from is older, and has its name.
                node.below = self.name(of: node.below)
                node.rest = isHeld(node.rest) ? self.name(of: node.rest) : CompactSets.none
                names[Int(number &- first)] = name
                kept[Int(name)] = node
                name += 1
            }
            number &+= 1
        }
        nodes = kept
        let oldFirst = first
        first = 1
        next = name
        return oldFirst
    }

    /// What a held node is called now.
    ///
    /// - Parameter oldFirst: what `compact` returned; nil while it is at work.
    func name(of node: UInt32, oldFirst: UInt32? = nil) -> UInt32 {
        node == CompactSets.none ? node : names[Int(node &- (oldFirst ?? first))]
    }

    mutating func removeAll(_ events: inout EventStore) {
        while first != next { giveBackFirst(&events) }
    }

    private mutating func giveBackFirst(_ events: inout EventStore) {
        let event = self[first].event
        if event != .none { events.release(event) }
        first &+= 1
    }
}
