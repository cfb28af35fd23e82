// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Two days of some services: requests, deployments, instances and builds.
enum OperationsStream {
    static let start = StreamTime(nanoseconds: 1_772_409_600_000_000_000)  // 2026-03-02
    static let services = ["cart", "search", "checkout", "login", "catalog", "mail"]

    static func make(seed: UInt64) -> RecordedStream {
        var builder = StreamBuilder(
            "operations.jsonl", seed: seed, disorder: .init(percent: 8, limit: 2.seconds))
        for number in 0..<5_600 { addRequest(number, &builder) }
        plantDeployments(&builder)
        for number in 0..<40 { addInstance(number, &builder) }
        plantCrashes(&builder)
        for (index, branch) in branches.enumerated() { addBuilds(index, branch, &builder) }
        return builder.finish()
    }

    private static func addRequest(_ number: Int, _ builder: inout StreamBuilder) {
        let time = builder.moment(of: start + (number % 2).days, from: 0, to: 24)
        let draw = builder.random.below(1_000)
        let status = draw < 8 ? 503 : draw < 14 ? 500 : draw < 60 ? 404 : draw < 90 ? 302 : 200
        builder.request(time, builder.random.pick(services), status)
    }

    // MARK: deployments

    private static let bursts:
        [(after: TimeSpan, errors: Int, back: TimeSpan?, reports: Bool, note: String)] = [
            (90.seconds, 45, nil, true, "errors at once"),
            (9.minutes, 20, nil, true, "errors after minutes"),
            (4.minutes, 30, 5.minutes, true, "taken back, but too late"),
            (3.minutes, 40, 2.minutes, false, "taken back before the errors"),
            (16.minutes, 40, nil, false, "errors after the quarter of an hour"),
            (1.minutes, 19, nil, false, "nineteen errors"),
            (TimeSpan(seconds: -300), 40, nil, false, "errors before the deployment"),
            (1.minutes, 0, nil, false, "a deployment as it should be"),
        ]

    private static func plantDeployments(_ builder: inout StreamBuilder) {
        for (index, burst) in bursts.enumerated() {
            // A service each quarter of a day, so that no burst is near another deployment.
            let service = services[index % services.count]
            let time = start + (index * 6).hours + builder.span(1.hours, 3.hours)
            let version = "1.\(index).\(builder.random.below(10))"
            builder.json(
                "deployed", time,
                [
                    ("service", .text(service)), ("version", .text(version)),
                    ("author", .text(builder.random.pick(["ann", "bo", "cy"]))),
                ])
            var twentieth = time
            for error in 0..<burst.errors {
                let when = time + burst.after + (error * 1_900).milliseconds
                builder.request(when, service, builder.random.chance(1, in: 4) ? 500 : 503)
                if error == 19 { twentieth = when }
            }
            if let back = burst.back {
                let fields = [("service", StreamField.text(service)), ("version", .text("1.0.0"))]
                builder.json("rolled_back", time + back, fields)
            }
            let key: [(String, Value)] = [("service", .string(service))]
            if burst.reports {
                builder.plant("bad_deployment", key, end: twentieth, burst.note)
            } else {
                builder.nearMiss("bad_deployment", key, at: time, burst.note)
            }
        }
    }

    // MARK: instances

    private static func addInstance(_ number: Int, _ builder: inout StreamBuilder) {
        var time = builder.moment(of: start, from: 0, to: 6)
        for life in 0..<3 {
            builder.start(time, services[number % services.count], number)
            time = time + builder.span(2.hours, 11.hours)
            let code = life == 1 && number % 7 == 0 ? 137 : 0
            builder.exit(time, services[number % services.count], number, code)
            time = time + builder.span(1.seconds, 40.seconds)
        }
    }

