// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Two and a half days of failed logins on a few hosts, each with a level of its own.
enum HostStream {
    private static let start = StreamTime(nanoseconds: 1_772_409_600_000_000_000)  // 2026-03-02
    private static let hourCount = 60

    /// A host, how many failures an hour it has, and what is planted in one hour of it.
    private struct Host {
        var name: String
        var usual: ClosedRange<Int>
        var planted: (hour: Int, failures: Int, reports: Bool, note: String)?
    }

    private static let hosts = [
        Host(name: "web-1", usual: 2...7, planted: (41, 63, true, "nine times as many as usual")),
        Host(name: "bastion", usual: 30...75, planted: (44, 94, false, "loud, as it always is")),
        Host(
            name: "db-1", usual: 1...2,
            planted: (38, 15, false, "loud for this host, but a handful")),
        Host(
            name: "mail-1", usual: 8...16,
            planted: (23, 55, true, "in the first hour with a day before it")),
        Host(
            name: "build-1", usual: 3...6, planted: (21, 48, false, "watched for too short")),
        Host(name: "web-2", usual: 2...6, planted: nil),
    ]

    static func make(seed: UInt64) -> RecordedStream {
        var builder = StreamBuilder(
            "hosts.jsonl", seed: seed, disorder: .init(percent: 2, limit: 5.seconds))
        for host in hosts {
            let key: [(String, Value)] = [("host", .string(host.name))]
            for hour in 0..<hourCount {
                let began = start + hour.hours
                var count = builder.random.int(host.usual)
                if let planted = host.planted, planted.hour == hour {
                    count = planted.failures
                    if planted.reports {
                        builder.plant("unusual_hour", key, end: began + 1.hours, planted.note)
                    } else {
                        builder.nearMiss("unusual_hour", key, at: began + 1.hours, planted.note)
                    }
                }
                for _ in 0..<count {
                    builder.json(
                        "auth_failure", began + builder.span(.zero, 3_599_999.milliseconds),
                        [
                            ("host", .text(host.name)),
                            ("service", .text(builder.random.pick(["sshd", "sudo", "imapd"]))),
                            ("account", .text(account(&builder))),
                        ])
                }
            }
        }
        return builder.finish()
    }

    private static func account(_ builder: inout StreamBuilder) -> String {
        builder.random.pick(["root", "admin", "deploy", "backup", "ann", "bo", "cem", "dora"])
    }
}
