// SPDX-License-Identifier: Apache-2.0

internal import Connectors
internal import EventModel
internal import Live

/// What writes to one feed of a simulation.
struct LiveFeedSource {
    let options: LiveFeedOptions
    let text: LiveFeedText
    private var nextID = 1
    /// Records of late, some of which are sent once more.
    private var recent: [String] = []
    private static let recentCount = 12

    init(_ name: String, _ random: inout SeededRandom) {
        text = LiveFeedText(
            format: random.pick([.jsonLines, .jsonLines, .csv, .lines]),
            stampsAreOld: random.chance(1, in: 3))
        var reading = FeedOptions()
        reading.format = text.format
        reading.lateness = TimeSpan(seconds: Int64(random.below(3) * 4))
        if random.chance(1, in: 3) {
            reading.rememberedIDSpan = TimeSpan(seconds: random.pick([3, 20, 600]))
        }
        reading.assumesArrivalTime = random.chance(1, in: 4)
        if random.chance(1, in: 4) { reading.maxAhead = TimeSpan(seconds: 2) }
        if random.chance(1, in: 6) { reading.maxLineBytes = 72 }
        options = LiveFeedOptions(
            name: name, reading: reading, idleAfter: TimeSpan(seconds: 5))
    }

    /// Records about `wall`, some late, some twice, some of the future, and now and then something
    /// that is none.
    mutating func lines(
        at wall: Int64, grain: Int64, _ random: inout SeededRandom
    ) -> [UInt8] {
        var lines = text.format == .csv ? LiveFeedText.csvHeader : ""
        for _ in 0..<1 + random.below(6) {
            let line = record(at: wall, grain: grain, &random)
            lines += line
            if random.below(20) == 0 { lines += line }
            if let again = recent.first, random.below(12) == 0 {
                lines += random.below(2) == 0 ? again : random.pick(recent)
            }
            recent.append(line)
            if recent.count > LiveFeedSource.recentCount { recent.removeFirst() }
        }
        return Array(lines.utf8)
    }

    private mutating func record(
        at wall: Int64, grain: Int64, _ random: inout SeededRandom
    ) -> String {
        var ago = Int64(random.below(10) == 0 ? random.below(15_000) : random.below(800))
        if random.below(40) == 0 { ago = -Int64(random.below(6000)) }
        let time = StreamTime(nanoseconds: (wall - ago / grain * grain) * 1_000_000)
        var event = LiveHappening(
            type: "other", user: "u\(random.below(4))",
            time: random.below(30) == 0 ? nil : time, id: nextID)
        nextID += 1
        switch random.below(12) {
        case 0..<5:
            event.type = "login"
            event.outcome = random.below(3) == 0 ? "ok" : "fail"
        case 5..<8:
            event.type = "order"
            event.amount = random.below(100)
        case 8..<10: event.type = "payment"
        case 10: break
        default: return "{\"type\":\"login\", nothing\n"
        }
        return text.record(of: event, &random)
    }
}
