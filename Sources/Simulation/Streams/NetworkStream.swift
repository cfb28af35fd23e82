// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Three hours of flows of an office network.
enum NetworkStream {
    static let start = StreamTime(nanoseconds: 1_772_611_200_000_000_000)  // 2026-03-04T08:00

    static func make(seed: UInt64) -> RecordedStream {
        var builder = StreamBuilder(
            "network.jsonl", seed: seed, disorder: .init(percent: 6, limit: 3.seconds))
        builder.timeField = "@timestamp"
        for _ in 0..<9_000 { addFlow(&builder) }
        addMonitoring(&builder)
        plantScans(&builder)
        plantSweeps(&builder)
        plantBeacons(&builder)
        return builder.finish()
    }

    // MARK: background

    private static func addFlow(_ builder: inout StreamBuilder) {
        let time = builder.moment(of: start, from: 0, to: 3)
        let src = "10.0.2.\(builder.random.int(10...90))"
        let draw = builder.random.below(100)
        let state = draw == 0 ? "refused" : draw == 1 ? "timeout" : "established"
        let bytes = builder.random.int(120...90_000)
        if builder.random.chance(1, in: 2) {
            let dst = "10.0.1.\(builder.random.int(10...24))"
            builder.flow(
                time, src, dst, builder.random.pick([443, 53, 53, 445, 8443]), state, bytes)
        } else {
            let dst = "151.101.\(builder.random.int(0...3)).\(builder.random.int(1...60))"
            builder.flow(time, src, dst, builder.random.pick([443, 443, 80]), state, bytes)
        }
    }

    /// Twelve servers asked by SSH every five minutes, and a small call to one every minute: as
    /// regular as what is looked for, and harmless.
    private static func addMonitoring(_ builder: inout StreamBuilder) {
        for round in 0..<36 {
            let time = start + (round * 5).minutes + 10.seconds
            for server in 0..<12 {
                builder.flow(
                    time + server.seconds, "10.0.0.9", "10.0.1.\(10 + server)", 22, "established",
                    1_400)
            }
        }
        for minute in 0..<180 {
            builder.flow(start + minute.minutes, "10.0.0.9", "10.0.1.10", 9100, "established", 800)
        }
        builder.nearMiss(
            "host_sweep", [("src", .string("10.0.0.9")), ("dst_port", .int(22))],
            at: start + 1.hours, "the monitoring asks twelve hosts")
        builder.nearMiss(
            "beacon",
            [
                ("src", .string("10.0.0.9")), ("dst", .string("10.0.1.10")),
                ("dst_port", .int(9100)),
            ],
            at: start + 1.hours, "the monitoring calls a host of the house")
    }

    // MARK: scans

    private static func plantScans(_ builder: inout StreamBuilder) {
        let cases: [(ports: Int, apart: TimeSpan, reports: [Int], note: String)] = [
            (25, 1.seconds, [19], "25 ports"),
            (45, 150.milliseconds, [19, 39], "45 ports in seconds"),
            (19, 1.seconds, [], "19 ports"),
            (40, 4.seconds, [], "40 ports, slowly"),
        ]
        for (index, planted) in cases.enumerated() {
            let (src, dst) = ("10.0.2.\(201 + index)", "10.0.1.\(12 + index)")
            let begin = builder.moment(of: start, from: 0, to: 2)
            let key: [(String, Value)] = [("src", .string(src)), ("dst", .string(dst))]
            for number in 0..<planted.ports {
                let time = begin + TimeSpan(nanoseconds: planted.apart.nanoseconds * Int64(number))
                let state = builder.random.chance(1, in: 5) ? "timeout" : "refused"
                builder.flow(time, src, dst, 1 + number * 37, state, 60)
                if planted.reports.contains(number) {
                    builder.plant("port_scan", key, end: time, planted.note)
                }
            }
            if planted.reports.isEmpty {
                builder.nearMiss("port_scan", key, at: begin, planted.note)
            }
        }
    }

    private static func plantSweeps(_ builder: inout StreamBuilder) {
        let cases: [(hosts: Int, port: Int, apart: TimeSpan, reports: [Int], note: String)] = [
            (18, 445, 1.seconds, [14], "18 hosts for SMB"),
            (31, 3389, 700.milliseconds, [14, 29], "31 hosts for RDP"),
            (14, 445, 1.seconds, [], "14 hosts"),
            (40, 80, 1.seconds, [], "40 web servers"),
            (30, 5985, 10.seconds, [], "30 hosts, slowly"),
        ]
        for (index, planted) in cases.enumerated() {
            let src = "10.0.2.\(211 + index)"
            let begin = builder.moment(of: start, from: 0, to: 2)
            let key: [(String, Value)] = [
                ("src", .string(src)), ("dst_port", .int(Int64(planted.port))),
            ]
            for number in 0..<planted.hosts {
                let time = begin + TimeSpan(nanoseconds: planted.apart.nanoseconds * Int64(number))
                let state = builder.random.chance(1, in: 3) ? "established" : "refused"
                builder.flow(time, src, "10.0.3.\(10 + number * 3)", planted.port, state, 240)
                if planted.reports.contains(number) {
                    builder.plant("host_sweep", key, end: time, planted.note)
                }
            }
            if planted.reports.isEmpty {
                builder.nearMiss("host_sweep", key, at: begin, planted.note)
            }
        }
    }

    // MARK: calls home

    private static func plantBeacons(_ builder: inout StreamBuilder) {
        let cases: [(calls: Int, least: Int, most: Int, bytes: Int, reports: [Int], note: String)] =
            [
                (12, 58_300, 61_700, 512, [9], "twelve calls"),
                (25, 59_800, 60_200, 340, [9, 19], "25 calls"),
                (9, 59_000, 61_000, 512, [], "nine calls"),
                (40, 45_000, 75_000, 512, [], "calls that are not regular"),
                (15, 59_000, 61_000, 5_200, [], "calls that carry data"),
            ]
        for (index, planted) in cases.enumerated() {
            let (src, dst) = ("10.0.2.\(221 + index)", "192.0.2.\(80 + index)")
            var time = builder.moment(of: start, from: 0, to: 2)
            let key: [(String, Value)] = [
                ("src", .string(src)), ("dst", .string(dst)), ("dst_port", .int(443)),
            ]
            for number in 0..<planted.calls {
                let bytes = planted.bytes + builder.random.int(0...40)
                builder.flow(time, src, dst, 443, "established", bytes)
                if planted.reports.contains(number) {
                    builder.plant("beacon", key, end: time, planted.note)
                }
                time = time + builder.random.int(planted.least...planted.most).milliseconds
            }
            if planted.reports.isEmpty { builder.nearMiss("beacon", key, at: time, planted.note) }
        }
    }
}

extension StreamBuilder {
    fileprivate mutating func flow(
        _ time: StreamTime, _ src: String, _ dst: String, _ port: Int, _ state: String, _ bytes: Int
    ) {
        json(
            "connection", time,
            [
                ("src", .text(src)), ("src_port", .int(random.int(32_768...60_999))),
                ("dst", .text(dst)), ("dst_port", .int(port)), ("state", .text(state)),
                ("bytes", .int(bytes)),
            ])
    }
}
