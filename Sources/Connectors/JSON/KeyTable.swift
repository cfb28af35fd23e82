// SPDX-License-Identifier: Apache-2.0
// Names to numbers: open addressing with linear probing. The hash looks at a name's length and four
// of its bytes only, because most keys of a line are not in the table and few names that are
// wanted at once agree in all of these; a name that hits is compared in full.

/// Byte strings, each within a scope, numbered in order of insertion.
struct KeyTable: Sendable {
    private struct Entry {
        var start: Int
        var length: Int
        var scope: Int
    }

    private var bytes: [UInt8] = []
    private var entries: [Entry] = []
    /// Entry + 1; 0 is empty. A power of two, at most a quarter full.
    private var buckets: [Int32] = Array(repeating: 0, count: 64)

    var count: Int { entries.count }

    /// The number of the entry, made if need be.
    mutating func insert(_ key: Span<UInt8>, scope: Int) -> Int {
        let found = find(key, scope: scope)
        if found >= 0 { return found }
        entries.append(Entry(start: bytes.count, length: key.count, scope: scope))
        for i in key.indices { bytes.append(key[i]) }
        if entries.count * 4 > buckets.count {
            buckets = Array(repeating: 0, count: buckets.count * 2)
            for entry in entries.indices { place(entry) }
        } else {
            place(entries.count - 1)
        }
        return entries.count - 1
    }

    private mutating func place(_ entry: Int) {
        let e = entries[entry]
        let hash = KeyTable.hash(
            bytes.span.extracting(e.start..<e.start + e.length), scope: e.scope)
        var bucket = hash & (buckets.count - 1)
        while buckets[bucket] != 0 { bucket = (bucket + 1) & (buckets.count - 1) }
        buckets[bucket] = Int32(entry + 1)
    }

    /// The number of the entry, or -1.
    @inline(__always)
    func find(_ key: Span<UInt8>, scope: Int) -> Int {
        let mask = buckets.count - 1
        var bucket = KeyTable.hash(key, scope: scope) & mask
        while buckets[bucket] != 0 {
            let entry = Int(buckets[bucket] - 1)
            if isEntry(entry, key, scope) { return entry }
            bucket = (bucket + 1) & mask
        }
        return -1
    }

    private func isEntry(_ entry: Int, _ key: Span<UInt8>, _ scope: Int) -> Bool {
        let e = entries[entry]
        guard e.length == key.count, e.scope == scope else { return false }
        var i = 0
        while i < key.count {
            guard bytes[e.start + i] == key[i] else { return false }
            i += 1
        }
        return true
    }

    @inline(__always)
    private static func hash(_ key: Span<UInt8>, scope: Int) -> Int {
        let n = key.count
        if n == 0 { return scope }
        let ends = UInt32(key[0]) | UInt32(key[n - 1]) << 8
        let middle = UInt32(key[n >> 1]) << 16 | UInt32(key[n >> 2]) << 24
        let mixed = (ends | middle) ^ UInt32(truncatingIfNeeded: n &* 0x3d_4d51 &+ scope &* 0x5bd1)
        return Int((mixed &* 0x9e37_79b1) >> 12)
    }
}
