// SPDX-License-Identifier: Apache-2.0
// The memory of a symbol table, which several threads share: any of them may look texts up and
// read those it has been given while another inserts one. That rests on three things. Entries and
// texts never move while they are in use. An entry is whole before its symbol is published, by a
// releasing store into a bucket, or by whatever hands events from one thread to the next. And
// inserting is done under a lock, behind a second look. Exercised by SymbolTableTests, also with
// several threads.

internal import Synchronization

/// What the handles of one symbol table share. It lives where `make` put it until the last handle
/// lets go of it.
@safe
struct SymbolStorage: ~Copyable {
    typealias Place = UnsafeMutablePointer<SymbolStorage>

    struct Entry {
        /// Of a text of at most 16 bytes all of it, as `ShortBytes` has it, so that comparing it
        /// touches nothing else; of a longer one where it is.
        var low: UInt64
        var high: UInt64
        /// -1: free.
        var length: Int32
        var hash: UInt32
    }

    /// Where symbols are found by hash: as much of the hash as there is room for above, symbol id
    /// + 1 below; 0 is empty.
    @safe
    struct Buckets {
        let count: Int
        /// The bits of a bucket that hold the id.
        private let idMask: UInt32
        let first: UnsafeMutablePointer<Atomic<UInt32>>

        /// - Parameter idLimit: ids up to that many more than half of `count` are there, at most.
        init(count: Int, idLimit: Int) {
            self.count = count
            let largest = idLimit + count / 2 + 1
            idMask = UInt32.max >> UInt32(UInt32(largest).leadingZeroBitCount)
            // SAFETY: the room is for `count` buckets, all of which are initialized here.
            unsafe first = .allocate(capacity: count)
            for place in 0..<count { unsafe (first + place).initialize(to: Atomic(0)) }
        }

        func free() {
            // SAFETY: atomics of integers need no deinitialization; nobody uses them any more.
            unsafe first.deallocate()
        }

        @inline(__always)
        subscript(_ bucket: Int) -> UInt32 {
            // SAFETY: a bucket is a hash under the mask `count - 1`.
            unsafe first[bucket & (count - 1)].load(ordering: .acquiring)
        }

        /// What a bucket holds of a symbol.
        func content(_ hash: UInt32, _ id: Int) -> UInt32 {
            let name = UInt32(id + 1)
            precondition(name & ~idMask == 0, "there are bits for the id")
            return hash & ~idMask | name
        }

        /// Whether a bucket that is not empty may be that of a text of this hash.
        @inline(__always)
        func mayHold(_ hash: UInt32, _ content: UInt32) -> Bool { (content ^ hash) & ~idMask == 0 }

        /// The id in a bucket that is not empty.
        @inline(__always)
        func id(_ content: UInt32) -> Int { Int(content & idMask) - 1 }
    }

    /// Segment k has room for `1024 << k` entries, so that entries need not move to grow.
    static let firstSegmentBits = 10
    static let segmentCap = 22

    private let handles = Atomic<Int>(1)
    let lock = Mutex<Void>(())
    let liveCount = Atomic<Int>(0)
    /// The buckets in use. It is a pointer so that it can be exchanged in one store.
    let buckets: Atomic<UnsafeMutablePointer<Buckets>>
    /// Those that were in use before, which another thread may still look into.
    // SAFETY: freed by `rebuildBuckets`, or with the storage.
    private var retired: [UnsafeMutablePointer<Buckets>] = unsafe []
    private let segments: UnsafeMutablePointer<UnsafeMutablePointer<Entry>?>
    /// One past the largest id handed out.
    let idLimit = Atomic<Int>(0)
    private var freeIDs: [UInt32] = []
    private(set) var epoch: Int
    private static let lastEpoch = Atomic<Int>(0)
    /// As many symbols as may be there before those out of use are given back.
    private(set) var countBeforeSweep = SymbolStorage.leastCountBeforeSweep
    private static let leastCountBeforeSweep = 100_000
    /// The same of the bytes that longer texts take.
    private(set) var byteCountBeforeSweep = SymbolStorage.leastByteCountBeforeSweep
    private static let leastByteCountBeforeSweep = 16 << 20
    private var texts = TextArena()
    /// What `texts` take, for those who do not have the lock.
    let textByteCount = Atomic<Int>(0)

    private init() {
        // SAFETY: what is allocated is initialized before anything reads it.
        unsafe segments = .allocate(capacity: SymbolStorage.segmentCap)
        unsafe segments.initialize(repeating: nil, count: SymbolStorage.segmentCap)
        unsafe buckets = Atomic(SymbolStorage.makeBuckets(count: 1024, idLimit: 0))
        epoch = SymbolStorage.nextEpoch()
    }

    private static func nextEpoch() -> Int {
        lastEpoch.wrappingAdd(1, ordering: .relaxed).newValue
    }

