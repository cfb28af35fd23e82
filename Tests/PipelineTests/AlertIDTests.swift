// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import MatchCore
@testable import Pipeline

@Suite struct AlertIDTests {
    private func digits(_ text: String) -> String {
        var id = AlertID()
        id.add(text.utf8.span)
        var bytes: [UInt8] = []
        id.append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Vectors of the authors of the hash.
    @Test(arguments: [
        ("", "6c62272e07bb014262b821756295c58d"), ("a", "d228cb696f1a8caf78912b704e4a8964"),
        ("foobar", "343e1662793c64bf6f0d3597ba446f18"),
    ])
    func theHashIsFNV1a(_ text: String, _ expected: String) {
        #expect(digits(text) == expected)
    }

    @Test func theHashMayBeMadeInPieces() {
        var id = AlertID()
        id.add("foo".utf8.span)
        id.add("bar".utf8.span)
        #expect(id.hash == 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18)
    }

    /// The id of an alert of the rule `guessed` by ann.
    private func id(_ steps: [[String]], isOpened: Bool = false) throws -> String {
        var batch = MatchBatch()
        batch.append(
            rule: 0, key: ["ann"], missing: 2, title: "t",
            events: steps.enumerated().flatMap { step, ids in
                ids.map { .init(step: step, id: $0) }
            })
        if isOpened {
            batch.rows[0].isOpened = true
            batch.rows[0].start = StreamTime(nanoseconds: 12)
        }
        let program = try ReplayHarness(ReplayHarness.guesses).program
        var writer = AlertWriter(format: .csv, program: program, feedNames: ["x"])
        var bytes: [UInt8] = []
        writer.append(batch, 0, to: &bytes)
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: ",") }, as: UTF8.self)
    }

    @Test func theIDIsTheHashOfRuleKeyAndEventsAsJSON() throws {
        let json = #"["guessed",["ann"],[["x\"1","x:2"],[]]]"#
        #expect(try id([["x\"1", "x:2"], []]) == digits(json))
    }

    @Test func whereATableBeganItTheTimeStandsForTheFirstEvent() throws {
        let json = #"["guessed",["ann"],[[12],["x:2"]]]"#
        #expect(try id([[], ["x:2"]], isOpened: true) == digits(json))
    }

    @Test func whatStepAnEventIsBoundByMakesADifference() throws {
        #expect(try id([["a"], ["b", "c"]]) != id([["a", "b"], ["c"]]))
    }
}
