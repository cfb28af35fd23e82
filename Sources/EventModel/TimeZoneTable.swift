// SPDX-License-Identifier: Apache-2.0
// Time zones from the system's database. Source: RFC 9636 (TZif) and POSIX's TZ for the footer.
// Exercised by TimeZoneTableTests.

import Synchronization

/// The offsets from UTC of one time zone, for all times.
package final class TimeZoneTable: Sendable {
    /// The seconds since the epoch at which each offset begins, ascending.
    private let transitions: [Int64]
    /// One offset a transition.
    private let offsets: [Int]
    /// Before the first transition.
    private let firstOffset: Int
    /// After the last transition; nil: its offset stays.
    private let rule: PosixZoneRule?

    init(transitions: [Int64], offsets: [Int], firstOffset: Int, rule: PosixZoneRule?) {
        self.transitions = transitions
        self.offsets = offsets
        self.firstOffset = firstOffset
        self.rule = rule
    }

    /// - Unit: seconds east of UTC.
    package func offset(at time: StreamTime) -> Int {
        let seconds = TimeFunctions.floorDivide(time.nanoseconds, 1_000_000_000)
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= seconds { low = middle + 1 } else { high = middle }
        }
        if low == transitions.count, let rule { return rule.offset(at: seconds) }
        return low == 0 ? firstOffset : offsets[low - 1]
    }
}

extension TimeZoneTable {
    private static let cache = Mutex<[String: TimeZoneTable?]>([:])
    /// Names may come from events: unknown ones must not fill the memory.
    private static let cachedNamesCap = 4096

    /// The zone of an IANA name (`Europe/Berlin`) or a fixed offset (`+02:00`), nil where there
    /// is none.
    ///
    /// The first call for a name reads the system's time zone file and the result is kept: where
    /// the name is a constant, load it with the rules and evaluation does no I/O.
    package static func load(_ name: String) -> TimeZoneTable? {
        if let known = cache.withLock({ $0[name] }) { return known }
        let zone = read(name)
        cache.withLock { known in
            if known.count < cachedNamesCap { known[name] = .some(zone) }
        }
        return zone
    }

    private static func read(_ name: String) -> TimeZoneTable? {
        if name == "UTC" || name == "Z" { return fixed(0) }
        if let first = name.utf8.first, first == UInt8(ascii: "+") || first == UInt8(ascii: "-") {
            return fixedOffset(name).map(fixed)
        }
        guard isSafe(name), let bytes = TimeZoneFile.read(name) else { return nil }
        return TimeZoneFile.parse(bytes)
    }

    private static func fixed(_ offset: Int) -> TimeZoneTable {
        TimeZoneTable(transitions: [], offsets: [], firstOffset: offset, rule: nil)
    }

    /// `+02:00` or `-0330`, up to 14 hours.
    private static func fixedOffset(_ name: String) -> Int? {
        let digits = name.utf8.dropFirst().filter { $0 != UInt8(ascii: ":") }
        guard digits.count == 4, digits.allSatisfy({ $0 >= 48 && $0 <= 57 }),
            name.utf8.count == 5
                || (name.utf8.count == 6 && Array(name.utf8)[3] == UInt8(ascii: ":"))
        else { return nil }
        let numbers = digits.map { Int($0) - 48 }
        let hours = numbers[0] * 10 + numbers[1]
        let minutes = numbers[2] * 10 + numbers[3]
        guard hours * 60 + minutes <= 14 * 60, minutes < 60 else { return nil }
        return (hours * 3600 + minutes * 60) * (name.utf8.first == UInt8(ascii: "-") ? -1 : 1)
    }

    /// Only names that stay below the database's folder: letters, digits, `_ + -`, and single
    /// slashes between parts. Without dots there is no way up.
    private static func isSafe(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard (1...64).contains(bytes.count) else { return false }
        let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return parts.allSatisfy { part in
            !part.isEmpty
                && part.allSatisfy { byte in
                    switch byte {
                    case 48...57, 65...90, 97...122, UInt8(ascii: "_"), UInt8(ascii: "+"),
                        UInt8(ascii: "-"):
                        true
                    default: false
                    }
                }
        }
    }
}
