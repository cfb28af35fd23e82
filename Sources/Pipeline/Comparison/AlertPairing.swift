// SPDX-License-Identifier: Apache-2.0
// Pairs the alerts of two rulesets as they come. The definition is that of docs/reference/cli.md,
// "martlet diff"; it is the same read from either side. Exercised by AlertPairingTests.

package import EventModel

/// What became of an alert of the one ruleset with the other.
package enum AlertDifference: Hashable, Sendable {
    /// Nothing differs; the number of the rule.
    case same(rule: Int)
    case lost(ComparedAlert)
    case new(ComparedAlert)
    case changed(old: ComparedAlert, new: ComparedAlert)
}

/// Alerts of two rulesets on the same events, joined.
///
/// - Shape: holds what has no partner with the same events yet, for twice the horizon of event
///   time, and at most `heldCap` alerts.
package struct AlertPairing: Sendable {
    /// How far apart two alerts may come out and still be one that has changed.
    package let horizon: TimeSpan
    /// Alerts that wait for a partner. Of more the earliest is decided about with what is there,
    /// and counted.
    package let heldCap: Int
    package static let heldCap = 200_000
    package private(set) var earlyCount = 0

    fileprivate struct Entry {
        var alert: ComparedAlert
        var place: ComparedAlert.Place
        var identity: UInt128
        /// Nil: it is not among those of its hooks yet.
        var hooks: [UInt128]?
    }

    /// Numbers of entries in the order of their places; those that are no more stay in it until
    /// they come to the front.
    fileprivate struct Line {
        var items: [(place: ComparedAlert.Place, number: Int)] = []
        var first = 0

        var isEmpty: Bool { first == items.count }

        /// Alerts come nearly in order, so the place is sought from the back.
        mutating func insert(_ number: Int, at place: ComparedAlert.Place) {
            var index = items.count
            while index > first, place < items[index - 1].place { index -= 1 }
            items.insert((place, number), at: index)
        }
    }

    fileprivate struct Waiting {
        var entries: [Int: Entry] = [:]
        var identities: [UInt128: Line] = [:]
        var hooks: [UInt128: Line] = [:]
        /// Numbers of entries without hooks. Most find a partner with the same events at once, and
        /// need none.
        var unhooked: [Int] = []
        var all = Line()
        var nextNumber = 0
    }

    private var waiting = [Waiting(), Waiting()]

    package init(horizon: TimeSpan, heldCap: Int = AlertPairing.heldCap) {
        self.horizon = horizon
        self.heldCap = max(heldCap, 1)
    }

    /// Takes an alert in.
    package mutating func add(
        _ alert: ComparedAlert, from side: ComparisonSide,
        into differences: inout [AlertDifference]
    ) {
        let place = ComparedAlert.Place(
            moment: alert.moment.nanoseconds, start: alert.start.nanoseconds,
            identity: alert.identity)
        let entry = Entry(alert: alert, place: place, identity: place.identity)
        let other = side.other.rawValue
        if let number = waiting[other].first(in: \.identities, entry.identity),
            let twin = waiting[other].entries[number], isNear(twin.place, place)
        {
            waiting[other].remove(number)
            differences.append(difference(entry, twin, entryIs: side))
            return
        }
        waiting[side.rawValue].insert(entry)
        while waiting[0].entries.count + waiting[1].entries.count > heldCap {
            earlyCount += 1
            decideFirst(into: &differences)
        }
    }

    /// Decides about what can have no other partner any more.
    ///
    /// - Parameter time: nothing before it comes any more from either side.
    package mutating func advance(
        to time: StreamTime, into differences: inout [AlertDifference]
    ) {
        // A partner comes up to one horizon later, and one with its own events one after that.
        let (span, isOver) = horizon.nanoseconds.multipliedReportingOverflow(by: 2)
        let (bound, isUnder) = time.nanoseconds.subtractingReportingOverflow(span)
        if isOver || isUnder { return }
        while let (side, number) = earliest(),
            waiting[side].entries[number].map({ $0.place.moment < bound }) ?? false
        {
            decideFirst(into: &differences)
        }
    }

    /// Decides about all that is left.
    package mutating func finish(into differences: inout [AlertDifference]) {
        while earliest() != nil { decideFirst(into: &differences) }
    }

    /// Decides about the earliest alert that waits: its partner is the earliest of the other side
    /// that shares an event with it.
    private mutating func decideFirst(into differences: inout [AlertDifference]) {
        guard let (side, number) = earliest(), let entry = waiting[side].entries[number] else {
            return
        }
        waiting[side].remove(number)
        waiting[1 - side].addHooks()
        var best: (number: Int, entry: Entry)?
        for hook in entry.hooks ?? entry.alert.hooks {
            guard let candidate = waiting[1 - side].first(in: \.hooks, hook),
                let found = waiting[1 - side].entries[candidate], isNear(found.place, entry.place)
            else { continue }
            if best.map({ found.place < $0.entry.place }) ?? true { best = (candidate, found) }
        }
        let own: ComparisonSide = side == 0 ? .old : .new
        if let best {
            waiting[1 - side].remove(best.number)
            differences.append(difference(entry, best.entry, entryIs: own))
        } else {
            differences.append(own == .old ? .lost(entry.alert) : .new(entry.alert))
        }
    }

    private func difference(
        _ entry: Entry, _ partner: Entry, entryIs side: ComparisonSide
    ) -> AlertDifference {
        let (old, new) = side == .old ? (entry, partner) : (partner, entry)
        if old.alert.isSurelySame(as: new.alert) || old.alert.changes(to: new.alert).isEmpty {
            return .same(rule: old.alert.rule)
        }
        return .changed(old: old.alert, new: new.alert)
    }

    private mutating func earliest() -> (side: Int, number: Int)? {
        let old = waiting[0].firstOfAll()
        let new = waiting[1].firstOfAll()
        guard let old else { return new.map { (1, $0) } }
        guard let new else { return (0, old) }
        guard let a = waiting[0].entries[old], let b = waiting[1].entries[new] else { return nil }
        return b.place < a.place ? (1, new) : (0, old)
    }

    private func isNear(_ a: ComparedAlert.Place, _ b: ComparedAlert.Place) -> Bool {
        let (distance, isOver) = max(a.moment, b.moment)
            .subtractingReportingOverflow(min(a.moment, b.moment))
        return !isOver && distance <= horizon.nanoseconds
    }
}

