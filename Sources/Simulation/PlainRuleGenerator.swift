// SPDX-License-Identifier: Apache-2.0

/// Random rules of steps that look at each event alone: those that compact sets, and
/// many that counters, can run as well as attempts. Over the events of `StreamGenerator`.
package struct PlainRuleGenerator {
    private var random: SeededRandom
    private var keys: RandomKeys
    private var steps: [String] = []

    package init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        keys = RandomKeys(seed: seed)
    }

    /// The text of a ruleset with one rule.
    package mutating func ruleset() -> String {
        steps = []
        let isBare = random.chance(1, in: 3)
        let usesEach = random.chance(2, in: 3)
        var text = "rule r {\n"
        if random.chance(1, in: 2) { text += "  by \(keys.next().rule)\n" }
        text += "  when \(limit()){\n    \(step(isBare, isFirst: true))\n"
        for _ in 1..<random.int(1...5) {
            if !isBare, random.chance(1, in: 4) { text += "    \(guardLine())\n" }
            text += "    \(connector(usesEach)) \(step(isBare, isFirst: false))\n"
        }
        text += "  }\n"
        if !isBare, random.chance(1, in: 6) { text += "  reset on \(filter())\n" }
        switch random.below(6) {
        case 0: break
        case 1: text += usesEach ? "" : "  skip to next\n"
        default: text += "  skip none\n"
        }
        text += "  alert \"m\" {\n    n: match.count\n    d: match.end - match.start\n"
        for name in steps { text += "    \(name)n: sum(\(name).n)\n" }
        return text + "  }\n}\n"
    }

    private mutating func limit() -> String {
        random.chance(4, in: 5) ? "within \(random.int(0...9))s " : ""
    }

    private mutating func connector(_ usesEach: Bool) -> String {
        switch random.below(6) {
        case 0: "then next"
        case 1, 2, 3: usesEach ? "then each" : "then"
        default: "then"
        }
    }

    private mutating func step(_ isBare: Bool, isFirst: Bool) -> String {
        let name = "x\(steps.count + 1)"
        steps.append(name)
        let counts =
            isFirst ? ["2 ", "3 ", "2 consecutive "] : ["2 ", "3 ", "at least 2 ", "1 to 2 "]
        let count = !isBare && random.chance(1, in: 5) ? random.pick(counts) : ""
        return "\(count)\(type()) as \(name)\(condition())"
    }

    private mutating func guardLine() -> String {
        switch random.below(5) {
        case 0: "until \(filter())"
        case 1: "but not next \(filter())"
        default: "but no \(filter())"
        }
    }

    private mutating func filter() -> String { type() + condition() }

    private mutating func type() -> String { random.pick(["a", "a", "b", "b", "c", "any event"]) }

    private mutating func condition() -> String {
        switch random.below(7) {
        case 0: " where n \(random.pick(["<", ">=", "==", "!="])) \(random.below(4))"
        case 1: " where s \(random.pick(["==", "!="])) \"u\""
        case 2: " where n in [\(random.below(5)), \(random.below(5))]"
        default: ""
        }
    }
}
