// SPDX-License-Identifier: Apache-2.0
// What a rule holds of its keys, for people who look into a running engine; nothing here is on the
// hot path, and nothing changes. Exercised by WorkRouteTests.

internal import Automata
internal import BasicContainers
package import EventModel

/// What one rule holds of one key.
package struct HeldKey: Sendable {
    package enum Form: String, Sendable {
        /// Attempts, one by one.
        case attempts
        /// Sets of attempts: each that is shown stands for all that have bound the same event last.
        case sets
        /// Numbers of attempts.
        case counters
        /// A window instead of attempts.
        case window
    }

    package var key: [Value]
    package var form: Form
    /// Attempts, or events in the window; nil: nobody counts them by key.
    package var count: Int?
    /// The oldest ones; of sets, the newest of each state.
    package var attempts: [HeldAttempt] = []

    /// Attempts of a key that are shown.
    package static let attemptCap = 20
}

/// An attempt under way.
package struct HeldAttempt: Sendable {
    package struct Bound: Sendable {
        /// The number of the step among the rule's.
        package var step: Int
        package var time: StreamTime
        /// The event as it came, a JSON object.
        package var text: [UInt8]
    }

    /// The time of its first event.
    package var startedAt: StreamTime
    /// The line at which it is, among the program's; nil: before the first.
    package var line: Int?
    /// Whether that line has what it needs, and the next one is waited for.
    package var isOpen = false
    /// Of sets and queues: the step that is waited for.
    package var awaitedStep: Int?
    /// The earliest deadline of an absence that it waits for.
    package var deadline: StreamTime?
    /// When the rule's limit ends it.
    package var expiresAt: StreamTime?
    package var boundCount = 0
    /// The newest first, at most `boundCap`.
    package var bound: [Bound] = []

    package static let boundCap = 10
    static let countedEvents = 10_000
}

extension MatchShard {
    /// Keys that are looked at where none is asked for.
    private static let scanCap = 100_000

    /// What rule `index` holds of a key, or of some keys.
    ///
    /// - Parameter texts: the parts of the key as people write them; nil: any key.
    /// - Shape: O(keys) for the rule's input; for inspection.
    package func heldKeys(
        ofRule index: Int, _ texts: [String]?, atMost wanted: Int
    ) -> [HeldKey] {
        let place = places[index]
        let input = Int(runtimes[Int(place.runtime)].input)
        let parts = texts.map { $0.map(KeyText.init) }
        if let parts, parts.count != inputs[input].keys.partCount { return [] }
        var found: [HeldKey] = []
        var looked = 0
        for key in 0..<inputs[input].keys.rows.count where inputs[input].keys.rows[key].isLive {
            if found.count >= wanted { break }
            if let parts {
                guard matches(key, of: input, parts) else { continue }
            } else {
                looked += 1
                if looked > MatchShard.scanCap { break }
            }
            guard let work = inputs[input].holders(of: key).first(where: { $0.rule == index })
            else { continue }
            let values = (0..<inputs[input].keys.partCount).map {
                memory.symbols.value(of: inputs[input].keys.part($0, of: key))
            }
            found.append(
                runtimes[Int(place.runtime)].held(of: Int(work.state), key: values, memory))
        }
        return found
    }

    private func matches(_ key: Int, of input: Int, _ texts: [KeyText]) -> Bool {
        for (part, text) in texts.enumerated() {
            let slot = inputs[input].keys.part(part, of: key)
            if !text.isText(of: slot, memory.symbols) { return false }
        }
        return true
    }
}

/// A part of a key as somebody writes it.
private struct KeyText {
    let text: String
    private let bytes: [UInt8]
    private let int: Int64?
    private let float: Double?

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
        int = Int64(text)
        float = Double(text)
    }

    func isText(of slot: Slot, _ symbols: borrowing SymbolTable) -> Bool {
        switch slot.tag {
        case .string:
            return symbols.length(of: slot.symbol) == bytes.count
                && symbols.bytes(of: slot.symbol) == bytes
        case .missing: return false
        default:
            switch symbols.value(of: slot) {
            case .int(let value): return int == value || float == Double(value)
            case .float(let value): return float == value
            case .bool(let value): return text == "\(value)"
            case .time(let value): return text == "\(value)"
            case .duration(let value): return text == "\(value)"
            case .ip(let value): return text == "\(value)"
            case .network(let value): return text == "\(value)"
            case .missing, .string, .list: return false
            }
        }
    }
}

