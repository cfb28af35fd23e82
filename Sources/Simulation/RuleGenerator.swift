// SPDX-License-Identifier: Apache-2.0
// Random rules as text. Not every one is accepted by the checker (a random pattern can be one that
// can match nothing at all); those are passed over.

/// Random rulesets over the event types a, b, c, d, each with the fields k, j, n and s.
package struct RuleGenerator {
    private var random: SeededRandom
    private var keys: RandomKeys
    private var steps: [String] = []
    private var hasKey = false
    private var usesOwnKeys = false
    private var usesEach = false
    /// Rows under way in one branch of an `all of` are not bound yet: whether conditions in the
    /// other branches see them is nobody's promise.
    private var isInAllOf = false
    /// Nor what they see of an iteration under way: there conditions ask for the event alone.
    private var looksBack = true
    private var limit: Int?
    private var types = ["a", "b", "c"]
    private var usesTables = false
    /// Whether the rule at hand takes its keys from a table.
    private var takesKeys = false

    /// Tables that random conditions look into.
    private static let tables = """
        table pairs = [{ n: 0, m: 2, s: "u" }, { n: 2, m: 0, s: "v" }, { n: 3, s: "u" }]
        table words = ["u"]

        """
    /// Keys that rules begin with, one of them twice; events have 0 and 1.
    private static let known = "table known = [1, 2, 0, 1]\n"

    /// Whether conditions ask for what rules are filed under in all its forms.
    private var asksForAll = false

    package init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        keys = RandomKeys(seed: seed)
    }

    /// Whether rules have `except`, `resolve on`, `suppress` and `limit`.
    package var hasPolicies = false

    /// Whether most rules have `keys from`.
    package var prefersKeysFrom = false

    /// Whether all keys have `time`, `id` or `type` in them.
    package var prefersBuiltInKeys: Bool {
        get { keys.areBuiltIn }
        set { keys.areBuiltIn = newValue }
    }

    /// The key of the rule at hand, and that of steps which have their own.
    private var key = (rule: "k", step: "j")

    /// The text of a ruleset of up to seven rules, most of which read others before them.
    package mutating func chain() -> String {
        types = ["a", "b"]
        var text = ""
        for number in 1...random.int(2...7) {
            let known = (1..<number).map { "r\($0)" }
            types = ["a", "b"]
            if number > 1, random.chance(5, in: 6) {
                types = random.chance(1, in: 3) ? ["a"] : []
                types += [random.pick(known), known[known.count - 1]]
                if random.chance(1, in: 5) { types.append("alert") }
            }
            steps = []
            hasPolicies = random.chance(1, in: 3)
            text +=
                random.chance(1, in: 4)
                ? windowLink("r\(number)") : rule("r\(number)", isLink: true)
        }
        return (text.contains("keys from") ? RuleGenerator.known : "") + text
    }

    /// The text of a ruleset with one rule.
    package mutating func ruleset() -> String {
        types = random.chance(1, in: 4) ? ["a", "b"] : ["a", "b", "c"]
        if random.chance(1, in: 8) { types.append("d") }
        var text = ""
        if random.chance(1, in: 8) {
            text += "event sub from a where n >= 2\n"
            types.append("sub")
        }
        if random.chance(1, in: 12) {
            text += "event uni from a, b\n"
            types.append("uni")
        }
        usesTables = random.chance(1, in: 4)
        if usesTables { text += RuleGenerator.tables }
        let rule = rule("r", isLink: false)
        return text + (takesKeys ? RuleGenerator.known : "") + rule
    }

    /// - Parameter isLink: other rules read its alerts, which have all fields that events have.
    private mutating func rule(_ name: String, isLink: Bool) -> String {
        steps = []
        var text = ""
        hasKey = random.chance(1, in: 2) || prefersKeysFrom || prefersBuiltInKeys
        takesKeys = hasKey && random.chance(prefersKeysFrom ? 7 : 1, in: 8)
        usesOwnKeys = !isLink && hasKey && random.chance(1, in: 6)
        usesEach = random.chance(1, in: 4)
        limit = random.chance(2, in: 5) ? random.int(2...12) : nil
        text += "rule \(name) {\n"
        // A table holds values of k, and links read it in alerts.
        key = takesKeys || isLink ? ("k", "j") : keys.next()
        if hasKey { text += "  by \(key.rule)\n" }
        if takesKeys { text += "  keys from known\n" }
        text += "  when " + (limit.map { "within \($0)s " } ?? "") + "{\n"
        let pattern =
            (hasPolicies || isLink) && random.chance(2, in: 3)
            ? frequentPattern()
            : body(depth: 0, budget: random.int((takesKeys ? 2 : 1)...4), isRoot: true)
        text += pattern + "  }\n"
        return text
            + clauses(
                mayKeepLatest: !pattern.contains(" of {") && !pattern.contains("distinct"),
                isLink: isLink)
            + "}\n"
    }

    /// A rule over a window, whose alerts others read.
    private mutating func windowLink(_ name: String) -> String {
        steps = ["x1"]
        hasKey = random.chance(1, in: 2)
        takesKeys = false
        var text = "rule \(name) {\n" + (hasKey ? "  by k\n" : "")
        let line = "\(random.pick(types)) as x1\(condition(1, in: 4))"
        text += "  when over \(WindowGenerator.window(&random)) { \(line) }\n"
        if random.chance(1, in: 3) { text += "  having \(having())\n" }
        if hasPolicies { text += policies() }
        return text + linkAlert() + "}\n"
    }

    /// An alert that has all fields that events have.
    private mutating func linkAlert() -> String {
        let values = random.pick(["1", "0", "sum(\(steps.first ?? "x1").n)"])
        var text = random.chance(1, in: 5) ? "  emit {\n" : "  alert \"m {match.count}\" {\n"
        text += "    n: match.count\n    j: \(values)\n    s: \"u\"\n"
        return text + (hasKey ? "  }\n" : "    k: 1\n  }\n")
    }

    /// The text of a ruleset with up to so many rules over the same events, and each of them as a
    /// ruleset by itself, for the ones that `isAccepted` takes.
    package mutating func ruleset(
        rules count: Int, isAccepted: (String) -> Bool
    ) -> (text: String, parts: [String]) {
        asksForAll = true
        var declarations: [String] = []
        var rules: [String] = []
        var parts: [String] = []
        for number in 0..<count {
            let lines = ruleset().split(separator: "\n").map(String.init)
            let start = lines.firstIndex { $0.hasPrefix("rule ") } ?? 0
            let own = Array(lines[..<start])
            let rule = lines[start...].joined(separator: "\n")
            let named = "rule r\(number) {" + rule.dropFirst("rule r {".count) + "\n"
            let part = (own + [named]).joined(separator: "\n")
            guard isAccepted(part) else { continue }
            for line in own where !declarations.contains(line) { declarations.append(line) }
            rules.append(named)
            parts.append(part)
        }
        return ((declarations + rules).joined(separator: "\n"), parts)
    }

    /// Which branch of an `all of` or `any of` waits where is not an author's concern: `attempts
    /// latest` is not asked about them.
    private mutating func clauses(mayKeepLatest: Bool, isLink: Bool) -> String {
        var text = ""
        if random.chance(1, in: 8) { text += "  reset on \(filter())\n" }
        if random.chance(1, in: 8) { text += "  having \(having())\n" }
        switch random.below(8) {
        case 0: text += "  skip none\n"
        case 1: text += "  skip to next\n"
        case 2:
            let named = steps.filter { !$0.isEmpty }
            if !named.isEmpty {
                text += "  skip to \(random.pick(["first", "last"])) \(random.pick(named))\n"
            }
        case 3, 4: text += "  skip none\n"
        default: break
        }
        if random.chance(1, in: 12), mayKeepLatest { text += "  attempts latest\n" }
        if hasPolicies { text += policies() }
        if isLink { return text + linkAlert() }
        text += "  alert \"m\" {\n    n: match.count\n"
        if let step = steps.first { text += "    c: count(\(step))\n    s: sum(\(step).n)\n" }
        if takesKeys {
            text += "    f: x1.n\n    w: match.end - x1.time\n    i: x1.id\n    y: x1.type\n"
        }
        if usesTables { text += "    t: pairs[match.count].m\n" }
        return text + "  }\n"
    }

    /// One that matches often, so that there is something to keep back.
    private mutating func frequentPattern() -> String {
        steps = ["x1"]
        let line = "    \(random.pick(types)) as x1\(condition(1, in: 4))\n"
        return takesKeys || random.chance(1, in: 4)
            ? line + "    then no \(random.pick(types)) for \(random.int(1...3))s\n" : line
    }

    /// Clauses between matches and alerts.
    private mutating func policies() -> String {
        var text = ""
        if random.chance(1, in: 4) {
            let until =
                random.chance(1, in: 2) ? " until 2026-01-01T00:00:0\(random.below(10))Z" : ""
            text += "  except \"e\"\(until) where \(having())\n"
        }
        if random.chance(1, in: 3) {
            let quiet = random.chance(1, in: 2) ? " for \(random.int(1...6))s" : ""
            text += "  resolve on \(filter(quiet: quiet))\n"
        }
        if random.chance(1, in: 2) {
            let values = [
                "", "", " per 1", " per match.count", " per sum(\(steps.first ?? "x1").n)",
            ]
            text += "  suppress \(random.int(1...6))s\(random.pick(values))\n"
        }
        if random.chance(1, in: 3) {
            text += "  limit \(random.int(1...2)) per \(random.int(1...6))s\n"
        }
        return text
    }

    private mutating func having() -> String {
        switch random.below(3) {
        case 0: "match.count >= \(random.int(1...4))"
        case 1: "match.end - match.start <= \(random.int(0...6))s"
        default:
            steps.isEmpty
                ? "match.count < 5" : "max(\(random.pick(steps)).n) >= \(random.below(4))"
        }
    }

    // MARK: Sequences

    /// Lines, one a text line.
    private mutating func body(
        depth: Int, budget: Int, isRoot: Bool, isEntered: Bool = false
    ) -> String {
        let pad = String(repeating: "  ", count: depth + 2)
        var text = ""
        if isRoot, takesKeys {
            steps.append("x1")
            text += pad + "\(random.pick(types)) as x1\(condition(1, in: 3))"
        } else if isEntered || (isRoot && random.chance(1, in: 14)) {
            text +=
                pad + "no \(random.pick(types)) for \(random.int(1...5))s\(condition(1, in: 3))\n"
            text += pad + "then " + element(depth, budget: budget)
        } else {
            text += pad + element(depth, budget: budget)
        }
        text += "\n"
        var count = 1
        while count < budget {
            count += 1
            if random.chance(1, in: 7) { text += pad + guardLine() + "\n" }
            if random.chance(1, in: 8) {
                text += pad + "then no \(filterWithTime("for \(random.int(1...5))s"))\n"
                continue
            }
            text += pad + connector() + " " + element(depth, budget: 2) + "\n"
        }
        if isRoot, random.chance(1, in: 8) {
            let wait = limit != nil && random.chance(1, in: 2) ? "" : "for \(random.int(1...5))s"
            text += pad + "then no \(filterWithTime(wait))\n"
        }
        return text
    }

    private mutating func connector() -> String {
        switch random.below(6) {
        case 0: "then next"
        case 1: usesEach ? "then each" : "then"
        case 2: usesEach ? "then each" : "then"
        default: "then"
        }
    }

    private mutating func guardLine() -> String {
        switch random.below(5) {
        case 0, 1, 2: "but no \(filter())"
        case 3: "but not next \(filter())"
        default: "until \(filter())"
        }
    }

    private mutating func element(_ depth: Int, budget: Int) -> String {
        if depth < 2 {
            switch random.below(depth == 0 ? 14 : 20) {
            case 0: return group(depth)
            case 1: return "optional {\n" + nested(depth, isEntered: true) + "}" + gap()
            case 2: return branches("all of", depth)
            case 3: return branches("any of", depth)
            default: break
            }
        }
        return step()
    }

    /// - Parameter isEntered: the body may begin with an absence.
    private mutating func nested(_ depth: Int, isEntered: Bool) -> String {
        body(
            depth: depth + 1, budget: random.int(1...2), isRoot: false,
            isEntered: isEntered && random.chance(1, in: 4))
            + String(repeating: "  ", count: depth + 2)
    }

    private mutating func group(_ depth: Int) -> String {
        let count = random.pick(["2", "at least 1", "at least 2", "1 to 2", "2 to 3"])
        let row = random.chance(1, in: 3) ? " consecutive" : ""
        let spread = random.chance(1, in: 5) ? " in \(random.int(1...6))s" : ""
        return "\(count)\(row) times\(spread) {\n" + nested(depth, isEntered: row.isEmpty) + "}"
            + gap()
    }

    private mutating func branches(_ kind: String, _ depth: Int) -> String {
        let (wasInAllOf, didLookBack) = (isInAllOf, looksBack)
        let hasParts = depth == 0 && random.chance(1, in: 3)
        if kind == "all of" {
            isInAllOf = true
            looksBack = looksBack && !hasParts
        }
        defer { (isInAllOf, looksBack) = (wasInAllOf, didLookBack) }
        var parts: [String] = []
        for _ in 0..<random.int(2...3) {
            if random.chance(1, in: 10) {
                parts.append("no \(filterWithTime("for \(random.int(1...5))s"))")
                if random.chance(1, in: 2) { parts[parts.count - 1] += " \(connector()) " + step() }
            } else if random.chance(1, in: 3) {
                parts.append(step() + " \(connector()) " + step())
            } else {
                parts.append(hasParts && random.chance(1, in: 2) ? element(1, budget: 1) : step())
            }
        }
        let pad = String(repeating: "  ", count: depth + 3)
        return "\(kind) {\n"
            + parts.map { pad + $0 + ",\n" }.joined()
            + String(repeating: "  ", count: depth + 2) + "}" + gap()
    }

    private mutating func step() -> String {
        let name = "x\(steps.count + 1)"
        var text = ""
        switch random.below(12) {
        case 0: text = "2 "
        case 1: text = "at least 1 "
        case 2: text = "at least 2 "
        case 3: text = "\(random.int(1...2)) to \(random.int(2...3)) "
        case 4: text = "\(random.int(2...3)) consecutive "
        case 5: text = "at least 2 consecutive "
        case 6: text = "optional "
        case 7: text = random.chance(1, in: 2) ? "at least 2 distinct n of " : ""
        default: break
        }
        let isCounted = !text.isEmpty && !text.hasPrefix("optional")
        text += random.pick(types)
        if isCounted, !isInAllOf, random.chance(1, in: 3) { text += " in \(random.int(1...5))s" }
        steps.append(name)
        text += " as \(name)"
        if usesOwnKeys, random.chance(1, in: 2) { text += " by \(key.step)" }
        text += gap()
        if random.chance(2, in: 5) { text += " where " + conjunction(own: name) }
        return text
    }

    private mutating func gap() -> String {
        switch random.below(9) {
        case 0: " within \(random.int(1...5))s"
        case 1: random.chance(1, in: 2) ? " after \(random.int(1...3))s" : ""
        case 2: random.chance(1, in: 3) ? " after 1s within \(random.int(2...6))s" : ""
        default: ""
        }
    }

    // MARK: Filters and conditions

    private mutating func filter(quiet: String = "") -> String {
        random.pick(types) + condition(1, in: 2) + quiet
    }

    private mutating func filterWithTime(_ time: String) -> String {
        random.pick(types) + " " + time + condition(1, in: 3)
    }

    private mutating func condition(_ times: Int, in outOf: Int) -> String {
        random.chance(times, in: outOf) ? " where " + comparison(own: nil) : ""
    }

    private mutating func conjunction(own: String) -> String {
        let first = comparison(own: own)
        switch random.below(6) {
        case 0: return first + " and " + comparison(own: own)
        case 1: return first + " or " + comparison(own: own)
        case 2: return "not " + first
        default: return first
        }
    }

    private mutating func comparison(own: String?) -> String {
        let operation = random.pick(["<", "<=", ">", ">=", "==", "!="])
        if let own, looksBack, random.chance(2, in: 5) {
            let step = random.pick(steps)
            switch random.below(7) {
            case 0: return "n \(operation) first(\(step)).n"
            case 1: return "n \(operation) prev(n)"
            case 2: return "n \(operation) avg(\(step).n)"
            case 3: return "count(\(step)) \(operation) \(random.below(3))"
            case 4: return "n \(operation) last(\(own).n)"
            case 5: return "n \(operation) max(\(step).n) - min(\(step).n)"
            default: return "s == last(\(step).s)"
            }
        }
        if usesTables, random.chance(1, in: 2) { return lookUp(operation) }
        if asksForAll, random.chance(2, in: 3) { return lookForAll() }
        switch random.below(6) {
        case 0: return "s \(random.pick(["==", "!="])) \"\(random.pick(["u", "v"]))\""
        case 1: return "n in [\(random.below(4)), \(random.below(4))]"
        case 2: return "s is missing"
        default: return "n \(operation) \(random.below(4))"
        }
    }

    private mutating func lookUp(_ operation: String) -> String {
        switch random.below(5) {
        case 0: "n \(random.pick(["in", "not in"])) pairs"
        case 1: "s \(random.pick(["in", "not in"])) words"
        case 2: "pairs[n].m \(operation) n"
        case 3: "pairs[n].s == s"
        default: "pairs[n].m is missing"
        }
    }

    /// What one field is asked for, or one of several.
    private mutating func lookForAll() -> String {
        let first = plainLookUp()
        switch random.below(8) {
        case 0: return "(\(first) or \(plainLookUp()))"
        case 1: return "\(first) and \(plainLookUp())"
        default: return first
        }
    }

    private mutating func plainLookUp() -> String {
        let part = random.pick(["u", "v", "uv", "vw", "w", "U", "xu"])
        let number = random.below(4)
        switch random.below(12) {
        case 0: return "s == \"\(random.pick(StreamGenerator.manyTexts))\""
        case 1: return "s in [\"u\", \"\(part)\"]"
        case 2: return "s contains \"\(part)\""
        case 3: return "s like \"\(random.pick(["*", "", "?"]))\(part)*\""
        case 4: return "s ~like \"*\(part)\(random.pick(["", "*", "?"]))\""
        case 5: return "starts_with(s, \"\(part)\")"
        case 6: return "ends_with(s, \"\(part)\")"
        case 7:
            return
                "s matches r\"\(part)\(random.pick(["v+", "$", "[vw]"]))\"\(random.pick(["", "i"]))"
        case 8: return "n between \(number) and \(number + random.below(2))"
        case 9: return "n \(random.pick(["<", "<=", ">", ">=", "=="])) \(number).5"
        case 10: return "n in [\(number), \(number + 2)]"
        default: return "n \(random.pick(["<", "<=", ">", ">=", "=="])) \(number)"
        }
    }
}
