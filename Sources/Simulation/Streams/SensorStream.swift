// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Two hours of pumps: a temperature every half minute, a heartbeat every minute, and a planned
/// stop at the end. Two more measure without a heartbeat, one of them for a while only.
enum SensorStream {
    static let start = StreamTime(nanoseconds: 1_772_611_200_000_000_000)  // 2026-03-04T08:00
    static let end = start + 2.hours
    static let deviceCount = 24
    /// How many readings a device gives.
    static let readingCount = 240

    static func make(seed: UInt64) -> RecordedStream {
        var builder = StreamBuilder(
            "sensors.jsonl", seed: seed, disorder: .init(percent: 10, limit: 6.seconds))
        builder.timeField = "ts"
        for number in 0..<deviceCount {
            var temperatures = background(&builder)
            let times = readingTimes(&builder)
            plantReadings(number, times, &temperatures, &builder)
            for (time, value) in zip(times, temperatures) {
                builder.reading(time, device(number), value)
            }
            addHeartbeats(number, times, &builder)
        }
        for number in deviceCount..<deviceCount + 2 { addMute(number, &builder) }
        return builder.finish()
    }

    static func device(_ number: Int) -> String { "pump-" + padded(number + 1, 3) }

    // MARK: temperatures, in hundredths of a degree

    private static func background(_ builder: inout StreamBuilder) -> [Int] {
        var level = builder.random.int(3_800...5_600)
        return (0..<readingCount).map { _ in
            level = min(max(level + builder.random.int(-60...60), 3_500), 6_200)
            return level + builder.random.int(-90...90)
        }
    }

    private static func readingTimes(_ builder: inout StreamBuilder) -> [StreamTime] {
        let phase = builder.span(.zero, 25.seconds)
        return (0..<readingCount).map {
            start + phase + ($0 * 30).seconds + builder.span(.zero, 1_500.milliseconds)
        }
    }

    private static let rises: [(values: [Int], reports: Bool, note: String)] = [
        ([5_800, 6_600, 7_100, 7_700, 8_400, 9_512], true, "four steps up and a jump"),
        ([5_800, 6_500, 7_300, 8_100, 9_630], true, "three steps up and a jump"),
        ([5_800, 6_400, 6_900, 7_300, 7_800, 8_300, 9_201], true, "five steps up and a jump"),
        ([5_800, 6_600, 7_100, 7_100, 9_300], false, "one reading stays"),
        ([5_800, 6_600, 7_100, 7_700, 8_400, 9_000], false, "90 degrees, not more"),
        ([7_900, 8_800, 9_000, 9_100, 9_150, 9_190], false, "hot, without a jump"),
    ]

    /// Devices 0 to 5 get hot or nearly so, 6 to 8 get stuck or nearly so.
    private static func plantReadings(
        _ number: Int, _ times: [StreamTime], _ temperatures: inout [Int],
        _ builder: inout StreamBuilder
    ) {
        let key: [(String, Value)] = [("device", .string(device(number)))]
        let at = 40 + number * 17
        if number < rises.count {
            let rise = rises[number]
            // A fall before it, so that the rise begins where it seems to.
            temperatures[at - 1] = rise.values[0] + 200
            temperatures.replaceSubrange(at..<at + rise.values.count, with: rise.values)
            let peak = at + rise.values.count - 1
            temperatures[peak + 1] = temperatures[peak] - 900
            if rise.reports {
                builder.plant("overheating", key, end: times[peak], rise.note)
            } else {
                builder.nearMiss("overheating", key, at: times[peak], rise.note)
            }
        } else if number < 9 {
            let count = [22, 20, 19][number - 6]
            temperatures.replaceSubrange(
                at - 60..<at - 60 + count, with: repeatElement(4_117, count: count))
            let last = times[at - 60 + min(count, 20) - 1]
            if count >= 20 {
                builder.plant("stuck_sensor", key, end: last, "\(count) times the same")
            } else {
                builder.nearMiss("stuck_sensor", key, at: last, "\(count) times the same")
            }
        }
    }

    // MARK: heartbeats