    deinit {
        // SAFETY: the last handle is gone, so nothing refers to any of it.
        for k in 0..<SymbolStorage.segmentCap { unsafe segments[k]?.deallocate() }
        unsafe segments.deallocate()
        unsafe SymbolStorage.destroy(buckets.load(ordering: .relaxed))
        for i in unsafe retired.indices { unsafe SymbolStorage.destroy(retired[i]) }
        var texts = texts
        texts.free()
    }

    // MARK: Handles

    static func make() -> Place {
        // SAFETY: room for one, initialized at once.
        let place = Place.allocate(capacity: 1)
        unsafe place.initialize(to: SymbolStorage())
        return unsafe place
    }

    var isShared: Bool { handles.load(ordering: .relaxed) > 1 }

    func retain() { _ = handles.wrappingAdd(1, ordering: .relaxed) }

    /// - Returns: whether that was the last handle, whose caller frees the storage.
    func release() -> Bool {
        handles.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0
    }

    // MARK: Entries

    /// Where entry `id` is.
    @inline(__always)
    func entry(_ id: Int) -> UnsafeMutablePointer<Entry> {
        let place = id + 1 << SymbolStorage.firstSegmentBits
        let segment =
            Int.bitWidth - 1 - SymbolStorage.firstSegmentBits - place.leadingZeroBitCount
        assert(id >= 0 && segment < SymbolStorage.segmentCap, "the id of an entry")
        // SAFETY: ids are handed out from 0 up, and the segment of one is there before it is.
        return unsafe segments[segment]! + (place - 1 << (SymbolStorage.firstSegmentBits + segment))
    }

    var byteCount: Int {
        // SAFETY: the buckets in use are there.
        let bucketCount = unsafe buckets.load(ordering: .relaxed).pointee.count
        return texts.byteCount + idLimit.load(ordering: .relaxed) * MemoryLayout<Entry>.stride
            + bucketCount * 4
    }

    // MARK: Under the lock

    /// Makes an entry for a text that has none.
    mutating func insert(_ bytes: borrowing Span<UInt8>, _ short: ShortBytes?, hash: UInt32) -> Int
    {
        var entry = Entry(low: 0, high: 0, length: Int32(bytes.count), hash: hash)
        if let short {
            entry.low = short.low
            entry.high = short.high
        } else {
            entry.low = texts.store(bytes)
            textByteCount.store(texts.byteCount, ordering: .relaxed)
        }
        let id = takeID()
        // SAFETY: the id is ours alone until it is published.
        unsafe self.entry(id).initialize(to: entry)
        let count = liveCount.wrappingAdd(1, ordering: .relaxed).newValue
        // SAFETY: the buckets in use are there, and only the holder of the lock exchanges them.
        let current = unsafe buckets.load(ordering: .relaxed)
        if unsafe count * 2 > current.pointee.count {
            unsafe grow(current)
        } else {
            unsafe SymbolStorage.place(hash, id, in: current.pointee)
        }
        return id
    }

    private mutating func takeID() -> Int {
        if let free = freeIDs.popLast() { return Int(free) }
        let id = idLimit.load(ordering: .relaxed)
        let place = id + 1 << SymbolStorage.firstSegmentBits
        let segment =
            Int.bitWidth - 1 - SymbolStorage.firstSegmentBits - place.leadingZeroBitCount
        // SAFETY: the table of segments has room for every id that fits into a symbol.
        if unsafe segments[segment] == nil {
            unsafe segments[segment] = .allocate(
                capacity: 1 << (SymbolStorage.firstSegmentBits + segment))
        }
        idLimit.store(id + 1, ordering: .relaxed)
        return id
    }

    /// Doubles the buckets, with all entries that there are.
    private mutating func grow(_ old: UnsafeMutablePointer<Buckets>) {
        // SAFETY: `old` is in use, so it is there; whoever reads it meanwhile finds what it had.
        let fresh = unsafe makeFilledBuckets(count: old.pointee.count * 2)
        unsafe buckets.store(fresh, ordering: .releasing)
        if isShared {
            unsafe retired.append(old)
        } else {
            // SAFETY: there is no other handle, so nobody looks into them.
            unsafe SymbolStorage.destroy(old)
        }
    }

    private static func place(_ hash: UInt32, _ id: Int, in buckets: Buckets) {
        var bucket = Int(hash) & (buckets.count - 1)
        while buckets[bucket] != 0 { bucket = (bucket + 1) & (buckets.count - 1) }
        // SAFETY: the mask keeps it inside; at least half of the buckets are empty.
        unsafe buckets.first[bucket].store(buckets.content(hash, id), ordering: .releasing)
    }

    private static func makeBuckets(
        count: Int, idLimit: Int
    ) -> UnsafeMutablePointer<Buckets> {
        // SAFETY: room for one, initialized at once.
        let place = UnsafeMutablePointer<Buckets>.allocate(capacity: 1)
        unsafe place.initialize(to: Buckets(count: count, idLimit: idLimit))
        return unsafe place
    }

