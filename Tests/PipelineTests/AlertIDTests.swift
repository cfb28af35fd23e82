// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Pipeline

@Suite struct AlertIDTests {
    /// Vectors of the authors of the hash.
    @Test(arguments: [
        ("", "6c62272e07bb014262b821756295c58d"), ("a", "d228cb696f1a8caf78912b704e4a8964"),
        ("foobar", "343e1662793c64bf6f0d3597ba446f18"),
    ])
    func theHashIsFNV1a(_ text: String, _ digits: String) {
        #expect(String(AlertID.hash(Array(text.utf8)), radix: 16) == digits)
    }

    @Test func theIDIsTheHashOfRuleKeyAndEventsAsJSON() {
        let json = #"["guessed",["a\"b",7],[["x:1","x:2"],[]]]"#
        let digits = String(AlertID.hash(Array(json.utf8)), radix: 16)
        let id = AlertID.text(
            rule: "guessed", key: [.string("a\"b"), .int(7)], eventIDs: [["x:1", "x:2"], []])
        #expect(id.count == 32)
        #expect(id == String(repeating: "0", count: 32 - digits.count) + digits)
    }

    @Test func whatStepAnEventIsBoundByMakesADifference() {
        let one = AlertID.text(rule: "r", key: [], eventIDs: [["a"], ["b", "c"]])
        let other = AlertID.text(rule: "r", key: [], eventIDs: [["a", "b"], ["c"]])
        #expect(one != other)
    }
}
