// SPDX-License-Identifier: Apache-2.0

package import Automata
internal import EventModel

/// One rule at work: its keys, and the attempts of each in order of their start.
///
/// - Shape: attempts are records of `recordWords` words in one array; a key's attempts are a doubly
///   linked list. Nothing here allocates but to grow; a key with no attempt left is given back.
package struct RuleRuntime {
    package let rule: RuleProgram
    package var counters = RuleCounters()
    let caps: Caps
    /// `within` in nanoseconds; `Int64.max` for none.
    let limit: Int64

    /// The records of attempts, `rule.recordWords` words each.
    var words: [Int64] = []
    var freeRecords: [Int32] = []
    var keys: KeyTable
    /// Live attempts.
    package internal(set) var attemptCount = 0

    // The event or instant at hand.
    var now: Int64 = 0
    /// Its position in the key's input; at an instant, that of the last event.
    var position: Int64 = 0
    /// The routes by which the event is in the input.
    var routes: UInt64 = 0
    var key = 0
    /// Counts events and instants, for `attempts latest`.
    var moment: Int64 = 0
    var isInstant = false

    // Scratch.
    var candidates: [Int] = []
    var choices = Choices()
    var saved: [Int64] = []
    var nextStrand: Int64 = 0
    var boundScratch: [Int64] = []

    /// Wake-ups asked for since they were last collected.
    package var wakeUps: [WakeUp] = []
    /// Reported matches since they were last collected.
    package var matches: [Match] = []
    /// Whether matches are built, or only counted.
    package var collectsMatches = true

    package init(_ rule: RuleProgram, caps: Caps) {
        self.rule = rule
        self.caps = caps
        limit = rule.within?.nanoseconds ?? .max
        keys = KeyTable(partCount: rule.keyNames.count)
    }

    /// A time at which a key wants to be looked at.
    package struct WakeUp: Sendable {
        package var time: Int64
        package var key: Int32
        package var generation: Int32
    }
}

/// The keys of one rule: open addressing over the key's parts.
struct KeyTable {
    let partCount: Int
    private(set) var parts: [Slot] = []
    private(set) var hashes: [UInt64] = []
    /// The first and last attempt of each key; -1: none.
    var heads: [Int32] = []
    var tails: [Int32] = []
    var attemptCounts: [Int32] = []
    /// How many events its input has had since the key came to be.
    var positions: [Int64] = []
    /// The time of the wake-up asked for; `Int64.max`: none.
    var wakeUps: [Int64] = []
    /// When the leading absence's event was last seen; `Int64.min`: never.
    var lastAbsent: [Int64] = []
    /// Bumped when a key is given back, so that old wake-ups find nobody.
    private(set) var generations: [Int32] = []
    private(set) var isLive: [Bool] = []
    private var buckets: [Int32] = Array(repeating: -1, count: 16)
    private var free: [Int32] = []
    private(set) var count = 0

    init(partCount: Int) { self.partCount = partCount }

    var indices: Range<Int> { heads.indices }

    /// The index of the key with these parts; -1 if there is none.
    func find(_ key: [Slot], hash: UInt64) -> Int {
        let mask = buckets.count - 1
        var bucket = Int(truncatingIfNeeded: hash) & mask
        while buckets[bucket] >= 0 {
            let index = Int(buckets[bucket])
            if hashes[index] == hash, equals(index, key) { return index }
            bucket = (bucket + 1) & mask
        }
        return -1
    }

    private func equals(_ index: Int, _ key: [Slot]) -> Bool {
        var part = 0
        while part < partCount {
            if parts[index * partCount + part] != key[part] { return false }
            part += 1
        }
        return true
    }

