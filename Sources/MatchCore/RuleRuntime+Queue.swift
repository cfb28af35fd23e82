// SPDX-License-Identifier: Apache-2.0
// Rules whose attempts are one queue (`StartQueue`): what attempts would do, without attempts.
// Exercised by the scenarios of fixtures/golden/matching and by the differential tests.

internal import Automata
internal import BasicContainers
internal import EventModel

/// An event that waits in the queue of a key.
struct WaitingEvent {
    /// Its binding to the first step.
    var node: Int32
    /// The event behind it; -1: it is the last.
    var next: Int32
    /// Whether an attempt begins with it. One does, unless the key had as many as it may have.
    var isStart: Bool
}

extension RuleRuntime {
    /// Works the event at hand into the queue of the key; see `process`.
    mutating func process(_ queue: StartQueue, _ memory: inout MatchMemory) -> Int {
        let begins = holds(queue.first, BindingStore.empty, &memory)
        if key < 0 {
            guard begins else { return -1 }
            key = keys.insert()
        }
        beginMoment(memory)
        dropExpired(&memory)
        for i in 0..<rule.resets.count
        where keys[key].head >= 0 && holds(rule.resets[i], BindingStore.empty, &memory) {
            clearQueue(&memory)
        }
        if queue.last >= 0, Int64(keys[key].waiting) >= queue.minimum,
            holds(queue.last, BindingStore.empty, &memory)
        {
            // What begins with this event ends with the match.
            if begins { _ = mayBeStart() }
            complete(queue, &memory)
        } else if begins {
            append(queue, &memory)
            if queue.last < 0, Int64(keys[key].waiting) >= queue.minimum {
                complete(queue, &memory)
            }
        }
        return finishQueue(&memory) ? key : -1
    }

    /// Works off that time has come to the oldest attempt's limit; see `wake`.
    mutating func wakeQueue(_ memory: inout MatchMemory) -> Bool {
        dropExpired(&memory)
        return finishQueue(&memory)
    }

    private mutating func finishQueue(_ memory: inout MatchMemory) -> Bool {
        let head = Int(keys[key].head)
        if head < 0 {
            keys.remove(key)
            return false
        }
        if limit != .max {
            askForWakeUp(at: sum(sum(keys[key].firstTime, limit), 1), &memory)
        }
        return true
    }

    private mutating func noteFirstTime(_ memory: borrowing MatchMemory) {
        let head = Int(keys[key].head)
        if head < 0 { return }
        let event = memory.bindings.event(of: Int64(waiting[head].node))
        keys[key].firstTime = memory.time(of: event).nanoseconds
    }

    private mutating func mayBeStart() -> Bool {
        guard Int(keys[key].attemptCount) < caps.attemptsPerKey else {
            counters.cappedAttempts += 1
            return false
        }
        counters.attempts += 1
        return true
    }

    private mutating func append(_ queue: StartQueue, _ memory: inout MatchMemory) {
        let isStart = mayBeStart()
        // Without an attempt nothing binds the event.
        if !isStart, keys[key].head < 0 { return }
        let node = memory.bindings.bind(
            memory.storedCurrent(), step: queue.firstStep, position: position,
            after: BindingStore.empty, in: &memory.events)
        append(WaitingEvent(node: Int32(node), next: -1, isStart: isStart), at: now)
    }

    private mutating func append(_ event: WaitingEvent, at time: Int64) {
        let place: Int32
        if freeWaiting >= 0 {
            place = freeWaiting
            freeWaiting = waiting[Int(place)].next
            waiting[Int(place)] = event
        } else {
            place = Int32(waiting.count)
            waiting.append(event)
        }
        if keys[key].head < 0 {
            keys[key].head = place
            keys[key].firstTime = time
        } else {
            waiting[Int(keys[key].tail)].next = place
        }
        keys[key].tail = place
        keys[key].waiting += 1
        if event.isStart {
            keys[key].attemptCount += 1
            attemptCount += 1
        }
    }

    private mutating func removeFirst(_ memory: inout MatchMemory) {
        let place = Int(keys[key].head)
        let event = waiting[place]
        memory.bindings.release(Int64(event.node), in: &memory.events)
        keys[key].head = event.next
        keys[key].waiting -= 1
        if event.isStart {
            keys[key].attemptCount -= 1
            attemptCount -= 1
        }
        waiting[place].next = freeWaiting
        freeWaiting = Int32(place)
    }

