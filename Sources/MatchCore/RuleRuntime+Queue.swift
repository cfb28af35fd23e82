// SPDX-License-Identifier: Apache-2.0
// Rules whose attempts are one queue (`StartQueue`): what attempts would do, without attempts.
// Exercised by the scenarios of fixtures/golden/matching and by the differential tests.

internal import Automata
internal import BasicContainers
internal import EventModel

/// An event that waits in the queue of a key.
struct WaitingEvent {
    var event: StoredEvent
    /// The place of the event behind it; -1: it is the last.
    var next: Int32
    /// The number of the key among those that the event had; -1: no attempt begins with it, since
    /// the key had as many as it may have.
    var keyOrdinal: Int32

    var isStart: Bool { keyOrdinal >= 0 }
}

extension RuleRuntime {
    /// Works the event at hand into the queue of the key; see `process`.
    mutating func process(_ queue: StartQueue, _ memory: inout MatchMemory) -> Int {
        let begins = holds(queue.first, BindingStore.empty, &memory)
        if key < 0 {
            guard begins else { return -1 }
            key = keys.insert(member)
        }
        beginMoment(memory)
        dropExpired(&memory)
        for i in 0..<rule.resets.count
        where keys[key].head >= 0 && holds(rule.resets[i], BindingStore.empty, &memory) {
            clearQueue(&memory)
        }
        if queue.absence >= 0 {
            if keys[key].head >= 0, holds(queue.absence, BindingStore.empty, &memory) {
                clearQueue(&memory)
            }
            if begins { append(queue, &memory) }
        } else if queue.last >= 0, Int64(keys[key].waiting) >= queue.minimum,
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
        return finishQueue(queue, &memory) ? key : -1
    }

    /// Works off that time has come to the oldest attempt's limit or deadline; see `wake`.
    mutating func wakeQueue(_ queue: StartQueue, _ memory: inout MatchMemory) -> Bool {
        dropExpired(&memory)
        if queue.absence >= 0 {
            while keys[key].head >= 0, sum(firstTime(of: key, memory), queue.delay) <= now {
                completeFirst(queue, &memory)
            }
        }
        return finishQueue(queue, &memory)
    }

    /// Begins an attempt with the memory's current event; see `open`.
    mutating func open(
        _ queue: StartQueue, row: Int, _ memory: inout MatchMemory
    ) -> Bool {
        guard mayBeStart() else { return finishQueue(queue, &memory) }
        let event = memory.storedCurrent()
        memory.events.retain(event)
        // A table has no more rows than this can count.
        append(WaitingEvent(event: event, next: -1, keyOrdinal: Int32(row)))
        return finishQueue(queue, &memory)
    }

    private mutating func finishQueue(_ queue: StartQueue, _ memory: inout MatchMemory) -> Bool {
        if keys[key].head < 0 {
            keys.remove(key)
            return false
        }
        askForWakeUp(at: nextMoment(of: key, queue, memory), &memory)
        return true
    }

    /// When the oldest attempt of a key that has one expires, or is complete; `Int64.max`: never.
    func nextMoment(
        of key: Int, _ queue: StartQueue, _ memory: borrowing MatchMemory
    ) -> Int64 {
        if queue.absence >= 0 { return sum(firstTime(of: key, memory), queue.delay) }
        return limit == .max ? .max : sum(sum(firstTime(of: key, memory), limit), 1)
    }

    /// The time of the first event that waits.
    @inline(__always)
    private func firstTime(of key: Int, _ memory: borrowing MatchMemory) -> Int64 {
        memory.events[waiting[Int(keys[key].head)].event].time.nanoseconds
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
        if !isStart, keys[key].head < 0 || !queue.bindsAllWaiting { return }
        let event = memory.storedCurrent()
        memory.events.retain(event)
        let keyOrdinal = isStart ? Int32(memory.keyOrdinal) : -1
        append(WaitingEvent(event: event, next: -1, keyOrdinal: keyOrdinal))
    }

    private mutating func append(_ event: WaitingEvent) {
        let place: Int32
        if freeWaiting >= 0 {
            place = freeWaiting
            freeWaiting = waiting[Int(place)].next
            // The place that is used next is in no cache.
            if freeWaiting >= 0 { waiting.prefetch(Int(freeWaiting)) }
            waiting[Int(place)] = event
        } else {
            place = Int32(waiting.count)
            waiting.append(event)
        }
        if keys[key].head < 0 {
            keys[key].head = place
        } else {
            waiting[Int(keys[key].tail)].next = place
        }
        keys[key].tail = place
        keys[key].waiting += 1
        if event.isStart {
            keys[key].attemptCount += 1
            addAttempts(1)
        }
    }

    private mutating func removeFirst(_ memory: inout MatchMemory) {
        let place = Int(keys[key].head)
        let event = waiting[place]
        memory.events.release(event.event)
        keys[key].head = event.next
        keys[key].waiting -= 1
        if event.isStart {
            keys[key].attemptCount -= 1
            addAttempts(-1)
        }
        waiting[place].next = freeWaiting
        freeWaiting = Int32(place)
    }

