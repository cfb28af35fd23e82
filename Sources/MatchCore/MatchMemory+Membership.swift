// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import BasicContainers
internal import EventModel
internal import TextMatching

extension MatchMemory {
    /// Finds the event types that the event under test is a member of, and fills in the slots of
    /// captured and computed fields, and of keys that are `time`, `id` or `type`.
    ///
    /// - Returns: false where they are those of the event before.
    mutating func findMembers() -> Bool {
        if current.row == current.membersRow { return false }
        current.clearMembers()
        let row = memberships.rows[current.row]
        if row.derivations.isEmpty { current.membersRow = current.row }
        for i in row.given { current.addMember(memberships.types[i]) }
        for i in row.derivations { derive(i) }
        for i in row.excerpts { current.slots[Int(memberships.excerpts[i])] = .missing }
        return true
    }

    private mutating func derive(_ index: Int) {
        let derivation = memberships.derivations[index]
        if derivation.isVouchedFor {
            for i in derivation.computed
            where current.slots[Int(memberships.computed[i].slot)].isMissing {
                compute(i)
            }
            return
        }
        guard derivation.sources.isEmpty || isMember(ofOneOf: derivation.sources) else { return }
        if !derivation.copies.isEmpty { copyInherited(derivation.copies) }
        for i in derivation.patterns where !capture(i) { return }
        for i in derivation.computed { compute(i) }
        if let filter = derivation.filter,
            !evaluate(filter, EvaluationFrame(chain: BindingStore.empty)).isTrue
        {
            return
        }
        current.addMember(derivation.type)
    }

    private func isMember(ofOneOf sources: Range<Int>) -> Bool {
        for i in sources where current.isMember[Int(memberships.types[i])] { return true }
        return false
    }

    private mutating func compute(_ index: Int) {
        let computed = memberships.computed[index]
        let value = evaluate(computed.code, EvaluationFrame(chain: BindingStore.empty))
        current.slots[Int(computed.slot)] = value
    }

    /// The first source that the event is a member of gives each field.
    private mutating func copyInherited(_ copies: Range<Int>) {
        for i in copies where current.isMember[Int(memberships.copies[i].source)] {
            let copy = memberships.copies[i]
            var isFirst = true
            for k in copies.lowerBound..<i
            where memberships.copies[k].to == copy.to
                && current.isMember[Int(memberships.copies[k].source)]
            {
                isFirst = false
            }
            if isFirst { current.slots[Int(copy.to)] = current.slots[Int(copy.from)] }
        }
    }

    /// Matches one pattern and fills in its captures; false where it does not match.
    private mutating func capture(_ index: Int) -> Bool {
        let pattern = memberships.patterns[index]
        guard isMatch(pattern) else { return false }
        guard !pattern.captures.isEmpty, let matcher = matchers[pattern.regex] else { return true }
        let subject = current.slots[pattern.subject]
        if subject.tag == .excerpt {
            let start = current.textStart + subject.place.lowerBound
            for i in pattern.captures { fillIn(i, matcher, from: start) }
        } else {
            for i in pattern.captures { fillIn(i, matcher, from: subject.symbol) }
        }
        return true
    }

    /// Has the pattern's matcher search in the pattern's subject.
    private func isMatch(_ pattern: MembershipPlan.Pattern) -> Bool {
        guard pattern.subject >= 0 else { return false }
        let subject = current.slots[pattern.subject]
        switch subject.tag {
        case .excerpt:
            let place = subject.place
            let start = current.textStart + place.lowerBound
            return matchers[pattern.regex]?.matches(
                current.text.span.extracting(start..<start + place.count)) ?? false
        case .string:
            return symbols.withBytes(of: subject.symbol) {
                matchers[pattern.regex]?.matches($0) ?? false
            }
        default: return false
        }
    }

    /// Fills in one capture out of the event's own text, from `start` on.
    private mutating func fillIn(_ index: Int, _ matcher: RegexMatcher, from start: Int) {
        let capture = memberships.captures[index]
        var slot = Slot.missing
        if let range = matcher.captureRange(Int(capture.group)) {
            let place = start + range.lowerBound..<start + range.upperBound
            slot = MatchMemory.slot(current.text, place, as: capture.type, in: &symbols)
        }
        current.slots[Int(capture.slot)] = slot
    }

    /// Fills in one capture out of a symbol's text, which has to be copied: the capture may be a
    /// new symbol.
    private mutating func fillIn(_ index: Int, _ matcher: RegexMatcher, from subject: Symbol) {
        let capture = memberships.captures[index]
        var slot = Slot.missing
        if let range = matcher.captureRange(Int(capture.group)) {
            captured.removeAll(keepingCapacity: true)
            symbols.withBytes(of: subject) { captured.append(copying: $0.extracting(range)) }
            slot = MatchMemory.slot(captured, 0..<range.count, as: capture.type, in: &symbols)
        }
        current.slots[Int(capture.slot)] = slot
    }

    private static func slot(
        _ text: borrowing [UInt8], _ place: Range<Int>, as type: ValueType,
        in symbols: inout SymbolTable
    ) -> Slot {
        .text(text.span.extracting(place), as: type, isTextual: true, in: &symbols) ?? .missing
    }
}
