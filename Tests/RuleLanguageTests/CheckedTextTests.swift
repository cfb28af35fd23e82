// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Testing

@testable import RuleLanguage

/// Checked expressions print as the language writes them, and what is printed means the same.
@Suite struct CheckedTextTests {
    /// The condition of a step after two others, printed.
    private func printed(_ condition: String) throws -> String {
        let result = checked(
            """
            event e {
              n: int, x: float, s: string, a: ip, l: [string], t: time, d: duration
              `x-y`: int, `not`: int
            }
            rule r {
              by s
              when within 1h { e as one then 3 e as many then e where \(condition) }
            }
            """)
        let ruleset = try #require(
            result.ruleset, "\(DiagnosticRenderer.human(result.diagnostics, colour: false))")
        let rule = ruleset.rules[0]
        guard case .step(let step)? = rule.pattern.body.lines.last?.element else { return "" }
        let text = CheckedText(ruleset, rule: rule)
        return text.text(try #require(step.filter.condition))
    }

    @Test(arguments: [
        "n > 3 and x < 2.5 or not s == \"a\"",
        "n > 3 and (x < 2.5 or s == \"a\")",
        "not (n > 3 and x < 2.5)",
        "n + 2 * n > (n + 2) * n",
        "n - (n - 1) == n - 1 - n",
        "n / 2 % 3 == -n",
        "s in [\"a\", \"b\"] and s not in [\"c\"]",
        "a in 10.0.0.0/8 or a == ::1",
        "s like \"a*\" and s ~like \"*B\" and s ~= \"c\"",
        "s matches r\"^\\d+$\"i",
        "l contains s and l[0] == \"a\" and l[-1] is present",
        "s is missing or s ?? \"none\" == \"none\"",
        "t - one.t > 5m and d / 2 < 1h30m and t > 2027-01-31T00:00:00.000Z",
        "count(many) > 2 and avg(many.x) > 1.5 and sum(many.n * many.x) > 3.0",
        "first(many).n < last(many).n and one.x > x and prev(n) < n",
        "count_distinct(many.s) == 3 and percentile(many.n, 95.0) > 2.0 and ema(many.x, 10) > 1.0",
        "if(n > 3, lower(s), s) == substring(s, 0, 2)",
        "`x-y` > one.`x-y` and max(many.`x-y`) < 3 and `not` == prev(`x-y`)",
        "type == \"e\" and time > one.time and id != one.id",
    ])
    func anExpressionPrintsBackAsItWasWritten(condition: String) throws {
        #expect(try printed(condition) == condition)
    }

    @Test(arguments: [
        ("n between 1 and 3", "n >= 1 and n <= 3"),
        ("last(many.n) > 3", "last(many).n > 3"),
        ("coalesce(s, \"a\", \"b\") == s", "s ?? \"a\" ?? \"b\" == s"),
        ("n > 2 * 3 + 4", "n > 10"),
        ("not (s is missing)", "s is present"),
        ("t > 2027-01-31", "t > 2027-01-31T00:00:00.000Z"),
        ("n > 10kb", "n > 10240"),
    ])
    func sugarPrintsAsWhatItMeans(condition: String, meaning: String) throws {
        #expect(try printed(condition) == meaning)
    }

    @Test(arguments: [
        ("hour(t, \"Europe/Berlin\") > 8", true), ("hour(t, \"+02:00\") > 8", true),
        ("hour(t) > 8", true), ("hour(t, s) > 8", true), ("hour(t, \"Europe/Bärlin\") > 8", false),
        ("date(t, \"Mars/Olympus\") == \"x\"", false),
    ])
    func aConstantTimeZoneMustExist(condition: String, isKnown: Bool) {
        let result = checked(
            "event e { t: time, s: string }\nrule r { when { e where \(condition) } }")
        let errors = result.diagnostics.filter { $0.severity == .error }.map(\.code)
        #expect(errors == (isKnown ? [] : ["E0305"]))
    }
}
