// SPDX-License-Identifier: Apache-2.0

internal import EventModel
package import Oracle

/// Random short streams of the events that `RuleGenerator`'s rules look for.
package struct StreamGenerator {
    private var random: SeededRandom

    /// What field s holds.
    package var texts = ["u", "v", "w"]
    package static let manyTexts = ["u", "v", "uv", "UV", "xuvw", "vuv", "w", "Uvv"]

    package init(seed: UInt64) { random = SeededRandom(seed: seed) }

    /// Up to `length` events, in order of arrival: mostly a second or less apart, with ties in time
    /// and with gaps.
    package mutating func stream(length: Int) -> [ReferenceEvent] {
        let typeCount = random.int(2...4)
        var milliseconds = 0
        return (0..<random.int(1...length)).map { number in
            switch random.below(6) {
            case 0: break
            case 1: milliseconds += 1000 * random.int(2...6)
            case 2: milliseconds += 500
            default: milliseconds += 1000
            }
            return ReferenceEvent(
                type: ["a", "b", "c", "d"][random.below(typeCount)],
                time: MatchingScenario.zero + TimeSpan(milliseconds: Int64(milliseconds)),
                id: "e\(number + 1)", fields: fields())
        }
    }

    private mutating func fields() -> [NamedValue] {
        var fields = [
            NamedValue("k", .int(Int64(random.below(2)))),
            NamedValue("j", .int(Int64(random.below(2)))),
            NamedValue("n", .int(Int64(random.below(5)))),
            NamedValue("s", .string(random.pick(texts))),
        ]
        if random.chance(1, in: 10) { fields[3].value = .missing }
        if random.chance(1, in: 25) { fields[0].value = .missing }
        if random.chance(1, in: 15) { fields[2].value = .float(2.5) }
        return fields
    }
}
