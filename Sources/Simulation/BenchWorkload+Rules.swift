// SPDX-License-Identifier: Apache-2.0

/// A thousand rules that differ in another thing each time. What they have to find was counted by a
/// script of its own over the same events.
extension BenchWorkload {
    static let manyDifferences: [BenchWorkload] = [
        // One rule in ten has a bound of its own.
        many("range", 1, alerts: 2, 1) { [change("> 99998", "> \(99_998 - $0 / 10)")] },
        many("range", 1_000, alerts: 78_090, 64_970) {
            [change("> 99998", "> \(99_998 - $0 / 10)")]
        },
        many("between", 1_000, alerts: 16_161, 15_955) {
            [change("0 and 9", "\($0 * 100) and \($0 * 100 + 9)")]
        },
        many("in", 1_000, alerts: 29_308, 28_996) {
            [change("\"u0\"", "\"u\($0)\""), change("\"v0\"", "\"v\($0)\"")]
        },
        many("like", 1, alerts: 2_990, 2_993) { [change("user u0 ", "user u\($0) ")] },
        many("like", 1_000, alerts: 29_308, 28_996) { [change("user u0 ", "user u\($0) ")] },
        many("regex", 1, alerts: 2_990, 2_993) { [change("user u0 ", "user u\($0) ")] },
        many("regex", 1_000, alerts: 29_308, 28_996) { [change("user u0 ", "user u\($0) ")] },
        // All wait on the same key, each for something else.
        many("wait", 1, alerts: 1, 4) { [change("== 0", "== \($0)")] },
        many("wait", 1_000, alerts: 2_346, 2_638) { [change("== 0", "== \($0)")] },
    ]

    private static func many(
        _ kind: String, _ count: Int, alerts: Int, _ second: Int,
        _ changes: @escaping @Sendable (Int) -> [Change]
    ) -> BenchWorkload {
        var workload = BenchWorkload(
            name: "\(kind)(\(count))", stream: "login", rulesFile: "many-\(kind).martlet",
            copies: count, readingOptions: [], knownAlerts: alerts)
        workload.changes = { changes($0) + [name("many_\(kind)", $0)] }
        workload.knownAlertsOfSecondSeed = second
        return workload
    }

    private static func change(_ old: String, _ new: String) -> Change {
        Change(old: old, new: new)
    }

    /// The rule's name of another number.
    static func name(_ first: String, _ number: Int) -> Change {
        Change(old: "\(first)_0", new: "\(first)_\(number)")
    }
}
