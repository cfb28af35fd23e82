// SPDX-License-Identifier: Apache-2.0
// Interned byte strings: open addressing with linear probing over FNV-1a, which is the same in
// every
// process (Swift's `Hasher` is seeded per process). Exercised by SymbolTableTests.

/// Byte strings, each stored once and named by a `Symbol`.
///
/// - Shape: `intern` is O(length); `bytes(of:)` O(1). Symbols stay valid until `sweep` drops them.
package struct SymbolTable: ~Copyable {
    private var storage: [UInt8] = []
    private var starts: [Int] = []
    private var lengths: [Int32] = []
    private var hashes: [UInt32] = []
    private var freeIDs: [UInt32] = []
    /// Symbol id + 1; 0 is empty. A power of two.
    private var buckets: [UInt32] = Array(repeating: 0, count: 1024)
    /// Live symbols.
    package private(set) var count = 0

    package init() {}

    /// Bytes held by texts and indexes together.
    package var byteCount: Int {
        storage.count + starts.count * 16 + buckets.count * 4
    }

    /// The symbol of `bytes`, made if need be.
    package mutating func intern(_ bytes: borrowing Span<UInt8>) -> Symbol {
        var hash: UInt32 = 2_166_136_261
        for i in bytes.indices { hash = (hash ^ UInt32(bytes[i])) &* 16_777_619 }
        let mask = buckets.count - 1
        var bucket = Int(hash) & mask
        probe: while buckets[bucket] != 0 {
            let id = Int(buckets[bucket] - 1)
            if hashes[id] == hash, Int(lengths[id]) == bytes.count {
                let start = starts[id]
                var i = 0
                while i < bytes.count {
                    if storage[start + i] != bytes[i] {
                        bucket = (bucket + 1) & mask
                        continue probe
                    }
                    i += 1
                }
                return Symbol(id: UInt32(id))
            }
            bucket = (bucket + 1) & mask
        }
        let start = storage.count
        for i in bytes.indices { storage.append(bytes[i]) }
        return insert(start: start, length: bytes.count, hash: hash, bucket: bucket)
    }

    package mutating func intern(_ text: String) -> Symbol {
        var text = text
        return text.withUTF8 { unsafe intern($0.span) }
    }

    package mutating func intern(_ bytes: [UInt8]) -> Symbol { intern(bytes.span) }

    private mutating func insert(start: Int, length: Int, hash: UInt32, bucket: Int) -> Symbol {
        let id: UInt32
        if let free = freeIDs.popLast() {
            id = free
            starts[Int(id)] = start
            lengths[Int(id)] = Int32(length)
            hashes[Int(id)] = hash
        } else {
            id = UInt32(starts.count)
            starts.append(start)
            lengths.append(Int32(length))
            hashes.append(hash)
        }
        buckets[bucket] = id + 1
        count += 1
        if count * 2 > buckets.count { rehash(bucketCount: buckets.count * 2) }
        return Symbol(id: id)
    }

    private mutating func rehash(bucketCount: Int) {
        let mask = bucketCount - 1
        var fresh = [UInt32](repeating: 0, count: bucketCount)
        for id in starts.indices where lengths[id] >= 0 {
            var bucket = Int(hashes[id]) & mask
            while fresh[bucket] != 0 { bucket = (bucket + 1) & mask }
            fresh[bucket] = UInt32(id) + 1
        }
        buckets = fresh
    }

    /// A hash of the symbol's bytes, the same in every process.
    package func hash(of symbol: Symbol) -> UInt32 { hashes[Int(symbol.id)] }

    package func length(of symbol: Symbol) -> Int { Int(lengths[Int(symbol.id)]) }

    /// Calls `body` with the bytes of `symbol`, without a copy.
    package func withBytes<Result>(
        of symbol: Symbol, _ body: (borrowing Span<UInt8>) -> Result
    ) -> Result {
        let start = starts[Int(symbol.id)]
        let end = start + Int(lengths[Int(symbol.id)])
        return body(storage.span.extracting(start..<end))
    }

    package func bytes(of symbol: Symbol) -> ArraySlice<UInt8> {
        let start = starts[Int(symbol.id)]
        return storage[start..<start + Int(lengths[Int(symbol.id)])]
    }

    package func string(of symbol: Symbol) -> String {
        String(decoding: bytes(of: symbol), as: UTF8.self)
    }

    /// Orders two symbols by their bytes: negative, zero or positive.
    package func compare(_ a: Symbol, _ b: Symbol) -> Int {
        if a == b { return 0 }
        let (x, y) = (starts[Int(a.id)], starts[Int(b.id)])
        let (m, n) = (Int(lengths[Int(a.id)]), Int(lengths[Int(b.id)]))
        var i = 0
        while i < m, i < n {
            let (p, q) = (storage[x + i], storage[y + i])
            if p != q { return p < q ? -1 : 1 }
            i += 1
        }
        return m - n
    }

    /// One past the largest symbol id in use: the size of a mark array for `sweep`.
    package var idLimit: Int { starts.count }

    /// Drops the symbols that are not marked and gives their memory back.
    ///
    /// - Precondition: `live.count == idLimit`.
    package mutating func sweep(keeping live: [Bool]) {
        precondition(live.count == starts.count, "one mark a symbol id")
        var packed: [UInt8] = []
        freeIDs.removeAll(keepingCapacity: true)
        count = 0
        for id in starts.indices {
            if live[id], lengths[id] >= 0 {
                let start = packed.count
                packed.append(contentsOf: storage[starts[id]..<starts[id] + Int(lengths[id])])
                starts[id] = start
                count += 1
            } else {
                lengths[id] = -1
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