extension AlertPairing.Waiting {
    fileprivate mutating func insert(_ entry: AlertPairing.Entry) {
        let number = nextNumber
        nextNumber += 1
        entries[number] = entry
        all.insert(number, at: entry.place)
        identities[entry.identity, default: AlertPairing.Line()].insert(number, at: entry.place)
        unhooked.append(number)
        if unhooked.count > 64, unhooked.count > 2 * entries.count {
            unhooked.removeAll { entries[$0] == nil }
        }
    }

    /// Has all entries found by their hooks.
    fileprivate mutating func addHooks() {
        for number in unhooked {
            guard let entry = entries[number] else { continue }
            let hooks = entry.alert.hooks
            entries[number]?.hooks = hooks
            for hook in hooks {
                self.hooks[hook, default: AlertPairing.Line()].insert(number, at: entry.place)
            }
        }
        unhooked.removeAll(keepingCapacity: true)
    }

    fileprivate mutating func remove(_ number: Int) {
        guard let entry = entries.removeValue(forKey: number) else { return }
        _ = firstOfAll()
        _ = first(in: \.identities, entry.identity)
        for hook in entry.hooks ?? [] { _ = first(in: \.hooks, hook) }
    }

    /// The earliest entry of a line; forgets those before it that are no more.
    fileprivate mutating func first(
        in lines: WritableKeyPath<Self, [UInt128: AlertPairing.Line]>, _ hash: UInt128
    ) -> Int? {
        guard var line = self[keyPath: lines][hash] else { return nil }
        let before = line.first
        skipGone(&line)
        if line.isEmpty {
            self[keyPath: lines][hash] = nil
            return nil
        }
        if line.first != before { self[keyPath: lines][hash] = line }
        return line.items[line.first].number
    }

    fileprivate mutating func firstOfAll() -> Int? {
        skipGone(&all)
        return all.isEmpty ? nil : all.items[all.first].number
    }

    private func skipGone(_ line: inout AlertPairing.Line) {
        while !line.isEmpty, entries[line.items[line.first].number] == nil { line.first += 1 }
        // More than half of it is gone.
        if line.first > 32, line.first * 2 > line.items.count {
            line.items.removeFirst(line.first)
            line.first = 0
        }
    }
}
