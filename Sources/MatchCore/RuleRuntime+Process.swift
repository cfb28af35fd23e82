// SPDX-License-Identifier: Apache-2.0
// The order of work for one event or one instant of one key: docs/reference/matching.md, "Order of
// work".

internal import Automata
internal import BasicContainers
internal import EventModel

extension RuleRuntime {
    /// Works the memory's current event into the input of the key in `memory.key`.
    ///
    /// - Parameters:
    ///   - member: the rule, among those of the automaton.
    ///   - state: what the rule holds of the key; -1: nothing.
    ///   - position: the event's in the key's input.
    ///   - routes: the rule's routes that give this key for the event, a bit each.
    ///   - watchedFrom: since when the rule's input has been watched.
    /// - Returns: what the rule holds of the key now; -1: nothing.
    /// - Precondition: deadlines before the event's time have been worked off.
    mutating func process(
        member: Int, state: Int, position: Int64, routes: UInt64, watchedFrom: StreamTime,
        _ memory: inout MatchMemory
    ) -> Int {
        now = memory.current.time.nanoseconds
        self.member = member
        self.routes = routes
        self.position = position
        isInstant = false
        memory.knownComparison.forget()
        if isCounted { return count(state, &memory) }
        if rule.resolution >= 0, collectsMatches { noteResolution(&memory) }
        if isWindow { return processWindow(state, &memory) }
        if isDetermined { return processSets(state, &memory) }
        key = state
        if let queue = rule.queue { return process(queue, &memory) }
        var isAbsent = false
        if let leading = rule.leadingAbsence {
            isAbsent = holds(leading.filter, BindingStore.empty, &memory)
        }
        let begins = mayBegin(watchedFrom, &memory)
        let isMoved = key >= 0 && (rule.isMovedByAnyEvent || mayMove(&memory))
        if !begins, !isAbsent, !isMoved { return key }
        if key < 0 { key = keys.insert(member) }
        beginMoment(memory)
        endExpired(&memory)
        if isMoved {
            if !rule.resets.isEmpty { applyReset(&memory) }
            if rule.plain.isEmpty {
                advanceAttempts(&memory)
            } else {
                advancePlainAttempts(&memory)
            }
        }
        if begins { beginAttempt(&memory) }
        if isAbsent { keys.setLastAbsent(now, of: key) }
        return finish(&memory) ? key : -1
    }

    /// Whether the event at hand may change an attempt of a rule that not any event does. Time that
    /// has run out is seen to by wake-ups, or when something else changes it.
    private func mayMove(_ memory: inout MatchMemory) -> Bool {
        var i = 0
        while i < rule.laterFilters.count {
            if mayHold(rule.laterFilters[i], &memory) { return true }
            i += 1
        }
        return false
    }

    /// Moments order what the keys of one event do, in whatever shard: that of an event tells how
    /// many were before it and which of its keys is at hand.
    @inline(__always)
    mutating func beginMoment(_ memory: borrowing MatchMemory) {
        moment = max(moment + 1, currentMoment(memory))
    }

    @inline(__always)
    func currentMoment(_ memory: borrowing MatchMemory) -> Int64 {
        moment(memory.current.arrival, ordinal: memory.keyOrdinal)
    }

    /// The moment of an event for one of its keys.
    @inline(__always)
    func moment(_ arrival: Int64, ordinal: Int) -> Int64 {
        arrival << 16 | Int64(min(ordinal, 0xffff))
    }

    /// Whether an attempt may begin with the event at hand.
    private func mayBegin(_ watchedFrom: StreamTime, _ memory: inout MatchMemory) -> Bool {
        if let leading = rule.leadingAbsence {
            let since = sum(now, -leading.duration)
            if watchedFrom.nanoseconds > since { return false }
            if key >= 0, keys.lastAbsent(of: key) != .min, keys.lastAbsent(of: key) >= since {
                return false
            }
        }
        if !rule.plain.isEmpty { return plainBegins(&memory) }
        return canBegin(
            sequence: 0, from: 0, BindingStore.empty, atStart: true, &memory)
    }

    private mutating func endExpired(_ memory: inout MatchMemory) {
        guard limit != .max else { return }
        // Attempts are in order of their start, so the expired ones come first.
        while keys[key].head >= 0 {
            let head = Int(keys[key].head)
            guard now > sum(words[base(head) + RecordLayout.firstTime], limit) else { return }
            drop(head, &memory)
        }
    }