    private static func addHeartbeats(
        _ number: Int, _ readings: [StreamTime], _ builder: inout StreamBuilder
    ) {
        let device = device(number)
        var times: [StreamTime] = []
        let phase = builder.span(.zero, 50.seconds)
        for beat in 0..<119 {
            times.append(
                start + phase + (beat * 60).seconds + builder.span(.zero, 2_000.milliseconds))
        }
        // Radio is lossy; three beats in a row at most.
        var lost = 0
        times = times.enumerated().filter { index, _ in
            let isLost = index > 0 && lost < 3 && builder.random.chance(3, in: 100)
            lost = isLost ? lost + 1 : 0
            return !isLost
        }.map(\.1)
        let stops = plantSilence(number, &times, readings, &builder)
        for time in times { builder.heartbeat(time, device, "plant-\(number % 3 + 1)") }
        if stops {
            builder.maintain(end + builder.span(.zero, 20.seconds), device, "shift-end")
        }
    }

    /// Takes heartbeats away; false: the device never comes back.
    private static func plantSilence(
        _ number: Int, _ times: inout [StreamTime], _ readings: [StreamTime],
        _ builder: inout StreamBuilder
    ) -> Bool {
        let key: [(String, Value)] = [("device", .string(device(number)))]
        let middle = times.count / 2
        let last = times[middle]
        func isBetween(_ time: StreamTime, _ gap: TimeSpan) -> Bool {
            time > last && time < last + gap
        }
        switch number {
        case 12, 13:
            times.removeAll { isBetween($0, (6 + number - 12).minutes) }
            builder.plant("silent_device", key, end: last + 5.minutes, "silent for minutes")
        case 14:
            times.removeAll { $0 > last }
            builder.plant("silent_device", key, end: last + 5.minutes, "never heard of again")
            plantMute(number, since: last, readings, "measures on without a heartbeat", &builder)
            return false
        case 15:
            times.removeAll { isBetween($0, 5.minutes) }
            times.append(last + 5.minutes)
            builder.nearMiss(
                "silent_device", key, at: last + 5.minutes, "a heartbeat in the last moment")
        case 16:
            times.removeAll { isBetween($0, 20.minutes) }
            builder.maintain(last + 4.minutes, device(number), "a.weber")
            builder.nearMiss(
                "silent_device", key, at: last + 5.minutes, "silent because it is serviced")
        default: break
        }
        return true
    }

    /// Says that the first reading after half an hour without a heartbeat is one too many.
    private static func plantMute(
        _ number: Int, since: StreamTime, _ readings: [StreamTime], _ note: String,
        _ builder: inout StreamBuilder
    ) {
        guard let proof = readings.first(where: { $0 > since + 30.minutes }) else { return }
        builder.plant("mute_device", [("device", .string(device(number)))], end: proof, note)
    }

    /// Pumps that are on the list and have sent no heartbeat yet. They are watched from the first
    /// event of the stream on.
    private static func addMute(_ number: Int, _ builder: inout StreamBuilder) {
        let times = readingTimes(&builder)
        for (time, value) in zip(times, background(&builder)) {
            builder.reading(time, device(number), value)
        }
        if number == deviceCount {
            return plantMute(
                number, since: builder.firstTime ?? start, times, "never heard of", &builder)
        }
        for beat in 0..<91 {
            let time = start + 29.minutes + (beat * 60).seconds + builder.span(.zero, 2.seconds)
            builder.heartbeat(time, device(number), "plant-2")
        }
        builder.maintain(end + builder.span(.zero, 20.seconds), device(number), "shift-end")
        builder.nearMiss(
            "mute_device", [("device", .string(device(number)))], at: start + 30.minutes,
            "the first heartbeat just in time")
    }
}

extension StreamBuilder {
    fileprivate mutating func reading(_ time: StreamTime, _ device: String, _ value: Int) {
        json(
            "reading", time,
            [
                ("device", .text(device)), ("temp", .decimal(value, digits: 2)),
                ("unit", .text("C")), ("rssi", .int(-random.int(48...97))),
            ])
    }

    fileprivate mutating func heartbeat(_ time: StreamTime, _ device: String, _ site: String) {
        json(
            "heartbeat", time,
            [
                ("device", .text(device)), ("site", .text(site)),
                ("firmware", .text(random.chance(1, in: 9) ? "2.4.0" : "2.4.1")),
                ("battery", .int(random.int(61...99))),
            ])
    }

    fileprivate mutating func maintain(_ time: StreamTime, _ device: String, _ who: String) {
        json("maintenance", time, [("device", .text(device)), ("technician", .text(who))])
    }
}
