// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Harness
import RuleLanguage
import Testing

/// A ruleset out of one text, with its cases.
private func accepted(_ text: String) throws -> CheckedRuleset {
    let file = SourceFile(name: "a.martlet", text: text)
    let result = RuleChecker.check([RuleSyntax.parse(file)])
    return try #require(
        result.ruleset, "\(DiagnosticRenderer.human(result.diagnostics, colour: false))")
}

@Suite struct CoverageTests {
    /// What the cases reach of the rule `r`: `subject text: outcome outcome`, with `!` before those
    /// that they do not.
    private func survey(_ rule: String, _ cases: String) throws -> [String] {
        let ruleset = try accepted(
            "rule r {\n\(rule)\n}\ntest r {\n case \"c\" {\n\(cases)\n }\n}\n")
        var runner = TestRunner(ruleset)
        let coverage = runner.coverage(of: ruleset.tests)
        try #require(coverage.count == 1)
        return coverage[0].findings.map { finding in
            let outcomes = finding.outcomes.map { ($0.isReached ? "" : "!") + $0.name }
            return "\(finding.subject) \(finding.text): \(outcomes.joined(separator: ", "))"
        }
    }

    @Test func stepsAndConditions() throws {
        let rule = "when within 10s {\na where x > 1 and y == 2\nthen b\n}"
        #expect(
            try survey(rule, "at 0s a { x: 2, y: 3 }\nat 1s a { x: 2 }\nexpect none") == [
                "limit within 10s: !in time, !too late",
                "step a where x > 1 and y == 2: !reached",
                "condition x > 1: !true, !false", "condition y == 2: !true, false, unknown",
                "step then b: !reached",
            ])
        #expect(
            try survey(
                rule,
                """
                at 0s a { x: 2, y: 2 }
                at 1s a { x: 1, y: 2 }
                at 2s b {}
                at 20s a { x: 2, y: 2 }
                at 31s b {}
                expect 1 alerts
                """) == [
                    "limit within 10s: in time, too late",
                    "step a where x > 1 and y == 2: reached",
                    "condition x > 1: true, false", "condition y == 2: true, !false",
                    "step then b: reached",
                ])
    }

    @Test func countsAndGaps() throws {
        let rule = "when {\nat least 2 a in 5s as x\nthen b within 3s\n}"
        #expect(
            try survey(rule, "at 0s 2 a every 1s {}\nat 2s b {}\nexpect 1 alerts") == [
                "step at least 2 a in 5s as x: reached",
                "count at least 2: exactly 2, !more", "limit in 5s: in time, !too late",
                "step then b within 3s: reached", "limit within 3s: in time, !too late",
            ])
        let more = try survey(
            rule,
            """
            at 0s 3 a every 1s {}
            at 3s b {}
            at 20s 2 a every 6s {}
            at 27s b {}
            at 40s 2 a every 1s {}
            at 50s b {}
            expect 1 alerts
            """)
        #expect(more.contains("count at least 2: !exactly 2, more"))
        #expect(more.contains("limit in 5s: in time, too late"))
        #expect(more.contains("limit within 3s: in time, too late"))
    }

    @Test func branchesAndGroups() throws {
        let rule =
            "when within 1m {\na\nthen any of {\nb\nc then d\n}\nthen 2 times {\ne\nthen f\n}\n}"
        let found = try survey(rule, "at 0s a {}\nat 1s c {}\nat 2s d {}\nat 3s e {}\nexpect none")
        #expect(
            found == [
                "limit within 1m: !in time, !too late", "step a: reached",
                "branch branch `b`: !taken", "step b: !reached", "branch branch `c`: taken",
                "step c: reached", "step then d: reached", "step then 2 times {: !reached",
                "step e: reached", "step then f: !reached",
            ])
    }

    @Test func absencesAndGuards() throws {
        let rule = "when {\nno z for 5s\nthen a\nbut no c\nthen b within 9s\nthen no d for 3s\n}"
        #expect(
            try survey(rule, "at 10s a {}\nat 11s b {}\nexpect 1 alerts").filter {
                !$0.hasPrefix("step") && !$0.hasPrefix("limit")
            } == [
                "absence no z for 5s: held, !broken", "guard but no c: kept, !broken",
                "absence no d for 3s: held, !broken",
            ])
        #expect(
            try survey(
                rule,
                """
                at 10s a {}
                at 11s c {}
                at 12s b {}
                at 20s a {}
                at 21s b {}
                at 22s d {}
                at 30s z {}
                at 31s a {}
                at 32s b {}
                expect none
                """
            ).filter { !$0.hasPrefix("step") && !$0.hasPrefix("limit") } == [
                "absence no z for 5s: held, broken", "guard but no c: kept, broken",
                "absence no d for 3s: !held, broken",
            ])
    }

    @Test func whatLooksAtTheMatchAndWhatEndsIt() throws {
        let rule =
            "when within 1m {\na as x\nthen optional b\nthen c\n}\nhaving x.n > 1\nreset on z"
        let found = try survey(
            rule,
            "at 0s a { n: 1 }\nat 1s c {}\nat 2s a { n: 2 }\nat 3s z {}\nat 4s c {}\nexpect none")
        #expect(found.contains("having x.n > 1: !true, false"))
        #expect(found.contains("reset reset on z: ended an attempt"))
        #expect(found.contains("optional then optional b: !taken, left out"))
    }

    @Test func whatStandsBetweenMatchesAndAlerts() throws {
        let rule = """
            by k
            when { a as x }
            suppress 5m
            except "robots" where x.n == 0
            """
        let found = try survey(rule, "at 0s a { k: 1, n: 1 }\nexpect 1 alerts")
        #expect(
            found.contains("exception except where x.n == 0: !dropped a match, let one through"))
        #expect(found.contains("suppression suppress 5m: !held one back"))
        let more = try survey(
            rule, "at 0s 2 a { k: 1, n: 1 }\nat 1s a { k: 2, n: 0 }\nexpect 1 alerts")
        #expect(more.contains("exception except where x.n == 0: dropped a match, let one through"))
        #expect(more.contains("suppression suppress 5m: held one back"))
    }

    @Test func anAlertIsResolvedByItsEventOrByTime() throws {
        let rule = "by k\nwhen { a }\nresolve on b where n > 1 for 10m"
        func outcomes(_ cases: String) throws -> [String] {
            try survey(rule, cases + "\nexpect 0 alerts").filter { $0.hasPrefix("resolution") }
        }
        let name = "resolution resolve on b where n > 1 for 10m: "
        #expect(
            try outcomes("at 0s 2 a every 1m { k: 1 }") == [
                name + "held one back, !resolved, resolved by time"
            ])
        #expect(
            try outcomes("at 0s a { k: 1 }\nat 1m b { k: 1, n: 2 }") == [
                name + "!held one back, resolved, !resolved by time"
            ])
        #expect(
            try survey("by k\nwhen { a }\nresolve on b", "at 0s a { k: 1 }\nexpect 1 alerts")
                .last == "resolution resolve on b: !held one back, !resolved")
    }

    @Test func whatAnAlertSaysByConditionIsSeenBothWays() throws {
        let rule = """
            by k
            severity if(x.n > 3, "high", "low")
            when { a as x }
            alert "{if(x.n > 5, "big", "small")}" {
              v: if(x.n > 3, 1, if(x.m == 1, 2, 3))
            }
            """
        let found = try survey(rule, "at 0s a { k: 1, n: 4 }\nexpect 1 alerts")
            .filter { $0.hasPrefix("choice") }
        #expect(
            found == [
                "choice if(x.n > 3, …): true, !false", "choice if(x.n > 5, …): !true, false",
                "choice if(x.m == 1, …): !true, !false, unknown",
            ])
    }

    @Test func aWindowShowsWhatIsInIt() throws {
        let rule = """
            when over tumbling 1m { a as x where n > 1 }
            having count(x) > 2
            """
        let found = try survey(rule, "at 0s 2 a every 1s { n: 2 }\nexpect none")
        #expect(
            found == [
                "step a as x where n > 1: reached", "condition n > 1: true, !false",
                "having count(x) > 2: !true, false",
            ])
    }

    @Test func whatOnlyEmitsIsSeenToo() throws {
        let rule = "when within 1m {\na\nthen b\n}\nemit { n: 1 }"
        let found = try survey(rule, "at 0s a {}\nat 1s b {}\nexpect none")
        #expect(found.contains("step then b: reached"))
    }

    @Test func aConditionOnWhatIsBoundIsSeenInItsAttempt() throws {
        let rule = "when within 1m {\na as x\nthen b where n > x.n\n}"
        let found = try survey(rule, "at 0s a { n: 1 }\nat 1s b { n: 1 }\nexpect none")
        #expect(found.contains("condition n > x.n: !true, false"))
    }
}