    private mutating func applyReset(_ memory: inout MatchMemory) {
        for i in 0..<rule.resets.count
        where holds(rule.resets[i], BindingStore.empty, &memory) {
            while keys[key].head >= 0 { drop(Int(keys[key].head), &memory) }
            return
        }
    }

    // MARK: Attempts

    private mutating func advanceAttempts(_ memory: inout MatchMemory) {
        var record = Int(keys[key].head)
        while record >= 0 {
            let next = Int(words[base(record) + RecordLayout.next])
            advance(record, &memory)
            record = next
        }
    }

    private mutating func beginAttempt(_ memory: inout MatchMemory) {
        if Int(keys[key].attemptCount) >= caps.attemptsPerKey {
            counters.cappedAttempts += 1
            return
        }
        counters.attempts += 1
        if !rule.plain.isEmpty {
            return beginPlainAttempt(arrival: memory.current.arrival, &memory)
        }
        let record = newRecord()
        prepare(record, arrival: memory.current.arrival)
        link(record, after: -1)
        advance(record, &memory)
    }

    /// Works the event or instant at hand into one attempt, in every way in which it can.
    private mutating func advance(_ record: Int, _ memory: inout MatchMemory) {
        guard rule.hasChoices else {
            let outcome = run(record, &memory)
            settle(record, outcome, &memory)
            return
        }
        save(record, &memory)
        choices.reset()
        var place = record
        var outcome = run(record, &memory)
        var count = 1
        // The first way may be dropped: the next one is then put before what followed it.
        var anchor = Int(words[base(record) + RecordLayout.previous])
        if settle(record, choices.isInvalid ? .ended : outcome, &memory) { anchor = record }
        while choices.advance() {
            count += 1
            if count > caps.choicesPerEvent {
                counters.cappedChoices += 1
                break
            }
            place = recordFromSaved(&memory)
            linkBehind(place, anchor)
            outcome = run(place, &memory)
            if settle(place, choices.isInvalid ? .ended : outcome, &memory) { anchor = place }
        }
        releaseSaved(&memory)
    }

    /// Puts a record behind `anchor`; at the front where `anchor` is -1.
    private mutating func linkBehind(_ record: Int, _ anchor: Int) {
        if anchor >= 0 || keys[key].head < 0 { return link(record, after: anchor) }
        let head = Int(keys[key].head)
        words[base(record) + RecordLayout.previous] = -1
        words[base(record) + RecordLayout.next] = Int64(head)
        words[base(head) + RecordLayout.previous] = Int64(record)
        keys[key].head = Int32(record)
        keys[key].attemptCount += 1
        addAttempts(1)
    }

    /// Notes what the run chose in an `each`: alternatives of one attempt made the same choices,
    /// and share its strand, which is a hash of them in no order.
    mutating func noteChoice(_ kind: ChoiceKind, of line: Int, _ base: Int) {
        guard rule.hasAlternatives else { return }
        var mix = UInt64(bitPattern: position) &* 0x9e37_79b9_7f4a_7c15
        mix = (mix ^ UInt64(line * 4 + kind.rawValue)) &* 0xbf58_476d_1ce4_e5b9
        mix ^= mix >> 29
        words[strand(base)] &+= Int64(bitPattern: mix &* 0x94d0_49bb_1331_11eb)
    }

    enum ChoiceKind: Int { case begins, repeats, isDone, wantsMore }

    private mutating func run(_ record: Int, _ memory: inout MatchMemory) -> Outcome {
        let base = base(record)
        if isInstant {
            guard earliestDeadline(0, base) == now else { return .passed }
            if rule.hasGapLimits, !expireGaps(0, base, &memory) { return .ended }
            guard earliestDeadline(0, base) == now else { return .passed }
            // What this makes due at the same instant belongs to it too.
            repeat {
                workOff(0, base, &memory)
            } while !isOpen(sequence: 0, base) && earliestDeadline(0, base) == now
            return .taken
        }
        let root = base + rule.sequences[0].block
        if words[root + RecordLayout.current] == RecordLayout.notBegun {
            begin(sequence: 0, base, atStart: true, &memory)
            return .taken
        }
        // A branch or an iteration whose time is over holds nothing any more.
        if rule.hasInnerGaps, !expireGaps(0, base, &memory) {
            return .ended
        }
        return work(0, base, mayTake: true, &memory)
    }

