// SPDX-License-Identifier: Apache-2.0
// Rules over a window: when events come and go, and when the window is looked at. See
// docs/reference/matching.md, "Windows".

internal import Automata
internal import BasicContainers
internal import EventModel

extension RuleRuntime {
    /// A moment at which a window is looked at.
    private struct Look {
        var start: Int64
        var end: Int64
        /// Whether the event at hand is the reason.
        var isOfEvent = false
        /// Whether what happened exactly a part's length before has left that part.
        var isPast = false

        /// A window that ends with this instant has ended before what comes with the next one.
        func isByClock(at now: Int64) -> Bool { !isOfEvent && end == now }
    }

    /// Works the event at hand into the window of the key; see `process`.
    mutating func processWindow(_ state: Int, _ memory: inout MatchMemory) -> Int {
        key = state
        guard holds(windows.filter, BindingStore.empty, &memory) else { return key }
        if case .hopping(let length, let hop) = windows.kind, isBetween(length, hop) { return key }
        if key < 0 {
            key = keys.insert(member)
            counters.attempts += 1
            windows.open(key)
            windows.words[windows.base(key) + WindowRuntime.Layout.mark] = firstMark
        } else if windows.onlyFalls {
            catchUp(before: now, &memory)
        }
        take(&memory)
        switch windows.kind {
        case .sliding, .last:
            let start = windows.startTime(key)
            look(Look(start: start, end: now, isOfEvent: true), &memory)
        case .hopping, .session: break
        }
        askForWakeUp(at: nextMoment, &memory)
        return key
    }

    /// Puts the event at hand into the window.
    private mutating func take(_ memory: inout MatchMemory) {
        let base = windows.base(key)
        // An event out of order counts from when it comes.
        let last = windows.words[base + WindowRuntime.Layout.lastTime]
        let time = windows.count(key) > 0 ? max(now, last) : now
        if windows.count(key) >= Int64(caps.windowEventsPerKey) {
            guard makeRoom() else { return }
        }
        windows.read(&memory)
        // Ordered by arrival, and among the keys of one event by their order.
        let order = currentMoment(memory)
        windows.push(key, at: time, order: order, memory)
    }

    /// What happens at the cap: the oldest event leaves early, or where events are not held, but
    /// their values are, the one at hand does not count.
    private mutating func makeRoom() -> Bool {
        if windows.holdsEvents {
            counters.cappedWindowEvents += 1
            windows.removeHead(0, of: key)
            return true
        }
        guard windows.keepsValues else { return true }
        counters.cappedWindowEvents += 1
        return false
    }

    // MARK: Moments

    /// Whether the event at hand falls between two windows, where they are shorter than the hop.
    private func isBetween(_ length: Int64, _ hop: Int64) -> Bool {
        guard length < hop else { return false }
        let since = now % hop
        return (since < 0 ? since + hop : since) >= length
    }

    /// The mark of a window that the event at hand opens.
    private var firstMark: Int64 {
        switch windows.kind {
        case .sliding, .last: return 0
        case .session: return now
        case .hopping(let length, let hop):
            // The first window that ends behind the event.
            let (ago, isOver) = now.subtractingReportingOverflow(length)
            if isOver { return .max }
            let (quotient, remainder) = ago.quotientAndRemainder(dividingBy: hop)
            let start = (remainder < 0 ? quotient - 1 : quotient) + 1
            let (time, isFar) = start.multipliedReportingOverflow(by: hop)
            return isFar ? .max : sum(time, length)
        }
    }

    /// When the window of the key wants to be looked at by the clock; `Int64.max`: never.
    private var nextMoment: Int64 { nextMoment(of: key) }

    func nextMoment(of key: Int) -> Int64 {
        let base = windows.base(key)
        switch windows.kind {
        case .last: return .max
        case .session(let gap):
            return sum(windows.words[base + WindowRuntime.Layout.lastTime], gap)
        case .hopping:
            // Before the first event behind the window.
            let end = windows.words[base + WindowRuntime.Layout.mark]
            return end == .max ? .max : sum(end, -1)
        case .sliding(let length):
            if windows.onlyFalls {
                return sum(windows.words[base + WindowRuntime.Layout.lastTime], length)
            }
            var moment = sum(windows.headTime(0, of: key), length)
            var i = 0
            while i < windows.havingParts.count {
                let part = windows.havingParts[i]
                if case .recent(let short) = windows.parts[part], windows.head(part, of: key) >= 0 {
                    moment = min(moment, sum(windows.headTime(part, of: key), short))
                }
                i += 1
            }
            return moment
        }
    }

    /// Works off the time at which a window wanted to be looked at; see `wake`.
    mutating func wakeWindow(_ memory: inout MatchMemory) -> Bool {
        let isOpen: Bool
        switch windows.kind {
        case .last: return true
        case .session(let gap):
            let last = windows.words[windows.base(key) + WindowRuntime.Layout.lastTime]
            if sum(last, gap) > now {
                isOpen = true
            } else {
                look(Look(start: windows.startTime(key), end: now), &memory)
                isOpen = false
            }
        case .sliding where windows.onlyFalls:
            // What is exactly as old as the window is long goes too.
            catchUp(before: sum(now, 1), &memory)
            isOpen = windows.count(key) > 0
        case .sliding(let length): isOpen = expire(length, &memory)
        case .hopping(let length, let hop): isOpen = closeWindow(length, hop, &memory)
        }
        guard isOpen else {
            windows.close(key)
            keys.remove(key)
            return false
        }
        askForWakeUp(at: nextMoment, &memory)
        return true
    }