@Suite struct MutationTests {
    /// What becomes of the mutants of a ruleset: `text → replacement`, by fate.
    private func fates(_ text: String) throws -> (survived: [String], killed: [String]) {
        let run = MutationRun([SourceFile(name: "a.martlet", text: text)])
        var (survived, killed): ([String], [String]) = ([], [])
        for mutant in run.mutants {
            let shown = "\(mutant.span.text) → \(mutant.replacement)"
            switch run.result(of: mutant).fate {
            case .survived, .allowed: survived.append(shown)
            case .killed: killed.append(shown)
            case .invalid: break
            }
        }
        return (survived, killed)
    }

    /// The comment is about its line or, alone on it, the next; it allows what survives.
    @Test func aCommentAllowsAMutantThatNoCaseCanNotice() throws {
        let text = """
            rule r {
              when within 10s {
                a
                // martlet: allow-mutant connector nothing but b is in the input
                then b  // martlet: allow-mutant count there is none
              }
            }  // martlet: allow-mutant skip, nonsense for now
            test r {
              case "c" {
                at 0s a {}
                at 10s b {}
                expect at 10s alert
              }
            }

            """
        let file = SourceFile(name: "a.martlet", text: text)
        #expect(RuleChecker.check([RuleSyntax.parse(file)]).diagnostics.isEmpty)
        let run = MutationRun([file])
        let results = run.mutants.map { run.result(of: $0) }
        let allowed = results.filter {
            if case .allowed = $0.fate { true } else { false }
        }
        #expect(allowed.map(\.mutant.kind) == [.connector, .skip])
        #expect(results.filter(\.hasSurvived).map(\.mutant.kind) == [.duration])
        #expect(run.idleAllowances(results).map(\.kind.text) == ["count", "nonsense"])
    }

