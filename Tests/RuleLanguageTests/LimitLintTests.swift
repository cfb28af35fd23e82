// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Testing

@testable import RuleLanguage

/// Waits that are longer than what they have to end within.
@Suite struct LimitLintTests {
    /// What is said of waits: the text under each, and its label.
    private func found(_ lines: String, limit: String = " within 10m") -> [String] {
        let result = checked("rule r { when\(limit) {\n\(lines)\n} }")
        #expect(result.ruleset != nil, "\(result.diagnostics.map(\.message))")
        return result.diagnostics.filter { $0.code == "W0113" }.map {
            "\($0.message): \($0.span.text): \($0.label)"
        }
    }

    @Test(arguments: [
        ("a\nthen no b for 10m", true), ("a\nthen no b for 11m", false),
        ("a\nthen b after 6m\nthen no c for 6m", false),
        ("a\nthen b after 5m\nthen no c for 5m", true),
        // An absence counts from the end of the one before, a gap from the last event.
        ("a\nthen no b for 5m\nthen no c for 5m", true),
        ("a\nthen no b for 6m\nthen no c for 5m", false),
        ("a\nthen no b for 6m\nthen c after 6m", true),
        ("a\nthen no b for 6m\nthen c\nthen d after 6m", false),
        ("a\nthen no b for 6m\nthen optional c\nthen d after 6m", true),
        // Before the first event nothing counts, unless it is the first of several.
        ("no a for 1h\nthen b", true),
        ("1 times { no b for 1h then c }", true), ("2 times { no b for 1h then c }", false),
        ("2 times { no b for 10m then c }", true), ("3 times { no b for 10m then c }", false),
        // Repetitions are one after another.
        ("2 times { a then b after 5m }", true), ("3 times { a then b after 5m }", false),
        ("a\nthen 2 times { b after 5m }", true), ("a\nthen 3 times { b after 5m }", false),
        ("a\nthen 2 times { no b for 5m then c }", true),
        ("a\nthen 1000000 times { no b for 1ms then c }", false),
        ("1 to 9 times { a then b after 5m }", true),
        ("2 times { 2 times { a then b after 3m } }", false),
        ("2 times { 2 times { a then b after 2500ms } }", true),
        // Of all branches the longest counts, of any the shortest.
        ("a\nthen all of { b, c then d after 11m }", false),
        ("a\nthen all of { b then e after 6m, c then d after 6m }", true),
        ("a\nthen all of { b, c then d after 6m }\nthen e after 5m", false),
        ("a\nthen any of { b, c then d after 6m }\nthen e after 5m", true),
        ("a\nthen any of { b after 6m, c then d after 7m }\nthen e after 5m", false),
        ("a\nthen all of { b, c } after 6m\nthen e after 5m", false),
        ("a\nthen no b", true), ("a\nthen b within 1h", true), ("3 a in 1h", true),
    ])
    func waitsHaveToFitIntoTheWholeLimit(lines: String, canFinish: Bool) {
        let found = found(lines)
        #expect(found.isEmpty == canFinish, "\(found)")
        #expect(found.allSatisfy { $0.hasPrefix("this rule can never finish: ") }, "\(found)")
    }

    @Test(arguments: [
        (
            "a\nthen no b for 11m\nthen c after 1h",
            ["11m: but this wait alone takes 11m", "1h: but this wait alone takes 1h"]
        ),
        (
            "a\nthen b after 6m\nthen no c for 6m",
            ["6m: but with the waits before it this takes 12m"]
        ),
        (
            "3 times { a then b after 6m }",
            ["3 times { a then b after 6m }: but this alone takes 18m"]
        ),
        ("a\nthen 2 times {\nb after 6m\n} after 1m", ["then 2 times {: but this alone takes 12m"]),
    ])
    func whatTakesTooLongIsSaid(lines: String, places: [String]) {
        #expect(found(lines) == places.map { "this rule can never finish: \($0)" })
    }

    @Test(arguments: [
        ("a\nthen any of { b, no c for 11m }", "this branch can never be complete"),
        ("a\nthen any of { b, c then d after 11m }", "this branch can never be complete"),
        ("a\nthen b after 6m\nthen any of { c, no d for 6m }", "this branch can never be complete"),
        ("a\nthen optional b after 20m\nthen c", "this can never be taken"),
        ("a\nthen b after 6m\nthen optional c after 6m\nthen d", "this can never be taken"),
        ("a\nthen optional { no b for 20m then c }\nthen d", "this can never be taken"),
        ("a\nthen optional { 2 times { b then c after 6m } }\nthen d", "this can never be taken"),
    ])
    func aPartThatTakesTooLongIsNoReasonForTheWholeNotToFinish(lines: String, message: String) {
        let found = found(lines)
        #expect(found.count == 1 && found[0].hasPrefix(message), "\(found)")
    }

    /// Without a limit around all.
    @Test(arguments: [
        (
            "a\nthen no b for 30m\nthen c within 10m",
            ["10m: but this line ends 30m after that or later"]
        ),
        ("a\nthen no b for 10m\nthen c within 10m", []),
        (
            "a\nthen no b for 5m\nthen no b for 6m\nthen c within 10m",
            ["10m: but this line ends 11m after that or later"]
        ),
        ("a\nthen no b for 30m\nthen c\nthen d within 10m", []),
        (
            "a\nthen 2 times { b then no c for 6m then d } within 10m",
            ["10m: but this line ends 12m after that or later"]
        ),
        ("a\nthen 2 times { b then no c for 5m then d } within 10m", []),
        (
            "a\nthen 2 times { b then no c for 20m then d } within 10m",
            ["20m: but this wait alone takes 20m"]
        ),
        (
            "a\nthen 2 times in 10m { b then c after 6m }",
            [
                "then 2 times in 10m { b then c after 6m }: "
                    + "but from its first to its last event it takes 12m"
            ]
        ),
        ("a\nthen 2 times in 10m { b after 6m }", []),
        (
            "a\nthen 3 times in 10m { b after 6m }",
            [
                "then 3 times in 10m { b after 6m }: "
                    + "but from its first to its last event it takes 12m"
            ]
        ),
        // The first wait is before its first event, and the last behind its last.
        ("a\nthen 1 times in 10m { no b for 1h then c }", []),
        ("a\nthen 1 times in 10m { b then no c for 1h }", []),
        (
            "a\nthen any of { b after 6m, c after 7m } within 5m",
            ["6m: but this wait alone takes 6m", "7m: but this wait alone takes 7m"]
        ),
        (
            "a\nthen no d for 6m\nthen any of { b, c } within 5m",
            ["5m: but this line ends 6m after that or later"]
        ),
        ("a\nthen all of { b, c then d after 6m } within 5m", ["6m: but this wait alone takes 6m"]),
        ("a within 1m\nthen b", []),
    ])
    func waitsHaveToFitIntoTheLimitOfTheirLine(lines: String, places: [String]) {
        let found = found(lines, limit: "")
        #expect(found.map { $0.split(separator: ": ", maxSplits: 1)[1] } == places.map { $0[...] })
    }

    @Test func theLintIsSilencedInPlace() {
        let allow = "// martlet: allow never-finishes the limit is being tried out"
        #expect(found("a\nthen no b for 11m  \(allow)").isEmpty)
    }

    @Test func deepNestingCostsNoMoreThanItsLength() {
        let depth = 25
        let opened = String(repeating: "2 times in 1ms {\na\nthen ", count: depth)
        let closed = String(repeating: "} within 1ms\n", count: depth)
        #expect(!found("a\nthen \(opened)b after 1h\n\(closed)").isEmpty)
    }
}
