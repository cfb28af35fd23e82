// SPDX-License-Identifier: Apache-2.0
// Mutations of inputs, as they are usual since AFL: bits, bytes, numbers of note, pieces of a
// dictionary, pieces of other inputs. Exercised by FuzzTests.

/// Makes inputs out of inputs, the same for the same seed.
package struct FuzzMutator {
    private var random: SeededRandom
    private let dictionary: [[UInt8]]
    private let byteCap: Int
    private let invent: (@Sendable (UInt64) -> [UInt8])?

    /// A dictionary of more words is that of a grammar.
    private static let grammarWordCount = 50

    package init(seed: UInt64, for target: FuzzTarget) {
        random = SeededRandom(seed: seed)
        dictionary = target.dictionary.map { Array($0.utf8) }
        byteCap = target.byteCap
        invent = target.invent
    }

    /// An input made of one of `pool`, and of pieces of others.
    package mutating func next(from pool: [[UInt8]]) -> [UInt8] {
        guard !pool.isEmpty, !random.chance(1, in: 200) else { return noise() }
        if let invent, random.chance(1, in: 4) {
            var bytes = invent(random.next())
            if random.chance(1, in: 2) { mutate(&bytes, pool) }
            return Array(bytes.prefix(byteCap))
        }
        // Later ones reached something new: they are worth more.
        let early = random.below(pool.count)
        let index = random.chance(1, in: 2) ? max(early, random.below(pool.count)) : early
        var bytes = pool[index]
        var rounds = 1
        while rounds < 12, random.chance(1, in: 2) { rounds += 1 }
        for _ in 0..<rounds { mutate(&bytes, pool) }
        if bytes.count > byteCap { bytes.removeSubrange(byteCap...) }
        return bytes
    }

    private mutating func noise() -> [UInt8] {
        let alphabet = random.chance(1, in: 2) ? 256 : 128
        return (0..<random.below(200)).map { _ in UInt8(random.below(alphabet)) }
    }

    private mutating func mutate(_ bytes: inout [UInt8], _ pool: [[UInt8]]) {
        // Where there is a grammar, most bytes changed alone only make a file that is refused.
        let isTextual = dictionary.count > FuzzMutator.grammarWordCount
        switch isTextual && random.chance(3, in: 4)
            ? random.pick([2, 4, 6, 7, 7, 9, 9, 10, 10, 12]) : random.below(14)
        {
        case 0: changeBit(&bytes)
        case 1: changeByte(&bytes)
        case 2: bytes.removeSubrange(piece(of: bytes))
        case 3: repeatPiece(&bytes)
        case 4, 5: insertWord(&bytes)
        case 6, 7: replaceWord(&bytes)
        case 8: splice(&bytes, random.pick(pool))
        case 9: spliceLines(&bytes, random.pick(pool))
        case 10: replaceNumber(&bytes)
        case 11: replaceInteger(&bytes)
        case 12: swapLines(&bytes)
        default: if random.chance(1, in: 4) { bytes.removeSubrange(place(in: bytes)...) }
        }
    }

    /// 0 ... count.
    private mutating func place(in bytes: [UInt8]) -> Int { random.below(bytes.count + 1) }

    /// A range that is short more often than not.
    private mutating func piece(of bytes: [UInt8]) -> Range<Int> {
        let start = place(in: bytes)
        let cap = random.chance(3, in: 4) ? 16 : 512
        return start..<min(bytes.count, start + random.below(cap) + 1)
    }

    private mutating func changeBit(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
    }

    private mutating func changeByte(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let notable: [UInt8] = [0, 1, 9, 10, 13, 32, 34, 44, 92, 123, 125, 127, 128, 192, 255]
        let value = random.chance(1, in: 2) ? random.pick(notable) : UInt8(random.below(256))
        bytes[random.below(bytes.count)] = value
    }

    private mutating func repeatPiece(_ bytes: inout [UInt8]) {
        let copy = Array(bytes[piece(of: bytes)])
        let times = random.chance(1, in: 20) ? random.below(200) : 1
        let target = place(in: bytes)
        guard copy.count * times <= byteCap else { return }
        bytes.insert(contentsOf: (0..<times).flatMap { _ in copy }, at: target)
    }

    private mutating func insertWord(_ bytes: inout [UInt8]) {
        guard !dictionary.isEmpty else { return }
        let word = random.pick(dictionary)
        let padded = random.chance(1, in: 2) ? [0x20] + word + [0x20] : word
        bytes.insert(contentsOf: padded, at: place(in: bytes))
    }

    /// Puts a word, of the dictionary or of the input itself, where another one was.
    private mutating func replaceWord(_ bytes: inout [UInt8]) {
        guard let target = word(in: bytes) else { return }
        if !dictionary.isEmpty, random.chance(1, in: 2) {
            bytes.replaceSubrange(target, with: random.pick(dictionary))
        } else if let source = word(in: bytes) {
            bytes.replaceSubrange(target, with: Array(bytes[source]))
        }
    }

    /// The letters and digits around some place.
    private mutating func word(in bytes: [UInt8]) -> Range<Int>? {
        run(in: bytes) { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x5f, 0x61...0x7a: true
            default: false
            }
        }
    }

    /// The longest run of bytes that `belong` around the first such byte behind some place.
    private mutating func run(
        in bytes: [UInt8], where belongs: (UInt8) -> Bool
    ) -> Range<Int>? {
        guard let hit = bytes[place(in: bytes)...].firstIndex(where: belongs) else { return nil }
        let before = bytes[..<hit].lastIndex { !belongs($0) }
        let end = bytes[hit...].firstIndex { !belongs($0) } ?? bytes.count
        return (before.map { $0 + 1 } ?? 0)..<end
    }

    private mutating func splice(_ bytes: inout [UInt8], _ other: [UInt8]) {
        let inserted = Array(other[piece(of: other)])
        if random.chance(1, in: 2) {
            bytes.insert(contentsOf: inserted, at: place(in: bytes))
        } else {
            let start = place(in: bytes)
            let end = min(bytes.count, start + inserted.count)
            bytes.replaceSubrange(start..<end, with: inserted)
        }
    }

    // MARK: Lines

    private mutating func line(of bytes: [UInt8]) -> Range<Int> {
        let hit = place(in: bytes)
        let start = bytes[..<hit].lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
        let end = bytes[hit...].firstIndex(of: 0x0a).map { $0 + 1 } ?? bytes.count
        return start..<end
    }

    private mutating func spliceLines(_ bytes: inout [UInt8], _ other: [UInt8]) {
        var source = line(of: other)
        for _ in 0..<random.below(4) where source.upperBound < other.count {
            let end = other[source.upperBound...].firstIndex(of: 0x0a).map { $0 + 1 }
            source = source.lowerBound..<(end ?? other.count)
        }
        let target = line(of: bytes)
        let replaced = random.chance(1, in: 2) ? target : target.lowerBound..<target.lowerBound
        bytes.replaceSubrange(replaced, with: other[source])
    }

    private mutating func swapLines(_ bytes: inout [UInt8]) {
        let (a, b) = (line(of: bytes), line(of: bytes))
        let (first, second) = a.lowerBound < b.lowerBound ? (a, b) : (b, a)
        guard first.upperBound <= second.lowerBound else { return }
        let (before, after) = (Array(bytes[first]), Array(bytes[second]))
        bytes.replaceSubrange(second, with: before)
        bytes.replaceSubrange(first, with: after)
    }

    // MARK: Numbers

    /// Another decimal number where one was.
    private mutating func replaceNumber(_ bytes: inout [UInt8]) {
        guard let target = run(in: bytes, where: { (0x30...0x39).contains($0) }) else { return }
        let notable = [
            "0", "1", "2", "3", "7", "63", "64", "65", "255", "256", "1000", "32767", "65536",
            "2147483647", "4294967296", "9007199254740993", "9223372036854775807",
            "9223372036854775808", "18446744073709551616", "1e308", "1e-400", "0.1",
            "99999999999999999999999999", "1760000000", "1760000000000", "253402300800",
        ]
        let chosen = random.chance(2, in: 3) ? random.pick(notable) : "\(random.below(100))"
        bytes.replaceSubrange(target, with: Array(chosen.utf8))
    }

    /// Another little-endian integer of 8 bytes, at a multiple of a byte.
    private mutating func replaceInteger(_ bytes: inout [UInt8]) {
        guard bytes.count >= 8 else { return }
        let start = random.below(bytes.count - 7)
        let old = (0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[start + $1]) }
        let notable: [UInt64] = [
            0, 1, 2, 3, 63, 64, 255, 1 << 15, 1 << 31, 1 << 32, 1 << 53, 1 << 62, .max >> 1,
            1 << 63, .max, .max - 1,
        ]
        let new =
            switch random.below(3) {
            case 0: random.pick(notable)
            case 1: old &+ UInt64(random.below(16)) &- 8
            default: UInt64(random.below(40))
            }
        for i in 0..<8 { bytes[start + i] = UInt8(truncatingIfNeeded: new >> UInt64(8 * i)) }
    }
}
