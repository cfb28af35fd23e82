// SPDX-License-Identifier: Apache-2.0
// Exercised by RecentIDsTests, and by simulated networks.

package import EventModel

/// The ids of events that came of late, by which an event is known that is sent once more.
///
/// - Shape: amortised O(1) an event; 40 bytes or so an id.
package struct RecentIDs: Sendable {
    /// Ids that are remembered at once; before there are more the oldest is forgotten.
    package static let idCap = 1_000_000

    /// 128 bits of a hash of an event's type and id, the same in every process.
    package struct ID: Hashable, Sendable {
        package var high: UInt64
        package var low: UInt64

        package init(high: UInt64, low: UInt64) {
            (self.high, self.low) = (high, low)
        }
    }

    package struct Entry: Hashable, Sendable {
        package var id: ID
        /// When it came.
        package var time: StreamTime

        package init(_ id: ID, at time: StreamTime) {
            (self.id, self.time) = (id, time)
        }
    }

    private let span: TimeSpan
    private let idCap: Int
    private var known: Set<ID> = []
    /// In the order in which they came; those before `first` are forgotten.
    private var ring: [Entry] = []
    private var first = 0
    /// Ids that were forgotten before their time.
    private(set) var forgottenCount = 0

    init(for span: TimeSpan, idCap: Int = RecentIDs.idCap) {
        self.span = span
        self.idCap = max(idCap, 1)
    }

    /// What is remembered, oldest first.
    var entries: ArraySlice<Entry> { ring[first...] }

    /// Notes an id; false: it came within the span before.
    ///
    /// - Parameter time: not before that of the last call.
    mutating func note(_ id: ID, at time: StreamTime) -> Bool {
        forget(before: time)
        guard known.insert(id).inserted else { return false }
        if known.count > idCap {
            forgetFirst()
            forgottenCount += 1
        }
        ring.append(Entry(id, at: time))
        return true
    }

    /// Remembers what another one did.
    mutating func restore(_ entries: some Sequence<Entry>) {
        for entry in entries where known.insert(entry.id).inserted { ring.append(entry) }
    }

    private mutating func forget(before time: StreamTime) {
        while first < ring.count, ring[first].time + span < time { forgetFirst() }
    }

    private mutating func forgetFirst() {
        known.remove(ring[first].id)
        first += 1
        if first > 1024, first * 2 > ring.count {
            ring.removeFirst(first)
            first = 0
        }
    }
}

extension RecentIDs.ID {
    /// Two hashes that are multiplied and mixed by themselves.
    struct Hash {
        private var high: UInt64 = 0x9e37_79b9_7f4a_7c15
        private var low: UInt64 = 0xcbf2_9ce4_8422_2325

        init() {}

        mutating func take(_ bytes: borrowing Span<UInt8>) {
            for index in bytes.indices { take(bytes[index]) }
            // Where a part ends counts too.
            take(UInt64(bytes.count))
        }

        mutating func take(_ word: UInt64) {
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                take(UInt8(truncatingIfNeeded: word >> shift))
            }
        }

        private mutating func take(_ byte: UInt8) {
            high = (high ^ UInt64(byte)) &* 0xd6e8_feb8_6659_fd93
            high ^= high >> 32
            low = (low ^ UInt64(byte)) &* 0x100_0000_01b3
        }

        var id: RecentIDs.ID {
            RecentIDs.ID(high: Hash.mixed(high ^ low >> 7), low: Hash.mixed(low))
        }

        private static func mixed(_ word: UInt64) -> UInt64 {
            var word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
            word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
            return word ^ word >> 31
        }
    }
}
