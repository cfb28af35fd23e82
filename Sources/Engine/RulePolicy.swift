// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import DequeModule
internal import EventModel
internal import MatchCore

/// What `resolve on`, `suppress`, `limit` and `except` of one rule remember.
///
/// - Shape: a row for each key that is open or suppressed, given back when its time has passed, and
///   one for each whose next alert has suppressed matches to tell of; all of them capped.
struct RulePolicy {
    private struct Suppression {
        /// Matches up to and with this time are kept back.
        var until: Int64
        /// How many were.
        var count: Int
    }

    private struct End {
        var time: Int64
        var key: [UInt8]
    }

    private struct OpenAlert {
        var number: Int
        /// `Int64.max`: only an event resolves it.
        var deadline: Int64
        var held: Int
        var alert: KeptAlert
    }

    let naming: AlertNaming
    let keyParts: Int
    private let policy: AlertPolicyProgram
    private let caps: Caps
    /// The values of the key, the labels and the fields.
    private let shownValues: Int
    private(set) var counters = AlertCounters()
    /// What kept back the last match that was.
    private(set) var obstacle = AlertDecision.Obstacle.limit(count: 0, since: .zero)

    private var suppressions: [[UInt8]: Suppression] = [:]
    /// Of suppressions that are not over, in order.
    private var ends = Deque<End>()
    /// Of those that are over and have something to tell, in order; some have told it.
    private var untold = Deque<End>()
    /// The times of the last alerts, as far as `limit` looks back.
    private var sent = Deque<Int64>()
    private var limitedSinceAlert = 0
    private var exceptedSinceAlert = 0
    private var opened: [[UInt8]: OpenAlert] = [:]

    init(_ rule: RuleProgram, caps: Caps) {
        naming = AlertNaming(
            rule: rule.name, partCount: rule.keyNames.count, stepCount: rule.stepNames.count,
            isWindow: rule.window != nil)
        keyParts = rule.keyNames.count
        policy = rule.alert.policy
        shownValues = keyParts + rule.alert.labels.count + rule.alert.fields.count
        self.caps = caps
    }

    // MARK: Matches

    /// Whether a match is an alert, which is then told what was kept back before it.
    ///
    /// - Parameters:
    ///   - key: the identity of the rule's key.
    ///   - isFull: whether nothing more can be remembered.
    mutating func admits(
        _ row: inout MatchBatch.Row, _ key: [UInt8], at time: Int64, _ batch: MatchBatch,
        isFull: Bool
    ) -> Bool {
        if let resolution = policy.resolution, let known = opened[key] {
            opened[key]?.held += 1
            if known.deadline != .max {
                opened[key]?.deadline = RulePolicy.sum(time, resolution.quiet)
            }
            counters.suppressed += 1
            obstacle = .openAlert(end: known.alert.end)
            return false
        }
        expire(before: time)
        var alike = key
        if let suppression = policy.suppression {
            if suppression.isPer {
                let first = row.firstValue + shownValues
                alike.removeAll()
                batch.appendIdentity(
                    ofValues: first..<first + suppression.values.count, to: &alike)
            }
            if let known = suppressions[alike], known.until >= time {
                suppressions[alike]?.count += 1
                counters.suppressed += 1
                obstacle = .suppression(
                    end: StreamTime(nanoseconds: known.until - suppression.duration))
                return false
            }
        }
        guard isWithinLimit(at: time) else { return false }
        if let suppression = policy.suppression {
            row.suppressed = suppressions[alike]?.count ?? 0
            let end = RulePolicy.sum(time, suppression.duration)
            suppress(alike, until: end, isFull: isFull)
        }
        (row.limited, row.excepted) = (limitedSinceAlert, exceptedSinceAlert)
        (limitedSinceAlert, exceptedSinceAlert) = (0, 0)
        counters.alerts += 1
        return true
    }

    /// Takes note of a match that an `except` drops.
    mutating func noteExcepted() { exceptedSinceAlert += 1 }

    private mutating func suppress(_ alike: [UInt8], until end: Int64, isFull: Bool) {
        let known = suppressions.removeValue(forKey: alike)
        guard ends.count < caps.suppressionsPerRule, !isFull || known != nil else {
            counters.notSuppressing += 1
            return
        }
        suppressions[alike] = Suppression(until: end, count: 0)
        ends.append(End(time: end, key: alike))
    }

    /// Alerts remembered: to be resolved, or to keep others back.
    var rowCount: Int { opened.count + suppressions.count }

    private mutating func isWithinLimit(at time: Int64) -> Bool {
        guard let limit = policy.limit else { return true }
        while let first = sent.first, RulePolicy.sum(first, limit.duration) < time {
            sent.removeFirst()
        }
        guard sent.count < limit.count else {
            limitedSinceAlert += 1
            counters.limited += 1
            obstacle = .limit(
                count: sent.count, since: StreamTime(nanoseconds: sent.first ?? time))
            return false
        }
        sent.append(time)
        return true
    }

    /// Gives back suppressions that ended before `time`, unless they have something to tell.
    mutating func expire(before time: Int64) {
        while let first = ends.first, first.time < time {
            ends.removeFirst()
            guard let known = suppressions[first.key], known.until == first.time else { continue }
            if known.count == 0 {
                suppressions[first.key] = nil
            } else {
                untold.append(first)
            }
        }
        while untold.count > caps.untoldSuppressionsPerRule, let first = untold.popFirst() {
            guard let known = suppressions[first.key], known.until == first.time else { continue }
            suppressions[first.key] = nil
            counters.untold += known.count
        }
    }

