// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Harness

@Suite struct PolicyExpectationTests {
    private func lines(_ lines: String) throws -> [String] {
        try pictures(
            """
            event ping { host: string, ok: bool }
            rule down {
              by host
              when { ping where not ok }
              resolve on ping where ok
            }
            rule noisy {
              by host
              when { ping where not ok }
              suppress 1m
            }
            test down, noisy { case "c" {
              at 0s 3 ping every 10s { host: "a", ok: false }
              \(lines)
            } }
            """)[0]
    }

    @Test func aCaseExpectsHowManyWereKeptBack() throws {
        #expect(
            try lines(
                """
                at 2m ping { host: "a", ok: false }
                at 3m ping { host: "a", ok: true }
                expect at 0s down { suppressed: 0, status: open }
                expect at 3m down { suppressed: 3, status: resolved }
                expect at 0s noisy
                expect at 2m noisy { suppressed: 2 }
                """) == [])
    }

    @Test func aNoticeWantsAnExpectationOfItsOwn() throws {
        #expect(
            try lines(
                """
                at 3m ping { host: "a", ok: true }
                expect at 0s down
                expect at 0s noisy
                """) == [
                    "expected no other alert",
                    "     got at 3m down { host: \"a\", status: resolved, suppressed: 2 }",
                ])
    }

    @Test func aPlainExpectationIsOfAnAlert() throws {
        #expect(
            try lines(
                """
                at 3m ping { host: "a", ok: true }
                expect at 0s down
                expect at 0s noisy
                expect at 3m down
                """) == [
                    "expected at 3m down",
                    "     got at 3m down",
                    "       status: expected open, got resolved",
                ])
    }

    @Test func aNumberOfAlertsLeavesNoticesOut() throws {
        #expect(try lines("at 3m ping { host: \"a\", ok: true }\nexpect 2 alerts") == [])
    }

    @Test func whatIsOpenAndSuppressedOutlivesARestart() throws {
        #expect(
            try lines(
                """
                restart at 5s
                restart at 90s
                at 2m ping { host: "a", ok: false }
                restart at 150s
                at 3m ping { host: "a", ok: true }
                expect at 0s down
                expect at 3m down { suppressed: 3, status: resolved }
                expect at 0s noisy
                expect at 2m noisy { suppressed: 2 }
                """) == [])
    }
}
