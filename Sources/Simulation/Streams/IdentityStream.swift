// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Four months of sign-ins of some tenants, and what was done in the sessions.
enum IdentityStream {
    static let start = StreamTime(nanoseconds: 1_767_571_200_000_000_000)  // 2026-01-05, a Monday
    static let dayCount = 120
    static let tenants = ["acme", "globex", "initech"]

    static func make(seed: UInt64) -> RecordedStream {
        var builder = StreamBuilder(
            "identity.jsonl", seed: seed, disorder: .init(percent: 2, limit: 5.seconds))
        for day in 0..<dayCount where day % 7 < 5 {
            for number in 0..<56 where builder.random.chance(55, in: 100) {
                addSession(number, day, &builder)
            }
        }
        plantBruteForce(&builder)
        plantTakeovers(&builder)
        plantDormant(&builder)
        plantUploads(&builder)
        plantShares(&builder)
        plantCampaigns(&builder)
        return builder.finish()
    }

    private static let names = [
        "weber", "koch", "yilmaz", "novak", "fischer", "garcia", "hansen", "ito", "jansen", "kim",
        "lopez", "moreau", "nowak", "okafor", "peters", "rossi", "silva", "tanaka", "urban",
        "vogel",
    ]

    static func user(_ number: Int) -> Account {
        let initials = ["a", "e", "m", "s", "t"]
        let name = names[number % names.count]
        return Account(
            user: "\(initials[number / names.count % initials.count]).\(name)",
            tenant: tenants[number % tenants.count])
    }

    // MARK: background

    private static func addSession(_ number: Int, _ day: Int, _ builder: inout StreamBuilder) {
        let account = user(number)
        var time = builder.moment(of: start + day.days, from: 6, to: 19)
        // Who travels comes from anywhere, but has the second factor at hand.
        let travels = builder.random.chance(1, in: 50)
        let ip =
            travels
            ? "203.0.113.\(builder.random.int(1...90))"
            : "10.\(20 + number % 3).\(builder.random.int(0...9)).\(builder.random.int(2...250))"
        for _ in 0..<max(0, builder.random.int(-6...2)) {
            builder.login(time, account, ip, "fail")
            time = time + builder.span(4.seconds, 30.seconds)
        }
        builder.login(time, account, ip, "ok")
        if travels || builder.random.chance(1, in: 3) {
            let fields =
                account.fields + [("method", .text(builder.random.pick(["totp", "webauthn"])))]
            builder.json("mfa_passed", time + builder.span(3.seconds, 25.seconds), fields)
        }
        if travels || builder.random.chance(1, in: 7) {
            let bytes = builder.random.int(20_000...2_900_000_000)
            builder.upload(time + builder.span(1.minutes, 90.minutes), account, bytes)
        }
        if builder.random.chance(1, in: 90) {
            let scope = builder.random.pick(["read", "write", "admin"])
            builder.createKey(time + 9.minutes, account, scope)
        }
        builder.json("logout", time + builder.span(2.hours, 4.hours), account.fields)
    }

    // MARK: guessed passwords

    private static func plantBruteForce(_ builder: inout StreamBuilder) {
        let cases: [(failures: Int, after: TimeSpan, reports: Bool, note: String)] = [
            (5, 20.seconds, true, "five failures, then in"),
            (17, 3.seconds, true, "seventeen failures, then in"),
            (8, 7.minutes, true, "in after a pause"),
            (4, 9.seconds, false, "four failures, then in"),
            (6, 10.minutes, false, "in after more than ten minutes"),
        ]
        for (index, planted) in cases.enumerated() {
            let account = user(60 + index)
            var time = builder.moment(of: start + (14 + index * 7).days, from: 0, to: 5)
            for failure in 0..<planted.failures {
                builder.login(time, account, "198.51.100.\(40 + failure % 3)", "fail")
                time = time + builder.span(1.seconds, 9.seconds)
            }
            time = time + planted.after
            builder.login(time, account, "198.51.100.40", "ok")
            builder.json("logout", time + 40.minutes, account.fields)
            let key: [(String, Value)] = [("user", .string(account.user))]
            if planted.reports {
                builder.plant("brute_force", key, end: time, planted.note)
            } else {
                builder.nearMiss("brute_force", key, at: time, planted.note)
            }
        }
    }