    /// Lets go of what is as old as the window is long. False: nothing is left.
    private mutating func expire(_ length: Int64, _ memory: inout MatchMemory) -> Bool {
        // After all events of this time, what is exactly as old goes too.
        var hasLeft = windows.narrow(0, of: key, from: sum(now, 1 - length))
        if windows.count(key) == 0 { return false }
        var i = 0
        while i < windows.havingParts.count {
            let part = windows.havingParts[i]
            if case .recent(let short) = windows.parts[part],
                windows.narrow(part, of: key, from: sum(now, 1 - short))
            {
                hasLeft = true
            }
            i += 1
        }
        if hasLeft {
            look(Look(start: windows.startTime(key), end: now, isPast: true), &memory)
        }
        return true
    }

    /// Lets go of what is too old at `time`, and notes where `having` has become false by that.
    private mutating func catchUp(before time: Int64, _ memory: inout MatchMemory) {
        guard case .sliding(let length) = windows.kind,
            windows.narrow(0, of: key, from: sum(time, -length)) || windows.parts.count > 1
        else { return }
        if windows.count(key) == 0 {
            windows.close(key)
            windows.open(key)
            return
        }
        let mark = windows.base(key) + WindowRuntime.Layout.mark
        guard windows.words[mark] == 1, let having = havings[member] else { return }
        narrowParts(at: time, isPast: false)
        var frame = EvaluationFrame(chain: BindingStore.empty)
        frame.matchCount = windows.count(key)
        windows.read(0..<windows.havingReadingCount, of: key, frame, &memory)
        windows.words[mark] = memory.evaluate(having, frame).isTrue ? 1 : 0
    }

    /// Looks at the window that ends just behind this instant. False: nothing is left.
    private mutating func closeWindow(
        _ length: Int64, _ hop: Int64, _ memory: inout MatchMemory
    ) -> Bool {
        let base = windows.base(key)
        let end = windows.words[base + WindowRuntime.Layout.mark]
        look(Look(start: sum(end, -length), end: end), &memory)
        guard windows.evicts else { return false }
        _ = windows.narrow(0, of: key, from: sum(sum(end, -length), hop))
        windows.words[base + WindowRuntime.Layout.mark] = sum(end, hop)
        return windows.count(key) > 0
    }

    // MARK: Looking

    private mutating func look(_ look: Look, _ memory: inout MatchMemory) {
        narrowParts(at: look.end, isPast: look.isPast)
        var frame = EvaluationFrame(chain: BindingStore.empty)
        frame.matchStart = StreamTime(nanoseconds: look.start)
        frame.matchEnd = StreamTime(nanoseconds: look.end)
        frame.matchCount = windows.count(key)
        if let having = havings[member] {
            windows.read(0..<windows.havingReadingCount, of: key, frame, &memory)
            if !passes(memory.evaluate(having, frame).isTrue) { return }
        }
        counters.matches += 1
        guard collectsMatches else { return }
        windows.read(
            windows.havingReadingCount..<windows.readings.count, of: key, frame, &memory)
        if isExcepted(frame, &memory) {
            counters.excepted += 1
            noteExcepted(
                frame, completedBy: order >> 16, keyOrder: order & 0xffff,
                isByClock: look.isByClock(at: now), &memory)
            return
        }
        report(frame, look, &memory)
    }

    /// Brings shorter windows of time up to a moment.
    private mutating func narrowParts(at time: Int64, isPast: Bool) {
        var part = 1
        while part < windows.parts.count {
            if case .recent(let length) = windows.parts[part] {
                let start = sum(time, (isPast ? 1 : 0) - length)
                _ = windows.narrow(part, of: key, from: start)
            }
            part += 1
        }
    }

    /// Whether a look gives a match, where `having` holds or not.
    private mutating func passes(_ holds: Bool) -> Bool {
        guard windows.firesOnRisingEdge else {
            if !holds { counters.refused += 1 }
            return holds
        }
        let mark = windows.base(key) + WindowRuntime.Layout.mark
        let held = windows.words[mark] == 1
        windows.words[mark] = holds ? 1 : 0
        return holds && !held
    }

    /// The newest event's arrival number, and its order among keys.
    private var order: Int64 { windows.words[windows.base(key) + WindowRuntime.Layout.lastOrder] }

    private mutating func report(
        _ frame: EvaluationFrame, _ look: Look, _ memory: inout MatchMemory
    ) {
        var match = begin(frame, &memory)
        let firstEvent = memory.matches.events.count
        if look.isOfEvent {
            let event = memory.storedCurrent()
            memory.appendEvent(event, 0)
        }
        match.events = firstEvent..<memory.matches.events.count
        match.eventCount = Int(frame.matchCount)
        if windows.lineageReading >= 0 {
            match.lineage = memory.matches.valueCount
            let ids = memory.windowReadings[windows.lineageReading]
            memory.matches.append(ids, memory.symbols)
        }
        match.completedBy = order >> 16
        match.keyOrder = order & 0xffff
        match.isByClock = look.isByClock(at: now)
        memory.matches.rows.append(match)
    }
}
