// SPDX-License-Identifier: Apache-2.0

/// What `martlet new` writes.
enum StarterRuleset {
    static let files: [(name: String, text: String)] = [
        ("README.md", readme), ("events.martlet", events), ("guessing.martlet", rule),
        ("logins.jsonl", recording),
    ]

    private static let readme = """
        # Rules

        - `events.martlet` says what events there are.
        - `guessing.martlet` is a rule, with its tests below it.
        - `logins.jsonl` is a recording of events.

        ```sh
        martlet check .                 # finds mistakes
        martlet test .                  # runs the tests
        martlet replay . logins.jsonl   # shows what the rule finds in the recording
        martlet explain .               # says what the rule means
        martlet fmt .                   # lays out the files
        ```

        """

    private static let events = """
        // What there is to see. A field with `?` may be missing.
        event login {
          user: string
          ip: ip?
          outcome: "ok" | "fail"
        }

        """

    private static let rule = """
        // Five failures and then a success, all of one user, within ten minutes.
        rule guessing "Password guessing that worked" {
          severity high
          by user
          when within 10m {
            at least 5 login as fails where outcome == "fail"
            then login as ok where outcome == "ok"
          }
          alert "{user}: {count(fails)} failures, then in from {ok.ip}" {
            failures: count(fails)
            took: ok.time - first(fails).time
          }
        }

        test guessing {
          case "five failures, then in" {
            at 0s 5 login every 30s { user: "ann", outcome: "fail", ip: 10.0.0.1 }
            at 3m login { user: "ann", outcome: "ok", ip: 10.0.0.9 }
            expect at 3m alert { user: "ann", failures: 5, took: 3m }
          }
          case "four failures are none" {
            at 0s 4 login every 30s { user: "ann", outcome: "fail" }
            at 3m login { user: "ann", outcome: "ok" }
            expect none
          }
          case "more failures count too" {
            at 0s 8 login every 1s { user: "ann", outcome: "fail" }
            at 1m login { user: "ann", outcome: "ok" }
            expect at 1m alert { failures: 8 }
          }
          case "ten minutes are still in time, and a millisecond more is not" {
            at 0s 5 login every 1s { user: "ann", outcome: "fail" }
            at 0s1ms 5 login every 1s { user: "bob", outcome: "fail" }
            at 10m1ms login { user: "ann", outcome: "ok" }
            at 10m1ms login { user: "bob", outcome: "ok" }
            expect at 10m1ms alert { user: "bob" }
          }
          case "two users do not add up" {
            at 0s 3 login every 1s { user: "ann", outcome: "fail" }
            at 0s 3 login every 1s { user: "bob", outcome: "fail" }
            at 1m login { user: "ann", outcome: "ok" }
            expect none
          }
        }

        """

    private static let recording = [
        line(0, "ann", "10.0.0.1", "fail"), line(20, "bob", "10.0.0.7", "fail"),
        line(31, "ann", "10.0.0.1", "fail"), line(58, "ann", "10.0.0.1", "fail"),
        line(75, "bob", "10.0.0.7", "ok"), line(90, "ann", "10.0.0.1", "fail"),
        line(125, "ann", "10.0.0.1", "fail"), line(171, "ann", "10.0.0.9", "ok"),
    ].joined()

    /// A login some seconds past noon.
    private static func line(
        _ second: Int, _ user: String, _ address: String, _ outcome: String
    ) -> String {
        let seconds = second % 60 < 10 ? "0\(second % 60)" : "\(second % 60)"
        return "{\"type\":\"login\",\"time\":\"2026-01-31T12:0\(second / 60):\(seconds)Z\","
            + "\"user\":\"\(user)\",\"ip\":\"\(address)\",\"outcome\":\"\(outcome)\"}\n"
    }
}
