// SPDX-License-Identifier: Apache-2.0

/// Keys of random rules over the events of `StreamGenerator`: mostly `k`, now and then with or of
/// what every event has.
///
/// They are drawn apart from the rules, which are the same whatever keys there are.
struct RandomKeys {
    private var random: SeededRandom
    /// Whether all of them have `time`, `id` or `type` in them.
    var areBuiltIn = false

    init(seed: UInt64) { random = SeededRandom(seed: seed ^ 0x6b65_7973) }

    /// The key of a rule, and that of a step of it which has its own.
    mutating func next() -> (rule: String, step: String) {
        guard areBuiltIn || random.chance(1, in: 6) else { return ("k", "j") }
        return random.pick([
            ("type", "type"), ("type", "s"), ("k, type", "j, type"), ("time", "time"),
            ("time, k", "time, j"), ("id", "id"), ("id, k", "id, j"),
        ])
    }
}
