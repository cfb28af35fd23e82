// SPDX-License-Identifier: Apache-2.0
// Random rules over windows as text, for the streams of `StreamGenerator`. Not every one is
// accepted by the checker: a shorter window may be as long as the rule's.

/// Random rulesets with one or two rules over windows of the event types a, b, c, each with the
/// fields k, j, n and s.
package struct WindowGenerator {
    private var random: SeededRandom
    private var keys: RandomKeys

    package init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        keys = RandomKeys(seed: seed)
    }

    /// Whether rules have `except`, `resolve on`, `suppress` and `limit`.
    package var hasPolicies = false

    /// The text of a ruleset.
    package mutating func ruleset() -> String {
        var text = ""
        if random.chance(1, in: 4) {
            text += "event sub from a where n >= 2\n"
        } else {
            text += "event sub from a, b\n"
        }
        text += rule("r")
        if random.chance(1, in: 6) { text += rule("q") }
        if random.chance(1, in: 8) { text += "rule p { by k when { a then b } alert \"p\" }\n" }
        return text
    }

    private mutating func rule(_ name: String) -> String {
        var text = "rule \(name) {\n"
        switch random.below(5) {
        case 0: break
        case 1: text += "  by k, j\n"
        default: text += "  by \(keys.next().rule)\n"
        }
        text += "  when over \(WindowGenerator.window(&random)) { \(line()) }\n"
        if random.chance(3, in: 4) { text += "  having \(condition())\n" }
        if hasPolicies { text += policies() }
        text += "  alert \"{count(x)} {match.start}\" {\n    c: match.count\n    e: match.end\n"
        for field in 1...random.int(1...4) { text += "    f\(field): \(value())\n" }
        return text + "  }\n}\n"
    }

    private mutating func policies() -> String {
        var text = ""
        if random.chance(1, in: 4) { text += "  except \"e\" where \(comparison())\n" }
        if random.chance(1, in: 3) {
            let quiet = random.chance(1, in: 2) ? " for \(random.int(1...6))s" : ""
            text += "  resolve on \(random.pick(["a", "b"])) where n == 0\(quiet)\n"
        }
        if random.chance(1, in: 2) {
            let values = ["", "", " per 1", " per count(x)", " per max(x.s)"]
            text += "  suppress \(random.int(1...6))s\(random.pick(values))\n"
        }
        if random.chance(1, in: 4) {
            text += "  limit \(random.int(1...3)) per \(random.int(1...6))s\n"
        }
        return text
    }

    /// What is behind `over`.
    static func window(_ random: inout SeededRandom) -> String {
        let length = random.pick(["500ms", "1s", "2s", "3s", "5s", "9s", "30s"])
        switch random.below(7) {
        case 0, 1: return "sliding \(length)"
        case 2: return "tumbling \(length)"
        case 3: return "hopping \(length) every \(random.pick(["500ms", "1s", "2s", "4s", "7s"]))"
        case 4: return "session \(random.pick(["500ms", "1s", "2s", "4s"]))"
        default: return "last \(random.int(1...6))"
        }
    }

    private mutating func line() -> String {
        var text = random.pick(["a", "b", "sub", "any event"]) + " as x"
        if text.hasPrefix("any") { return text }
        if random.chance(1, in: 3) {
            text += " where n \(random.pick([">", "<", "!="])) \(random.below(4))"
        }
        return text
    }

    // MARK: Expressions

    private mutating func condition() -> String {
        let first = comparison()
        switch random.below(6) {
        case 0: return first + " and " + comparison()
        case 1: return first + " or " + comparison()
        case 2: return "not \(first)"
        default: return first
        }
    }

    private mutating func comparison() -> String {
        let operation = random.pick(["<", "<=", ">", ">=", "==", "!="])
        switch random.below(9) {
        case 8: return membership()
        case 0, 1: return "count(x\(part())) \(operation) \(random.int(1...4))"
        case 2: return "count_distinct(x.s\(part())) \(operation) \(random.int(1...3))"
        case 3: return "max(x.s\(part())) == \"\(random.pick(["u", "v"]))\""
        case 4: return "match.end - match.start \(operation) \(random.int(0...5))s"
        default: return "\(number()) \(operation) \(number(orConstant: true))"
        }
    }

    /// What is asked of a list of different values.
    private mutating func membership() -> String {
        let field = random.pick(["s", "s", "n", "n * 0.5", "k"])
        let list = "distinct(x.\(field)\(part()))"
        let sought =
            field == "s"
            ? random.pick(["\"u\"", "\"v\"", "first(x.s\(part()))", "last(x.s)", "min(x.s)"])
            : random.pick(["1", "2.0", "0.5", "last(x.n)", "max(x.n\(part()))", "sum(x.k)"])
        switch random.below(6) {
        case 0: return "\(list) contains \(sought)"
        case 1: return "length(\(list)) >= \(random.int(1...3))"
        case 2: return "\(list) is \(random.pick(["missing", "present"]))"
        case 3: return "\(sought) not in \(list)"
        default: return "\(sought) in \(list)"
        }
    }

    private mutating func value() -> String {
        switch random.below(9) {
        case 0: return "distinct(x.\(random.pick(["s", "n"]))\(part()))"
        case 1: return "\(random.pick(["first", "last"]))(x.\(random.pick(["s", "n"]))\(part()))"
        case 2: return "\(random.pick(["min", "max"]))(x.s\(part()))"
        case 3: return "count_distinct(x.n\(part()))"
        case 4: return "count(x.s\(part()))"
        case 5: return "stddev(x.time - 2026-01-01\(part()))"
        default: return number()
        }
    }

    private mutating func number(orConstant: Bool = false) -> String {
        if orConstant, random.chance(1, in: 2) {
            return random.pick(["0", "1", "1.5", "2", "3.25", "40"])
        }
        let field = random.pick([
            "x.n", "x.n", "x.n * 1.1", "x.n / 3", "x.n - x.k * 100000.25", "x.n * 10000000000",
            "if(x.s == \"u\", 1, 0)", "x.n * x.n - 0.1", "x.k",
        ])
        switch random.below(12) {
        case 0: return "count(\(field)\(part()))"
        case 1, 2: return "sum(\(field)\(part()))"
        case 3, 4: return "avg(\(field)\(part()))"
        case 5: return "min(\(field)\(part()))"
        case 6: return "max(\(field)\(part()))"
        case 7, 8: return "stddev(\(field)\(part()))"
        case 9: return "median(\(field)\(part()))"
        case 10: return "ema(\(field), \(random.int(1...4)))"
        default: return "percentile(\(field), \(random.pick(["0", "25", "90", "99.5"]))\(part()))"
        }
    }

    private mutating func part() -> String {
        switch random.below(7) {
        case 0: ", last \(random.int(1...4))"
        case 1: ", in \(random.pick(["500ms", "1s", "2s", "4s"]))"
        default: ""
        }
    }
}