    /// A ruleset with a table in a file has mutants as any other.
    @Test func tablesInFilesAreThere() throws {
        let text = """
            table bad from "bad.csv" key ip
            rule r { when { a where ip in bad } alert "x" }
            test r { case "c" { at 0s a { ip: 10.0.0.1 } expect none } }

            """
        let file = SourceFile(name: "a.martlet", text: text)
        #expect(MutationRun([file]).mutants.isEmpty)
        var builder = LookupTableBuilder()
        let column = builder.column("ip")
        builder.beginRow(line: 2)
        builder.set(column, text: "10.0.0.9".utf8.span, isTextual: true)
        let rows = builder.finish(keyColumn: 0)
        let place = try #require(RuleSyntax.parse(file).tree.tablePlaces.first)
        let run = MutationRun([file], tableFiles: [place: .success(rows)])
        #expect(!run.mutants.isEmpty)
    }

    private static let rule = """
        rule r {
          by k
          when within 10s {
            at least 2 a where n > 5 and m == 1
            but no c
            then next b
          }
          skip past last
        }

        """

    @Test func casesThatShowLittleLetMutantsLive() throws {
        let (survived, killed) = try fates(
            Self.rule + """
                test r { case "c" {
                  at 0s 2 a { k: 1, n: 6, m: 1 }
                  at 1s b { k: 1 }
                  expect 1 alerts
                } }
                """)
        for shown in [
            "by k → ", "10s → 10s1ms", "10s → 9s999ms", "2 → 1", "but no c → ", "then next → then",
            "> → >=", " and m == 1 → ", "n > 5 and  → ", "and → or",
            "skip past last → skip to next",
        ] {
            #expect(survived.contains(shown), "\(shown)")
        }
        #expect(killed.contains("2 → 3") && killed.contains("== → !="))
    }

