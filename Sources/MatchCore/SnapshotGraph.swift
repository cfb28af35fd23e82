// SPDX-License-Identifier: Apache-2.0
// The events and bindings that a snapshot's attempts share are written once, before the attempts:
// bindings after the bindings they go on from.

internal import Automata
internal import BasicContainers
internal import EventModel

/// Numbers the nodes and events of a snapshot.
struct SnapshotGraph {
    private(set) var nodes: [Int64] = []
    private(set) var events: [StoredEvent] = []
    private var nodeNumbers: [Int64: Int64] = [BindingStore.empty: 0]
    private var eventNumbers: [StoredEvent: Int] = [:]

    /// The number of `chain` in the snapshot: 0 for none, else its place in `nodes` + 1.
    mutating func add(_ chain: Int64, _ memory: borrowing MatchMemory) {
        var path: [Int64] = []
        var node = chain
        while nodeNumbers[node] == nil {
            path.append(node)
            node = memory.bindings.parent(of: node)
        }
        for node in path.reversed() {
            nodes.append(node)
            nodeNumbers[node] = Int64(nodes.count)
            add(memory.bindings.event(of: node))
        }
    }

    mutating func add(_ event: StoredEvent) {
        guard eventNumbers[event] == nil else { return }
        eventNumbers[event] = events.count
        events.append(event)
    }

    /// The number of a chain that was added; 0 for one that was not.
    func number(of chain: Int64) -> Int64 { nodeNumbers[chain] ?? 0 }

    /// The number of an event that was added.
    func number(of event: StoredEvent) -> Int { eventNumbers[event] ?? 0 }

    func write(to writer: inout SnapshotWriter, _ memory: borrowing MatchMemory) {
        writer.write(events.count)
        for event in events { memory.write(event, to: &writer) }
        writeNodes(to: &writer, memory)
    }

    /// Writes the same with events as another program has them.
    func write(
        to writer: inout SnapshotWriter, _ memory: borrowing MatchMemory,
        _ translation: inout EventTranslation
    ) {
        writer.write(events.count)
        for event in events { memory.write(event, to: &writer, &translation) }
        writeNodes(to: &writer, memory)
    }

    private func writeNodes(to writer: inout SnapshotWriter, _ memory: borrowing MatchMemory) {
        writer.write(nodes.count)
        for node in nodes {
            writer.write(number(of: memory.bindings.parent(of: node)))
            writer.write(number(of: memory.bindings.event(of: node)))
            writer.write(memory.bindings.step(of: node))
            writer.write(memory.bindings.ordinal(of: node))
            writer.write(memory.bindings.position(of: node))
        }
    }
}

extension MatchMemory {
    func write(_ event: StoredEvent, to writer: inout SnapshotWriter) {
        let type = Int(events[event].incomingType)
        write(event, events.details(of: event), as: type, to: &writer) { writer in
            for place in events.heldSlots.indices {
                writer.write(events.value(place, of: event), symbols)
            }
        }
    }

    /// Reads events and nodes; returns them, each with one reference that the caller gives back
    /// when the attempts have taken theirs.
    mutating func readGraph(
        _ reader: inout SnapshotReader, arrivals: Int64, now: Int64
    ) throws(SnapshotError) -> SnapshotNodes {
        var read = SnapshotNodes()
        for _ in 0..<(try reader.int()) {
            read.events.append(try readEvent(&reader, arrivals: arrivals, now: now))
            events.retain(read.events[read.events.count - 1])
        }
        for _ in 0..<(try reader.int()) {
            let before = try reader.int(below: read.nodes.count)
            let event = read.events[try reader.int(below: read.events.count)]
            let step = try reader.int(below: 1 << 15)
            let ordinal = try reader.int(below: 1 << 16)
            let position = Int64(try reader.int(below: Int(arrivals) + 1))
            let parent = read.nodes[before]
            bindings.retain(parent)
            read.nodes.append(
                bindings.bind(
                    event, step: step, ordinal: ordinal, position: position, after: parent,
                    in: &events))
            read.maxSteps.append(max(step, read.maxSteps[before]))
        }
        return read
    }

    private mutating func readEvent(
        _ reader: inout SnapshotReader, arrivals: Int64, now: Int64
    ) throws(SnapshotError) -> StoredEvent {
        // The last row of the tables is that of all other types.
        let type = try reader.int64(upTo: Int64(program.memberships.count) - 2)
        guard type >= -1 else { throw .damaged }
        current.incomingType = Int32(type)
        current.row = type < 0 ? program.memberships.count - 1 : Int(type)
        current.typeName = symbols.intern(Array(try reader.byteString()))
        current.time = StreamTime(nanoseconds: try reader.int64(upTo: now))
        current.arrival = try reader.int64(upTo: arrivals)
        current.id = try reader.slot(&symbols)
        current.feed = Int32(try reader.int(below: Int(Int32.max)) - 2)
        // An opening has come before every event.
        guard (current.feed == MatchBatch.openingFeed) == (current.arrival == 0) else {
            throw .damaged
        }
        current.position = try reader.int64()
        current.slots.removeAll()
        current.slots.append(repeating: .missing, count: program.decodePlan.slotCount)
        for place in events.heldSlots.indices {
            current.slots[Int(events.heldSlots[place])] = try reader.slot(&symbols)
        }
        current.text = Array(try reader.byteString())
        (current.textStart, current.textEnd, current.form) = (0, current.text.count, .object)
        return events.store(current)
    }
}