    /// Passwords guessed twice, or once and then used: what rules over alerts add up.
    private static func plantCampaigns(_ builder: inout StreamBuilder) {
        let cases: [(again: TimeSpan?, key: TimeSpan?, reports: String?, note: String)] = [
            (7.hours, nil, "repeated_guessing", "guessed again on the same day"),
            (25.hours, nil, nil, "guessed again more than a day later"),
            (nil, 30.minutes, "risk_score", "guessed, and then an admin key"),
            (nil, 26.hours, nil, "an admin key more than a day later"),
            (5.hours, nil, "repeated_guessing", "two high ones are not enough"),
        ]
        for (index, planted) in cases.enumerated() {
            let account = user(95 + index)
            let key: [(String, Value)] = [("user", .string(account.user))]
            let day = builder.moment(of: start + (33 + index * 8).days, from: 0, to: 5)
            let first = guess(&builder, account, at: day)
            builder.plant("brute_force", key, end: first, planted.note)
            var end = first
            if let again = planted.again {
                end = guess(&builder, account, at: day + again)
                builder.plant("brute_force", key, end: end, planted.note)
            }
            if let later = planted.key {
                let off = first + later
                builder.json(
                    "mfa_disabled", off, account.fields + [("actor", .text(account.user))])
                end = off + 2.minutes
                builder.createKey(end, account, "admin")
                builder.plant("account_takeover", key, end: end, planted.note)
            }
            if let rule = planted.reports { builder.plant(rule, key, end: end, planted.note) }
            let isKey = planted.key != nil
            if planted.reports == nil || planted.note.hasPrefix("two high") {
                let rule =
                    isKey || planted.note.hasPrefix("two high") ? "risk_score" : "repeated_guessing"
                builder.nearMiss(rule, key, at: end, planted.note)
            }
        }
    }

    /// Failures, then in; when that was.
    private static func guess(
        _ builder: inout StreamBuilder, _ account: Account, at start: StreamTime
    ) -> StreamTime {
        var time = start
        for failure in 0..<6 {
            builder.login(time, account, "198.51.100.\(60 + failure % 2)", "fail")
            time = time + builder.span(1.seconds, 9.seconds)
        }
        builder.login(time, account, "198.51.100.60", "ok")
        builder.json("logout", time + 20.minutes, account.fields)
        return time
    }

    // MARK: the second factor and keys

    private static func plantTakeovers(_ builder: inout StreamBuilder) {
        let cases: [(apart: TimeSpan, scope: String, reports: Bool, note: String)] = [
            (90.seconds, "admin", true, "off, then a key"),
            (TimeSpan(seconds: -200), "admin", true, "a key, then off"),
            (5.minutes, "admin", true, "five minutes apart, which still counts"),
            (301.seconds, "admin", false, "a second more than five minutes apart"),
            (60.seconds, "write", false, "a key that is not an administrator's"),
        ]
        for (index, planted) in cases.enumerated() {
            let account = user(65 + index)
            let off = builder.moment(of: start + (20 + index * 9).days, from: 9, to: 16)
            let key = off + planted.apart
            builder.json(
                "mfa_disabled", off,
                account.fields + [("actor", .text("helpdesk-\(builder.random.int(1...4))"))])
            builder.createKey(key, account, planted.scope)
            let end = max(off, key)
            if planted.reports {
                builder.plant(
                    "account_takeover", [("user", .string(account.user))], end: end, planted.note)
            } else {
                builder.nearMiss(
                    "account_takeover", [("user", .string(account.user))], at: end, planted.note)
            }
        }
    }

    // MARK: quiet accounts

    private static func plantDormant(_ builder: inout StreamBuilder) {
        let cases: [(days: [Int], failures: [Int], reports: Int?, note: String)] = [
            ([1, 3, 12, 110], [], 110, "back after 98 days"),
            ([100, 101, 104], [], 100, "never seen before the hundredth day"),
            ([5, 99, 100], [60, 98], 99, "failures do not wake an account"),
            ([10, 99], [], nil, "back after 89 days"),
            ([60, 61, 100], [], nil, "first seen before anything was quiet for 90 days"),
        ]
        for (index, planted) in cases.enumerated() {
            let account = user(70 + index)
            let key: [(String, Value)] = [("user", .string(account.user))]
            for day in planted.failures {
                builder.login(start + day.days + 8.hours, account, "10.20.7.7", "fail")
            }
            for day in planted.days {
                let time = start + day.days + 9.hours
                builder.login(time, account, "10.20.7.\(index + 1)", "ok")
                builder.json("logout", time + 50.minutes, account.fields)
                if day == planted.reports {
                    builder.plant("dormant_account", key, end: time, planted.note)
                }
            }
            if planted.reports == nil, let last = planted.days.last {
                builder.nearMiss(
                    "dormant_account", key, at: start + last.days + 9.hours, planted.note)
            }
        }
    }

