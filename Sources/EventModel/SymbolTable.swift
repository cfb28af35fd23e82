// SPDX-License-Identifier: Apache-2.0
// Interned byte strings: open addressing with linear probing over a hash that is the same in every
// process (Swift's `Hasher` is seeded per process). The hash multiplies 8 bytes at a time to 128
// bits and folds them, as wyhash does (Wang Yi, https://github.com/wangyi-fudan/wyhash); ours has
// constants of its own and one multiplication for a short text. Exercised by SymbolTableTests.

private import CByteScan
private import Synchronization

/// Byte strings, each stored once and named by a `Symbol`.
///
/// It is a handle: `shared()` gives another to the same table, for another thread.
///
/// - Shape: `intern` is O(length); `bytes(of:)` O(1). Symbols stay valid until `sweep` drops them.
@safe
package struct SymbolTable: ~Copyable, @unchecked Sendable {
    // SAFETY: `@unchecked Sendable` because SymbolStorage is made for several threads.
    private let storage: SymbolStorage.Place

    package init() { unsafe storage = SymbolStorage.make() }

    private init(_ storage: SymbolStorage.Place) {
        unsafe self.storage = storage
        unsafe storage.pointee.retain()
    }

    deinit {
        // SAFETY: only the last handle frees the storage.
        if unsafe storage.pointee.release() {
            unsafe storage.deinitialize(count: 1)
            unsafe storage.deallocate()
        }
    }

    /// Another handle to this table.
    package func shared() -> SymbolTable { unsafe SymbolTable(storage) }

    /// Live symbols.
    package var count: Int { unsafe storage.pointee.liveCount.load(ordering: .relaxed) }

    /// Bytes held by texts and indexes together.
    package var byteCount: Int {
        // SAFETY: the storage is there as long as the handle.
        unsafe storage.pointee.byteCount
    }

    /// The symbol of `bytes`, made if need be.
    package mutating func intern(_ bytes: borrowing Span<UInt8>) -> Symbol {
        if bytes.count > ShortBytes.byteCap { return internLong(bytes) }
        let short = ShortBytes(copy bytes)
        return intern(short, SymbolTable.hash(short))
    }

    /// The symbol of a short text, of which `hash` is the hash.
    package mutating func intern(_ short: ShortBytes, _ hash: UInt32) -> Symbol {
        let known = find(short, hash)
        if known >= 0 { return Symbol(id: UInt32(known)) }
        return insert(short, hash)
    }

    @inline(never)
    private mutating func insert(_ short: ShortBytes, _ hash: UInt32) -> Symbol {
        let words = (short.low.littleEndian, short.high.littleEndian)
        // SAFETY: the words are 16 bytes, and the text has no more.
        return unsafe withUnsafeBytes(of: words) { bytes in
            let text = unsafe Span<UInt8>(_unsafeBytes: bytes).extracting(..<short.count)
            return insert(text, short, hash)
        }
    }

    /// A number that changes when symbols may have become those of other texts, and is another for
    /// each table.
    package var epoch: Int {
        // SAFETY: the storage is there as long as the handle, and only a sweep changes the number.
        unsafe storage.pointee.epoch
    }

    private mutating func internLong(_ bytes: borrowing Span<UInt8>) -> Symbol {
        let hash = SymbolTable.longHash(bytes)
        let known = findLong(bytes, hash)
        if known >= 0 { return Symbol(id: UInt32(known)) }
        return insert(bytes, nil, hash)
    }

    /// The id of a text's symbol; -1: it has none.
    @inline(__always)
    private func find(_ short: ShortBytes, _ hash: UInt32) -> Int {
        // SAFETY: the buckets in use stay until the table is swept, and an id found there has an
        // entry that is whole.
        let buckets = unsafe storage.pointee.buckets.load(ordering: .acquiring)
        var bucket = Int(hash)
        while true {
            let found = unsafe buckets.pointee[bucket]
            if found == 0 { return -1 }
            if unsafe buckets.pointee.mayHold(hash, found) {
                let id = unsafe buckets.pointee.id(found)
                let entry = unsafe storage.pointee.entry(id)
                if unsafe entry.pointee.low == short.low && entry.pointee.high == short.high
                    && Int(entry.pointee.length) == short.count
                {
                    return id
                }
            }
            bucket += 1
        }
    }

    private func findLong(_ bytes: borrowing Span<UInt8>, _ hash: UInt32) -> Int {
        // SAFETY: as in `find`.
        let buckets = unsafe storage.pointee.buckets.load(ordering: .acquiring)
        var bucket = Int(hash)
        while true {
            let found = unsafe buckets.pointee[bucket]
            if found == 0 { return -1 }
            if unsafe buckets.pointee.mayHold(hash, found) {
                let id = unsafe buckets.pointee.id(found)
                if isLong(id, bytes) { return id }
            }
            bucket += 1
        }
    }

    /// Whether entry `id` holds these bytes, which are more than 16.
    private func isLong(_ id: Int, _ bytes: borrowing Span<UInt8>) -> Bool {
        let n = bytes.count
        // SAFETY: the entry is whole, and its bytes stay where they are until a sweep.
        let text = unsafe storage.pointee.text(of: storage.pointee.entry(id))
        guard text.count == n else { return false }
        let stored = unsafe text.span
        var i = 0
        while i + 8 <= n {
            if stored.word(at: i) != bytes.word(at: i) { return false }
            i += 8
        }
        return stored.word(at: n - 8) == bytes.word(at: n - 8)
    }

    /// Makes a symbol for a text that had none when it was looked for.
    @inline(never)
    private mutating func insert(
        _ bytes: borrowing Span<UInt8>, _ short: ShortBytes?, _ hash: UInt32
    ) -> Symbol {
        // SAFETY: the storage is there as long as the handle, and changed under its lock.
        guard unsafe storage.pointee.isShared else {
            return unsafe Symbol(
                id: UInt32(storage.pointee.insert(bytes, short, hash: hash)))
        }
        unsafe storage.pointee.lock._unsafeLock()
        defer { unsafe storage.pointee.lock._unsafeUnlock() }
        // Another thread may have been quicker.
        var id = if let short { find(short, hash) } else { findLong(bytes, hash) }
        if id < 0 { id = unsafe storage.pointee.insert(bytes, short, hash: hash) }
        return Symbol(id: UInt32(id))
    }

    /// Asks for the memory that `intern` will look at first for a text of this hash. A large table
    /// is in no cache, so whoever knows some texts ahead has it fetched meanwhile.
    package func prefetchBucket(_ hash: UInt32) {
        // SAFETY: the bucket is inside, and nothing is read.
        let buckets = unsafe storage.pointee.buckets.load(ordering: .relaxed).pointee
        unsafe martlet_prefetch(buckets.first + Int(hash) & (buckets.count - 1))
        // In one of eight cases that is another line.
        unsafe martlet_prefetch(buckets.first + (Int(hash) + 2) & (buckets.count - 1))
    }

    /// Like `prefetchBucket`, for what comes after that, once it is there.
    package func prefetchEntry(_ hash: UInt32) {
        // SAFETY: the id has an entry, and nothing of it is read.
        let buckets = unsafe storage.pointee.buckets.load(ordering: .acquiring)
        let found = unsafe buckets.pointee[Int(hash)]
        if found == 0 { return }
        unsafe martlet_prefetch(storage.pointee.entry(buckets.pointee.id(found)))
    }

    package mutating func intern(_ text: String) -> Symbol {
        var text = text
        return text.withUTF8 { unsafe intern($0.span) }
    }

    package mutating func intern(_ bytes: [UInt8]) -> Symbol { intern(bytes.span) }

    /// A hash of the symbol's bytes, the same in every process.
    package func hash(of symbol: Symbol) -> UInt32 {
        // SAFETY: a symbol of this table has an entry.
        unsafe storage.pointee.entry(Int(symbol.id)).pointee.hash
    }

    package func length(of symbol: Symbol) -> Int {
        // SAFETY: as for `hash`.
        unsafe Int(storage.pointee.entry(Int(symbol.id)).pointee.length)
    }

    /// Calls `body` with the bytes of `symbol`, without a copy.
    @inline(__always)
    package func withBytes<Result>(
        of symbol: Symbol, _ body: (borrowing Span<UInt8>) -> Result
    ) -> Result {
        // SAFETY: the bytes stay where they are until a sweep, which needs the table to itself.
        let text = unsafe storage.pointee.text(of: storage.pointee.entry(Int(symbol.id)))
        return unsafe body(text.span)
    }

    package func bytes(of symbol: Symbol) -> [UInt8] {
        var bytes: [UInt8] = []
        withBytes(of: symbol) { bytes.append(copying: copy $0) }
        return bytes
    }

    package func string(of symbol: Symbol) -> String {
        withBytes(of: symbol) { String(copying: copy $0) }
    }

    /// Orders two symbols by their bytes: negative, zero or positive.
    package func compare(_ a: Symbol, _ b: Symbol) -> Int {
        if a == b { return 0 }
        // SAFETY: as for `withBytes`.
        let left = unsafe storage.pointee.text(of: storage.pointee.entry(Int(a.id)))
        let right = unsafe storage.pointee.text(of: storage.pointee.entry(Int(b.id)))
        let (x, y) = unsafe (left.span, right.span)
        var i = 0
        while i < x.count, i < y.count {
            if x[i] != y[i] { return x[i] < y[i] ? -1 : 1 }
            i += 1
        }
        return x.count - y.count
    }

    /// One past the largest symbol id in use: the size of a mark array for `sweep`.
    package var idLimit: Int {
        // SAFETY: the storage is there as long as the handle.
        unsafe storage.pointee.idLimit.load(ordering: .relaxed)
    }

    /// Whether there may be more symbols out of use than in use, or more bytes of their texts, so
    /// that a sweep is worth its time: at most as often as either doubles.
    package var isSweepDue: Bool {
        // SAFETY: the storage is there as long as the handle, and only a sweep changes the numbers.
        unsafe count >= storage.pointee.countBeforeSweep
            || storage.pointee.textByteCount.load(ordering: .relaxed)
                >= storage.pointee.byteCountBeforeSweep
    }

    /// Drops the symbols that are not marked and gives their memory back.
    ///
    /// - Precondition: `live.count == idLimit`, and no other handle is in use meanwhile.
    package mutating func sweep(keeping live: [Bool]) {
        // SAFETY: no other handle is in use meanwhile, as the caller sees to.
        unsafe storage.pointee.sweep(keeping: live)
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

    /// The hash that a symbol of these bytes has.
    package static func hash(of bytes: borrowing Span<UInt8>) -> UInt32 {
        bytes.count > ShortBytes.byteCap ? longHash(bytes) : hash(ShortBytes(copy bytes))
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
