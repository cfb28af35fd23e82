// SPDX-License-Identifier: Apache-2.0

internal import Connectors
internal import EventModel

/// What happens in a simulation of a live pipeline, before it is written as a record.
struct LiveHappening {
    var type: String
    var user: String
    /// Of logins.
    var outcome: String?
    /// Of orders.
    var amount: Int?
    /// Nil: the record says none.
    var time: StreamTime?
    var id: Int
}

/// Writes what happens as the records of one feed.
struct LiveFeedText {
    static let csvHeader = "type,time,user,outcome,amount,note,id\n"

    let format: FeedFormat
    /// Whether times are those of RFC 3164, which say no year.
    let stampsAreOld: Bool

    /// Whole lines; of CSV without the header.
    func record(of event: LiveHappening, _ random: inout SeededRandom) -> String {
        switch format {
        case .jsonLines: json(event)
        case .csv: row(event, &random)
        case .lines: logLine(event, &random)
        }
    }

    private func json(_ event: LiveHappening) -> String {
        var members = ["\"type\":\"\(event.type)\"", "\"user\":\"\(event.user)\""]
        if let outcome = event.outcome { members.append("\"outcome\":\"\(outcome)\"") }
        if let amount = event.amount { members.append("\"amount\":\(amount)") }
        if let time = event.time {
            let text = stampsAreOld ? "\"\(time.oldStamp)\"" : "\(time.milliseconds)"
            members.append("\"time\":\(text)")
        }
        return "{\(members.joined(separator: ",")),\"id\":\(event.id)}\n"
    }

    private func row(_ event: LiveHappening, _ random: inout SeededRandom) -> String {
        let time = event.time.map { stampsAreOld ? $0.oldStamp : "\($0.milliseconds)" } ?? ""
        let amount = event.amount.map { "\($0)" } ?? ""
        let note = random.pick(["", "\"\"", "plain", "\"a, b\"", "\"two\nlines\"", "\"\"\"q\"\"\""])
        return "\(event.type),\(time),\(event.user),\(event.outcome ?? ""),\(amount),\(note),"
            + "e\(event.id)\n"
    }

    private func logLine(_ event: LiveHappening, _ random: inout SeededRandom) -> String {
        let host = "h\(event.id % 2)"
        let app = event.type == "login" ? "sshd" : "shop"
        let outcome = event.outcome == "ok" ? "Accepted" : "Failed"
        let message =
            event.type == "login"
            ? "\(outcome) password for \(event.user)" : "\(event.type) of \(event.user)"
        guard let time = event.time else { return message + "\n" }
        if stampsAreOld, random.chance(3, in: 4) {
            return "<38>\(time.oldStamp) \(host) \(app)[\(event.id)]: \(message)\n"
        }
        if random.chance(1, in: 2) {
            return "<38>1 \(time) \(host) \(app) \(event.id) - - \(message)\n"
        }
        return "\(time) \(host) \(app): \(message)\n"
    }
}

extension StreamTime {
    fileprivate var milliseconds: Int64 { nanoseconds / 1_000_000 }

    /// `Mmm dd hh:mm:ss`.
    fileprivate var oldStamp: String {
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let time = CalendarTime(self)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let day = time.day < 10 ? " \(time.day)" : "\(time.day)"
        return "\(months[time.month - 1]) \(day) \(two(time.hour)):\(two(time.minute)):"
            + two(time.second)
    }
}
