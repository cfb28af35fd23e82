// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Connectors

@Suite struct DayMemoTests {
    @Test(arguments: 0..<4 as Range<UInt64>)
    func aStampOfTheSameDayMeansWhatItDoesInFull(_ seed: UInt64) {
        var numbers = SeededNumbers(state: seed)
        var memo = DayMemo()
        var remembered = 0
        func two(_ most: Int) -> String {
            let number = Int.random(in: 0...most, using: &numbers)
            return number < 10 ? "0\(number)" : "\(number)"
        }
        let days = [
            "2026-01-31", "2026-02-29", "1969-12-31", "2262-04-11", "1677-09-21", "2024-2-29",
        ]
        let ends = [
            "Z", ".5Z", ".123456789Z", ".1234567890Z", ".Z", "+01:00", "z", " Z", "", ",5Z",
        ]
        var day = days[0]
        for _ in 0..<5_000 {
            if Int.random(in: 0..<4, using: &numbers) == 0 {
                day = days.randomElement(using: &numbers) ?? day
            }
            let joint = ["T", "T", "T", " ", "t", "_"].randomElement(using: &numbers) ?? "T"
            let end = ends.randomElement(using: &numbers) ?? "Z"
            var stamp = Array("\(day)\(joint)\(two(24)):\(two(60)):\(two(61))\(end)".utf8)
            if Int.random(in: 0..<20, using: &numbers) == 0 {
                stamp[Int.random(in: stamp.indices, using: &numbers)] = UInt8(ascii: "x")
            }
            let reading = TimeFormat.automatic.read(text: stamp.span)
            if let time = memo.read(stamp.span) {
                remembered += 1
                #expect(reading == .time(time), "\(String(decoding: stamp, as: UTF8.self))")
            }
            if case .time(let time) = reading { memo.learn(stamp.span, time) }
        }
        #expect(remembered > 200)
    }
}
