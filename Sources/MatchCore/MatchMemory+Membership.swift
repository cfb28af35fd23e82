// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import BasicContainers
internal import EventModel
internal import TextMatching

extension MatchMemory {
    /// Finds the event types that the event under test is a member of, and fills in the slots of
    /// captured and computed fields.
    ///
    /// - Returns: false where they are those of the event before.
    mutating func findMembers() -> Bool {
        let row = current.row
        if row == current.membersRow { return false }
        current.clearMembers()
        if program.memberships[row].derivations.isEmpty { current.membersRow = row }
        if current.incomingType < 0 { return true }
        var i = 0
        while i < program.memberships[row].given.count {
            current.addMember(program.memberships[row].given[i])
            i += 1
        }
        i = 0
        while i < program.memberships[row].derivations.count {
            derive(row, i)
            i += 1
        }
        return true
    }

    private mutating func derive(_ row: Int, _ index: Int) {
        let derivation = program.memberships[row].derivations[index]
        if derivation.isVouchedFor {
            for computed in derivation.computed
            where current.slots[Int(computed.slot)].isMissing {
                compute(computed)
            }
            return
        }
        guard
            derivation.sources.isEmpty
                || derivation.sources.contains(where: { current.isMember[Int($0)] })
        else { return }
        copyInherited(derivation.copies)
        for pattern in derivation.patterns where !capture(pattern) { return }
        for computed in derivation.computed { compute(computed) }
        if let filter = derivation.filter,
            !evaluate(filter, EvaluationFrame(chain: BindingStore.empty)).isTrue
        {
            return
        }
        current.addMember(derivation.type)
    }

    private mutating func compute(_ computed: MembershipProgram.Computed) {
        let value = evaluate(computed.code, EvaluationFrame(chain: BindingStore.empty))
        current.slots[Int(computed.slot)] = value
    }

    /// The first source that the event is a member of gives each field.
    private mutating func copyInherited(_ copies: [MembershipProgram.Copy]) {
        for (i, copy) in copies.enumerated() where current.isMember[Int(copy.source)] {
            let isFirst = !copies[..<i].contains {
                $0.to == copy.to && current.isMember[Int($0.source)]
            }
            if isFirst { current.slots[Int(copy.to)] = current.slots[Int(copy.from)] }
        }
    }

    /// Matches one pattern and fills in its captures; false where it does not match.
    private mutating func capture(_ pattern: MembershipProgram.Pattern) -> Bool {
        guard pattern.subject >= 0, let matcher = matchers[Int(pattern.regex)] else { return false }
        let subject = current.slots[Int(pattern.subject)]
        guard subject.tag == .string else { return false }
        guard symbols.withBytes(of: subject.symbol, { matcher.matches($0) }) else { return false }
        for capture in pattern.captures {
            current.slots[Int(capture.slot)] = slot(of: capture, matcher, subject.symbol)
        }
        return true
    }

    private mutating func slot(
        of capture: MembershipProgram.Capture, _ matcher: RegexMatcher, _ subject: Symbol
    ) -> Slot {
        guard let range = matcher.captureRange(Int(capture.group)) else { return .missing }
        let text = Array(symbols.bytes(of: subject).dropFirst(range.lowerBound).prefix(range.count))
        return Slot.text(text.span, as: capture.type, isTextual: true, in: &symbols) ?? .missing
    }
}
