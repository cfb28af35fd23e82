// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Three days of card authorizations: most holders stay at home, some fly, some are robbed.
enum CardStream {
    static let start = StreamTime(nanoseconds: 1_772_409_600_000_000_000)  // 2026-03-02
    static let issuers = ["453912", "510510", "490637", "555678", "401288"]

    static func make(seed: UInt64) -> RecordedStream {
        var builder = StreamBuilder(
            "cards.jsonl", seed: seed, disorder: .init(percent: 5, limit: 4.seconds))
        for number in 0..<420 { addHolder(number, &builder) }
        plantTestCharges(&builder)
        plantTestChargesThatAreNone(&builder)
        plantTravels(&builder)
        plantEnumeration(&builder)
        return builder.finish()
    }

    /// A card of the issuer that its number falls to.
    static func card(_ number: Int) -> String {
        issuers[number % issuers.count] + "-" + padded(number * 7919 % 10_000_000, 7)
    }

    // MARK: holders

    fileprivate static let shops = [
        "bakery-lind", "grocer-24", "fuel-a9", "pharmacy-sun", "bistro-noir", "kiosk-7", "diy-barn",
    ]
    static let onlineShops = [
        "books-online", "musicbox", "gamestore", "hotel-desk", "railtickets", "toyland",
        "mailflowers",
    ]

    private static func addHolder(_ number: Int, _ builder: inout StreamBuilder) {
        let home = City.all[number % City.all.count]
        let card = card(number)
        for day in 0..<3 {
            for _ in 0..<builder.random.int(0...6) {
                let time = builder.moment(of: start + day.days, from: 7, to: 22)
                if builder.random.chance(1, in: 3) {
                    builder.payOnline(time, card, from: 300, to: 18_000)
                } else {
                    builder.payInPerson(time, card, home)
                }
            }
        }
        // One small charge is not yet a test: nobody has three.
        if builder.random.chance(1, in: 8) {
            let time = builder.moment(of: start + 1.days, from: 7, to: 22)
            builder.authorize(time, card, "appstore", "IE", .online, cents: 99)
        }
    }

    // MARK: test charges

    private static func plantTestCharges(_ builder: inout StreamBuilder) {
        for (index, probes) in [3, 4, 6].enumerated() {
            let card = card(1000 + index)
            var time = builder.moment(of: start + index.days, from: 9, to: 20)
            for _ in 0..<probes {
                builder.authorize(
                    time, card, "donate-\(builder.random.int(1...9))", "US", .online,
                    cents: builder.random.int(50...199), approved: builder.random.chance(2, in: 3))
                time = time + builder.span(20.seconds, 5.minutes)
            }
            builder.authorize(
                time, card, "electro-land", "NL", .online, cents: 42_900 + index * 50_000)
            builder.plant(
                "card_testing", [("card", .string(card))], end: time,
                "\(probes) test charges, then a big one")
        }
    }

    private static func plantTestChargesThatAreNone(_ builder: inout StreamBuilder) {
        let cases: [(probes: Int, cents: Int, after: TimeSpan, approved: Bool, note: String)] = [
            (2, 99, 5.minutes, true, "only two test charges"),
            (4, 200, 5.minutes, true, "charges of two euros"),
            (5, 149, 10.minutes, false, "the big one is refused"),
            (3, 120, 61.minutes, true, "the big one comes after the hour"),
            (3, 101, 9.minutes, true, "the big one is on another card"),
        ]
        for (index, planted) in cases.enumerated() {
            let card = card(1100 + index)
            let begin = builder.moment(of: start + 1.days, from: 9, to: 20)
            for probe in 0..<planted.probes {
                builder.authorize(
                    begin + (probe * 40).seconds, card, "donate-4", "US", .online,
                    cents: planted.cents)
            }
            let isOther = index == cases.count - 1
            let time = begin + planted.after
            builder.authorize(
                time, isOther ? self.card(1120) : card, "electro-land", "NL", .online,
                cents: 61_500, approved: planted.approved)
            builder.nearMiss("card_testing", [("card", .string(card))], at: time, planted.note)
        }
    }

    // MARK: travels

