// SPDX-License-Identifier: Apache-2.0
// Exercised by DatedRecordsTests.

package import EventModel

/// A record of a recording, in which another time can be written.
package struct DatedRecord: Hashable, Sendable {
    /// How the time stands in the record.
    enum Form: Hashable, Sendable {
        /// RFC 3339.
        case text
        /// RFC 3339 in quotes.
        case quotedText
        /// A number since 1970 that counts so many nanoseconds; its fraction has milliseconds.
        case number(unit: Int64, hasFraction: Bool)
        /// `Mmm dd hh:mm:ss`, in UTC.
        case oldStamp
    }

    package let time: StreamTime
    let before: [UInt8]
    let form: Form
    let after: [UInt8]

    init(time: StreamTime, before: some Sequence<UInt8>, form: Form, after: some Sequence<UInt8>) {
        self.time = time
        self.before = Array(before)
        self.form = form
        self.after = Array(after)
    }

    /// The record with another time, without a newline behind it.
    package func bytes(at time: StreamTime) -> [UInt8] {
        before + Array(DatedRecord.text(of: time, form).utf8) + after
    }

    private static func text(of time: StreamTime, _ form: Form) -> String {
        switch form {
        case .text: return time.description
        case .quotedText: return "\"\(time)\""
        case .number(let unit, let hasFraction):
            let whole = time.nanoseconds / unit
            // Times before 1970 keep no fraction: nobody records those by the second.
            guard hasFraction, time.nanoseconds >= 0, unit >= 1000 else { return "\(whole)" }
            let thousandths = time.nanoseconds % unit / (unit / 1000)
            return "\(whole)." + String(String(1000 + thousandths).dropFirst())
        case .oldStamp:
            let fields = CalendarTime(time)
            let months = [
                "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
            ]
            let clock = [fields.hour, fields.minute, fields.second]
                .map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
            return "\(months[fields.month - 1]) \(fields.day < 10 ? " " : "")\(fields.day) \(clock)"
        }
    }

    /// The unit of a number since 1970 of that text which stands for that time.
    static func form(ofNumber text: [UInt8], _ time: StreamTime) -> Form {
        let hasFraction = text.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == 0x65 }
        guard let number = Double(String(decoding: text, as: UTF8.self)), number != 0 else {
            return .number(unit: 1_000_000_000, hasFraction: hasFraction)
        }
        let ratio = Double(time.nanoseconds) / number
        let unit: Int64 = ratio > 5e8 ? 1_000_000_000 : ratio > 5e5 ? 1_000_000 : 1000
        return .number(unit: ratio < 500 ? 1 : unit, hasFraction: hasFraction)
    }
}
