// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// One session of an exchange, as CSV.
enum TickStream {
    static let start = StreamTime(nanoseconds: 1_772_614_800_000_000_000)  // 2026-03-04T09:00
    static let symbols = ["ACME", "BOLT", "CRUX", "DUNE", "ECHO", "FLUX", "GRIT", "HALO"]
    static let tradeCount = 1_300

    static func make(seed: UInt64) -> RecordedStream {
        var builder = StreamBuilder("ticks.csv", seed: seed)
        for number in symbols.indices { addSession(number, &builder) }
        return builder.finish(header: "type,timestamp,symbol,price,quantity,buyer,seller,venue")
    }

    // MARK: the session of one share

    private static func addSession(_ number: Int, _ builder: inout StreamBuilder) {
        let symbol = symbols[number]
        var price = builder.random.int(2_000...24_000)
        var time = start
        for trade in 0..<tradeCount {
            time = time + builder.span(200.milliseconds, 46.seconds)
            // A tick of up to a thousandth, up as often as down.
            let tick = max(price / 1_000, 2)
            price = max(price + builder.random.int(-tick...tick), 500)
            builder.trade(time, symbol, price, quantity(&builder), trader(&builder))
            if trade == 300 + 40 * number, number < runs.count {
                time = addRun(runs[number], symbol, after: time, &price, &builder)
            }
            if trade == 700 + 30 * number, number >= 3 {
                addWash(washes[number - 3], symbol, at: time, price, &builder)
            }
        }
    }

    private static func quantity(_ builder: inout StreamBuilder) -> Int {
        builder.random.chance(1, in: 5)
            ? builder.random.int(1_000...9_000) : builder.random.int(1...99) * 10
    }

    private static func trader(_ builder: inout StreamBuilder) -> (String, String) {
        let buyer = builder.random.below(70)
        // Nobody sells to himself.
        let seller = (buyer + builder.random.int(1...69)) % 70
        return ("T" + padded(buyer, 3), "T" + padded(seller, 3))
    }

    // MARK: runs

    private static let runs: [(parts: [Int], apart: TimeSpan, reports: Bool, note: String)] = [
        ([60, 50, 70, 60, 50, 70, 60], 5.seconds, true, "seven ticks up, four percent"),
        ([80, 70, 90, 60, 50, 60], 12.seconds, true, "six ticks up, four percent"),
        ([60, 50, 70, 0, 60, 60, 60, 90], 5.seconds, false, "the price rests once"),
        ([30, 40, 30, 50, 40, 30, 40], 5.seconds, false, "seven ticks, but not three percent"),
        ([80, 70, 90, 70, 60, 60], 30.seconds, false, "too slow"),
    ]

    /// A fall, then ticks upwards by so many ten-thousandths each.
    private static func addRun(
        _ run: (parts: [Int], apart: TimeSpan, reports: Bool, note: String), _ symbol: String,
        after: StreamTime, _ price: inout Int, _ builder: inout StreamBuilder
    ) -> StreamTime {
        var time = after + 3.seconds
        price -= price / 500
        builder.trade(time, symbol, price, 100, trader(&builder))
        let base = price
        var end: StreamTime?
        for (index, part) in run.parts.enumerated() {
            time = time + run.apart
            price += (base * part + 9_999) / 10_000
            builder.trade(time, symbol, price, quantity(&builder), ("T900", trader(&builder).1))
            if end == nil, index >= 5, price * 100 >= base * 103 { end = time }
        }
        // And down again, so that the noise cannot go on with it.
        time = time + 2.seconds
        price = base
        builder.trade(time, symbol, price, 100, trader(&builder))
        let key: [(String, Value)] = [("symbol", .string(symbol))]
        if run.reports, let end {
            builder.plant("price_run", key, end: end, run.note)
        } else {
            builder.nearMiss("price_run", key, at: time, run.note)
        }
        return time
    }

    // MARK: to and fro

    private static let washes:
        [(after: TimeSpan, more: Int, cents: Int, reports: Bool, note: String)] = [
            (40.seconds, 0, 1, true, "back after 40 seconds"),
            (5.minutes, 0, 0, true, "back after five minutes, which still counts"),
            (301.seconds, 0, 0, false, "a second too late"),
            (20.seconds, 10, 0, false, "ten shares more"),
            (20.seconds, 0, 400, false, "at quite another price"),
        ]

    private static func addWash(
        _ wash: (after: TimeSpan, more: Int, cents: Int, reports: Bool, note: String),
        _ symbol: String, at time: StreamTime, _ price: Int, _ builder: inout StreamBuilder
    ) {
        let out = time + 100.milliseconds
        let back = out + wash.after
        builder.trade(out, symbol, price, 4_400, ("T801", "T802"))
        builder.trade(back, symbol, price + wash.cents, 4_400 + wash.more, ("T802", "T801"))
        let key: [(String, Value)] = [("symbol", .string(symbol))]
        if wash.reports {
            builder.plant("wash_trade", key, end: back, wash.note)
        } else {
            builder.nearMiss("wash_trade", key, at: back, wash.note)
        }
    }
}

extension StreamBuilder {
    fileprivate mutating func trade(
        _ time: StreamTime, _ symbol: String, _ price: Int, _ quantity: Int,
        _ traders: (buyer: String, seller: String)
    ) {
        let cells: [StreamField] = [
            .text("trade"), .text(time.description), .text(symbol), .decimal(price, digits: 2),
            .int(quantity), .text(traders.buyer), .text(traders.seller),
            .text(random.pick(["XETR", "XPAR", "MTF1"])),
        ]
        record(time, cells.map(\.plain).joined(separator: ","))
    }
}