    private static func plantCrashes(_ builder: inout StreamBuilder) {
        let cases: [(lives: TimeSpan, apart: TimeSpan, codes: [Int], reports: Bool, note: String)] =
            [
                (4.seconds, 20.seconds, [137, 137, 137], true, "three crashes"),
                (50.seconds, 2.minutes, [1, 139, 1, 139], true, "four crashes"),
                (61.seconds, 20.seconds, [1, 1, 1], false, "each lives for more than a minute"),
                (4.seconds, 5.minutes, [1, 1, 1], false, "over more than ten minutes"),
                (4.seconds, 20.seconds, [1, 0, 1], false, "once in good order"),
            ]
        for (index, planted) in cases.enumerated() {
            let service = services[index]
            let instance = 900 + index
            var time = builder.moment(of: start + 1.days, from: 1, to: 22)
            var third = time
            for (number, code) in planted.codes.enumerated() {
                builder.start(time, service, instance)
                time = time + planted.lives
                builder.exit(time, service, instance, code)
                if number == 2 { third = time }
                time = time + planted.apart
            }
            let key: [(String, Value)] = [
                ("service", .string(service)), ("instance", .string(name(service, instance))),
            ]
            if planted.reports {
                builder.plant("crash_loop", key, end: third, planted.note)
            } else {
                builder.nearMiss("crash_loop", key, at: third, planted.note)
            }
        }
    }

    static func name(_ service: String, _ number: Int) -> String {
        "\(service)-\(padded(number, 4))"
    }

    // MARK: builds

    /// `+` passed, `-` failed, one after the other.
    private static let branches: [(repository: String, branch: String, results: String)] = [
        ("shop", "main", "+++-+++---++++--+++"), ("shop", "new-cart", "+--+--+-+--+"),
        ("search", "main", "++----++-+++++"), ("search", "index-v2", "---++-+--++-"),
        ("infra", "main", "++++++++++++"), ("mail", "main", "+-+-+-+--+--+"),
    ]

    private static func addBuilds(
        _ index: Int, _ branch: (repository: String, branch: String, results: String),
        _ builder: inout StreamBuilder
    ) {
        var time = start + builder.span(6.hours, 8.hours)
        var reds = 0
        var hasBeenGreen = false
        var reported = 0
        let key: [(String, Value)] = [
            ("repository", .string(branch.repository)), ("branch", .string(branch.branch)),
        ]
        for result in branch.results {
            builder.build(time, branch.repository, branch.branch, passed: result == "+")
            reds = result == "+" ? 0 : reds + 1
            if result == "+" { hasBeenGreen = true }
            if reds == 3, hasBeenGreen {
                builder.plant("broken_branch", key, end: time, "green, then red three times")
                reported += 1
            }
            time = time + builder.span(20.minutes, 2.hours)
        }
        if reported == 0 {
            builder.nearMiss("broken_branch", key, at: time, "builds \(branch.results)")
        }
    }
}

extension StreamBuilder {
    fileprivate mutating func request(_ time: StreamTime, _ service: String, _ status: Int) {
        json(
            "request", time,
            [
                ("service", .text(service)), ("status", .int(status)),
                ("ms", .int(status >= 500 ? random.int(1...30) : random.int(3...400))),
                ("path", .text(random.pick(["/", "/api/items", "/api/user", "/health"]))),
            ])
    }

    fileprivate mutating func start(_ time: StreamTime, _ service: String, _ number: Int) {
        let name = OperationsStream.name(service, number)
        json(
            "instance_started", time,
            [
                ("service", .text(service)), ("instance", .text(name)),
                ("node", .text("node-\(random.int(1...9))")),
            ])
    }

    fileprivate mutating func exit(
        _ time: StreamTime, _ service: String, _ number: Int, _ code: Int
    ) {
        let name = OperationsStream.name(service, number)
        json(
            "instance_exited", time,
            [("service", .text(service)), ("instance", .text(name)), ("code", .int(code))])
    }

    fileprivate mutating func build(
        _ time: StreamTime, _ repository: String, _ branch: String, passed: Bool
    ) {
        let hex = String(random.below(0x1000_0000), radix: 16)
        json(
            "build", time,
            [
                ("repository", .text(repository)), ("branch", .text(branch)),
                ("commit", .text(String(repeating: "0", count: 7 - hex.count) + hex)),
                ("author", .text(random.pick(["ann", "bo", "cy", "dee"]))),
                ("result", .text(passed ? "passed" : "failed")),
            ])
    }
}
