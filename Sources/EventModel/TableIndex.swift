// SPDX-License-Identifier: Apache-2.0
// From keys to rows: open addressing with linear probing, over hashes that are those of the symbol
// table for texts, so that looking a text up hashes nothing. Networks are found by the longest
// prefix: one probe for each length that some network has, longest first. Exercised by
// LookupTableTests.

/// Where the rows of a lookup table are, by the hash of their keys.
struct TableIndex: Sendable {
    /// The hash above, the row + 1 below; 0 is empty.
    private var buckets: [UInt64]
    /// The lengths of the prefixes that there are, longest first: of IPv4 and of IPv6.
    private var lengths4: [Int] = []
    private var lengths6: [Int] = []

    init(rowCount: Int) {
        var count = 16
        while count < rowCount * 2 { count *= 2 }
        buckets = [UInt64](repeating: 0, count: count)
    }

    static func hash(_ slot: Slot) -> UInt32 {
        hash(slot.bits ^ UInt64(slot.tag.rawValue) << 56)
    }

    private static func hash(_ word: UInt64) -> UInt32 {
        let product = (word ^ 0x2545_f491_4f6c_dd1d).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        return UInt32(truncatingIfNeeded: product.high ^ product.low)
    }

    fileprivate static func hash(_ block: AddressBlock) -> UInt32 {
        let base = UInt64(hash(block.base.high ^ UInt64(block.length) << 1))
        return hash(block.base.low ^ base << 32 ^ (block.base.isIPv4 ? 1 : 0))
    }

    /// Where the rows of a hash begin.
    @inline(__always)
    func bucket(_ hash: UInt32) -> Int { Int(hash) & (buckets.count - 1) }

    /// The next row of the hash, from `bucket` on; -1: there is none.
    @inline(__always)
    func next(_ hash: UInt32, _ bucket: inout Int) -> Int {
        while true {
            let found = buckets[bucket]
            if found == 0 { return -1 }
            bucket = (bucket + 1) & (buckets.count - 1)
            if UInt32(truncatingIfNeeded: found >> 32) == hash {
                return Int(UInt32(truncatingIfNeeded: found)) - 1
            }
        }
    }

    /// The row among those of this hash that `isWanted`; -1: there is none.
    @inline(__always)
    func find(_ hash: UInt32, _ isWanted: (Int) -> Bool) -> Int {
        var bucket = bucket(hash)
        while true {
            let row = next(hash, &bucket)
            if row < 0 || isWanted(row) { return row }
        }
    }

    /// The row of the smallest block that holds the address.
    func find(_ address: IPAddress, _ isRow: (Int, AddressBlock) -> Bool) -> Int {
        for length in address.isIPv4 ? lengths4 : lengths6 {
            guard let block = AddressBlock(address, length: length) else { continue }
            let row = find(TableIndex.hash(block)) { isRow($0, block) }
            if row >= 0 { return row }
        }
        return -1
    }

    /// Takes a row in.
    ///
    /// - Returns: the row itself; another one that had its key and is found no more; nil: it has no
    ///   key.
    mutating func insert(_ row: Int, _ keys: [Slot], _ texts: [UInt8]) -> Int? {
        let key = keys[row].identity
        let hash: UInt32
        let older: Int
        if let block = AddressBlock(key, texts) {
            note(block)
            hash = TableIndex.hash(block)
            older = find(hash) { AddressBlock(keys[$0], texts) == block }
        } else if key.tag == .string {
            let text = texts.span.extracting(key.place)
            hash = SymbolTable.hash(of: text)
            older = find(hash) { row in
                let other = keys[row]
                return other.tag == .string
                    && texts.span.extracting(other.place).isEqual(
                        to: texts.span.extracting(key.place))
            }
        } else if key.isMissing {
            return nil
        } else {
            hash = TableIndex.hash(key)
            older = find(hash) { keys[$0].identity == key }
        }
        place(row, hash, instead: older)
        return older >= 0 ? older : row
    }

    private mutating func place(_ row: Int, _ hash: UInt32, instead older: Int) {
        let mask = buckets.count - 1
        let entry = UInt64(hash) << 32
        var bucket = Int(hash) & mask
        while buckets[bucket] != 0, buckets[bucket] != entry | UInt64(older + 1) {
            bucket = (bucket + 1) & mask
        }
        buckets[bucket] = entry | UInt64(row + 1)
    }

    private mutating func note(_ block: AddressBlock) {
        if block.base.isIPv4 {
            TableIndex.note(block.length, in: &lengths4)
        } else {
            TableIndex.note(block.length, in: &lengths6)
        }
    }

    private static func note(_ length: Int, in lengths: inout [Int]) {
        let place = lengths.firstIndex { $0 <= length } ?? lengths.count
        if place < lengths.count, lengths[place] == length { return }
        lengths.insert(length, at: place)
    }
}

/// The addresses that share a prefix; an address alone is a block of one.
struct AddressBlock: Equatable {
    var base: IPAddress
    var length: Int

    init?(_ address: IPAddress, length: Int) {
        guard let network = IPNetwork(address, prefixLength: length) else { return nil }
        base = network.base
        self.length = length
    }

    /// The block of a cell; nil where it is neither an address nor a network.
    init?(_ cell: Slot, _ texts: [UInt8]) {
        switch cell.tag {
        case .ipv4:
            base = IPAddress(ipv4: UInt32(truncatingIfNeeded: cell.bits))
            length = 32
        case .ipv6:
            base = IPAddress(bytes: texts.span.extracting(cell.place))
            length = 128
        case .network:
            let bytes = texts.span.extracting(cell.place)
            base = IPAddress(bytes: bytes.extracting(1...))
            length = Int(bytes[0])
        default: return nil
        }
    }
}
