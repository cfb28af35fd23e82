// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import BasicContainers
internal import EventModel

/// Finished attempts to matches.
extension RuleRuntime {
    /// Appends the match of a finished attempt to those reported; where an `except` drops it, only
    /// that there was one.
    ///
    /// - Parameter keyOrder: orders it among those that the same event completes for other keys.
    mutating func build(_ frame: EvaluationFrame, keyOrder: Int64, _ memory: inout MatchMemory) {
        if isExcepted(frame, &memory) {
            counters.excepted += 1
            noteExcepted(
                frame, completedBy: latestArrival(frame.chain, memory), keyOrder: keyOrder,
                isByClock: isInstant, &memory)
            return
        }
        var match = begin(frame, &memory)
        (match.events, match.isOpened) = appendEvents(frame.chain, &memory)
        match.eventCount = match.events.count + (match.isOpened ? 1 : 0)
        match.completedBy = memory.matches.events[match.events].last?.arrival ?? 0
        match.keyOrder = keyOrder
        match.isByClock = isInstant
        memory.matches.rows.append(match)
    }

    /// A row with what the alert says, and no events yet.
    func begin(_ frame: EvaluationFrame, _ memory: inout MatchMemory) -> MatchBatch.Row {
        let firstValue = appendKey(&memory)
        appendValues(alerts[member].labels, frame, &memory)
        appendValues(alerts[member].fields, frame, &memory)
        if let suppression = alerts[member].policy.suppression {
            for code in suppression.values {
                let slot = memory.evaluate(code, frame).identity
                memory.matches.append(slot, memory.symbols)
            }
        }
        let severity = severity(frame, &memory)
        let title = memory.matches.bytes.count
        memory.render(alerts[member].title, frame)
        let titleEnd = memory.matches.bytes.count
        return MatchBatch.Row(
            rule: ruleNumber, start: frame.matchStart, end: frame.matchEnd,
            severity: severity, title: title..<titleEnd, firstValue: firstValue,
            events: 0..<0, eventCount: 0, completedBy: 0, keyOrder: 0,
            number: memory.matches.rows.count, isByClock: false, moment: frame.matchEnd)
    }

    /// Appends the values of the key at hand; where they begin.
    private func appendKey(_ memory: inout MatchMemory) -> Int {
        let firstValue = memory.matches.valueCount
        for part in 0..<memory.key.count {
            memory.matches.append(memory.key[part], memory.symbols)
        }
        return firstValue
    }

    func isExcepted(_ frame: EvaluationFrame, _ memory: inout MatchMemory) -> Bool {
        for i in alerts[member].policy.exceptions.indices {
            let exception = alerts[member].policy.exceptions[i]
            guard frame.matchEnd.nanoseconds < exception.until || exception.until == .max,
                memory.evaluate(exception.condition, frame).isTrue
            else { continue }
            return true
        }
        return false
    }

    /// Notes among the matches one that an `except` drops, in its place.
    func noteExcepted(
        _ frame: EvaluationFrame, completedBy arrival: Int64, keyOrder: Int64, isByClock: Bool,
        _ memory: inout MatchMemory
    ) {
        memory.matches.rows.append(
            MatchBatch.Row(
                rule: ruleNumber, start: frame.matchStart, end: frame.matchEnd, severity: 0..<0,
                title: 0..<0, firstValue: memory.matches.valueCount, events: 0..<0,
                completedBy: arrival, keyOrder: keyOrder, number: memory.matches.rows.count,
                isByClock: isByClock, status: .excepted, moment: frame.matchEnd))
    }

    /// The arrival number of the last event that a chain has bound; 0: it has bound none.
    private func latestArrival(_ chain: Int64, _ memory: borrowing MatchMemory) -> Int64 {
        var latest: Int64 = 0
        var node = chain
        while node != BindingStore.empty {
            let event = memory.bindings.event(of: node)
            if !memory.isOpening(event) { latest = max(latest, memory.events[event].arrival) }
            node = memory.bindings.parent(of: node)
        }
        return latest
    }

    /// Notes among the matches that the event at hand is one of `resolve on`, in front of those
    /// that it completes.
    func noteResolution(_ memory: inout MatchMemory) {
        guard holds(rule.resolution, BindingStore.empty, &memory) else { return }
        let time = StreamTime(nanoseconds: now)
        let firstValue = appendKey(&memory)
        memory.matches.rows.append(
            MatchBatch.Row(
                rule: ruleNumber, start: time, end: time, severity: 0..<0, title: 0..<0,
                firstValue: firstValue, events: 0..<0, eventCount: 0,
                completedBy: memory.current.arrival,
                keyOrder: 0, number: memory.matches.rows.count, isByClock: false,
                status: .resolution, moment: time))
    }