    /// Buckets with every entry that there is.
    private func makeFilledBuckets(count: Int) -> UnsafeMutablePointer<Buckets> {
        let idLimit = idLimit.load(ordering: .relaxed)
        let fresh = unsafe SymbolStorage.makeBuckets(count: count, idLimit: idLimit)
        for id in 0..<idLimit {
            // SAFETY: every id below the limit has an entry; the fresh buckets are ours.
            let place = unsafe entry(id)
            if unsafe place.pointee.length >= 0 {
                unsafe SymbolStorage.place(place.pointee.hash, id, in: fresh.pointee)
            }
        }
        return unsafe fresh
    }

    private static func destroy(_ buckets: UnsafeMutablePointer<Buckets>) {
        // SAFETY: nobody looks into these buckets any more.
        unsafe buckets.pointee.free()
        unsafe buckets.deallocate()
    }

    // MARK: While no other thread uses the table

    /// Frees the entries that are not marked, packs the texts of the others and gives back what
    /// growing has left behind.
    mutating func sweep(keeping live: [Bool]) {
        let idLimit = idLimit.load(ordering: .relaxed)
        precondition(live.count == idLimit, "one mark a symbol id")
        epoch = SymbolStorage.nextEpoch()
        var packed = TextArena()
        freeIDs.removeAll(keepingCapacity: true)
        var count = 0
        for id in stride(from: idLimit - 1, through: 0, by: -1) {
            // SAFETY: every id below the limit has an entry.
            let place = unsafe entry(id)
            if live[id], unsafe place.pointee.length >= 0 {
                count += 1
                if unsafe place.pointee.length > Int32(ShortBytes.byteCap) {
                    let text = unsafe text(of: place)
                    unsafe place.pointee.low = packed.store(text)
                }
            } else {
                unsafe place.pointee.length = -1
                freeIDs.append(UInt32(id))
            }
        }
        texts.free()
        texts = packed
        liveCount.store(count, ordering: .relaxed)
        textByteCount.store(texts.byteCount, ordering: .relaxed)
        countBeforeSweep = max(SymbolStorage.leastCountBeforeSweep, count * 2)
        byteCountBeforeSweep = max(
            SymbolStorage.leastByteCountBeforeSweep, texts.byteCount * 2)
        rebuildBuckets(for: count)
    }

    private mutating func rebuildBuckets(for count: Int) {
        var bucketCount = 1024
        while bucketCount < count * 4 { bucketCount *= 2 }
        // SAFETY: nobody else uses the table meanwhile.
        let fresh = unsafe makeFilledBuckets(count: bucketCount)
        unsafe SymbolStorage.destroy(buckets.exchange(fresh, ordering: .acquiringAndReleasing))
        for i in unsafe retired.indices { unsafe SymbolStorage.destroy(retired[i]) }
        unsafe retired = []
    }

    /// The bytes of a live entry, which stay where they are until the next sweep.
    @inline(__always)
    func text(of place: UnsafeMutablePointer<Entry>) -> UnsafeBufferPointer<UInt8> {
        // SAFETY: a text of at most 16 bytes is in the entry's first two words, which on a
        // little-endian machine are its bytes in order; a longer one is where `low` says.
        let length = unsafe Int(place.pointee.length)
        if length <= ShortBytes.byteCap {
            return unsafe UnsafeBufferPointer(
                start: UnsafeRawPointer(place).assumingMemoryBound(to: UInt8.self), count: length)
        }
        return unsafe UnsafeBufferPointer(
            start: UnsafePointer(bitPattern: UInt(place.pointee.low)), count: length)
    }
}

/// Texts one behind the other, in chunks that never move.
@safe
struct TextArena {
    private static let chunkByteCount = 64 << 10

    // SAFETY: freed by `free` alone.
    private var chunks: [UnsafeMutablePointer<UInt8>] = unsafe []
    private var used = 0
    private var room = 0
    private(set) var byteCount = 0

    /// Copies a text; its address.
    mutating func store(_ bytes: borrowing Span<UInt8>) -> UInt64 {
        // SAFETY: the buffer is valid for the closure, which copies out of it.
        unsafe bytes.withUnsafeBufferPointer { unsafe store($0) }
    }

    mutating func store(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        if room - used < bytes.count {
            used = 0
            room = max(TextArena.chunkByteCount, bytes.count)
            // SAFETY: chunks live until `free`.
            unsafe chunks.append(.allocate(capacity: room))
            byteCount += room
        }
        // SAFETY: the last chunk has `room` bytes, of which `used` are taken.
        let place = unsafe chunks[chunks.count - 1] + used
        if let source = bytes.baseAddress { unsafe place.update(from: source, count: bytes.count) }
        used += bytes.count
        return UInt64(UInt(bitPattern: place))
    }

    /// Gives the chunks back: no text may be in use.
    mutating func free() {
        // SAFETY: whoever frees them has moved what is still wanted.
        for i in unsafe chunks.indices { unsafe chunks[i].deallocate() }
        unsafe chunks = []
    }
}
