// SPDX-License-Identifier: Apache-2.0

import RuleLanguage
import Testing

@testable import Harness

@Suite struct GivenTableTests {
    private static let rules = """
        event login { user: string, ip: ip }
        table bad = [{ net: 10.0.0.0/8, reason: "ours" }, { net: 10.1.0.0/16, reason: "theirs" }]
        event odd from login where ip in bad
        rule r {
          by user
          when { odd as l }
          alert "{user}: {bad[l.ip].reason}" { reason: bad[l.ip].reason }
        }
        test r {

        """

    private func failures(_ lines: String) throws -> [[String]] {
        try pictures("\(Self.rules)\(lines)\n}")
    }

    @Test func aCaseSeesTheDeclaredRowsOrThoseGiven() throws {
        let found = try failures(
            """
            case "declared" {
              at 0s login { user: "ann", ip: 10.1.2.3 }
              at 1s login { user: "bob", ip: 192.0.2.1 }
              expect at 0s alert { user: "ann", reason: "theirs", title: "ann: theirs" }
            }
            case "given" {
              given bad [{ net: 192.0.2.0/24, reason: "new" }]
              at 0s login { user: "ann", ip: 10.1.2.3 }
              at 1s login { user: "bob", ip: 192.0.2.1 }
              expect at 1s alert { user: "bob", reason: "new" }
            }
            case "given without the other columns" {
              given bad [10.1.2.3]
              at 0s login { user: "ann", ip: 10.1.2.3 }
              at 1s login { user: "bob", ip: 10.1.2.4 }
              expect at 0s alert { user: "ann", title: "ann: " }
            }
            case "given nothing" {
              given bad []
              at 0s login { user: "ann", ip: 10.1.2.3 }
              expect none
            }
            case "declared again" {
              at 0s login { user: "ann", ip: 10.2.2.3 }
              expect alert { reason: "ours" }
            }
            """)
        #expect(found == [[], [], [], [], []])
    }

    @Test func aMissingKeyIsNeitherInNorOut() throws {
        let found = try pictures(
            """
            event login { user: string, ip: ip? }
            table bad = [10.0.0.0/8]
            rule r { by user when { login where not (ip in bad) } }
            test r {
              case "no address" {
                at 0s login { user: "ann" }
                expect none
              }
              case "another" {
                at 0s login { user: "ann", ip: 11.0.0.1 }
                expect alert
              }
            }
            """)
        #expect(found == [[], []])
    }
}
