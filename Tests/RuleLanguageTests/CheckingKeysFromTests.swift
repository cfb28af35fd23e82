// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Testing

@testable import RuleLanguage

@Suite struct CheckingKeysFromTests {
    private static let events = """
        event beat { device: string, port: int, site: string, ip: ip }
        event gone { device: string }
        table fleet = ["d1", "d2"]
        table ports = [22, 80]
        table nets = [10.0.0.0/8]
        table addresses = [10.0.0.1]

        """

    private func result(
        by key: String = "by device", _ table: String = "fleet",
        when pattern: String = "beat as b then no beat for 5m", of when: String = "when"
    ) -> CheckResult {
        let lines = pattern.replacing(" then ", with: "\nthen ").replacing(" but ", with: "\nbut ")
        return checked(
            Self.events + "rule r {\n\(key)\nkeys from \(table)\n\(when) {\n\(lines)\n}\n}\n")
    }

    private func codes(_ result: CheckResult) -> [String] {
        let others = ["W0101", "W0106", "W0107", "W0108", "W0130"]
        return result.diagnostics.map(\.code).filter { !others.contains($0) }
    }

    @Test(arguments: [
        "beat as b then no beat for 5m", "beat then gone",
        "beat where site == \"x\" then next gone",
        "beat but no gone then 3 beat", "beat then any of { gone, no gone for 5m }",
        "beat then optional gone then no beat for 5m",
    ])
    func aPatternThatBeginsWithOneStepTakesKeys(pattern: String) throws {
        let result = result(when: pattern)
        #expect(codes(result) == [])
        #expect(try #require(result.ruleset).rules[0].keysFrom == TableID(0))
    }

    @Test(arguments: [
        "2 beat then no beat for 5m", "at least 1 beat then no beat for 5m",
        "optional beat then gone", "1 to 2 beat then gone",
        "any of { beat, gone } then no beat for 5m", "all of { beat, gone } then no beat for 5m",
        "2 times { beat } then gone", "beat as b", "beat then optional gone",
    ])
    func oneThatBeginsOtherwiseDoesNot(pattern: String) {
        #expect(codes(result(when: pattern)) == ["E0330"])
    }

    @Test(arguments: [
        ("by device", "ports", "E0322"), ("by port", "fleet", "E0322"), ("by ip", "nets", "E0329"),
        ("by device, site", "fleet", "E0329"), ("", "fleet", "E0329"),
        ("by device", "fleat", "E0220"), ("by device", "beat", "E0220"),
    ])
    func theTableHasToHoldTheKeys(key: String, table: String, code: String) {
        #expect(codes(result(by: key, table)) == [code])
    }

    @Test(arguments: [("by port", "ports"), ("by ip", "addresses")])
    func keysMayBeOfAnyTypeOfWhichRowsAre(key: String, table: String) {
        #expect(codes(result(by: key, table)) == [])
    }

    @Test func aFieldThatIsNotDeclaredTakesTheTypeOfTheKeys() {
        let found = checked(
            """
            table ports = [22]
            rule r {
              by port
              keys from ports
              when {
                conn as c
                then no conn for 5m where port == "ssh"
              }
            }
            """)
        #expect(found.diagnostics.map(\.code).contains("E0306"))
    }

    @Test func anAbsenceInFrontIsALintAndAWindowAMistake() {
        let absence = result(when: "no beat for 5m then beat")
        #expect(codes(absence) == ["W0112"])
        #expect(absence.ruleset?.rules[0].keysFrom == nil)
        #expect(codes(result(when: "beat as b", of: "when over last 5")) == ["E0341"])
    }

    @Test func aTableThatGivesKeysIsUsed() {
        #expect(
            !result().diagnostics.contains { $0.code == "W0130" && $0.message.contains("fleet") })
    }

    @Test func itStandsOnce() {
        let found = checked(
            Self.events
                + "rule r {\nby device\nkeys from fleet\nkeys from fleet\nwhen {\nbeat\n"
                + "then no beat for 5m\n}\n}")
        #expect(codes(found) == ["E0102"])
    }
}
