// SPDX-License-Identifier: Apache-2.0
// Most lines of a feed have the keys of the line before in the same order and with the same blanks
// around them, so what stands between two values is compared with what stood there the last time:
// 8 bytes at a time, and neither a string scanned nor a key looked up. Exercised by
// PredictedLineTests.

import EventModel

/// What has stood before values, and which followed which.
struct KeyPrediction: ~Copyable {
    /// All from the end of a value to the beginning of the next one: `,"user":`.
    struct Lead: BitwiseCopyable {
        var words: (UInt64, UInt64, UInt64, UInt64) = (1, 0, 0, 0)
        var masks: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var length = 0
        /// Index in `FieldIndex.edges`; -1: nobody wants the value.
        var edge = -1
        /// The spot of the value; -1: not wanted; `parentSpot`: it may be an object to go into.
        var spot = -1
        /// The leads that followed it last and before that; 0, which never fits, where none did.
        var next = 0
        var otherNext = 0
    }

    /// What a lead can be, so that it is compared in four words.
    static let leadByteCap = 32
    /// Leads that are remembered: more than the keys of any sane record.
    static let leadCap = 512
    /// What is before the first key.
    static let start = 0
    static let parentSpot = -2
    /// Stands for what was not remembered.
    static let passing = 1

    private(set) var leads = RawTable(repeating: Lead(), count: leadCap)
    private var leadCount = 2
    private var known = KeyTable()

    init() {
        // So that an entry's number in the table is the lead's.
        _ = known.insert([0x00].span, scope: -1)
        _ = known.insert([0x01].span, scope: -1)
    }

    /// Whether lead `index` stands at `i`.
    ///
    /// - Precondition: `leadByteCap` bytes follow `i`.
    @inline(__always)
    func fits(_ index: Int, _ text: RawText, _ i: Int) -> Bool {
        let lead = leads[index]
        var difference = text.word(at: i) & lead.masks.0 ^ lead.words.0
        difference |= text.word(at: i &+ 8) & lead.masks.1 ^ lead.words.1
        if difference != 0 { return false }
        if lead.length <= 16 { return true }
        difference = text.word(at: i &+ 16) & lead.masks.2 ^ lead.words.2
        difference |= text.word(at: i &+ 24) & lead.masks.3 ^ lead.words.3
        return difference == 0
    }

    /// Makes the second successor of `lead` the first.
    mutating func swapSuccessors(of lead: Int) {
        leads.change(lead) { ($0.next, $0.otherNext) = ($0.otherNext, $0.next) }
    }

    /// Notes that `bytes`, behind which the value of `edge` stands, followed `lead`; gives the
    /// number of what they are.
    mutating func learn(
        _ bytes: Span<UInt8>, _ edge: Int, after lead: Int, _ index: FieldIndex
    ) -> Int {
        guard bytes.count <= KeyPrediction.leadByteCap, leadCount < KeyPrediction.leadCap else {
            leads[KeyPrediction.passing] = KeyPrediction.made(bytes, edge, index, isKept: false)
            return KeyPrediction.passing
        }
        let number = known.insert(bytes, scope: 0)
        if number == leadCount {
            leads[number] = KeyPrediction.made(bytes, edge, index, isKept: true)
            leadCount += 1
        }
        if lead != KeyPrediction.passing {
            leads.change(lead) { ($0.next, $0.otherNext) = (number, $0.next) }
        }
        return number
    }

    private static func made(
        _ bytes: Span<UInt8>, _ edge: Int, _ index: FieldIndex, isKept: Bool
    ) -> Lead {
        var lead = Lead()
        lead.length = bytes.count
        lead.edge = edge
        if edge >= 0 {
            let isParent = index.edges[edge].child >= 0
            lead.spot = isParent ? KeyPrediction.parentSpot : index.edges[edge].spot
        }
        guard isKept else { return lead }
        func word(_ number: Int) -> (word: UInt64, mask: UInt64) {
            var (word, mask): (UInt64, UInt64) = (0, 0)
            for k in number * 8..<max(number * 8, min(bytes.count, number * 8 + 8)) {
                word |= UInt64(bytes[k]) << UInt64(8 * (k - number * 8))
                mask |= 0xff << UInt64(8 * (k - number * 8))
            }
            return (word, mask)
        }
        let parts = (word(0), word(1), word(2), word(3))
        lead.words = (parts.0.word, parts.1.word, parts.2.word, parts.3.word)
        lead.masks = (parts.0.mask, parts.1.mask, parts.2.mask, parts.3.mask)
        return lead
    }
}