    private mutating func clearQueue(_ memory: inout MatchMemory) {
        while keys[key].head >= 0 { removeFirst(&memory) }
    }

    private mutating func dropExpired(_ memory: inout MatchMemory) {
        guard limit != .max else { return }
        while keys[key].head >= 0, now > sum(firstTime(of: key, memory), limit) {
            removeFirst(&memory)
            // Events with which no attempt begins were bound by those that are over now.
            while keys[key].head >= 0, !waiting[Int(keys[key].head)].isStart {
                removeFirst(&memory)
            }
        }
    }

    /// Reports the match of the oldest attempt, which ends all attempts.
    private mutating func complete(_ queue: StartQueue, _ memory: inout MatchMemory) {
        counters.matches += 1
        if collectsMatches {
            var chain = BindingStore.empty
            var place = keys[key].head
            while place >= 0 {
                chain = bind(waiting[Int(place)], queue, after: chain, &memory)
                place = waiting[Int(place)].next
            }
            if queue.last >= 0 {
                chain = memory.bindings.bind(
                    memory.storedCurrent(), step: queue.lastStep, ordinal: 0, position: position,
                    after: chain, in: &memory.events)
            }
            build(finished(chain, memory), keyOrder: currentMoment(memory), &memory)
            memory.bindings.release(chain, in: &memory.events)
        }
        clearQueue(&memory)
    }

    /// Reports the match of the oldest attempt, whose absence has held; it ends no other.
    private mutating func completeFirst(_ queue: StartQueue, _ memory: inout MatchMemory) {
        counters.matches += 1
        if collectsMatches {
            let first = waiting[Int(keys[key].head)]
            let chain = bind(first, queue, after: BindingStore.empty, &memory)
            let arrival = memory.events[first.event].arrival
            let order = moment(arrival, ordinal: Int(first.keyOrdinal))
            build(finished(chain, memory), keyOrder: order, &memory)
            memory.bindings.release(chain, in: &memory.events)
        }
        removeFirst(&memory)
    }

    /// Binds an event that waits to the first step, behind `chain`. In a finished match nobody asks
    /// for the position of an event.
    private func bind(
        _ waiting: WaitingEvent, _ queue: StartQueue, after chain: Int64,
        _ memory: inout MatchMemory
    ) -> Int64 {
        memory.bindings.bind(
            waiting.event, step: queue.firstStep, ordinal: 0, position: 0, after: chain,
            in: &memory.events)
    }

    // MARK: Snapshots and inspection

    func addQueue(of state: Int, to graph: inout SnapshotGraph) {
        var place = keys[state].head
        while place >= 0 {
            graph.add(waiting[Int(place)].event)
            place = waiting[Int(place)].next
        }
    }

    func writeQueue(
        of state: Int, _ graph: borrowing SnapshotGraph, to writer: inout SnapshotWriter
    ) {
        writer.write(Int(keys[state].waiting))
        var place = keys[state].head
        while place >= 0 {
            writer.write(graph.number(of: waiting[Int(place)].event))
            writer.write(Int(waiting[Int(place)].keyOrdinal) + 1)
            place = waiting[Int(place)].next
        }
    }

    /// Reads the queue of the key at hand.
    mutating func readQueue(
        _ queue: StartQueue, _ reader: inout SnapshotReader, _ nodes: SnapshotNodes,
        _ memory: inout MatchMemory
    ) throws(SnapshotError) {
        // That of an opening is 0.
        var last: Int64 = -1
        for _ in 0..<(try reader.int()) {
            let event = nodes.events[try reader.int(below: nodes.events.count)]
            let arrival = memory.events[event].arrival
            guard arrival > last else { throw .damaged }
            last = arrival
            let keyOrdinal = Int32(try reader.int(below: Int(Int32.max)) - 1)
            guard keyOrdinal >= 0 || keys[key].head >= 0 && queue.bindsAllWaiting else {
                throw .damaged
            }
            memory.events.retain(event)
            append(WaitingEvent(event: event, next: -1, keyOrdinal: keyOrdinal))
        }
        guard keys[key].head >= 0 else { throw .damaged }
    }

    /// The deadline of the last event that waits for one; see `latestDeadline`.
    func latestInQueue(_ queue: StartQueue, _ memory: borrowing MatchMemory) -> Int64 {
        guard queue.absence >= 0 else { return .min }
        var latest = Int64.min
        for key in keys.indices {
            var place = Int(keys[key].head)
            while place >= 0 {
                let time = memory.time(of: waiting[place].event).nanoseconds
                let deadline = sum(time, queue.delay)
                if deadline != .max { latest = max(latest, deadline) }
                place = Int(waiting[place].next)
            }
        }
        return latest
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
