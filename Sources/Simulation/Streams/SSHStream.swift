// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Two days of the auth log of a few hosts on the Internet: staff, robots, and who gets in.
enum SSHStream {
    static let start = StreamTime(nanoseconds: 1_772_409_600_000_000_000)  // 2026-03-02
    static let hosts = ["bastion", "web-1", "web-2", "web-3", "db-1", "mail"]
    static let staff = ["awe", "bkoch", "cyilmaz", "dnovak", "efischer", "deploy", "backup"]
    static let unknownUsers = [
        "admin", "test", "oracle", "ubuntu", "git", "pi", "ftp", "guest", "mysql", "postgres",
        "user", "support", "www", "ftpuser", "minecraft", "jenkins", "hadoop", "es", "nagios",
        "steam",
    ]

    static func make(seed: UInt64) -> RecordedStream {
        var builder = StreamBuilder(
            "sshd.log", seed: seed, disorder: .init(percent: 3, limit: 1.seconds))
        for day in 0..<2 {
            for _ in 0..<260 { addStaffSession(day, &builder) }
            for number in 0..<420 { addRobot(day * 1000 + number, day, &builder) }
            addCron(day, &builder)
        }
        plantGuessedPasswords(&builder)
        plantEnumerations(&builder)
        plantDistributedGuessing(&builder)
        return builder.finish()
    }

    // MARK: background

    private static func addStaffSession(_ day: Int, _ builder: inout StreamBuilder) {
        let host = builder.random.pick(hosts)
        let user = builder.random.pick(staff)
        let ip = "10.8.0.\(builder.random.int(10...220))"
        var time = builder.moment(of: start + day.days, from: 6, to: 21)
        if builder.random.chance(1, in: 6) {
            for _ in 0..<builder.random.int(1...3) {
                builder.failed(time, host, user, ip)
                time = time + builder.span(2.seconds, 9.seconds)
            }
            builder.accepted(time, host, user, ip, "password")
        } else {
            builder.accepted(time, host, user, ip, "publickey")
        }
        let session = "pam_unix(sshd:session): session"
        builder.sshd(
            time + 20.milliseconds, host, "\(session) opened for user \(user)(uid=1004) by (uid=0)")
        let end = time + builder.span(30.seconds, 90.minutes)
        builder.sshd(
            end, host, "Received disconnect from \(ip) port 40022:11: disconnected by user")
        builder.sshd(end + 3.milliseconds, host, "\(session) closed for user \(user)")
        if builder.random.chance(1, in: 3) {
            let command = builder.random.pick([
                "/usr/bin/apt update", "/bin/systemctl restart nginx",
            ])
            builder.line(
                time + 15.seconds, host, "sudo",
                "\(user) : TTY=pts/0 ; PWD=/home/\(user) ; USER=root ; COMMAND=\(command)")
        }
    }

    /// A robot that tries one to four names and goes away.
    private static func addRobot(_ number: Int, _ day: Int, _ builder: inout StreamBuilder) {
        let host = builder.random.pick(hosts)
        let ip =
            "45.\(number % 200 + 10).\(builder.random.int(1...250)).\(builder.random.int(1...250))"
        var time = builder.moment(of: start + day.days, from: 0, to: 24)
        for _ in 0..<builder.random.int(1...4) {
            let user = builder.random.chance(1, in: 12) ? "root" : builder.random.pick(unknownUsers)
            if user == "root" {
                builder.failed(time, host, user, ip)
            } else {
                builder.sshd(
                    time - 300.milliseconds, host,
                    "Invalid user \(user) from \(ip) port \(builder.random.int(1024...65_000))")
                builder.failed(time, host, "invalid user " + user, ip)
            }
            time = time + builder.span(1.seconds, 20.seconds)
        }
        builder.sshd(
            time, host,
            "Connection closed by \(ip) port \(builder.random.int(1024...65_000)) [preauth]")
    }

    private static func addCron(_ day: Int, _ builder: inout StreamBuilder) {
        for hour in 0..<24 {
            for host in hosts {
                let time =
                    start + day.days + (hour * 60 + 17).minutes + builder.span(.zero, 2.seconds)
                builder.line(
                    time, host, "CRON",
                    "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)")
                builder.line(
                    time + 80.milliseconds, host, "CRON",
                    "(root) CMD (cd / && run-parts --report /etc/cron.hourly)")
            }
        }
    }

    // MARK: passwords that were guessed

    private static let guesses:
        [(failures: Int, method: String, after: TimeSpan, reports: Bool, note: String)] = [
            (5, "password", 8.seconds, true, "five failures, then in"),
            (31, "password", 4.seconds, true, "thirty-one failures, then in"),
            (9, "password", 6.minutes, true, "in after a pause"),
            (4, "password", 5.seconds, false, "four failures, then in"),
            (7, "publickey", 5.seconds, false, "in with a key"),
            (6, "password", 10.minutes, false, "in after more than ten minutes"),
            (8, "", 5.seconds, false, "never in"),
        ]