    private mutating func clearQueue(_ memory: inout MatchMemory) {
        while keys[key].head >= 0 { removeFirst(&memory) }
    }

    private mutating func dropExpired(_ memory: inout MatchMemory) {
        guard limit != .max else { return }
        while keys[key].head >= 0, now > sum(keys[key].firstTime, limit) {
            removeFirst(&memory)
            // Events with which no attempt begins were bound by those that are over now.
            while keys[key].head >= 0, !waiting[Int(keys[key].head)].isStart {
                removeFirst(&memory)
            }
            noteFirstTime(memory)
        }
    }

    /// Reports the match of the oldest attempt, which ends all attempts.
    private mutating func complete(_ queue: StartQueue, _ memory: inout MatchMemory) {
        counters.matches += 1
        if collectsMatches {
            var chain = BindingStore.empty
            var place = keys[key].head
            while place >= 0 {
                let node = Int64(waiting[Int(place)].node)
                chain = memory.bindings.bind(
                    memory.bindings.event(of: node), step: queue.firstStep,
                    position: memory.bindings.position(of: node), after: chain,
                    in: &memory.events)
                place = waiting[Int(place)].next
            }
            if queue.last >= 0 {
                chain = memory.bindings.bind(
                    memory.storedCurrent(), step: queue.lastStep, position: position,
                    after: chain, in: &memory.events)
            }
            build(finished(chain, memory), keyOrder: moment, &memory)
            memory.bindings.release(chain, in: &memory.events)
        }
        clearQueue(&memory)
    }

    // MARK: Snapshots and inspection

    func addQueue(
        of state: Int, to graph: inout SnapshotGraph, _ memory: borrowing MatchMemory
    ) {
        var place = keys[state].head
        while place >= 0 {
            graph.add(Int64(waiting[Int(place)].node), memory)
            place = waiting[Int(place)].next
        }
    }

    func writeQueue(
        of state: Int, _ graph: borrowing SnapshotGraph, to writer: inout SnapshotWriter
    ) {
        writer.write(Int(keys[state].waiting))
        var place = keys[state].head
        while place >= 0 {
            writer.write(graph.number(of: Int64(waiting[Int(place)].node)))
            writer.write(waiting[Int(place)].isStart ? 1 : 0)
            place = waiting[Int(place)].next
        }
    }

    /// Reads the queue of the key at hand.
    mutating func readQueue(
        _ queue: StartQueue, _ reader: inout SnapshotReader, _ nodes: SnapshotNodes,
        _ memory: inout MatchMemory
    ) throws(SnapshotError) {
        var last: Int64 = 0
        for _ in 0..<(try reader.int()) {
            guard
                let node = nodes.node(try reader.int64(), stepCount: rule.stepNames.count),
                node != BindingStore.empty, memory.bindings.step(of: node) == queue.firstStep,
                memory.bindings.parent(of: node) == BindingStore.empty,
                arrival(node, memory) > last
            else { throw .damaged }
            last = arrival(node, memory)
            let isStart = try reader.int(below: 2) == 1
            guard isStart || keys[key].head >= 0 else { throw .damaged }
            memory.bindings.retain(node)
            let time = memory.time(of: memory.bindings.event(of: node)).nanoseconds
            append(WaitingEvent(node: Int32(node), next: -1, isStart: isStart), at: time)
        }
        guard keys[key].head >= 0 else { throw .damaged }
    }

    /// The first thing found wrong in the queues; nil where all agree.
    func queueViolation() -> String? {
        var (starts, places) = (0, 0)
        for state in keys.indices {
            var (count, keyStarts) = (0, 0)
            var place = keys[state].head
            while place >= 0 {
                count += 1
                if waiting[Int(place)].isStart { keyStarts += 1 }
                let next = waiting[Int(place)].next
                if next < 0, place != keys[state].tail { return "the tail is not the last event" }
                place = next
            }
            if count != Int(keys[state].waiting) { return "a count is not that of its queue" }
            if keyStarts != Int(keys[state].attemptCount) { return "starts are miscounted" }
            if count > 0, keyStarts == 0 { return "a queue without an attempt" }
            starts += keyStarts
            places += count
        }
        if starts != attemptCount { return "attempts are not those of the keys" }
        var place = freeWaiting
        while place >= 0 {
            places += 1
            place = waiting[Int(place)].next
        }
        return places == waiting.count ? nil : "a place is neither taken nor free"
    }
}
