// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

@Suite struct TimeZoneTableTests {
    @Test(arguments: [
        "Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "Asia/Jerusalem",
        "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia", "Europe/Dublin", "Etc/GMT+5",
        "America/Godthab", "Asia/Tehran", "UTC",
    ])
    func offsetsAgreeWithFoundation(name: String) throws {
        let zone = try #require(TimeZoneTable.load(name))
        let reference = try #require(TimeZone(identifier: name))
        // Every 37th hour from 1972 to 2120: the future is beyond every file's transitions.
        for hour in stride(from: 17_544, to: 1_314_900, by: 37) {
            let seconds = Int64(hour) * 3600 + 1
            let expected = reference.secondsFromGMT(
                for: Date(timeIntervalSince1970: Double(seconds)))
            let offset = zone.offset(at: StreamTime(nanoseconds: seconds * 1_000_000_000))
            if offset != expected {
                Issue.record("\(name) at \(seconds): \(offset), not \(expected)")
                return
            }
        }
    }

    @Test(
        arguments: [
            (1_798_765_199, 3600), (2_805_836_399, 3600), (2_805_836_400, 3600),
            // Summer time of 2060 in Berlin: 28 March to 31 October, 01:00 UTC.
            (2_847_661_199, 3600), (2_847_661_200, 7200), (2_866_410_000 - 1, 7200),
            (2_866_410_000, 3600),
        ] as [(Int64, Int)])
    func theFarFutureFollowsTheFooter(seconds: Int64, offset: Int) throws {
        let zone = try #require(TimeZoneTable.load("Europe/Berlin"))
        #expect(zone.offset(at: StreamTime(nanoseconds: seconds * 1_000_000_000)) == offset)
    }

    @Test(arguments: [
        "", ".", "..", "../../../etc/passwd", "/etc/passwd", "Europe/../Europe/Berlin", "Europe",
        "Europe//Berlin", "Europe/Berlin/", "zone.tab", "Mars/Olympus", "Europe/Berlin\u{0}", "+1",
        "+25:00", "+01:60", "+1:000", "-", "posixrules.", "+é0:00",
    ])
    func otherNamesAreRefused(name: String) {
        #expect(TimeZoneTable.load(name) == nil)
    }

    @Test(arguments: [("+02:00", 7200), ("-0330", -12_600), ("Z", 0), ("+00:00", 0)])
    func fixedOffsetsNeedNoFile(name: String, offset: Int) throws {
        #expect(try #require(TimeZoneTable.load(name)).offset(at: .distantPast) == offset)
        #expect(try #require(TimeZoneTable.load(name)).offset(at: .distantFuture) == offset)
    }

    @Test func theEndsOfTimeAreSafe() throws {
        let zone = try #require(TimeZoneTable.load("Australia/Sydney"))
        #expect(zone.offset(at: .distantPast) > 35_000)
        #expect([36_000, 39_600].contains(zone.offset(at: .distantFuture)))
    }
}
