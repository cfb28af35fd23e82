// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// The chains of bound events: immutable nodes that point at what was bound before, shared by the
/// attempts that have a beginning in common and counted.
///
/// - Shape: 28 bytes a node; binding and releasing O(1), but for the nodes that go with it.
struct BindingStore: ~Copyable {
    /// No chain: node 0 is never used.
    static let empty: Int64 = 0

    private var references: [Int32] = [0]
    private var parents: [Int32] = [0]
    private var events: [StoredEvent] = [.none]
    private var steps: [Int16] = [-1]
    private var inputPositions: [Int64] = [0]
    private var free: [Int32] = []
    private(set) var count = 0

    init() {}

    /// A node before which `parent` was bound. The new node takes over the caller's reference to
    /// `parent` and is handed out with one reference.
    mutating func bind(
        _ event: StoredEvent, step: Int, position: Int64, after parent: Int64,
        in store: inout EventStore
    ) -> Int64 {
        store.retain(event)
        count += 1
        guard let index = free.popLast() else {
            references.append(1)
            parents.append(Int32(parent))
            events.append(event)
            steps.append(Int16(step))
            inputPositions.append(position)
            return Int64(references.count - 1)
        }
        let i = Int(index)
        references[i] = 1
        parents[i] = Int32(parent)
        events[i] = event
        steps[i] = Int16(step)
        inputPositions[i] = position
        return Int64(index)
    }

    mutating func retain(_ chain: Int64) {
        if chain != BindingStore.empty { references[Int(chain)] += 1 }
    }

    mutating func release(_ chain: Int64, in store: inout EventStore) {
        var node = Int(chain)
        while node != 0 {
            references[node] -= 1
            assert(references[node] >= 0, "released as often as retained")
            if references[node] > 0 { return }
            store.release(events[node])
            free.append(Int32(node))
            count -= 1
            node = Int(parents[node])
        }
    }

    func parent(of node: Int64) -> Int64 { Int64(parents[Int(node)]) }
    func event(of node: Int64) -> StoredEvent { events[Int(node)] }
    func step(of node: Int64) -> Int { Int(steps[Int(node)]) }
    func position(of node: Int64) -> Int64 { inputPositions[Int(node)] }

    /// The last node of `step` in `chain`; empty where it has bound nothing.
    func last(of step: Int, in chain: Int64) -> Int64 {
        var node = Int(chain)
        while node != 0, steps[node] != step { node = Int(parents[node]) }
        return Int64(node)
    }

    /// The first node of `step` in `chain`; empty where it has bound nothing.
    func first(of step: Int, in chain: Int64) -> Int64 {
        var node = Int(chain)
        var found = 0
        while node != 0 {
            if steps[node] == step { found = node }
            node = Int(parents[node])
        }
        return Int64(found)
    }

    /// The nodes of `chain` in order of binding, appended to `nodes`.
    func append(_ chain: Int64, to nodes: inout [Int64]) {
        let start = nodes.count
        var node = Int(chain)
        while node != 0 {
            nodes.append(Int64(node))
            node = Int(parents[node])
        }
        nodes[start...].reverse()
    }
}