    private static func plantGuessedPasswords(_ builder: inout StreamBuilder) {
        var firstDay: [StreamTime] = []
        for (index, guess) in guesses.enumerated() {
            let ip = "198.51.100.\(20 + index)"
            let host = hosts[index % hosts.count]
            var time = builder.moment(of: start + (index % 2).days, from: 1, to: 22)
            for _ in 0..<guess.failures {
                time = time + builder.span(500.milliseconds, 3.seconds)
                builder.failed(time, host, "deploy", ip)
            }
            time = time + guess.after
            if !guess.method.isEmpty { builder.accepted(time, host, "deploy", ip, guess.method) }
            let key: [(String, Value)] = [("ip", .string(ip))]
            if guess.reports {
                builder.plant("ssh_guessed_password", key, end: time, guess.note)
                if index % 2 == 0 { firstDay.append(time) }
            } else {
                builder.nearMiss("ssh_guessed_password", key, at: time, guess.note)
            }
        }
        if firstDay.count == 2, let last = firstDay.max() {
            builder.plant(
                "risk_score", [("user", .string("deploy"))], end: last,
                "one account guessed from two addresses on a day")
        }
    }

    // MARK: lists of names

    private static func plantEnumerations(_ builder: inout StreamBuilder) {
        enumerate(
            "203.0.113.5", names: 12, apart: 3.seconds, reports: [9], "twelve names", &builder)
        enumerate(
            "203.0.113.6", names: 20, apart: 2.seconds, reports: [9, 19], "twenty names", &builder)
        enumerate("203.0.113.7", names: 9, apart: 2.seconds, reports: [], "nine names", &builder)
        enumerate(
            "203.0.113.8", names: 12, apart: 15.seconds, reports: [], "nine names in two minutes",
            &builder)
    }

    private static func enumerate(
        _ ip: String, names: Int, apart: TimeSpan, reports: [Int], _ note: String,
        _ builder: inout StreamBuilder
    ) {
        var time = builder.moment(of: start, from: 2, to: 22)
        let key: [(String, Value)] = [("ip", .string(ip))]
        for index in 0..<names {
            builder.failed(time, hosts[index % 2], "invalid user " + unknownUsers[index], ip)
            if reports.contains(index) {
                builder.plant("ssh_user_enumeration", key, end: time, note)
            }
            time = time + apart
        }
        if reports.isEmpty { builder.nearMiss("ssh_user_enumeration", key, at: time, note) }
    }

    // MARK: many addresses

    private static func plantDistributedGuessing(_ builder: inout StreamBuilder) {
        let cases: [(user: String, host: Int, addresses: Int, apart: TimeSpan, note: String)] = [
            ("awe", 4, 13, 130.seconds, "thirteen addresses in half an hour"),
            ("backup", 3, 12, 163.seconds, "twelve addresses in half an hour"),
            ("efischer", 5, 11, 140.seconds, "eleven addresses"),
            ("dnovak", 2, 20, 5.minutes, "seven addresses in half an hour"),
        ]
        for (index, planted) in cases.enumerated() {
            let begin = builder.moment(of: start + 1.days, from: 0, to: 2)
            let key: [(String, Value)] = [
                ("host", .string(hosts[planted.host])), ("user", .string(planted.user)),
            ]
            for number in 0..<planted.addresses {
                let time = begin + TimeSpan(nanoseconds: planted.apart.nanoseconds * Int64(number))
                builder.failed(
                    time, hosts[planted.host], planted.user, "100.\(64 + index).\(number * 9).17")
                if index < 2, number == 11 {
                    builder.plant("ssh_distributed_guessing", key, end: time, planted.note)
                }
            }
            if index >= 2 {
                builder.nearMiss("ssh_distributed_guessing", key, at: begin, planted.note)
            }
        }
    }
}

extension StreamBuilder {
    /// A line as rsyslog writes it today.
    fileprivate mutating func line(
        _ time: StreamTime, _ host: String, _ app: String, _ message: String
    ) {
        // The stamp has microseconds, and the host's offset instead of Z.
        let stamp = time.description.dropLast() + "000+00:00"
        record(time, "\(stamp) \(host) \(app)[\(random.int(800...65_000))]: \(message)")
    }

    fileprivate mutating func sshd(_ time: StreamTime, _ host: String, _ message: String) {
        line(time, host, "sshd", message)
    }

    fileprivate mutating func failed(
        _ time: StreamTime, _ host: String, _ user: String, _ ip: String
    ) {
        let port = random.int(1024...65_000)
        sshd(time, host, "Failed password for \(user) from \(ip) port \(port) ssh2")
    }

    fileprivate mutating func accepted(
        _ time: StreamTime, _ host: String, _ user: String, _ ip: String, _ method: String
    ) {
        let proof =
            method == "publickey"
            ? ": ED25519 SHA256:Qn1xkS0" + padded(random.below(10_000), 4) : ""
        let port = random.int(1024...65_000)
        sshd(time, host, "Accepted \(method) for \(user) from \(ip) port \(port) ssh2\(proof)")
    }
}
