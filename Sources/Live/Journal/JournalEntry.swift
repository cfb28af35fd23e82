// SPDX-License-Identifier: Apache-2.0
// The form is fixed by docs/reference/state-folder.md. Exercised by JournalTests.

package import EventModel

/// What the live pipeline was told, in the order in which it was: with the rules, all that its
/// alerts depend on.
package enum JournalEntry: Hashable, Sendable {
    /// Records that a feed accepted.
    case records(AcceptedRecords)
    /// The wall clock reached a time while feeds were quiet.
    case tick(StreamTime)
    /// Alerts before this number went out in an earlier life whose last entries are lost; the next
    /// one has this number.
    case alertsContinue(at: Int64)
    /// From here on other rules are in force: those of a change that the registry knows.
    case rules(change: Int64)
}

/// Whole lines as a feed accepted them.
package struct AcceptedRecords: Hashable, Sendable {
    /// The name of the feed.
    package var feed: String
    /// When they were accepted, by the wall clock.
    package var acceptedAt: StreamTime
    /// The number of the first line in its feed, from 1.
    package var firstLine: Int64
    /// Where the feed goes on behind them, in the feed's own words; empty where it cannot.
    package var resumption: [UInt8]
    /// The lines, each with its newline.
    package var lines: [UInt8]

    package init(
        feed: String, acceptedAt: StreamTime, firstLine: Int64 = 1, resumption: [UInt8] = [],
        lines: [UInt8]
    ) {
        self.feed = feed
        self.acceptedAt = acceptedAt
        self.firstLine = firstLine
        self.resumption = resumption
        self.lines = lines
    }
}

extension JournalEntry {
    private enum Kind: UInt8 {
        case records = 1
        case tick = 2
        case alertsContinue = 3
        case rules = 4
    }

    /// Appends the entry as the bytes of a journal, without what frames it.
    func write(to bytes: inout [UInt8]) {
        switch self {
        case .records(let records):
            bytes.append(Kind.records.rawValue)
            bytes.append(littleEndian: UInt64(bitPattern: records.acceptedAt.nanoseconds))
            bytes.append(littleEndian: UInt64(bitPattern: records.firstLine))
            bytes.append(withCount: Array(records.feed.utf8))
            bytes.append(withCount: records.resumption)
            bytes += records.lines
        case .tick(let time):
            bytes.append(Kind.tick.rawValue)
            bytes.append(littleEndian: UInt64(bitPattern: time.nanoseconds))
        case .alertsContinue(let number):
            bytes.append(Kind.alertsContinue.rawValue)
            bytes.append(littleEndian: UInt64(bitPattern: number))
        case .rules(let change):
            bytes.append(Kind.rules.rawValue)
            bytes.append(littleEndian: UInt64(bitPattern: change))
        }
    }

    /// What `write` wrote; nil: something else, as another version may have.
    init?(_ bytes: ArraySlice<UInt8>) {
        var rest = ByteCursor(bytes)
        guard let kind = rest.byte().flatMap(Kind.init), let word = rest.word() else { return nil }
        let number = Int64(bitPattern: word)
        switch kind {
        case .records:
            guard let firstLine = rest.word().map(Int64.init(bitPattern:)), firstLine > 0,
                let feed = rest.counted(), let resumption = rest.counted()
            else { return nil }
            self = .records(
                AcceptedRecords(
                    feed: String(decoding: feed, as: UTF8.self),
                    acceptedAt: StreamTime(nanoseconds: number), firstLine: firstLine,
                    resumption: Array(resumption), lines: Array(rest.rest)))
            return
        case .tick: self = .tick(StreamTime(nanoseconds: number))
        case .alertsContinue: self = .alertsContinue(at: number)
        case .rules: self = .rules(change: number)
        }
        guard rest.rest.isEmpty else { return nil }
    }
}

/// Reads integers and byte strings off the front of bytes.
struct ByteCursor {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func byte() -> UInt8? { rest.popFirst() }

    mutating func word() -> UInt64? {
        guard rest.count >= 8 else { return nil }
        defer { rest = rest.dropFirst(8) }
        return rest.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func halfWord() -> UInt32? {
        guard rest.count >= 4 else { return nil }
        defer { rest = rest.dropFirst(4) }
        return rest.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// A byte string with its length before it.
    mutating func counted() -> ArraySlice<UInt8>? { halfWord().flatMap { take(UInt64($0)) } }

    mutating func take(_ count: UInt64) -> ArraySlice<UInt8>? {
        guard count <= UInt64(rest.count) else { return nil }
        defer { rest = rest.dropFirst(Int(count)) }
        return rest.prefix(Int(count))
    }
}

extension [UInt8] {
    mutating func append(littleEndian value: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    mutating func append(littleEndian value: UInt32) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) {
            append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    mutating func append(withCount bytes: [UInt8]) {
        append(littleEndian: UInt32(bytes.count))
        self += bytes
    }
}
