// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Testing

@testable import RuleLanguage

@Suite struct LintTests {
    private func lints(_ text: String) -> [String] {
        checked(text).diagnostics.map { "\($0.span.line) \($0.code)" }
    }

    private static let login = "event login { user: string, n: int }\n"

    @Test func everyWarningHasANameOfItsOwn() {
        let warnings = DiagnosticCode.allCases.filter(\.isWarning)
        #expect(warnings.allSatisfy { $0.lintName != nil })
        #expect(Lint.all.count == warnings.count)
        #expect(Set(Lint.all.map(\.name)).count == Lint.all.count)
        #expect(Lint.all.allSatisfy { $0.level == .warning || $0.level == .note })
        #expect(DiagnosticCode.allCases.allSatisfy { $0.isWarning || $0.lintName == nil })
    }

    /// What a condition with a mistake is to be nobody knows, so nothing follows from it.
    @Test(arguments: [
        "any of {\n login as b where nn > 5\n login as c where n > 3\n}",
        "any of {\n login as b where nn > 5 and n > 7\n login as c where n > 3\n}",
        "login where nn is missing", "login where not (nn > 5)", "login where nn > 5 or nn <= 5",
        "login where lower(nn) is missing and n > 5",
        "login as b\n then login where n == b.n and nn == 2",
    ])
    func noLintBuildsOnACondition(pattern: String) {
        let text =
            Self.login + """
                rule r {
                  by user
                  when within 1m {
                    login as a
                    then \(pattern)
                  }
                }
                test r { case "c" { at 0s login { user: "a" } expect none } }
                """
        let codes = Set(checked(text).diagnostics.map(\.code))
        #expect(codes == ["E0204"], "\(codes)")
    }

    @Test(arguments: [
        // At the end of the line, and on the line before it.
        "rule r {  // martlet: allow untested-rule\n  when { login }\n}",
        "// martlet: allow untested-rule\nrule r {\n  when { login }\n}",
        // Behind other comments, with a reason, and with blanks.
        "// about r\n//  martlet:  allow  untested-rule new\n// x\n\nrule r { when { login } }",
        // Several at once.
        "rule r { when { 2 login } }  // martlet: allow untested-rule, no-time-limit why not",
    ])
    func aCommentSilencesALint(text: String) {
        #expect(lints(Self.login + text).isEmpty)
    }

    @Test func aCommentSilencesItsLineAlone() {
        let text =
            Self.login + """
                // martlet: allow untested-rule
                rule r { when { login } }
                rule s { when { login } }
                """
        #expect(lints(text) == ["4 W0107"])
    }

    @Test(arguments: [
        ("untested-rul", ["2 W0125", "3 W0107"]), ("W0107", ["2 W0125", "3 W0107"]),
        ("", ["2 W0125", "3 W0107"]), ("constant-condition", ["2 W0126", "3 W0107"]),
        ("untested-rule, constant-condition", ["2 W0126"]),
    ])
    func anAllowOfSomethingElseIsReported(names: String, codes: [String]) {
        let text = Self.login + "// martlet: allow \(names)\nrule r { when { login } }"
        #expect(lints(text) == codes)
    }

    @Test func aMisspeltNameIsMended() throws {
        let text = Self.login + "// martlet: allow untested-rul\nrule r { when { login } }"
        let found = try #require(checked(text).diagnostics.first)
        #expect(found.fix == "untested-rule" && found.span.text == "untested-rul")
        let other = "// martlet: alow untested-rule\n" + Self.login
        #expect(lints(other).first == "1 W0125")
    }

    @Test func errorsAreNotSilenced() {
        let text = Self.login + "rule r { when { login where x == 1 } }  // martlet: allow E0204"
        #expect(lints(text) == ["2 W0107", "2 E0204", "2 W0125"])
    }

    @Test(arguments: [
        ("login as a, login as b where n > 1", 1), ("login where n > 1, login where n > 2", 1),
        ("login where n > 2, login where n > 1", 0),
        ("login where n > 1, login where n == 3 or n == 4", 1),
        ("login where n > 1, login where n > 2 or user == \"a\"", 0),
        ("login, logout", 0), ("2 login, login", 1), ("login, 2 login", 1),
        ("login then logout, login", 1), ("login within 1m, login", 0),
        ("login by user, login by user where n > 1", 1),
    ])
    func branchesThatAreNeverTheFirstAreFound(branches: String, count: Int) {
        let text =
            Self.login + """
                rule r {
                  by user
                  when within 1h { logout then any of { \(branches) } }
                }
                """
        let found = checked(text).diagnostics
        #expect(found.count { $0.code == "W0121" } == count, "\(found.map(\.message))")
    }

    @Test(arguments: [
        ("login then logout but no login", 1), ("login then logout until login", 1),
        ("login then logout but not next login but no mfa", 2),
        ("login but no mfa then logout", 0), ("login then 2 logout but no mfa", 0),
        ("login then at least 1 logout but no mfa", 0),
        ("login then 2 times { logout but no mfa }", 0),
    ])
    func linesThatNeverMatterAreFound(lines: String, count: Int) {
        let found = checked("rule r { by user when within 1h { \(lines) } }").diagnostics
        #expect(found.count { $0.code == "W0122" } == count, "\(found.map(\.message))")
    }

    @Test(arguments: [
        ("ip == null", "ip is missing"), ("nil != ip", "ip is present"),
        ("user == \"a\" and not (ip == NULL)", "ip is missing"),
    ])
    func comparisonsWithNullAreMended(condition: String, fix: String) {
        let found = checked("rule r { when { login where \(condition) } }").diagnostics
            .filter { $0.code == "W0123" }
        #expect(found.map(\.fix) == [fix])
    }
}
