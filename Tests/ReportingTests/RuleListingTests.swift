// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Testing

@testable import Reporting

@Suite struct RuleListingTests {
    private static let file = SourceFile(
        name: "a.martlet",
        text: """
            // before
            rule a { by x when { b } }

            rule c "A <title>" {
              by user // why
              when within 5m { at least 2 d as e where severity == "high" and f.by > 1.5 }
              alert "{user}" { by: 10.0.0.1 }
            }

            """)

    private func listing(_ name: String) -> String {
        Markup { page in RuleListing([Self.file]).write(name, to: &page) }.text
    }

    @Test func theTextOfARuleIsWhole() throws {
        let parsed = try WellFormed(listing("c"))
        #expect(
            parsed.texts.joined() == """
                rule c "A <title>" {
                  by user // why
                  when within 5m { at least 2 d as e where severity == "high" and f.by > 1.5 }
                  alert "{user}" { by: 10.0.0.1 }
                }
                """)
        #expect(RuleListing([Self.file]).place(of: "c")?.line == 4)
    }

    @Test func wordsOfTheLanguageAreMarked() {
        let text = listing("c")
        for part in [
            "<span class=\"word\">within</span> <span class=\"figure\">5m</span>",
            "<span class=\"text\">&quot;A &lt;title&gt;&quot;</span>",
            "<span class=\"comment\">// why</span>", "<span class=\"word\">alert</span>",
            // Names of fields are none.
            " severity ==", "f.by", "{ by: <span class=\"figure\">10.0.0.1</span>",
        ] {
            #expect(text.contains(part), "\(part) in \(text)")
        }
    }

    @Test func aRuleThatThereIsNotHasNoText() {
        #expect(listing("z").isEmpty)
        #expect(RuleListing([Self.file]).place(of: "z") == nil)
    }
}
