// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Two hours of a web service: calls of its interfaces, requests of addresses, visits of users, and
/// a probe of each target every half minute.
enum WebStream {
    static let start = StreamTime(nanoseconds: 1_772_704_800_000_000_000)  // 2026-03-05T10:00
    static let length = 2.hours

    static func make(seed: UInt64) -> RecordedStream {
        var builder = StreamBuilder(
            "web.jsonl", seed: seed, disorder: .init(percent: 5, limit: 4.seconds))
        for number in apis.indices { addCalls(number, &builder) }
        addHits(&builder)
        addViews(&builder)
        for number in targets.indices { addProbes(number, &builder) }
        return builder.finish()
    }

    // MARK: calls, five minutes at a time

    private static let apis = ["cart", "pay", "search", "users"]
    private static let windowCount = 24

    /// Of an interface's hundred calls in one window so many fail.
    private static let failures: [(window: Int, failed: Int, reports: Bool, note: String)] = [
        (5, 6, true, "six of a hundred"), (9, 21, true, "a fifth"),
        (14, 5, false, "exactly one in twenty"), (19, 6, true, "six of a hundred, near the end"),
    ]

    private static func addCalls(_ number: Int, _ builder: inout StreamBuilder) {
        let api = apis[number]
        let key: [(String, Value)] = [("api", .string(api))]
        for window in 0..<windowCount {
            let begin = start + (window * 5).minutes
            let planted = failures[number].window == window ? failures[number] : nil
            let count = planted == nil ? builder.random.int(52...88) : 100
            let failed = planted?.failed ?? builder.random.int(0...2)
            for call in 0..<count {
                let time = begin + builder.span(.zero, 299_999.milliseconds)
                let status = call < failed ? builder.random.pick([500, 502, 503]) : 200
                builder.json(
                    "call", time,
                    [
                        ("api", .text(api)), ("status", .int(status)),
                        ("ms", .int(builder.random.int(8...240))),
                    ])
            }
            guard let planted else { continue }
            if planted.reports {
                builder.plant("error_rate", key, end: begin + 5.minutes, planted.note)
            } else {
                builder.nearMiss("error_rate", key, at: begin + 5.minutes, planted.note)
            }
        }
    }

    // MARK: requests

    private static let bursts: [(count: Int, apart: TimeSpan, reports: Bool, note: String)] = [
        (61, 150.milliseconds, true, "61 requests in nine seconds"),
        (140, 60.milliseconds, true, "140 requests in nine seconds"),
        (60, 150.milliseconds, false, "60 requests in nine seconds"),
        (90, 170.milliseconds, false, "90 requests, never more than 59 in ten seconds"),
    ]

    private static func addHits(_ builder: inout StreamBuilder) {
        for _ in 0..<2_000 {
            let time = start + builder.span(.zero, length)
            let ip = "192.0.2.\(builder.random.int(1...60))"
            builder.hit(ip, time)
        }
        for (number, burst) in bursts.enumerated() {
            let ip = "198.51.100.\(number + 7)"
            let begin = start + (20 + 23 * number).minutes + builder.span(.zero, 1.minutes)
            let key: [(String, Value)] = [("ip", .string(ip))]
            var time = begin
            for request in 0..<burst.count {
                time = begin + (request * Int(burst.apart.nanoseconds / 1_000_000)).milliseconds
                builder.hit(ip, time)
                if request == 60, burst.reports {
                    builder.plant("request_burst", key, end: time, burst.note)
                }
            }
            if !burst.reports { builder.nearMiss("request_burst", key, at: time, burst.note) }
        }
    }

    // MARK: visits

    private static let visits: [(parts: [Int], pause: TimeSpan, reports: Bool, note: String)] = [
        ([120], .zero, true, "120 pages"),
        ([70, 60], 10.minutes, true, "130 pages with a pause of ten minutes"),
        ([119], .zero, false, "119 pages"),
        ([70, 60], 600_001.milliseconds, false, "the pause is a millisecond too long"),
    ]

    private static func addViews(_ builder: inout StreamBuilder) {
        for user in 0..<50 {
            var time = start + builder.span(.zero, 90.minutes)
            for _ in 0..<builder.random.int(3...25) {
                builder.view("u-" + padded(user, 3), time)
                time = time + builder.span(2.seconds, 70.seconds)
            }
        }
        for (number, visit) in visits.enumerated() {
            let user = "v-" + padded(number, 3)
            var time = start + (5 + 9 * number).minutes
            for (index, count) in visit.parts.enumerated() {
                if index > 0 { time = time + visit.pause }
                for view in 0..<count {
                    if view > 0 { time = time + builder.span(1.seconds, 16.seconds) }
                    builder.view(user, time)
                }
            }
            let key: [(String, Value)] = [("user", .string(user))]
            if visit.reports {
                builder.plant("long_visit", key, end: time + 10.minutes, visit.note)
            } else {
                builder.nearMiss("long_visit", key, at: time, visit.note)
            }
        }
    }

    // MARK: probes

    private static let targets = ["ams", "ber", "lis", "osl", "par", "rom"]

    /// So many slow answers in a row.
    private static let slow: [(count: Int, ms: Int, reports: Bool, note: String)] = [
        (8, 420, true, "eight slow answers"), (6, 700, true, "six very slow answers"),
        (4, 420, false, "four slow answers"), (1, 2_000, false, "one answer that took for ever"),
    ]

    private static func addProbes(_ number: Int, _ builder: inout StreamBuilder) {
        let key: [(String, Value)] = [("target", .string(targets[number]))]
        let phase = builder.span(.zero, 20.seconds)
        let first = 100 + 20 * number
        var times: [StreamTime] = []
        var values: [Int] = []
        var end: StreamTime?
        for probe in 0..<240 {
            times.append(start + phase + (probe * 30).seconds)
            var value = builder.random.int(44...56)
            if number < slow.count, (first..<first + slow[number].count).contains(probe) {
                value = slow[number].ms
            }
            values.append(value)
            builder.json(
                "probe", times[probe],
                [("target", .text(targets[number])), ("ms", .int(value))])
            // Three times as slow: the mean of ten is more than three times that of sixty.
            let (ten, sixty) = (values.suffix(10).reduce(0, +), values.suffix(60).reduce(0, +))
            if end == nil, probe >= 59, 2 * ten > sixty { end = times[probe] }
        }
        guard number < slow.count else { return }
        if slow[number].reports, let end {
            builder.plant("latency_jump", key, end: end, slow[number].note)
        } else {
            builder.nearMiss("latency_jump", key, at: times[first], slow[number].note)
        }
    }
}

extension StreamBuilder {
    fileprivate mutating func hit(_ ip: String, _ time: StreamTime) {
        let path = random.pick(["/", "/cart", "/search", "/item/17", "/item/4", "/login"])
        json(
            "hit", time,
            [
                ("ip", .text(ip)), ("path", .text(path)),
                ("bytes", .int(random.int(300...40_000))),
            ])
    }

    fileprivate mutating func view(_ user: String, _ time: StreamTime) {
        json(
            "view", time,
            [("user", .text(user)), ("page", .text("/p/\(random.int(1...90))"))])
    }
}