    @Test func casesThatShowAllLetNoneLive() throws {
        let (survived, killed) = try fates(
            Self.rule + """
                test r {
                  case "at the bounds" {
                    at 0s 2 a { k: 1, n: 6, m: 1 }
                    at 10s b { k: 1 }
                    expect at 10s alert { count: 3 }
                  }
                  case "beyond them" {
                    at 0s 2 a { k: 1, n: 6, m: 1 }
                    at 10s1ms b { k: 1 }
                    expect none
                  }
                  case "one is too few" {
                    at 0s a { k: 1, n: 6, m: 1 }
                    at 1s b { k: 1 }
                    expect none
                  }
                  case "two keys" {
                    at 0s a { k: 1, n: 6, m: 1 }
                    at 0s a { k: 2, n: 6, m: 1 }
                    at 1s b { k: 1 }
                    expect none
                  }
                  case "five is not enough" {
                    at 0s 2 a { k: 1, n: 5, m: 1 }
                    at 1s b { k: 1 }
                    expect none
                  }
                  case "another m" {
                    at 0s 2 a { k: 1, n: 6, m: 2 }
                    at 1s b { k: 1 }
                    expect none
                  }
                  case "c comes" {
                    at 0s 2 a { k: 1, n: 6, m: 1 }
                    at 1s c { k: 1 }
                    at 2s a { k: 1, n: 6, m: 1 }
                    at 3s b { k: 1 }
                    expect none
                  }
                  case "something between" {
                    at 0s 2 a { k: 1, n: 6, m: 1 }
                    at 1s a { k: 1, n: 1, m: 1 }
                    at 2s b { k: 1 }
                    expect none
                  }
                  case "three" {
                    at 0s 3 a { k: 1, n: 6, m: 1 }
                    at 1s b { k: 1 }
                    expect 1 alerts
                  }
                }
                """)
        #expect(survived.filter { !$0.contains("skip") } == [], "\(survived)")
        #expect(killed.count > 10)
    }

    @Test func linesBranchesAndConnectorsAreChanged() throws {
        let text = """
            rule r {
              by k, l
              when {
                no z for 5s
                then a
                then any of { b where not (x == 1), c } after 1s
                then 2 consecutive d
                until e
                then no f for 7s
              }
              reset on g
              attempts latest
              having match.count < 9
            }
            test r { case "c" { at 0s a { k: 1, l: 1 } expect none } }
            """
        let run = MutationRun([SourceFile(name: "a.martlet", text: text)])
        let shown = run.mutants.map { "\($0.span.text) → \($0.replacement)" }
        for expected in [
            "k,  → ", ", l → ", "no z for 5s\n    then → ", "5s → 5s1ms", "then → then next",
            "b where not (x == 1), → ", "where not (x == 1) → ", "not  → ", "1s → 999ms",
            "consecutive → ", "until e → ", "then no f for 7s → ", "reset on g → ",
            "attempts latest → attempts all", "< → <=",
        ] {
            #expect(shown.contains(expected), "\(expected) in \(shown)")
        }
        let places = run.mutants.map(\.span.range.lowerBound)
        #expect(places == places.sorted())
    }

    @Test func whatAlertsSayAndWhatHoldsThemBackIsChanged() throws {
        let text = """
            rule r {
              by k
              severity if(x.n > 3, "high", "low")
              when { a as x }
              suppress 1h per x.n, x.m
              limit 2 per 1d
              resolve on b for 5m
              alert "{if(x.n > 5, "big", "small")}" { v: 1 + if(x.n > 7 and x.m == 1, 2, 3) }
            }
            rule s {
              by k
              when { a }
              suppress 1h per k
              emit { v: if(match.count > 1, 2, 3) }
            }
            test r, s { case "c" { at 0s a { k: 1 } expect none } }
            """
        let run = MutationRun([SourceFile(name: "a.martlet", text: text)])
        let shown = run.mutants.map { "\($0.span.text) → \($0.replacement)" }
        for expected in [
            "x.n > 3 → not (x.n > 3)", "suppress 1h per x.n, x.m → ", " per x.n, x.m → ",
            "limit 2 per 1d → ", "resolve on b for 5m → ", "x.n > 5 → not (x.n > 5)",
            "x.n > 7 and x.m == 1 → not (x.n > 7 and x.m == 1)", "suppress 1h per k → ",
            "match.count > 1 → not (match.count > 1)",
        ] {
            #expect(shown.contains(expected), "\(expected) in \(shown)")
        }
        // What `per` says there holds without it.
        #expect(!shown.contains(" per k → "))
        for mutant in run.mutants where mutant.kind == .logic {
            if case .invalid = run.result(of: mutant).fate { Issue.record("\(mutant)") }
        }
    }
}
