// SPDX-License-Identifier: Apache-2.0
// Exercised by BacktestReportTests.

package import Automata
internal import EventModel
package import MatchCore
internal import Pipeline

/// Keeps of the alerts of a replay what its report says.
///
/// - Shape: bounded for each rule, however many alerts there are.
package final class BacktestRecorder {
    /// Bytes of a key's text that are told apart.
    private static let keyCap = 256

    struct Rule {
        /// By severity, least first.
        var bySeverity = Array(repeating: 0, count: SeverityMark.names.count)
        var resolved = 0
        var overTime = TimeHistogram()
        var keys: FrequentKeys
        /// The first alerts.
        var shown: [ShownAlert] = []
        /// When those of them were resolved that were, by id.
        var resolutions: [String: StreamTime] = [:]

        var count: Int { bySeverity.reduce(0, +) }
        /// The severity of most of its alerts.
        var usualSeverity: Int? {
            guard let most = bySeverity.max(), most > 0 else { return nil }
            return bySeverity.lastIndex(of: most)
        }
    }

    let program: RulesetProgram
    /// Alerts that are shown of each rule.
    let shownCap: Int
    private(set) var rules: [Rule]
    private(set) var buckets = TimeBuckets()
    private(set) var overTime: [TimeHistogram]
    private(set) var first: StreamTime?
    private(set) var last: StreamTime?
    private var reader: AlertReader

    /// - Parameter feedNames: as the session calls its feeds.
    package init(_ program: RulesetProgram, feedNames: [String], shownCap: Int) {
        self.program = program
        self.shownCap = shownCap
        // Of many rules each remembers fewer keys, and all of them together as many.
        let keys = max(32, min(512, 65_536 / max(program.rules.count, 1)))
        rules = program.rules.map { _ in Rule(keys: FrequentKeys(cap: keys)) }
        overTime = SeverityMark.names.map { _ in TimeHistogram() }
        reader = AlertReader(program, feedNames: feedNames)
    }

    /// Takes an alert by the index of its match.
    package func take(_ batch: MatchBatch, _ index: Int) {
        let row = batch.rows[index]
        if row.status == .resolved { return resolve(row, in: batch) }
        let severity = AlertReader.severity(of: row, in: batch)
        rules[row.rule].bySeverity[severity] += 1
        count(row.moment, severity, ofRule: row.rule)
        if !program.rules[row.rule].keyNames.isEmpty {
            let key = reader.keyText(of: row, in: batch)
            let isShort = key.utf8.count <= Self.keyCap
            rules[row.rule].keys.add(isShort ? key : Self.cut(key))
        }
        if rules[row.rule].shown.count < shownCap {
            rules[row.rule].shown.append(reader.alert(batch, index))
        }
    }

    private func resolve(_ row: borrowing MatchBatch.Row, in batch: borrowing MatchBatch) {
        rules[row.rule].resolved += 1
        // Only those that are shown are asked for, and the first alerts are resolved soon.
        guard rules[row.rule].resolutions.count < rules[row.rule].shown.count else { return }
        let id = reader.id(of: row, in: batch)
        if rules[row.rule].shown.contains(where: { $0.id == id }) {
            rules[row.rule].resolutions[id] = row.moment
        }
    }

    private func count(_ moment: StreamTime, _ severity: Int, ofRule rule: Int) {
        first = min(first ?? moment, moment)
        last = max(last ?? moment, moment)
        let factor = buckets.cover(moment)
        if factor > 1 {
            for place in rules.indices { rules[place].overTime.coarsen(by: factor) }
            for place in overTime.indices { overTime[place].coarsen(by: factor) }
        }
        let bucket = buckets.bucket(of: moment)
        overTime[severity].add(to: bucket)
        rules[rule].overTime.add(to: bucket)
    }

    private static func cut(_ key: String) -> String {
        String(decoding: key.utf8.prefix(keyCap), as: UTF8.self) + "\u{2026}"
    }
}