    private func appendValues(
        _ fields: [AlertProgram.Field], _ frame: EvaluationFrame, _ memory: inout MatchMemory
    ) {
        for i in fields.indices {
            let slot = memory.evaluate(fields[i].code, frame)
            memory.matches.append(slot, memory.symbols)
        }
    }

    private func severity(
        _ frame: EvaluationFrame, _ memory: inout MatchMemory
    ) -> Range<Int> {
        let start = memory.matches.bytes.count
        let slot = memory.evaluate(alerts[member].severity, frame)
        if slot.isMissing {
            memory.matches.bytes.append(contentsOf: "medium".utf8)
        } else {
            memory.symbols.appendText(of: slot, to: &memory.matches.bytes)
        }
        return start..<memory.matches.bytes.count
    }

    /// Appends what the chain bound, by arrival, but for the opening with which it may begin.
    private func appendEvents(
        _ chain: Int64, _ memory: inout MatchMemory
    ) -> (events: Range<Int>, isOpened: Bool) {
        let first = memory.matches.events.count
        let firstNode = memory.nodes.count
        memory.bindings.append(chain, to: &memory.nodes)
        memory.prefetchTexts(from: firstNode)
        var isInOrder = true
        var isOpened = false
        var last = Int64.min
        for i in firstNode..<memory.nodes.count {
            let node = memory.nodes[i]
            if memory.isOpening(memory.bindings.event(of: node)) {
                isOpened = true
                continue
            }
            memory.appendEvent(memory.bindings.event(of: node), memory.bindings.step(of: node))
            let arrival = memory.matches.events[memory.matches.events.count - 1].arrival
            isInOrder = isInOrder && last <= arrival
            last = arrival
        }
        memory.nodes.removeLast(memory.nodes.count - firstNode)
        // Rows and branches may bind an event before one that came earlier.
        if !isInOrder {
            memory.matches.events[first...].sort {
                $0.arrival != $1.arrival ? $0.arrival < $1.arrival : $0.step < $1.step
            }
        }
        return (first..<memory.matches.events.count, isOpened)
    }
}

extension MatchMemory {
    /// Appends the text of `code` to the bytes of the matches; a template goes there part by part
    /// and makes no symbol.
    mutating func render(_ code: CodeRange, _ frame: borrowing EvaluationFrame) {
        let end = Int(code.end)
        guard case .template = self.code[end - 1] else {
            let slot = evaluate(code, frame)
            symbols.appendText(of: slot, to: &matches.bytes)
            return
        }
        let base = stack.count
        run(Int(code.start), end - 1, frame)
        for i in base..<stack.count { symbols.appendText(of: stack[i], to: &matches.bytes) }
        stack.removeLast(stack.count - base)
    }

    /// Asks for the texts of the events of `nodes` from place `first` on, all at once: they are in
    /// no cache, most often.
    fileprivate func prefetchTexts(from first: Int) {
        for i in first..<nodes.count { events.prefetch(bindings.event(of: nodes[i])) }
        for i in first..<nodes.count { events.prefetchText(of: bindings.event(of: nodes[i])) }
    }

    /// Appends a stored event to those of the match at hand.
    mutating func appendEvent(_ event: StoredEvent, _ step: Int) {
        let stored = events[event]
        let textStart = matches.bytes.count
        let details = events.appendText(of: event, to: &matches.bytes)
        let text = textStart..<matches.bytes.count
        var row = MatchBatch.EventRow(
            step: step, feed: details.feed, position: details.position, time: stored.time,
            arrival: stored.arrival, type: matches.append(textOf: details.typeName, symbols),
            text: text, incomingType: stored.incomingType,
            firstValue: matches.valueCount)
        if !details.id.isMissing {
            let start = matches.bytes.count
            symbols.appendText(of: details.id, to: &matches.bytes)
            row.givenID = start..<matches.bytes.count
        }
        if row.incomingType >= 0 {
            let type = Int(row.incomingType)
            for k in program.derivedFields[type].indices {
                let place = events.place(of: program.derivedFields[type][k].slot)
                let slot = events.value(place, of: event)
                matches.append(slot, symbols)
            }
        }
        matches.events.append(row)
    }
}
