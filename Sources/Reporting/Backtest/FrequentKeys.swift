// SPDX-License-Identifier: Apache-2.0
// The most frequent of many texts in bounded memory: Space-Saving. Source: Metwally, Agrawal,
// El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams", ICDT 2005.
// Ours finds the least count by looking at all, which for so few is quicker than keeping them in
// order. Exercised by FrequentKeysTests.

/// Counts texts, exactly up to `cap` different ones; of more, the frequent ones with a bound on the
/// error.
///
/// - Shape: O(1) for a text that is counted already, O(cap) for one that takes another's place.
package struct FrequentKeys: Sendable {
    package struct Entry: Hashable, Sendable {
        package var key: String
        /// At most `error` above the true number, and never below it.
        package var count: Int
        package var error: Int
    }

    package let cap: Int
    private var entries: [Entry] = []
    private var places: [String: Int] = [:]
    /// Whether some text has lost its place.
    package private(set) var isExact = true

    package init(cap: Int = 512) { self.cap = max(cap, 1) }

    package mutating func add(_ key: String) {
        if let place = places[key] {
            entries[place].count += 1
        } else if entries.count < cap {
            places[key] = entries.count
            entries.append(Entry(key: key, count: 1, error: 0))
        } else {
            isExact = false
            // Of equals the first: the same texts in the same order give the same counts.
            var least = 0
            for place in entries.indices where entries[place].count < entries[least].count {
                least = place
            }
            places[entries[least].key] = nil
            places[key] = least
            let count = entries[least].count
            entries[least] = Entry(key: key, count: count + 1, error: count)
        }
    }

    /// Different texts; nil: more than can be told apart.
    package var distinctCount: Int? { isExact ? entries.count : nil }

    /// The most frequent, most first; of equals the one whose text comes first.
    package func most(_ number: Int) -> [Entry] {
        let ordered = entries.sorted {
            $0.count != $1.count ? $0.count > $1.count : $0.key < $1.key
        }
        return Array(ordered.prefix(max(number, 0)))
    }
}