    private static func sum(_ time: Int64, _ duration: Int64) -> Int64 {
        let (sum, isOver) = time.addingReportingOverflow(duration)
        return isOver ? .max : sum
    }

    // MARK: Open alerts

    /// Keeps an alert open.
    ///
    /// - Returns: when it is resolved if no further match comes; nil: it is not kept open.
    mutating func open(
        _ row: MatchBatch.Row, _ key: [UInt8], _ id: AlertID, _ number: Int, at time: Int64,
        _ batch: MatchBatch, isFull: Bool
    ) -> Int64? {
        guard let resolution = policy.resolution else { return nil }
        guard opened.count < caps.openAlertsPerRule, !isFull else {
            counters.notKeptOpen += 1
            return nil
        }
        let deadline = resolution.quiet < 0 ? .max : RulePolicy.sum(time, resolution.quiet)
        opened[key] = OpenAlert(
            number: number, deadline: deadline, held: 0,
            alert: KeptAlert(row, of: batch, valueCount: shownValues, id: id))
        return deadline
    }

    /// When an open alert is resolved; nil: it has been.
    func deadline(of key: [UInt8], _ number: Int) -> Int64? {
        guard let open = opened[key], open.number == number else { return nil }
        return open.deadline
    }

    var latestDeadline: Int64? {
        opened.values.lazy.map(\.deadline).filter { $0 != .max }.max()
    }

    /// The open alerts that the clock resolves.
    var pending: [(deadline: Int64, number: Int, key: [UInt8])] {
        inOrder.filter { $0.open.deadline != .max }.map {
            ($0.open.deadline, $0.open.number, $0.key)
        }
    }

    private var inOrder: [(key: [UInt8], open: OpenAlert)] {
        opened.map { ($0.key, $0.value) }.sorted { $0.open.number < $1.open.number }
    }

    var openCount: Int { opened.count }

    /// Sends the notices of all alerts that are open, in the order in which they were opened.
    mutating func resolveAll(_ rule: Int, at time: Int64, into batch: inout MatchBatch) {
        for (key, _) in inOrder { resolve(key, rule, at: time, into: &batch) }
    }

    /// Sends the notice, if an alert of the key is open.
    mutating func resolve(_ key: [UInt8], _ rule: Int, at time: Int64, into batch: inout MatchBatch)
    {
        guard let open = opened.removeValue(forKey: key) else { return }
        counters.resolved += 1
        open.alert.appendResolved(
            rule: rule, at: StreamTime(nanoseconds: time), held: open.held, to: &batch)
    }
}

// MARK: - Snapshots

extension RulePolicy {
    func write(to writer: inout SnapshotWriter) {
        for count in counters.all { writer.write(count) }
        write(Array(ends), to: &writer)
        write(untold.filter { suppressions[$0.key]?.until == $0.time }, to: &writer)
        writer.write(sent.count)
        for time in sent { writer.write(time) }
        writer.write(limitedSinceAlert)
        writer.write(exceptedSinceAlert)
        writer.write(opened.count)
        for (key, open) in inOrder {
            writer.write(key)
            writer.write(open.number)
            writer.write(open.deadline)
            writer.write(open.held)
            open.alert.write(to: &writer)
        }
    }

    private func write(_ list: [End], to writer: inout SnapshotWriter) {
        writer.write(list.count)
        for end in list {
            writer.write(end.key)
            writer.write(end.time)
            writer.write(suppressions[end.key]?.count ?? 0)
        }
    }

    /// - Parameter now: the time of the last decision, from which everything was counted.
    /// - Precondition: it has seen no match.
    mutating func read(
        _ reader: inout SnapshotReader, openings: Int, now: Int64
    ) throws(SnapshotError) {
        var counts: [Int] = []
        for _ in counters.all { counts.append(try reader.int()) }
        counters.all = counts
        ends = try readEnds(&reader, now: now)
        untold = try readEnds(&reader, now: now)
        for _ in 0..<(try reader.int()) {
            let time = try reader.int64(upTo: now)
            guard sent.count < policy.limit?.count ?? 0, sent.last ?? .min <= time else {
                throw .damaged
            }
            sent.append(time)
        }
        limitedSinceAlert = try reader.int()
        exceptedSinceAlert = try reader.int()
        var next = 0
        for _ in 0..<(try reader.int()) {
            let key = Array(try reader.byteString())
            let number = try reader.int(below: openings)
            let quiet = policy.resolution?.quiet ?? -1
            let deadline = try reader.int64(upTo: quiet < 0 ? .max : RulePolicy.sum(now, quiet))
            let held = try reader.int()
            guard policy.resolution != nil, opened[key] == nil, number >= next,
                quiet >= 0 || deadline == .max
            else { throw .damaged }
            next = number + 1
            opened[key] = OpenAlert(
                number: number, deadline: deadline, held: held,
                alert: try KeptAlert(&reader, valueCount: shownValues))
        }
    }

    private mutating func readEnds(
        _ reader: inout SnapshotReader, now: Int64
    ) throws(SnapshotError) -> Deque<End> {
        let latest = RulePolicy.sum(now, policy.suppression?.duration ?? 0)
        var list = Deque<End>()
        for _ in 0..<(try reader.int()) {
            let key = Array(try reader.byteString())
            let end = End(time: try reader.int64(upTo: latest), key: key)
            let count = try reader.int()
            guard policy.suppression != nil, suppressions[end.key] == nil,
                list.last?.time ?? .min <= end.time
            else { throw .damaged }
            suppressions[end.key] = Suppression(until: end.time, count: count)
            list.append(end)
        }
        return list
    }
}
