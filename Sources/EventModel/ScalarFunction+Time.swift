// SPDX-License-Identifier: Apache-2.0

/// `hour`, `weekday` and `date`: the parts of a time on the clock of a zone, UTC where none is
/// named.
enum TimeFunctions {
    private static let weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    static func apply(_ function: ScalarFunction, _ arguments: [Value]) -> Value {
        guard (1...2).contains(arguments.count), case .time(let time) = arguments[0] else {
            return .missing
        }
        var offset = 0
        if arguments.count == 2 {
            guard let name = arguments.text(1), let zone = TimeZoneTable.load(name) else {
                return .missing
            }
            offset = zone.offset(at: time)
        }
        // Floored seconds are far from Int64's ends: adding an offset cannot overflow.
        let seconds = floorDivide(time.nanoseconds, 1_000_000_000) + Int64(offset)
        let day = Int(floorDivide(seconds, 86_400))
        switch function {
        case .hour: return .int((seconds - Int64(day) * 86_400) / 3600)
        // The epoch was a Thursday.
        case .weekday: return .string(weekdays[((day + 3) % 7 + 7) % 7])
        case .date: return .string(dateText(day))
        default: return .missing
        }
    }

    private static func dateText(_ day: Int) -> String {
        let (y, m, d) = CalendarTime.civil(daysSinceEpoch: day)
        return "\(y)-\(m < 10 ? "0" : "")\(m)-\(d < 10 ? "0" : "")\(d)"
    }

    static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
        let quotient = a / b
        return a % b < 0 ? quotient - 1 : quotient
    }
}