    // MARK: data that leaves

    private static func plantUploads(_ builder: inout StreamBuilder) {
        let cases: [(after: TimeSpan, bytes: Int, between: String, reports: Bool, note: String)] = [
            (4.minutes, 1_800_000_000, "", true, "a big upload"),
            (20.minutes, 5_000_000_000, "", true, "an upload after twenty minutes to the second"),
            (20.minutes, 999_000_000, "", false, "less than a gigabyte"),
            (21.minutes, 4_000_000_000, "", false, "after 21 minutes"),
            (6.minutes, 4_000_000_000, "mfa_passed", false, "with the second factor"),
            (6.minutes, 4_000_000_000, "logout", false, "logged out before"),
        ]
        for (index, planted) in cases.enumerated() {
            let account = user(80 + index)
            let time = builder.moment(of: start + (30 + index * 5).days, from: 0, to: 5)
            builder.login(time, account, "198.51.100.\(100 + index)", "ok")
            if !planted.between.isEmpty {
                builder.json(planted.between, time + 1.minutes, account.fields)
            }
            builder.upload(time + planted.after, account, planted.bytes)
            builder.json("logout", time + 2.hours, account.fields)
            if planted.reports {
                builder.plant(
                    "exfiltration", account.key, end: time + planted.after, planted.note)
            } else {
                builder.nearMiss(
                    "exfiltration", account.key, at: time + planted.after, planted.note)
            }
        }
    }

    private static func plantShares(_ builder: inout StreamBuilder) {
        let cases: [(visibility: String, path: String, reports: Bool, note: String)] = [
            ("public", "/finance/2026", true, "made public and taken"),
            ("team", "/finance/2026", false, "shared with the team"),
            ("public", "/press/logo.png", false, "something else is taken"),
        ]
        for (index, planted) in cases.enumerated() {
            let account = user(90 + index)
            let time = builder.moment(of: start + (65 + index * 4).days, from: 0, to: 5)
            builder.login(time, account, "203.0.113.\(200 + index)", "ok")
            builder.json(
                "share_created", time + 3.minutes,
                account.fileFields + [
                    ("path", .text("/finance/2026")), ("visibility", .text(planted.visibility)),
                ])
            let taken = time + 5.minutes
            builder.json(
                "download", taken,
                account.fileFields + [("path", .text(planted.path)), ("bytes", .int(48_113_920))])
            builder.json("logout", time + 1.hours, account.fields)
            if planted.reports {
                builder.plant("exfiltration", account.key, end: taken, planted.note)
            } else {
                builder.nearMiss("exfiltration", account.key, at: taken, planted.note)
            }
        }
    }
}

struct Account {
    let user: String
    let tenant: String

    var key: [(String, Value)] { [("user", .string(user)), ("tenant", .string(tenant))] }

    var fields: [(String, StreamField)] { [("user", .text(user)), ("tenant", .text(tenant))] }

    /// The file service's word for a user.
    var fileFields: [(String, StreamField)] {
        [("account", .text(user)), ("tenant", .text(tenant))]
    }
}

extension StreamBuilder {
    fileprivate mutating func login(
        _ time: StreamTime, _ account: Account, _ ip: String, _ outcome: String
    ) {
        json("login", time, account.fields + [("ip", .text(ip)), ("outcome", .text(outcome))])
    }

    fileprivate mutating func createKey(_ time: StreamTime, _ account: Account, _ scope: String) {
        json("key_created", time, account.fields + [("scope", .text(scope))])
    }

    fileprivate mutating func upload(_ time: StreamTime, _ account: Account, _ bytes: Int) {
        json(
            "upload", time,
            account.fileFields + [
                ("bytes", .int(bytes)),
                ("target", .text(random.pick(["backup.example", "drive.example", "ftp.example"]))),
            ])
    }
}
