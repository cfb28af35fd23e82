// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MartletCommands

@Suite struct RoutedNamesTests {
    @Test(arguments: [
        ("severity >= high and 'T1' in tags", ""), ("n > 1 and key.user == 'a'", ""),
        ("labels.team == 'blue' or user like 'a*'", ""), ("fields.n == 1", ""),
        (
            "severty >= 3",
            "warning: route 1 reads `severty`, which no rule's alerts have; did you mean "
                + "`severity`?\n"
        ),
        (
            "key.host == 'a'",
            "warning: route 1 reads `key.host`, which no rule's alerts have\n"
        ),
    ])
    func whatNoAlertHasIsTold(condition: String, warning: String) throws {
        let quoted = condition.replacing("'", with: "\"")
        let folder = try RulesFolder([
            "r.martlet": """
            rule r {
              labels { team: "blue" }
              by user
              when { login as l }
              alert "x" { n: 1 }
            }
            """,
            "c.yaml": """
            rules: r.martlet
            feeds: { a: { type: stdin } }
            sinks: { o: { type: stdout } }
            routes: [{ if: '\(quoted)', to: o }, { to: o }]
            """,
        ])
        let outcome = try run(["config", "check", "\(folder.path)/c.yaml"])
        #expect(outcome.status == .clean)
        #expect(outcome.errors == warning)
    }
}