    private static func plantTravels(_ builder: inout StreamBuilder) {
        let cases: [(from: Int, to: Int, after: TimeSpan, isPossible: Bool, note: String)] = [
            (0, 4, 35.minutes, false, "Berlin, and Lisbon half an hour later"),
            (5, 6, 3.hours, false, "London, and New York three hours later"),
            (7, 8, 90.minutes, false, "Rome, and Dublin an hour and a half later"),
            (0, 4, 4.hours, true, "Berlin to Lisbon with a flight"),
            (9, 10, 5.hours, true, "Madrid to Vienna with a flight"),
            (2, 3, 2.minutes, true, "Paris and Brussels at once: nearer than 500 km"),
        ]
        for (index, planted) in cases.enumerated() {
            let card = card(1200 + index)
            let here = builder.moment(of: start + (index % 3).days, from: 8, to: 15)
            let there = here + planted.after
            builder.payInPerson(here - 4.hours, card, City.all[planted.from])
            builder.payInPerson(here, card, City.all[planted.from])
            builder.payOnline(here + 1.minutes, card, from: 900, to: 3_000)
            builder.payInPerson(there, card, City.all[planted.to])
            let key: [(String, Value)] = [("card", .string(card))]
            if planted.isPossible {
                builder.nearMiss("impossible_travel", key, at: there, planted.note)
            } else {
                builder.plant("impossible_travel", key, end: there, planted.note)
            }
        }
    }

    // MARK: made-up numbers

    private static func plantEnumeration(_ builder: inout StreamBuilder) {
        enumerate(11, apart: 5.seconds, at: "charity-now", from: 2_000, reports: [7], &builder)
        enumerate(17, apart: 3.seconds, at: "appstore", from: 2_100, reports: [7, 15], &builder)
        enumerate(7, apart: 4.seconds, at: "vouchers", from: 2_200, reports: [], &builder)
        enumerate(12, apart: 30.seconds, at: "stickers", from: 2_300, reports: [], &builder)
    }

    /// Refused authorizations of numbers of one issuer; the rule reports at those of `reports`.
    private static func enumerate(
        _ count: Int, apart: TimeSpan, at merchant: String, from first: Int, reports: [Int],
        _ builder: inout StreamBuilder
    ) {
        var time = builder.moment(of: start + 2.days, from: 1, to: 5)
        let key: [(String, Value)] = [
            ("merchant", .string(merchant)), ("bin", .string(issuers[0])),
        ]
        for index in 0..<count {
            let number = card(first + index * issuers.count)
            builder.authorize(
                time, number, merchant, "US", .online, cents: 100, approved: false)
            if reports.contains(index) {
                builder.plant("card_enumeration", key, end: time, "\(count) numbers refused")
            }
            if index < count - 1 { time = time + apart }
        }
        if reports.isEmpty {
            builder.nearMiss(
                "card_enumeration", key, at: time, "\(count) numbers, \(apart) apart")
        }
    }
}

/// Where terminals are: four digits behind the point.
private struct City {
    let country: String
    let lat: Int
    let lon: Int

    static let all = [
        City(country: "DE", lat: 525_200, lon: 134_050),
        City(country: "DE", lat: 535_511, lon: 99_937),
        City(country: "FR", lat: 488_566, lon: 23_522),
        City(country: "BE", lat: 508_503, lon: 43_517),
        City(country: "PT", lat: 387_223, lon: -91_393),
        City(country: "GB", lat: 515_074, lon: -1_278),
        City(country: "US", lat: 407_128, lon: -740_060),
        City(country: "IT", lat: 419_028, lon: 124_964),
        City(country: "IE", lat: 533_498, lon: -62_603),
        City(country: "ES", lat: 404_168, lon: -37_038),
        City(country: "AT", lat: 482_082, lon: 163_738),
    ]
}

private enum CardChannel: String { case chip, contactless, online }

extension StreamBuilder {
    fileprivate mutating func payInPerson(_ time: StreamTime, _ card: String, _ city: City) {
        let place = City(
            country: city.country, lat: city.lat + random.int(-900...900),
            lon: city.lon + random.int(-900...900))
        authorize(
            time, card, random.pick(CardStream.shops), city.country,
            random.chance(1, in: 3) ? .chip : .contactless,
            cents: random.int(120...16_000), approved: random.chance(97, in: 100), at: place)
    }

    fileprivate mutating func payOnline(_ time: StreamTime, _ card: String, from: Int, to: Int) {
        authorize(
            time, card, random.pick(CardStream.onlineShops), random.pick(["DE", "NL", "IE"]),
            .online, cents: random.int(from...to), approved: random.chance(96, in: 100))
    }

    fileprivate mutating func authorize(
        _ time: StreamTime, _ card: String, _ merchant: String, _ country: String,
        _ channel: CardChannel, cents: Int, approved: Bool = true, at place: City? = nil
    ) {
        json(
            "authorization", time,
            [
                ("card", .text(card)), ("merchant", .text(merchant)), ("country", .text(country)),
                ("channel", .text(channel.rawValue)), ("amount", .decimal(cents, digits: 2)),
                ("currency", .text("EUR")), ("approved", .flag(approved)),
                ("lat", place.map { .decimal($0.lat, digits: 4) } ?? .missing),
                ("lon", place.map { .decimal($0.lon, digits: 4) } ?? .missing),
            ])
    }
}