extension RuleRuntime {
    func held(
        of key: Int, key values: [Value], _ memory: borrowing MatchMemory
    ) -> HeldKey {
        if isWindow {
            let count = windows.words[windows.base(key) + WindowRuntime.Layout.count]
            return HeldKey(key: values, form: .window, count: Int(count))
        }
        if isCounted { return HeldKey(key: values, form: .counters) }
        if isDetermined {
            var held = HeldKey(key: values, form: .sets)
            held.attempts = heldSets(of: key, memory)
            return held
        }
        var held = HeldKey(key: values, form: .attempts)
        if let queue = rule.queue {
            (held.attempts, held.count) = heldQueue(queue, of: key, memory)
        } else {
            held.count = Int(keys[key].attemptCount)
            var record = Int(keys[key].head)
            while record >= 0, held.attempts.count < HeldKey.attemptCap {
                held.attempts.append(heldAttempt(record, memory))
                record = Int(words[base(record) + RecordLayout.next])
            }
        }
        return held
    }

    private func heldAttempt(
        _ record: Int, _ memory: borrowing MatchMemory
    ) -> HeldAttempt {
        let base = base(record)
        let block = base + rule.sequences[0].block
        let first = words[base + RecordLayout.firstTime]
        var attempt = HeldAttempt(startedAt: StreamTime(nanoseconds: first))
        let line = words[block + RecordLayout.current]
        attempt.line = line >= 0 ? Int(line) : nil
        attempt.isOpen = words[block + RecordLayout.flags] & RecordLayout.isOpen != 0
        let deadline = words[base + RecordLayout.deadline]
        if deadline != RecordLayout.noDeadline {
            attempt.deadline = StreamTime(nanoseconds: deadline)
        }
        attempt.expiresAt = expiry(of: first)
        var node = words[block + RecordLayout.chain]
        while node != BindingStore.empty, attempt.boundCount < HeldAttempt.countedEvents {
            attempt.boundCount += 1
            if attempt.bound.count < HeldAttempt.boundCap {
                let event = memory.bindings.event(of: node)
                attempt.bound.append(
                    bound(event, by: memory.bindings.step(of: node), memory))
            }
            node = memory.bindings.parent(of: node)
        }
        return attempt
    }

    private func expiry(of first: Int64) -> StreamTime? {
        limit == .max ? nil : StreamTime(nanoseconds: first) + TimeSpan(nanoseconds: limit)
    }

    private func bound(
        _ event: StoredEvent, by step: Int, _ memory: borrowing MatchMemory
    ) -> HeldAttempt.Bound {
        var text: [UInt8] = []
        memory.events.appendText(of: event, to: &text)
        return HeldAttempt.Bound(step: step, time: memory.events[event].time, text: text)
    }

    /// Every event that waits is bound by the attempts that began at or before it.
    private func heldQueue(
        _ queue: StartQueue, of key: Int, _ memory: borrowing MatchMemory
    ) -> (attempts: [HeldAttempt], count: Int) {
        var events: [WaitingEvent] = []
        var place = Int(keys[key].head)
        while place >= 0, events.count < HeldAttempt.countedEvents {
            events.append(waiting[place])
            place = Int(waiting[place].next)
        }
        var attempts: [HeldAttempt] = []
        for (number, first) in events.enumerated()
        where first.isStart && attempts.count < HeldKey.attemptCap {
            let time = memory.events[first.event].time
            var attempt = HeldAttempt(startedAt: time)
            let mine = queue.bindsAllWaiting ? events[number...] : events[number...number]
            attempt.boundCount = mine.count
            attempt.bound = mine.suffix(HeldAttempt.boundCap).reversed().map {
                bound($0.event, by: queue.firstStep, memory)
            }
            attempt.line = 0
            attempt.isOpen = Int64(mine.count) >= queue.minimum
            if queue.absence >= 0 {
                attempt.deadline = time + TimeSpan(nanoseconds: queue.delay)
            }
            attempt.expiresAt = expiry(of: time.nanoseconds)
            attempts.append(attempt)
        }
        return (attempts, events.count { $0.isStart })
    }

    /// Of each state that holds attempts the newest.
    private func heldSets(
        of key: Int, _ memory: borrowing MatchMemory
    ) -> [HeldAttempt] {
        var attempts: [HeldAttempt] = []
        let states = determined.unexpired(key)
        for state in 1..<max(determined.stateCount, 1) where states & 1 << UInt32(state) != 0 {
            let top = determined.top(state, of: key)
            var attempt = HeldAttempt(startedAt: StreamTime(nanoseconds: top.latestStart))
            attempt.awaitedStep = determined.steps[state]
            attempt.expiresAt = expiry(of: top.latestStart)
            attempt.boundCount = state
            var (node, number) = (top.node, state)
            while node != CompactSets.none, number > 0,
                attempt.bound.count < HeldAttempt.boundCap
            {
                number -= 1
                attempt.bound.append(
                    bound(determined.sets[node].event, by: determined.steps[number], memory))
                node = determined.sets.below(node)
            }
            attempts.append(attempt)
        }
        return attempts
    }
}
