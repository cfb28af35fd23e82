// SPDX-License-Identifier: Apache-2.0

internal import BasicContainers
internal import EventModel

/// The chains of bound events: immutable nodes that point at what was bound before, shared by the
/// attempts that have a beginning in common and counted.
///
/// - Shape: 24 bytes a node; binding and releasing O(1), but for the nodes that go with it.
struct BindingStore: ~Copyable {
    private let inPlace = InPlace()
    /// No chain: node 0 is never used.
    static let empty: Int64 = 0

    struct Node {
        var references: Int32
        /// Of a node that is free: the next one that is; 0: there is none.
        var parent: Int32
        var event: StoredEvent
        var step: Int16
        /// Which of the event's keys it was bound for.
        var ordinal: UInt16
        var position: Int64
    }

    private var nodes = RowArray<Node>()
    private var firstFree = 0
    private(set) var count = 0
    private let totalCount: Int
    /// `totalCount` running totals a node, over the chain that ends with it; of a node that nobody
    /// has asked they are unknown.
    private var totals = RowArray<RunningTotal>()

    init(totalCount: Int) {
        self.totalCount = totalCount
        for _ in 0..<totalCount { totals.append(RunningTotal()) }
        nodes.append(
            Node(references: 0, parent: 0, event: .none, step: -1, ordinal: 0, position: 0))
    }

    /// A node before which `parent` was bound. The new node takes over the caller's reference to
    /// `parent` and is handed out with one reference.
    mutating func bind(
        _ event: StoredEvent, step: Int, ordinal: Int, position: Int64, after parent: Int64,
        in store: inout EventStore
    ) -> Int64 {
        store.retain(event)
        count += 1
        let node = Node(
            references: 1, parent: Int32(parent), event: event, step: Int16(step),
            ordinal: UInt16(clamping: ordinal), position: position)
        guard firstFree > 0 else {
            nodes.append(node)
            for _ in 0..<totalCount { totals.append(RunningTotal()) }
            return Int64(nodes.count - 1)
        }
        let index = firstFree
        firstFree = Int(nodes[index].parent)
        // The node that is used next is in no cache.
        prefetch(Int64(firstFree))
        nodes[index] = node
        for total in 0..<totalCount { totals[index * totalCount + total].isKnown = false }
        return Int64(index)
    }

    @inline(__always)
    mutating func retain(_ chain: Int64) {
        if chain != BindingStore.empty { nodes[Int(chain)].references += 1 }
    }

    mutating func release(_ chain: Int64, in store: inout EventStore) {
        var node = Int(chain)
        while node != 0 {
            nodes[node].references -= 1
            assert(nodes[node].references >= 0, "released as often as retained")
            if nodes[node].references > 0 { return }
            let (event, parent) = (nodes[node].event, Int(nodes[node].parent))
            nodes.prefetch(parent)
            store.release(event)
            nodes[node].parent = Int32(firstFree)
            firstFree = node
            count -= 1
            node = parent
        }
    }

    @inline(__always)
    func total(_ number: Int, of node: Int64) -> RunningTotal {
        totals[Int(node) * totalCount + number]
    }

    @inline(__always)
    mutating func keep(_ total: RunningTotal, _ number: Int, of node: Int64) {
        totals[Int(node) * totalCount + number] = total
    }

    /// Asks for the memory of a node.
    @inline(__always)
    func prefetch(_ node: Int64) {
        nodes.prefetch(Int(node))
        if totalCount > 0 { totals.prefetch(Int(node) * totalCount) }
    }

    func parent(of node: Int64) -> Int64 { Int64(nodes[Int(node)].parent) }
    func event(of node: Int64) -> StoredEvent { nodes[Int(node)].event }
    func step(of node: Int64) -> Int { Int(nodes[Int(node)].step) }
    func ordinal(of node: Int64) -> Int { Int(nodes[Int(node)].ordinal) }
    func position(of node: Int64) -> Int64 { nodes[Int(node)].position }

    /// The last node of `step` in `chain`; empty where it has bound nothing.
    func last(of step: Int, in chain: Int64) -> Int64 {
        var node = Int(chain)
        while node != 0, nodes[node].step != step { node = Int(nodes[node].parent) }
        return Int64(node)
    }

    /// The first node of `step` in `chain`; empty where it has bound nothing.
    func first(of step: Int, in chain: Int64) -> Int64 {
        var node = Int(chain)
        var found = 0
        while node != 0 {
            if nodes[node].step == step { found = node }
            node = Int(nodes[node].parent)
        }
        return Int64(found)
    }

    /// The nodes of `chain` in order of binding, appended to `list`.
    func append(_ chain: Int64, to list: inout [Int64]) {
        let start = list.count
        var node = Int(chain)
        while node != 0 {
            list.append(Int64(node))
            node = Int(nodes[node].parent)
        }
        // Not `list[start...].reverse()`, which would copy the slice.
        var (low, high) = (start, list.count - 1)
        while low < high {
            list.swapAt(low, high)
            (low, high) = (low + 1, high - 1)
        }
    }
}
