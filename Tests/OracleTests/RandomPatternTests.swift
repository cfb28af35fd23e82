// SPDX-License-Identifier: Apache-2.0

import EventModel
import Oracle
import RuleLanguage
import Testing

/// Laws that hold for every pattern, over random patterns and streams.
@Suite struct RandomPatternTests {
    /// A small generator of numbers: the same from the same seed.
    struct Numbers {
        var state: UInt64

        mutating func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }

        mutating func pick(_ choices: [String]) -> String { choices[below(choices.count)] }

        mutating func type() -> String { pick(["a", "b", "c", "d"]) }

        mutating func step() -> String {
            let count = pick([
                "", "", "", "2 ", "at least 1 ", "at least 2 ", "1 to 2 ", "2 consecutive ",
                "at least 2 consecutive ", "2 ", "at least 2 distinct n of ",
            ])
            let spread = count.isEmpty ? "" : pick(["", "", " in 2s", " in 4s"])
            return count + type() + spread + gap() + pick(["", "", "", " where n == 1"])
        }

        mutating func gap() -> String {
            pick(["", "", "", "", " within 3s", " after 1s", " after 1s within 4s"])
        }

        mutating func lines(_ depth: Int, isFirst: Bool) -> [String] {
            var lines = element(depth)
            for _ in 0..<below(3) {
                lines += guards()
                if below(6) == 0 {
                    lines.append("then no \(type()) for \(1 + below(4))s")
                    continue
                }
                var next = below(5) == 0 ? optional(depth) : element(depth)
                next[0] = pick(["then ", "then ", "then next ", "then each "]) + next[0]
                lines += next
            }
            return lines
        }

        private mutating func guards() -> [String] {
            switch below(8) {
            case 0: ["but no \(type()) where n == 2"]
            case 1: ["but not next \(type())"]
            case 2: ["until \(type()) where n == 2"]
            default: []
            }
        }

        private mutating func optional(_ depth: Int) -> [String] {
            depth == 0 || below(2) == 0
                ? ["optional \(type())"]
                : ["optional {"] + lines(depth - 1, isFirst: false) + ["}"]
        }

        private mutating func element(_ depth: Int) -> [String] {
            switch depth == 0 ? 9 : below(10) {
            case 0: ["all of {"] + branches(depth) + ["}" + gap()]
            case 1: ["any of {"] + branches(depth) + ["}" + gap()]
            case 2:
                [pick(["2 times", "at least 1 times", "1 to 2 times", "2 times in 4s"]) + " {"]
                    + lines(depth - 1, isFirst: false) + ["}"]
            default: [step()]
            }
        }

        private mutating func branches(_ depth: Int) -> [String] {
            var first = lines(depth - 1, isFirst: false)
            first[first.count - 1] += ","
            return first + lines(depth - 1, isFirst: false)
        }

        mutating func events() -> [ReferenceEvent] {
            var time = MatchingScenario.zero
            return (0..<(3 + below(8))).map { index in
                time = time + TimeSpan(seconds: Int64(below(3)))
                return ReferenceEvent(
                    type: type(), time: time, id: "\(index)",
                    fields: [NamedValue("n", .int(Int64(below(3))))])
            }
        }
    }

    private func rule(_ lines: [String], _ clauses: [String], _ limit: String) -> String {
        (["rule r {", "when \(limit){"] + lines + ["}"] + clauses + ["}"]).joined(separator: "\n")
    }

    @Test(arguments: 0..<8)
    func matchesKeepTheirLaws(seed: Int) throws {
        var numbers = Numbers(state: UInt64(seed) &* 7919 &+ 1)
        var checked = 0
        for _ in 0..<25 {
            let lines = numbers.lines(2, isFirst: true)
            let limit = numbers.pick(["", "within 5s "])
            let past = MatchingScenario(name: "", line: 1, rules: rule(lines, [], limit))
            let all = MatchingScenario(
                name: "", line: 1, rules: rule(lines, ["skip none"], limit))
            guard let pastRules = past.check().ruleset, let allRules = all.check().ruleset else {
                continue
            }
            checked += 1
            for _ in 0..<10 {
                let events = numbers.events()
                let label = "\(all.rules)\n\(events.map { "\($0.time) \($0.type) \($0.fields)" })"
                try check(pastRules, events, sharing: false, label)
                try check(allRules, events, sharing: true, label)
            }
        }
        #expect(checked > 4)
    }

    private func check(
        _ ruleset: CheckedRuleset, _ events: [ReferenceEvent], sharing: Bool, _ label: String
    ) throws {
        let matches = ReferenceMatcher(ruleset).allMatches(
            in: events, watchedFrom: MatchingScenario.zero, drainUntil: nil)
        var seen: Set<Int> = []
        for (index, match) in matches.enumerated() {
            let bound = match.bound.flatMap { $0 }
            #expect(Set(bound).count == bound.count, "an event serves one step: \(label)")
            #expect(match.completing == bound.max(), "the last event bound completes: \(label)")
            #expect(match.start == bound.min().map { events[$0].time }, "\(label)")
            #expect(match.isByClock || match.end == events[match.completing].time, "\(label)")
            let isNew = !matches[..<index].contains { $0.bound == match.bound }
            #expect(isNew, "a way to match is reported once: \(label)")
            if !sharing {
                #expect(seen.isDisjoint(with: bound), "past last shares no event: \(label)")
                seen.formUnion(bound)
            }
        }
    }
}