    /// Files an attempt by what became of it. False where it is no longer in the key's list.
    @discardableResult
    mutating func settle(
        _ record: Int, _ outcome: Outcome, _ memory: inout MatchMemory
    ) -> Bool {
        if outcome == .ended || outcome == .stuck {
            drop(record, &memory)
            return false
        }
        let base = base(record)
        if outcome == .taken, rule.plain.isEmpty { words[movedAt(base)] = moment }
        if isOpen(sequence: 0, base) {
            unlink(record)
            candidates.append(record)
            return false
        }
        if rule.hasDeadlines {
            if waitsForNothing(base) {
                drop(record, &memory)
                return false
            }
            words[base + RecordLayout.deadline] = earliestDeadline(0, base)
        }
        return true
    }

    /// Whether all that can happen to the attempt is a deadline beyond its limit, which never
    /// comes.
    func waitsForNothing(_ base: Int) -> Bool {
        let block = base + rule.sequences[0].block
        let line = Int(words[block + RecordLayout.current])
        guard limit != .max, rule.lines[line].pendingAbsence >= 0,
            words[block + RecordLayout.flags] & RecordLayout.isOpen != 0,
            words[block + RecordLayout.pendingDeadline]
                > sum(words[base + RecordLayout.firstTime], limit)
        else { return false }
        return canTakeNoMore(line, block) && followersAreGone(line, block)
    }

    /// What comes after the attempts have been worked on. False: nothing is held of the key any
    /// more.
    mutating func finish(_ memory: inout MatchMemory) -> Bool {
        if rule.hasAlternatives { keepPreferredAlternatives(&memory) }
        if !candidates.isEmpty { report(&memory) }
        if rule.keepsLatestAttemptOnly { keepLatestAttempts(&memory) }
        askForWakeUp(&memory)
        guard keys[key].head < 0, !isRemembered else { return true }
        keys.remove(key)
        return false
    }

    /// Whether the leading absence still has to know about the key.
    private var isRemembered: Bool {
        guard let leading = rule.leadingAbsence, keys.lastAbsent(of: key) != .min else {
            return false
        }
        return sum(keys.lastAbsent(of: key), leading.duration) >= now
    }

    // MARK: Time

    /// Whether the wake-up is one that its key waits for.
    ///
    /// It may have been asked for by a key that has gone since and has left its state to another
    /// of the same rule, which wants to be woken at the same time: then it does for that one.
    package func isAwaited(_ wakeUp: WakeUp) -> Bool {
        let state = keys[Int(wakeUp.key)]
        return state.wakeUp == wakeUp.time && ruleNumbers[Int(state.member)] == wakeUp.rule
    }

    /// Works off what is due for the key in `memory.key` at the time it asked to be woken.
    ///
    /// - Parameter position: that of the last event of the key's input.
    /// - Returns: whether the rule still holds something of the key.
    /// - Precondition: the wake-up is awaited.
    mutating func wake(
        _ wakeUp: WakeUp, position: Int64, _ memory: inout MatchMemory
    ) -> Bool {
        key = Int(wakeUp.key)
        member = Int(keys[key].member)
        keys[key].wakeUp = .max
        now = wakeUp.time
        self.position = position
        if isDetermined { return wakeSets(&memory) }
        if isCounted { return wakeCount(&memory) }
        isInstant = true
        if isWindow { return wakeWindow(&memory) }
        routes = 0
        moment += 1
        if let queue = rule.queue { return wakeQueue(queue, &memory) }
        endExpired(&memory)
        if rule.hasDeadlines { advanceAttempts(&memory) }
        return finish(&memory)
    }

    /// Asks to be woken at the key's next deadline, or when its oldest attempt has expired.
    private mutating func askForWakeUp(_ memory: inout MatchMemory) {
        var time = Int64.max
        if keys[key].head >= 0 {
            if limit != .max {
                let first = words[base(Int(keys[key].head)) + RecordLayout.firstTime]
                time = sum(sum(first, limit), 1)
            }
            if rule.hasDeadlines {
                var record = Int(keys[key].head)
                while record >= 0 {
                    time = min(time, words[base(record) + RecordLayout.deadline])
                    record = Int(words[base(record) + RecordLayout.next])
                }
            }
        }
        if let leading = rule.leadingAbsence, keys.lastAbsent(of: key) != .min {
            let forgotten = sum(sum(keys.lastAbsent(of: key), leading.duration), 1)
            if forgotten > now { time = min(time, forgotten) }
        }
        askForWakeUp(at: time, &memory)
    }

    mutating func askForWakeUp(at time: Int64, _ memory: inout MatchMemory) {
        guard time != .max, time < keys[key].wakeUp else { return }
        keys[key].wakeUp = time
        memory.wakeUps.append(
            WakeUp(time: time, rule: ruleNumbers[member], key: Int32(key)))
    }
}
