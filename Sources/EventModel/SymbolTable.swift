// SPDX-License-Identifier: Apache-2.0
// Interned byte strings: open addressing with linear probing over a hash that is the same in every
// process (Swift's `Hasher` is seeded per process). The hash multiplies 8 bytes at a time to 128
// bits and folds them, as wyhash does (Wang Yi, https://github.com/wangyi-fudan/wyhash); ours has
// constants of its own and one multiplication for a short text. Exercised by SymbolTableTests.

private import CByteScan

/// Byte strings, each stored once and named by a `Symbol`.
///
/// - Shape: `intern` is O(length); `bytes(of:)` O(1). Symbols stay valid until `sweep` drops them.
package struct SymbolTable: ~Copyable {
    private struct Entry {
        /// Of a text of at most 16 bytes all of it, so that comparing it touches nothing else.
        var low: UInt64
        var high: UInt64
        var start: Int
        /// -1: free.
        var length: Int32
        var hash: UInt32
    }

    private var storage: [UInt8] = []
    private var entries: [Entry] = []
    private var freeIDs: [UInt32] = []
    /// The hash above, symbol id + 1 below; 0 is empty. A power of two, at most half full.
    private var buckets: [UInt64] = Array(repeating: 0, count: 1024)
    /// Live symbols.
    package private(set) var count = 0

    package init() {}

    /// Bytes held by texts and indexes together.
    package var byteCount: Int {
        storage.count + entries.count * 32 + buckets.count * 8
    }

    /// The symbol of `bytes`, made if need be.
    package mutating func intern(_ bytes: borrowing Span<UInt8>) -> Symbol {
        if bytes.count > ShortBytes.byteCap { return internLong(bytes) }
        let short = ShortBytes(copy bytes)
        return intern(bytes, short, SymbolTable.hash(short))
    }

    /// The symbol of `bytes`, of which `short` is a copy and `hash` the hash.
    package mutating func intern(
        _ bytes: borrowing Span<UInt8>, _ short: ShortBytes, _ hash: UInt32
    ) -> Symbol {
        let mask = buckets.count - 1
        var bucket = Int(hash) & mask
        while true {
            let found = buckets[bucket]
            if found == 0 { break }
            if UInt32(truncatingIfNeeded: found >> 32) == hash {
                let id = Int(UInt32(truncatingIfNeeded: found)) - 1
                let entry = entries[id]
                if entry.low == short.low, entry.high == short.high,
                    Int(entry.length) == short.count
                {
                    return Symbol(id: UInt32(id))
                }
            }
            bucket = (bucket + 1) & mask
        }
        return insert(bytes, low: short.low, high: short.high, hash: hash, bucket: bucket)
    }

    private mutating func internLong(_ bytes: borrowing Span<UInt8>) -> Symbol {
        let hash = SymbolTable.longHash(bytes)
        let mask = buckets.count - 1
        var bucket = Int(hash) & mask
        while buckets[bucket] != 0 {
            let found = buckets[bucket]
            if UInt32(truncatingIfNeeded: found >> 32) == hash {
                let id = Int(UInt32(truncatingIfNeeded: found)) - 1
                if isLong(id, bytes) { return Symbol(id: UInt32(id)) }
            }
            bucket = (bucket + 1) & mask
        }
        return insert(bytes, low: 0, high: 0, hash: hash, bucket: bucket)
    }

    /// Whether entry `id` holds these bytes, which are more than 8.
    private func isLong(_ id: Int, _ bytes: borrowing Span<UInt8>) -> Bool {
        let entry = entries[id]
        let n = bytes.count
        guard Int(entry.length) == n else { return false }
        let stored = storage.span.extracting(entry.start..<entry.start + n)
        var i = 0
        while i + 8 <= n {
            if stored.word(at: i) != bytes.word(at: i) { return false }
            i += 8
        }
        return stored.word(at: n - 8) == bytes.word(at: n - 8)
    }

    /// Whether `symbol` is still, or again, that of the bytes.
    package func isSymbol(_ symbol: Symbol, of short: ShortBytes) -> Bool {
        guard Int(symbol.id) < entries.count else { return false }
        let entry = entries[Int(symbol.id)]
        return entry.low == short.low && entry.high == short.high
            && Int(entry.length) == short.count
    }

    /// Asks for the memory that `intern` will look at first for a text of this hash. A large table
    /// is in no cache, so whoever knows some texts ahead has it fetched meanwhile.
    package func prefetchBucket(_ hash: UInt32) {
        let bucket = Int(hash) & (buckets.count - 1)
        // SAFETY: the bucket is inside, and nothing is read.
        unsafe buckets.withUnsafeBufferPointer {
            unsafe martlet_prefetch($0.baseAddress.map { unsafe $0 + bucket })
        }
    }

    /// Like `prefetchBucket`, for what comes after that, once it is there.
    package func prefetchEntry(_ hash: UInt32) {
        let found = buckets[Int(hash) & (buckets.count - 1)]
        if found == 0 { return }
        let id = Int(UInt32(truncatingIfNeeded: found)) - 1
        // SAFETY: the entry is inside, and nothing is read.
        unsafe entries.withUnsafeBufferPointer {
            unsafe martlet_prefetch($0.baseAddress.map { unsafe $0 + id })
        }
    }

    package mutating func intern(_ text: String) -> Symbol {
        var text = text
        return text.withUTF8 { unsafe intern($0.span) }
    }

    package mutating func intern(_ bytes: [UInt8]) -> Symbol { intern(bytes.span) }

    private mutating func insert(
        _ bytes: borrowing Span<UInt8>, low: UInt64, high: UInt64, hash: UInt32, bucket: Int
    ) -> Symbol {
        let entry = Entry(
            low: low, high: high, start: storage.count, length: Int32(bytes.count), hash: hash)
        // SAFETY: the buffer is valid for the closure, which copies out of it and keeps nothing.
        unsafe bytes.withUnsafeBufferPointer { unsafe storage.append(contentsOf: $0) }
        let id: UInt32
        if let free = freeIDs.popLast() {
            id = free
            entries[Int(id)] = entry
        } else {
            id = UInt32(entries.count)
            entries.append(entry)
        }
        buckets[bucket] = UInt64(hash) << 32 | UInt64(id + 1)
        count += 1
        if count * 2 > buckets.count { rehash(bucketCount: buckets.count * 2) }
        return Symbol(id: id)
    }

    private mutating func rehash(bucketCount: Int) {
        let mask = bucketCount - 1
        var fresh = [UInt64](repeating: 0, count: bucketCount)
        for id in entries.indices where entries[id].length >= 0 {
            let hash = entries[id].hash
            var bucket = Int(hash) & mask
            while fresh[bucket] != 0 { bucket = (bucket + 1) & mask }
            fresh[bucket] = UInt64(hash) << 32 | UInt64(id + 1)
        }
        buckets = fresh
    }

    /// A hash of the symbol's bytes, the same in every process.
    package func hash(of symbol: Symbol) -> UInt32 { entries[Int(symbol.id)].hash }

    package func length(of symbol: Symbol) -> Int { Int(entries[Int(symbol.id)].length) }

    private func range(of symbol: Symbol) -> Range<Int> {
        let entry = entries[Int(symbol.id)]
        return entry.start..<entry.start + Int(entry.length)
    }

    /// Calls `body` with the bytes of `symbol`, without a copy.
    package func withBytes<Result>(
        of symbol: Symbol, _ body: (borrowing Span<UInt8>) -> Result
    ) -> Result {
        body(storage.span.extracting(range(of: symbol)))
    }

    package func bytes(of symbol: Symbol) -> ArraySlice<UInt8> { storage[range(of: symbol)] }

    package func string(of symbol: Symbol) -> String {
        String(decoding: bytes(of: symbol), as: UTF8.self)
    }

    /// Orders two symbols by their bytes: negative, zero or positive.
    package func compare(_ a: Symbol, _ b: Symbol) -> Int {
        if a == b { return 0 }
        let (x, y) = (range(of: a), range(of: b))
        var i = 0
        while i < x.count, i < y.count {
            let (p, q) = (storage[x.lowerBound + i], storage[y.lowerBound + i])
            if p != q { return p < q ? -1 : 1 }
            i += 1
        }
        return x.count - y.count
    }

    /// One past the largest symbol id in use: the size of a mark array for `sweep`.
    package var idLimit: Int { entries.count }

    /// Drops the symbols that are not marked and gives their memory back.
    ///
    /// - Precondition: `live.count == idLimit`.
    package mutating func sweep(keeping live: [Bool]) {
        precondition(live.count == entries.count, "one mark a symbol id")
        var packed: [UInt8] = []
        freeIDs.removeAll(keepingCapacity: true)
        count = 0
        for id in entries.indices {
            if live[id], entries[id].length >= 0 {
                let start = packed.count
                packed.append(contentsOf: storage[range(of: Symbol(id: UInt32(id)))])
                entries[id].start = start
                count += 1
            } else {
                entries[id].length = -1
                freeIDs.append(UInt32(id))
            }
        }
        storage = packed
        freeIDs.reverse()
        var bucketCount = 1024
        while bucketCount < count * 4 { bucketCount *= 2 }
        rehash(bucketCount: bucketCount)
    }
}

// The hash.
extension SymbolTable {
    private static let first: UInt64 = 0x9d8f_3c61_b2a7_54e5
    private static let second: UInt64 = 0xc3a5_c85c_97cb_3127
    private static let third: UInt64 = 0x8ebc_6af0_9c88_c6e3

    @inline(__always)
    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    package static func hash(_ short: ShortBytes) -> UInt32 {
        let mixed = fold(
            short.low ^ first, short.high ^ second ^ UInt64(truncatingIfNeeded: short.count))
        let last = fold(mixed ^ third, first)
        return UInt32(truncatingIfNeeded: last)
    }

    /// - Precondition: there are more than 8 bytes.
    private static func longHash(_ bytes: borrowing Span<UInt8>) -> UInt32 {
        let n = bytes.count
        var mixed = UInt64(truncatingIfNeeded: n) ^ second
        var i = 0
        while i + 8 <= n {
            mixed = fold(mixed ^ bytes.word(at: i), first) ^ mixed
            i += 8
        }
        mixed = fold(mixed ^ bytes.word(at: n - 8), third)
        return UInt32(truncatingIfNeeded: fold(mixed ^ third, first))
    }
}
