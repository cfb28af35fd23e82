// SPDX-License-Identifier: Apache-2.0
// docs/reference/matching.md, "From matches to alerts". Exercised by AlertPolicyTests and by the
// differential tests of policies.

package import Automata
package import EventModel
internal import HeapModule
package import MatchCore

/// What stands between matches and alerts: a state machine that takes matches in the order in which
/// alerts come, and lets through those that `resolve on`, `suppress` and `limit` do not keep back.
///
/// It knows no shards: matches of all of them come merged.
package struct AlertPolicies: Sendable {
    /// A time at which an open alert is looked at; those of one time in the order in which the
    /// alerts of each rule were opened.
    private struct Deadline: Comparable, Sendable {
        var time: Int64
        var rule: Int
        var number: Int
        var key: [UInt8]

        static func < (a: Deadline, b: Deadline) -> Bool {
            (a.time, a.rule, a.number) < (b.time, b.rule, b.number)
        }
    }

    /// By the number of the rule; nil: it lets every match through.
    private var rules: [RulePolicy?]
    /// The rules that do not.
    private let ruled: [Int]
    /// By the number of the feed: what stands before the position in the id of an event.
    var feedNames: [[UInt8]] = []
    /// All that has been decided is at or before this time.
    private var now = Int64.min
    private var deadlines = Heap<Deadline>()
    /// Alerts kept open so far.
    private var openings = 0
    /// Rows over all rules beyond which no more are kept; see `RuleEngine.setMemoryIsFull`.
    private var rowCap = Int.max
    private var scratch: [UInt8] = []
    /// Whether what is decided about each match is noted, for who asks why there is no alert.
    var notesDecisions = false
    /// Of rules that keep matches back, in the order of the matches.
    var decisions: [AlertDecision] = []

    /// - Parameter decides: false: it lets everything through.
    package init(
        _ program: RulesetProgram, caps: Caps = Caps(), output: MatchOutput, decides: Bool = true
    ) {
        rules = program.rules.indices.map { rule in
            guard decides, program.rules[rule].alert.policy.hasState,
                output.wanted == .matches || program.rules[rule].chain.feeds
            else { return nil }
            return RulePolicy(program.rules[rule], caps: caps)
        }
        ruled = rules.indices.filter { [rules] in rules[$0] != nil }
    }

    /// Whether it lets everything through.
    package var isIdle: Bool { ruled.isEmpty }

    package mutating func setFeedNames(_ names: [String]) {
        feedNames = names.map { Array("\($0):".utf8) }
    }

    /// Says whether the memory that there may be is in use: while it is, alerts are remembered only
    /// in the place of others.
    package mutating func setMemoryIsFull(_ isFull: Bool) {
        if ruled.isEmpty { return }
        if !isFull {
            rowCap = .max
        } else if rowCap == .max {
            rowCap = rowCount
        }
    }

    /// Alerts remembered over all rules: to be resolved, or to keep others back.
    package var rowCount: Int { ruled.reduce(0) { $0 + (rules[$1]?.rowCount ?? 0) } }

    private var isFull: Bool { rowCap != .max && rowCount >= rowCap }

    /// - Parameter matches: the rule's counters over all shards.
    package func counters(ofRule rule: Int, _ matches: RuleCounters) -> AlertCounters {
        if let counters = rules[rule]?.counters { return counters }
        var counters = AlertCounters()
        counters.alerts = matches.matches - matches.excepted
        return counters
    }

    /// Decides about the matches from `first` on, which are later than all before them, and leaves
    /// the alerts and notices in their place.
    package mutating func process(_ batch: inout MatchBatch, from first: Int = 0) {
        if ruled.isEmpty || first == batch.count { return }
        for var row in batch.takeRows(from: first) {
            let time = max(now, row.moment.nanoseconds)
            resolve(before: time, into: &batch)
            now = time
            guard rules[row.rule] != nil else {
                batch.append(row)
                continue
            }
            switch row.status {
            case .excepted: rules[row.rule]?.noteExcepted()
            case .resolution:
                resolve(identity(of: row, in: batch), of: row.rule, at: time, into: &batch)
            case .resolved: batch.append(row)
            case .open:
                let key = identity(of: row, in: batch)
                guard admit(&row, key, at: time, batch) else { continue }
                batch.append(row)
            }
        }
    }

    /// Sends the notices that are due by `time`, at and before which nothing comes any more.
    package mutating func settle(through time: Int64, into batch: inout MatchBatch) {
        if ruled.isEmpty { return }
        resolve(before: time == .max ? time : time + 1, into: &batch)
        for rule in ruled { rules[rule]?.expire(before: time) }
    }

    func isDue(through time: Int64) -> Bool { deadlines.min.map { $0.time <= time } ?? false }

    /// When the last of the open alerts is resolved, if no match comes any more; nil: none is.
    package var latestDeadline: Int64? {
        ruled.compactMap { rules[$0]?.latestDeadline }.max()
    }

    // MARK: Matches

    private mutating func identity(of row: MatchBatch.Row, in batch: MatchBatch) -> [UInt8] {
        var key: [UInt8] = []
        let parts = rules[row.rule]?.keyParts ?? 0
        batch.appendIdentity(ofValues: row.firstValue..<row.firstValue + parts, to: &key)
        return key
    }

    /// Whether a match is an alert.
    private mutating func admit(
        _ row: inout MatchBatch.Row, _ key: [UInt8], at time: Int64, _ batch: MatchBatch
    ) -> Bool {
        let rule = row.rule
        let isFull = isFull
        let isAdmitted =
            rules[rule]?.admits(&row, key, at: time, batch, isFull: isFull) ?? true
        if notesDecisions { note(row, batch, isAdmitted) }
        guard isAdmitted else { return false }
        let id = rules[rule]?.naming.id(
            of: row, in: batch, feedNames: feedNames, using: &scratch)
        guard let id,
            let open = rules[rule]?.open(
                row, key, id, openings, at: time, batch, isFull: isFull)
        else { return true }
        openings += 1
        if open != .max {
            deadlines.insert(Deadline(time: open, rule: rule, number: openings - 1, key: key))
        }
        return true
    }

    private mutating func note(
        _ row: MatchBatch.Row, _ batch: MatchBatch, _ isAdmitted: Bool
    ) {
        let parts = rules[row.rule]?.keyParts ?? 0
        decisions.append(
            AlertDecision(
                rule: row.rule, key: (0..<parts).map { batch.value(row.firstValue + $0) },
                start: row.start, end: row.end, eventCount: row.eventCount,
                obstacle: isAdmitted ? nil : rules[row.rule]?.obstacle))
    }

    // MARK: Notices

    private mutating func resolve(
        _ key: [UInt8], of rule: Int, at time: Int64, into batch: inout MatchBatch
    ) {
        rules[rule]?.resolve(key, rule, at: time, into: &batch)
    }

    /// The rules whose successors know nothing of what they remember.
    private func forgotten(in succession: RuleSuccession) -> [Int] {
        let known = zip(succession.predecessors, succession.keepsPolicy).compactMap {
            $0.1 ? $0.0 : nil
        }
        return ruled.filter { !known.contains($0) }
    }

    /// The alerts that are open, and that nothing resolves once other rules have taken over.
    func openCount(forgottenIn succession: RuleSuccession) -> Int {
        forgotten(in: succession).reduce(0) { $0 + (rules[$1]?.openCount ?? 0) }
    }

    /// Sends the notices of these alerts, by rule.
    mutating func resolve(
        forgottenIn succession: RuleSuccession, at time: Int64, into batch: inout MatchBatch
    ) {
        now = max(now, time)
        for rule in forgotten(in: succession) {
            rules[rule]?.resolveAll(rule, at: now, into: &batch)
        }
    }

    private mutating func resolve(before time: Int64, into batch: inout MatchBatch) {
        while let first = deadlines.min, first.time < time {
            deadlines.removeMin()
            guard let deadline = rules[first.rule]?.deadline(of: first.key, first.number) else {
                continue
            }
            guard deadline <= first.time else {
                var later = first
                later.time = deadline
                deadlines.insert(later)
                continue
            }
            now = max(now, first.time)
            resolve(first.key, of: first.rule, at: first.time, into: &batch)
        }
    }

    // MARK: Snapshots

    func write(to writer: inout SnapshotWriter) {
        writer.write(now)
        writer.write(openings)
        for rule in ruled { rules[rule]?.write(to: &writer) }
    }

    /// Writes what the policies of other rules remember once they have taken over from these.
    ///
    /// - Parameter successor: those policies, which have seen nothing.
    func write(
        as successor: AlertPolicies, _ succession: RuleSuccession,
        to writer: inout SnapshotWriter
    ) {
        writer.write(now)
        writer.write(openings)
        for rule in successor.ruled {
            let predecessor = succession.keepsPolicy[rule] ? succession.predecessors[rule] : nil
            let old = predecessor.flatMap { rules[$0] }
            (old ?? successor.rules[rule])?.write(to: &writer)
        }
    }

    /// - Precondition: nothing has been processed.
    mutating func read(_ reader: inout SnapshotReader) throws(SnapshotError) {
        now = try reader.int64()
        openings = try reader.int()
        for rule in ruled {
            try rules[rule]?.read(&reader, openings: openings, now: now)
            for open in rules[rule]?.pending ?? [] {
                deadlines.insert(
                    Deadline(time: open.deadline, rule: rule, number: open.number, key: open.key))
            }
        }
    }
}

