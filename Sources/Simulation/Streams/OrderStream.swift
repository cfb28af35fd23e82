// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// Four days of a shop: orders, their payments, parcels and cancellations.
enum OrderStream {
    static let start = StreamTime(nanoseconds: 1_772_409_600_000_000_000)  // 2026-03-02

    static func make(seed: UInt64) -> RecordedStream {
        var builder = StreamBuilder(
            "orders.jsonl", seed: seed, disorder: .init(percent: 4, limit: 3.seconds))
        for number in 0..<1_900 { addOrder(number, &builder) }
        plantUnpaid(&builder)
        plantShippedUnpaid(&builder)
        plantDoubleCharges(&builder)
        return builder.finish()
    }

    private static func addOrder(_ number: Int, _ builder: inout StreamBuilder) {
        let time = builder.moment(of: start + (number % 4).days, from: 6, to: 23)
        let order = id(number)
        let cents = builder.random.int(990...29_900)
        builder.order(time, order, cents)
        switch builder.random.below(100) {
        case 0..<3:
            let when = time + builder.span(1.minutes, 25.minutes)
            builder.cancel(when, order, "changed my mind")
            return
        case 3..<6:
            // In two parts, a voucher first.
            let voucher = 500 + builder.random.int(0...300)
            builder.pay(time + builder.span(30.seconds, 9.minutes), order, "voucher", voucher)
            let rest = time + builder.span(10.minutes, 28.minutes)
            builder.pay(rest, order, builder.reference(), cents - voucher)
        default:
            builder.pay(
                time + builder.span(20.seconds, 18.minutes), order, builder.reference(), cents)
        }
        builder.ship(time + builder.span(2.hours, 44.hours), order)
    }

    static func id(_ number: Int) -> String { "SO-2026-" + padded(number, 6) }

    // MARK: unpaid

    private static func plantUnpaid(_ builder: inout StreamBuilder) {
        for index in 0..<9 {
            let order = id(10_000 + index)
            let time = builder.moment(of: start + (index % 3).days, from: 8, to: 20)
            let key: [(String, Value)] = [("order_id", .string(order))]
            builder.order(time, order, 7_450)
            let deadline = time + 30.minutes
            switch index {
            case 0..<3: builder.plant("unpaid_order", key, end: deadline, "never paid")
            case 3..<5:
                builder.pay(time + 43.minutes, order, builder.reference(), 7_450)
                builder.ship(time + 9.hours, order)
                builder.plant("unpaid_order", key, end: deadline, "paid after 43 minutes")
            case 5:
                builder.pay(deadline + 1.milliseconds, order, builder.reference(), 7_450)
                builder.plant("unpaid_order", key, end: deadline, "paid a millisecond late")
            case 6:
                builder.pay(deadline, order, builder.reference(), 7_450)
                builder.nearMiss("unpaid_order", key, at: deadline, "paid in the last moment")
            default:
                let cancelled = time + builder.span(28.minutes, 30.minutes)
                builder.cancel(cancelled, order, "found it cheaper")
                builder.nearMiss("unpaid_order", key, at: cancelled, "cancelled in time")
            }
        }
    }

    // MARK: parcels without money

    private static func plantShippedUnpaid(_ builder: inout StreamBuilder) {
        for index in 0..<6 {
            let order = id(11_000 + index)
            let time = builder.moment(of: start, from: 8, to: 20)
            let key: [(String, Value)] = [("order_id", .string(order))]
            builder.order(time, order, 12_900)
            switch index {
            case 0..<2:
                let parcel = time + builder.span(3.hours, 20.hours)
                builder.ship(parcel, order)
                builder.plant("unpaid_order", key, end: time + 30.minutes, "sent all the same")
                builder.plant("shipped_unpaid", key, end: parcel, "sent, never paid")
            case 2:
                // Who cancels owes nothing, and has the parcel.
                let parcel = time + 5.hours
                builder.cancel(time + 4.minutes, order, "ordered twice")
                builder.ship(parcel, order)
                builder.plant("shipped_unpaid", key, end: parcel, "sent though cancelled")
            case 3:
                let parcel = time + 6.hours
                builder.pay(time + 5.hours, order, builder.reference(), 12_900)
                builder.ship(parcel, order)
                builder.plant("unpaid_order", key, end: time + 30.minutes, "paid after hours")
                builder.nearMiss("shipped_unpaid", key, at: parcel, "paid late, but before")
            default:
                let parcel = time + 3.days + 1.milliseconds
                builder.ship(parcel, order)
                builder.plant("unpaid_order", key, end: time + 30.minutes, "forgotten")
                builder.nearMiss("shipped_unpaid", key, at: parcel, "sent after three days")
            }
        }
    }

    // MARK: charged twice

    private static func plantDoubleCharges(_ builder: inout StreamBuilder) {
        let gaps: [(TimeSpan, isSame: Bool, reports: Bool, note: String)] = [
            (2.seconds, false, true, "the button pressed twice"),
            (40.seconds, false, true, "the gateway tried again"),
            (1.hours, false, true, "after an hour, which still counts"),
            (61.minutes, false, false, "more than an hour apart"),
            (4.seconds, true, false, "one payment, told twice"),
        ]
        for (index, (gap, isSame, reports, note)) in gaps.enumerated() {
            let order = id(12_000 + index)
            let time = builder.moment(of: start + (index % 3).days, from: 8, to: 20)
            let key: [(String, Value)] = [("order_id", .string(order))]
            let (first, second) = (builder.reference(), builder.reference())
            let paid = time + 3.minutes
            builder.order(time, order, 5_990)
            builder.pay(paid, order, first, 5_990)
            builder.pay(paid + gap, order, isSame ? first : second, 5_990)
            builder.ship(time + 8.hours, order)
            if reports {
                builder.plant("double_charge", key, end: paid + gap, note)
            } else {
                builder.nearMiss("double_charge", key, at: paid + gap, note)
            }
        }
    }
}

extension StreamBuilder {
    fileprivate mutating func reference() -> String {
        "pay_" + padded(random.below(100_000_000), 8)
    }

    fileprivate mutating func order(_ time: StreamTime, _ id: String, _ cents: Int) {
        json(
            "order", time,
            [
                ("order_id", .text(id)), ("customer", .text("c-" + padded(random.below(900), 4))),
                ("amount", .decimal(cents, digits: 2)), ("items", .int(random.int(1...6))),
                ("shop", .text(random.pick(["de", "at", "nl"]))),
            ])
    }

    fileprivate mutating func pay(
        _ time: StreamTime, _ order: String, _ reference: String, _ cents: Int
    ) {
        json(
            "payment", time,
            [
                ("order_id", .text(order)), ("reference", .text(reference)),
                ("amount", .decimal(cents, digits: 2)),
                ("method", .text(random.pick(["card", "sepa", "wallet"]))),
            ])
    }

    fileprivate mutating func ship(_ time: StreamTime, _ order: String) {
        json(
            "shipment", time,
            [
                ("order_id", .text(order)), ("carrier", .text(random.pick(["DHL", "UPS", "GLS"]))),
                ("weight", .decimal(random.int(20...900), digits: 2)),
            ])
    }

    fileprivate mutating func cancel(_ time: StreamTime, _ order: String, _ reason: String) {
        json("cancellation", time, [("order_id", .text(order)), ("reason", .text(reason))])
    }
}
