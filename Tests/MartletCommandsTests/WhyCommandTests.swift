// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import MartletCommands

@Suite struct WhyCommandTests {
    static let rules = """
        event login { user: string, ip: ip, outcome: "ok" | "fail" }
        rule guessing {
          by user
          when within 10m {
            at least 2 login as fails where outcome == "fail"
            then login as ok where outcome == "ok"
          }
          alert "{user}"
        }
        rule moves { by login.user = logout.account when { login then logout within 5s } }
        rule anything { when within 1m { login then next logout } }

        """
    static let events = """
        {"time":"2026-03-02T08:00:00Z","type":"login","user":"ann","outcome":"fail","ip":"10.0.0.1"}
        {"time":"2026-03-02T08:00:10Z","type":"logn","user":"ann"}
        {"time":"2026-03-02T08:01:00Z","type":"login","user":"ann","outcome":"fail","ip":"10.0.0.2"}
        {"time":"2026-03-02T08:02:00Z","type":"login","user":"bob","outcome":"ok","ip":"10.0.0.7"}
        {"time":"2026-03-02T08:03:00Z","type":"login","outcome":"ok","ip":"10.0.0.7"}
        {"time":"2026-03-02T08:10:12Z","type":"login","user":"ann","outcome":"ok","ip":"10.0.0.9"}
        {"time":"2026-03-02T08:10:20Z","type":"logout","account":"ann"}

        """

    private func why(_ arguments: String...) throws -> CommandOutcome { try why(arguments) }

    private func why(_ arguments: [String]) throws -> CommandOutcome {
        let folder = try RulesFolder(["a.martlet": Self.rules, "e.jsonl": Self.events])
        var result = outcome(
            ["why", folder.path + "/a.martlet", folder.path + "/e.jsonl"] + arguments)
        result.output = folder.shortened(result.output)
        result.errors = folder.shortened(result.errors)
        return result
    }

    /// Attempts of ann from 8:00:00 and 8:01:00 on, of ten minutes at most.
    private func atTime(_ time: String, _ more: String...) throws -> String {
        try why(["--rule", "guessing", "--key", "user=ann", "--at", "2026-03-02T\(time)Z"] + more)
            .output
    }