/// What was decided about one match.
package struct AlertDecision: Sendable {
    /// What keeps a match from being an alert.
    package enum Obstacle: Sendable {
        /// An alert of its key is open, with this end.
        case openAlert(end: StreamTime)
        /// `suppress` of an alert with this end.
        case suppression(end: StreamTime)
        /// `limit`: so many alerts, of which the first was then.
        case limit(count: Int, since: StreamTime)
    }

    /// Index into the program's rules.
    package var rule: Int
    package var key: [Value]
    package var start: StreamTime
    package var end: StreamTime
    package var eventCount: Int
    /// Nil: it is an alert.
    package var obstacle: Obstacle?
}

/// What became of a rule's matches.
package struct AlertCounters: Hashable, Sendable {
    package var alerts = 0
    /// Matches that `suppress` or `resolve on` kept back.
    package var suppressed = 0
    /// Matches that `limit` kept back.
    package var limited = 0
    /// Notices that an alert is resolved.
    package var resolved = 0
    /// Suppressed matches that no alert tells of: `Caps.untoldSuppressionsPerRule`.
    package var untold = 0
    /// Alerts that were not kept open: `Caps.openAlertsPerRule`.
    package var notKeptOpen = 0
    /// Alerts that keep back none that are alike: `Caps.suppressionsPerRule`.
    package var notSuppressing = 0

    package init() {}

    var all: [Int] {
        get { [alerts, suppressed, limited, resolved, untold, notKeptOpen, notSuppressing] }
        set {
            alerts = newValue[0]
            suppressed = newValue[1]
            limited = newValue[2]
            resolved = newValue[3]
            untold = newValue[4]
            notKeptOpen = newValue[5]
            notSuppressing = newValue[6]
        }
    }
}