    mutating func insert(_ key: [Slot], hash: UInt64) -> Int {
        if (count + 1) * 2 > buckets.count { grow() }
        count += 1
        let index: Int
        if let reused = free.popLast() {
            index = Int(reused)
            for part in 0..<partCount { parts[index * partCount + part] = key[part] }
            hashes[index] = hash
            isLive[index] = true
        } else {
            index = heads.count
            parts.append(contentsOf: key[0..<partCount])
            hashes.append(hash)
            heads.append(-1)
            tails.append(-1)
            attemptCounts.append(0)
            positions.append(0)
            wakeUps.append(.max)
            lastAbsent.append(.min)
            generations.append(0)
            isLive.append(true)
        }
        place(index)
        return index
    }

    private mutating func place(_ index: Int) {
        let mask = buckets.count - 1
        var bucket = Int(truncatingIfNeeded: hashes[index]) & mask
        while buckets[bucket] >= 0 { bucket = (bucket + 1) & mask }
        buckets[bucket] = Int32(index)
    }

    private mutating func grow() {
        buckets = Array(repeating: -1, count: buckets.count * 2)
        for index in heads.indices where isLive[index] { place(index) }
    }

    /// Gives a key back, closing the gap in its probe sequence (backward-shift deletion).
    mutating func remove(_ index: Int) {
        assert(heads[index] < 0, "a key goes after its last attempt")
        let mask = buckets.count - 1
        var hole = Int(truncatingIfNeeded: hashes[index]) & mask
        while buckets[hole] != Int32(index) { hole = (hole + 1) & mask }
        var probe = (hole + 1) & mask
        while buckets[probe] >= 0 {
            let home = Int(truncatingIfNeeded: hashes[Int(buckets[probe])]) & mask
            if (probe - home) & mask >= (probe - hole) & mask {
                buckets[hole] = buckets[probe]
                hole = probe
            }
            probe = (probe + 1) & mask
        }
        buckets[hole] = -1
        isLive[index] = false
        generations[index] &+= 1
        positions[index] = 0
        wakeUps[index] = .max
        lastAbsent[index] = .min
        free.append(Int32(index))
        count -= 1
    }

    func markSymbols(in live: inout [Bool]) {
        for key in heads.indices where isLive[key] {
            for part in 0..<partCount where parts[key * partCount + part].holdsSymbol {
                live[Int(parts[key * partCount + part].symbol.id)] = true
            }
        }
    }
}

/// The choices that one attempt has with one event, walked through depth first: a run makes the
/// first choice everywhere it has not been told otherwise, and `advance` says what to try next.
struct Choices {
    private(set) var script: [Int32] = []
    private var counts: [Int32] = []
    /// Of a choice among branches: those that can take the event, and those that can pass it.
    private var takers: [UInt64] = []
    private var decliners: [UInt64] = []
    private var depth = 0
    /// The run went where it must not go: its attempt is dropped without a trace.
    var isInvalid = false

    mutating func reset() {
        script.removeAll(keepingCapacity: true)
        counts.removeAll(keepingCapacity: true)
        takers.removeAll(keepingCapacity: true)
        decliners.removeAll(keepingCapacity: true)
        rewind()
    }

    mutating func rewind() {
        depth = 0
        isInvalid = false
    }

    mutating func choose(_ count: Int) -> Int {
        if depth == script.count {
            script.append(0)
            counts.append(Int32(count))
            takers.append(0)
            decliners.append(0)
        }
        depth += 1
        return Int(script[depth - 1])
    }

    /// The place of the choice made last.
    var lastPlace: Int { depth - 1 }
    mutating func note(branch: Int, takes: Bool, at place: Int) {
        let bit: UInt64 = 1 << UInt64(branch & 63)
        if takes { takers[place] |= bit } else { decliners[place] |= bit }
    }
    /// Whether some branch cannot but take the event.
    func mustBeTaken(at place: Int) -> Bool { takers[place] & ~decliners[place] != 0 }

    /// Moves on to the next script; false when all have been.
    mutating func advance() -> Bool {
        while let last = script.last {
            if last + 1 < counts[script.count - 1] {
                script[script.count - 1] = last + 1
                rewind()
                return true
            }
            script.removeLast()
            counts.removeLast()
            takers.removeLast()
            decliners.removeLast()
        }
        return false
    }
}