    @Test func whereNothingWasUnderWayTheNearestBeforeIsShown() throws {
        let told = try atTime("09:30:00")
        #expect(
            told == """
                guessing for user=ann: no alert  (FOLDER/a.martlet:2)
                  events of this key: login 3 of 5

                  nothing was under way at 2026-03-02T09:30:00.000Z; the nearest before it:

                  2 attempts did not match; the furthest:

                  began 2026-03-02T08:00:00.000Z
                    +0s      fails: login outcome="fail"  [e.jsonl:1]
                    +1m      fails: login outcome="fail"  [e.jsonl:3]
                             waited for `then login as ok where outcome == "ok"`
                    +10m     ended: the limit `within 10m` ran out
                    +10m12s  too late by 12s: login outcome="ok"  [e.jsonl:6]

                """, "\(told)")
        let json = try atTime("09:30:00", "--format", "json")
        #expect(json.contains(#""at":"2026-03-02T09:30:00.000Z","underWay":false,"#))
        #expect(json.contains(#""attempts":[{"start":"2026-03-02T08:00:00.000Z""#))
        #expect(json.contains(#""notBegun":null"#))
    }

    /// A time behind all events has passed too.
    @Test func whatHadEndedByATimeBehindTheEventsHasEnded() throws {
        let folder = try RulesFolder([
            "a.martlet":
                "rule b { by k\nwhen within 1m { x as a where v > 1 then y as b where v > 5 } }",
            "e.jsonl": """
            {"ts":1760000000000,"type":"x","k":"K","v":2}
            {"ts":1760000010000,"type":"y","k":"K","v":1}

            """,
        ])
        let told = outcome([
            "why", folder.path + "/a.martlet", folder.path + "/e.jsonl", "--key", "k=K", "--at",
            "2025-10-09T09:30:00Z",
        ]).output
        #expect(told.contains("nothing was under way at 2025-10-09T09:30:00.000Z; the nearest"))
        #expect(told.contains("+1m      ended: the limit `within 1m` ran out\n"), "\(told)")
        #expect(told.contains("+10s     nearest: y v=1  [e.jsonl:2]\n"))
    }

    @Test func whereNothingHadBegunYetItIsSaid() throws {
        let told = try atTime("07:00:00")
        #expect(
            told == """
                guessing for user=ann: no alert  (FOLDER/a.martlet:2)
                  events of this key: login 3 of 5

                  nothing was under way at 2026-03-02T07:00:00.000Z; nor at any time before

                  no attempt began: the first event has to fit \
                `at least 2 login as fails where outcome == "fail"`
                    the first that fits came later, at 2026-03-02T08:00:00.000Z

                """, "\(told)")
    }

    @Test func whatCameAfterTheTimeIsMarked() throws {
        let told = try atTime("08:00:30", "--attempts", "1")
        #expect(
            told.contains(
                """
                    +0s      fails: login outcome="fail"  [e.jsonl:1]
                    +30s     this far at 2026-03-02T08:00:30.000Z; later:
                    +1m      fails: login outcome="fail"  [e.jsonl:3]
                """), "\(told)")
        let json = try atTime("08:00:30", "--format", "json")
        #expect(json.contains(#""underWay":true,"#))
        #expect(
            json.contains(
                #"{"step":"fails","later":true,"type":"login","time":"2026-03-02T08:01:00"#))
        #expect(!json.contains(#""later":true,"type":"login","time":"2026-03-02T08:00:00"#))
    }

    @Test func theFurthestAttemptIsATimeline() throws {
        let result = try why("--rule", "guessing", "--key", "user=ann")
        let expected = """
            guessing for user=ann: no alert  (FOLDER/a.martlet:2)
              events of this key: login 3 of 5

              2 attempts did not match; the furthest:

              began 2026-03-02T08:00:00.000Z
                +0s      fails: login outcome="fail"  [e.jsonl:1]
                +1m      fails: login outcome="fail"  [e.jsonl:3]
                         waited for `then login as ok where outcome == "ok"`
                +10m     ended: the limit `within 10m` ran out
                +10m12s  too late by 12s: login outcome="ok"  [e.jsonl:6]

            """
        #expect(result == CommandOutcome(output: expected))
    }

    @Test func aKeyOfAnotherNameIsTheRulesToo() throws {
        let result = try why("--rule", "moves", "--key", "account=ann")
        #expect(result.status == .clean)
        #expect(result.output.contains("`within 5s` of `then logout within 5s` ran out"))
        #expect(result.output.contains("too late by 3s: logout"))
    }

    @Test func aKeyThatNeverComesIsSaidToBeSo() throws {
        let result = try why("--rule", "guessing", "--key", "user=bbo")
        #expect(result.status == .clean)
        #expect(result.output.contains("5 `login` events, none of this key; 1 lack a key field"))
        #expect(result.output.contains("did you mean `bob`?"))
    }

    @Test func aTypeThatIsSpeltOtherwiseIsFound() throws {
        let folder = try RulesFolder([
            "a.martlet": "rule r { by user when within 1m { logan then logout } }\n",
            "e.jsonl": Self.events,
        ])
        let result = outcome([
            "why", folder.path + "/a.martlet", folder.path + "/e.jsonl", "--key", "user=ann",
        ])
        #expect(result.output.contains("there is no `logan` event at all"))
        #expect(result.output.contains("of type `login`: was that meant?"))
    }

    @Test func theAnswerIsAnObjectForPrograms() throws {
        let result = try why("--rule", "guessing", "--key", "user=ann", "--format", "json")
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        let story = try #require(object as? [String: Any])
        #expect(story["rule"] as? String == "guessing")
        #expect(story["key"] as? [String: String] == ["user": "ann"])
        let attempts = try #require(story["attempts"] as? [[String: Any]])
        #expect(attempts.count == 1)
        #expect(attempts[0]["ending"] as? String == "limit")
        #expect((attempts[0]["late"] as? [String: Any])?["by"] as? String == "12s")
        #expect((attempts[0]["bound"] as? [Any])?.count == 2)
    }

    @Test(arguments: [
        (["--rule", "guesing"], "there is no rule `guesing`: did you mean `guessing`?"),
        ([], "there are several rules; say which with `--rule`: `guessing`, `moves`, `anything`"),
        (
            ["--rule", "guessing"],
            "rule `guessing` works by `user`: say which with `--key user=…`"
        ),
        (
            ["--rule", "guessing", "--key", "usr=ann"],
            "`usr` is not in the key of rule `guessing`, which is `user`"
        ),
        (
            ["--rule", "anything", "--key", "user=ann"],
            "rule `anything` has no key (`by`): leave out `--key`"
        ),
    ])
    func aQuestionThatTheRulesDoNotKnowIsRefused(arguments: [String], message: String) throws {
        let folder = try RulesFolder(["a.martlet": Self.rules, "e.jsonl": Self.events])
        let result = outcome(
            ["why", folder.path + "/a.martlet", folder.path + "/e.jsonl"] + arguments)
        #expect(result == CommandOutcome(errors: "error: \(message)\n", status: .usage))
    }

    @Test(arguments: [
        ["--rule", "anything", "--at", "yesterday"], ["--rule", "guessing", "--key", "ann"],
        ["--rule", "anything", "--attempts", "0"], ["--rule", "anything", "--format", "xml"],
    ])
    func wrongUseExitsWithTwo(arguments: [String]) throws {
        let folder = try RulesFolder(["a.martlet": Self.rules, "e.jsonl": Self.events])
        let result = try run(
            ["why", folder.path + "/a.martlet", folder.path + "/e.jsonl"] + arguments)
        #expect(result.status == .usage)
        #expect(result.errors.hasPrefix("Error: "))
    }

    @Test func whatCannotBeReadIsAFailure() throws {
        let folder = try RulesFolder(["a.martlet": Self.rules, "b.martlet": "rule {"])
        let missing = outcome(["why", folder.path + "/a.martlet", folder.path + "/no.jsonl"])
        #expect(missing.status == .environment)
        let mistaken = outcome([
            "why", folder.path + "/b.martlet", folder.path + "/a.martlet",
        ])
        #expect(mistaken.status == .findings)
        #expect(mistaken.output.isEmpty)
    }

    @Test func coloursAreForWhoWantsThem() throws {
        let plain = try why("--rule", "guessing", "--key", "user=ann")
        let painted = try why("--rule", "guessing", "--key", "user=ann", "--color", "always")
        #expect(!plain.output.contains("\u{1b}"))
        #expect(painted.output.contains("\u{1b}[31mended\u{1b}[0m"))
    }

    @Test func whatATerminalWouldObeyIsWrittenOut() throws {
        let folder = try RulesFolder([
            "a.martlet": "rule r { by user when within 1m { a where t == \"x\" then b } }\n",
            "e.jsonl": #"{"time":1,"type":"a","user":"ann","t":"\u001b[2J","id":"\u001b[1m"}"#,
        ])
        let result = outcome([
            "why", folder.path + "/a.martlet", folder.path + "/e.jsonl", "--key", "user=ann",
        ])
        #expect(result.output.contains(#"t was "\u001b[2J""#))
        #expect(result.output.contains(#"[\u{1b}[1m]"#))
        #expect(!result.output.contains("\u{1b}"))
    }

    @Test func whatKeepsAMatchBackIsNamed() throws {
        let folder = try RulesFolder([
            "a.martlet": """
            rule r {
              by user
              when { login as l where outcome == "fail" }
              suppress 1h per l.ip
              alert "{user}"
            }

            """,
            "e.jsonl": """
            {"time":1772438400,"type":"login","user":"bob","outcome":"fail","ip":"10.0.0.1"}
            {"time":1772439000,"type":"login","user":"ann","outcome":"fail","ip":"10.0.0.1"}
            {"time":1772439600,"type":"login","user":"ann","outcome":"fail","ip":"10.0.0.2"}

            """,
        ])
        let result = outcome([
            "why", folder.path + "/a.martlet", folder.path + "/e.jsonl", "--key", "user=ann",
        ])
        #expect(result.output.contains("r for user=ann: 1 alert, 1 match kept back"))
        #expect(
            result.output.contains(
                "match 1 at 2026-03-02T08:10:00.000Z: kept back: `suppress 1h` of the alert at"
                    + " 2026-03-02T08:00:00.000Z, which is 10m earlier"))
        #expect(result.output.contains("match 2 at 2026-03-02T08:20:00.000Z: an alert"))
    }

    @Test func alertsOfOtherRulesAreEventsOfTheTrace() throws {
        let folder = try RulesFolder([
            "a.martlet": """
            rule inner { by user when { login as l where outcome == "fail" } emit { ip: l.ip } }
            rule outer { by user when within 1h { 2 inner as hits where ip in 10.0.0.0/24 } }

            """,
            "e.jsonl": """
            {"time":1772438400,"type":"login","user":"ann","outcome":"fail","ip":"10.0.0.1"}
            {"time":1772439000,"type":"login","user":"ann","outcome":"fail","ip":"10.9.0.1"}
            {"time":1772439600,"type":"login","user":"ann","outcome":"ok","ip":"10.0.0.2"}

            """,
        ])
        let result = outcome([
            "why", folder.path + "/a.martlet", folder.path + "/e.jsonl", "--rule", "outer",
            "--key", "user=ann",
        ])
        #expect(result.output.contains("+0s      hits: inner"))
        #expect(result.output.contains("waited for 1 more of `2 inner as hits"))
        #expect(result.output.contains("`ip in 10.0.0.0/24` failed: ip was 10.9.0.1"))
    }

    @Test func aTestThatFailsSaysHowFarTheFurthestAttemptCame() throws {
        let folder = try RulesFolder([
            "a.martlet": Self.rules + """
                test guessing {
                  case "too slow" {
                    at 0s 2 login every 30s { user: "ann", outcome: "fail" }
                    at 5s login { user: "bob", outcome: "fail" }
                    at 11m login { user: "ann", outcome: "ok" }
                    expect at 11m alert { user: "ann" }
                  }
                }

                """
        ])
        let result = outcome(["test", folder.path])
        #expect(result.status == .findings)
        let expected = """
                expected at 11m alert { user: "ann" }
                     got no alert
                     why guessing for user=ann: fails at 0s, 30s
                           waited for `then login as ok where outcome == "ok"`
                           at 10m: the limit `within 10m` ran out
                           too late by 1m: login at 11m

            """
        #expect(result.output.hasSuffix(expected), "\(result.output)")
        let json = outcome(["test", folder.path, "--format", "json"])
        #expect(json.output.contains(#""why":["guessing for user=ann: fails at 0s, 30s""#))
    }

    @Test func aDisabledRuleIsToldOfAsIfItWereNot() throws {
        let folder = try RulesFolder([
            "a.martlet": "rule r {\n  disabled\n  by user\n  when { login }\n}\n",
            "e.jsonl": Self.events,
        ])
        let result = outcome([
            "why", folder.path + "/a.martlet", folder.path + "/e.jsonl", "--rule", "r", "--key",
            "user=bob",
        ])
        #expect(result.output.contains("match 1 at 2026-03-02T08:02:00.000Z: an alert"))
        let text = folder.shortened(result.output)
        #expect(text.contains("note: the rule is disabled (FOLDER/a.martlet:2)"))
    }

    // MARK: Keys of many events

    /// Nothing comes until all limits are over: the first of them ended the attempt.
    @Test(arguments: [
        ("2 times in 20m { a then c within 3m }", "+3m", "`within 3m` of `then c within 3m`"),
        ("2 times in 2m { a then c within 3m }", "+2m", "the time that `2 times in 2m"),
        (
            "a then any of { c, no d for 5m } then all of { e, f } within 10m", "+10m",
            "`within 10m` of"
        ),
        ("a then any of { c within 4m, d within 9m }", "+9m", "`within 9m` of"),
        ("a then all of { c within 4m, d within 9m }", "+4m", "`within 4m` of"),
        // A further `a` may come until then.
        ("at least 1 a then c within 4m", "+30m", "the limit `within 30m`"),
        ("a then c within 4m", "+4m", "`within 4m` of `then c within 4m`"),
    ])
    func whatRanOutFirstEndedTheAttempt(lines: String, end: String, reason: String) throws {
        func event(_ time: String, _ type: String, of key: Int) -> String {
            "{\"time\":\"2026-03-02T\(time):00Z\",\"type\":\"\(type)\",\"k\":\(key)}\n"
        }
        let first = event("08:00", "a", of: 1)
        // Another event of the key, or just the clock.
        for last in [event("10:00", "c", of: 1), event("10:00", "c", of: 2)] {
            let folder = try RulesFolder([
                "a.martlet": "rule r { by k\n when within 30m { \(lines) } }",
                "e.jsonl": first + last,
            ])
            let told = outcome([
                "why", folder.path + "/a.martlet", folder.path + "/e.jsonl", "--key", "k=1",
            ]).output
            let line = told.split(separator: "\n").first { $0.contains("ended: ") } ?? ""
            #expect(line.contains("\(end) ") && line.contains("ended: \(reason)"), "\(told)")
        }
    }

    /// Three errors of one host, ten minutes apart, the first at 8:00.
    private func window(
        _ clause: String, having: String, at time: String, _ more: String...
    ) throws -> String {
        let events = ["08:00", "08:10", "08:20"].map {
            "{\"time\":\"2026-03-02T\($0):00Z\",\"type\":\"log\",\"host\":\"a\"}\n"
        }
        let folder = try RulesFolder([
            "a.martlet": "rule w { by host\n when over \(clause) { log as l }\n having \(having) }",
            "e.jsonl": events.joined(),
        ])
        let result = outcome(
            [
                "why", folder.path + "/a.martlet", folder.path + "/e.jsonl", "--key", "host=a",
                "--at", "2026-03-02T\(time):00Z",
            ] + more)
        return folder.shortened(result.output)
    }

    @Test func aWindowAtATimeIsTheLookThatHoldsIt() throws {
        let told = try window("tumbling 1h", having: "count(l) > 3", at: "08:15")
        #expect(
            told == """
                w for host=a: no alert  (FOLDER/a.martlet:1)
                  events of this key: log 3 of 3

                  1 look at the window gave no match; the nearest:

                  at 2026-03-02T09:00:00.000Z, holding since 2026-03-02T08:00:00.000Z
                    +0s      l: log  [e.jsonl:1]
                    +10m     l: log  [e.jsonl:2]
                    +15m     this far at 2026-03-02T08:15:00.000Z; later:
                    +20m     l: log  [e.jsonl:3]
                    +1h      `having` was not true of `over tumbling 1h`
                             `count(l) > 3` failed: count(l) was 3

                """, "\(told)")
        let json = try window(
            "tumbling 1h", having: "count(l) > 3", at: "08:15", "--format", "json")
        #expect(json.contains(#""at":"2026-03-02T08:15:00.000Z","underWay":true,"#))
        #expect(json.contains(#"{"step":"l","later":true,"type":"log","time":"2026-03-02T08:20"#))
        let match = try window("tumbling 1h", having: "count(l) > 2", at: "08:15")
        #expect(
            match.contains("this far at 2026-03-02T08:15:00.000Z; later:\n    +20m"), "\(match)")
    }

    @Test(arguments: [
        (
            "sliding 15m", "count(l) > 2", "08:18",
            "at 2026-03-02T08:20:00.000Z, holding since 2026-03-02T08:10"
        ),
        (
            "last 2", "count(l) > 2", "08:15",
            "at 2026-03-02T08:20:00.000Z, holding since 2026-03-02T08:10"
        ),
        (
            "session 12m", "count(l) > 3", "08:32",
            "at 2026-03-02T08:32:00.000Z, holding since 2026-03-02T08:00"
        ),
    ])
    func theLookIsFoundInEveryWindow(
        clause: String, having: String, time: String, look: String
    ) throws {
        let told = try window(clause, having: having, at: time)
        #expect(told.contains(look), "\(told)")
        #expect(!told.contains("under way"), "\(told)")
    }

    @Test(arguments: [
        (
            "tumbling 1h", "count(l) > 3",
            "at 2026-03-02T09:00:00.000Z, holding since 2026-03-02T08:00"
        ),
        (
            "sliding 15m", "count(l) > 2",
            "at 2026-03-02T08:20:00.000Z, holding since 2026-03-02T08:10"
        ),
        ("last 3", "count(l) > 3", "at 2026-03-02T08:20:00.000Z, holding since 2026-03-02T08:00"),
        (
            "session 12m", "count(l) > 3",
            "at 2026-03-02T08:32:00.000Z, holding since 2026-03-02T08:00"
        ),
        ("tumbling 1h", "count(l) > 2", "match 1 at 2026-03-02T09:00"),
    ])
    func whereAWindowHeldNothingTheNearestBeforeIsShown(
        clause: String, having: String, look: String
    ) throws {
        let told = try window(clause, having: having, at: "11:30")
        #expect(told.contains("nothing was under way at 2026-03-02T11:30:00.000Z; the nearest"))
        #expect(told.contains(look), "\(told)")
        let json = try window(clause, having: having, at: "11:30", "--format", "json")
        #expect(json.contains(#""at":"2026-03-02T11:30:00.000Z","underWay":false,"#))
        #expect(json.contains(#""notBegun":null"#))
    }

    @Test func beforeTheFirstEventOfAWindowNothingWasUnderWay() throws {
        let told = try window("sliding 15m", having: "count(l) > 2", at: "07:30")
        #expect(told.contains("nothing was under way at 2026-03-02T07:30:00.000Z; nor at any time"))
        #expect(told.contains("the first that fits came later, at 2026-03-02T08:00:00.000Z"))
    }

    /// One key, an event a second: an `a`, and a `b` or `c` now and then, no two of which go
    /// together but for one attempt.
    private static func busyKey(seconds: Int, planted: [Int: String]) -> String {
        var text = ""
        for second in 0..<seconds {
            let minutes = "\(second / 3600):\(second / 60 % 60):\(second % 60)"
                .split(separator: ":").map { $0.count == 1 ? "0\($0)" : String($0) }
            let type = second % 3 == 0 ? "a" : second % 7 == 0 ? "c" : "b"
            let event = planted[second] ?? "\"type\":\"\(type)\",\"n\":\(second)"
            text += "{\"time\":\"2026-03-02T\(minutes.joined(separator: ":"))Z\",\(event)}\n"
        }
        return text
    }

    @Test func theFurthestAttemptAtAMomentIsFoundAmongMany() throws {
        let planted = [
            18_000: #""type":"a","n":-5"#, 18_100: #""type":"b","n":-5"#,
            18_610: #""type":"c","n":-5"#,
        ]
        let rules = """
            event a { n: int }
            event b { n: int }
            event c { n: int }
            rule r {
              when within 10m { a as x then b as y where n == x.n then c as z where n == x.n }
            }
            rule w { when over sliding 1m { a as x } having min(x.n) < 0 }

            """
        let folder = try RulesFolder([
            "a.martlet": rules, "e.jsonl": Self.busyKey(seconds: 20_000, planted: planted),
        ])
        let files = ["why", folder.path + "/a.martlet", folder.path + "/e.jsonl"]
        let told = outcome(files + ["--rule", "r", "--at", "2026-03-02T05:05:00Z"]).output
        #expect(told.contains("began 2026-03-02T05:00:00.000Z\n"))
        #expect(told.contains("+1m40s   y: b n=-5  [e.jsonl:18101]"))
        #expect(told.contains("too late by 10s: c n=-5  [e.jsonl:18611]"))
        #expect(told.contains("note: 200 attempts were under way at 2026-03-02T05:05:00.000Z"))
        #expect(!told.contains("not looked at"))
        let window = outcome(files + ["--rule", "w", "--at", "2026-03-02T05:00:00Z"]).output
        #expect(window.contains("w: 1 alert"))
        #expect(!window.contains("not looked at"))
    }

    @Test(arguments: [
        (["--lateness", "5"], "such as 500ms, 5s"), (["--from", "junk"], "such as 2026-03-01,"),
        (["--at", "noon"], "such as 2026-03-01,"), (["--key", "ann"], "such as user=ann"),
        (["--attempts", "x"], "such as 10"), (["--feed", "a"], "such as auth=/var/log/auth.log"),
    ])
    func aValueThatCannotBeReadIsAnsweredWithAnExample(arguments: [String], hint: String) throws {
        let result = outcome(["why", "a.martlet", "e.jsonl"] + arguments)
        #expect(result.status == .usage)
        let line = result.errors.split(separator: "\n").first ?? ""
        #expect(line.contains(arguments[0]) && line.contains(hint), "\(result.errors)")
    }

}
