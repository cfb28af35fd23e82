// SPDX-License-Identifier: Apache-2.0
// Most lines of a feed have the keys of the line before in the same order and with the same blanks
// around them, so what stands between two values is compared with what stood there the last time:
// 32 bytes at once, and neither a string scanned nor a key looked up. Exercised by
// PredictedLineTests.

import CByteScan
import EventModel

/// What has stood before values, and which followed which.
///
/// A lead is all from the end of a value to the beginning of the next one, with the quote where
/// that is a text: `,"user":"`. The end of an object with that of its line is one too.
struct KeyPrediction: ~Copyable {
    typealias Lead = martlet_lead

    /// What a lead is followed by.
    enum Form: Int32 {
        case nothing = 0
        case text
        case value
        /// An object to go into.
        case parent
        case endOfLine
    }

    static let leadByteCap = Int(MARTLET_LEAD_BYTES)
    /// Leads that are remembered: more than the keys of any sane record.
    static let leadCap = 512
    /// What is before the first key. As a successor it stands for none.
    static let start = 0
    /// Stands for what was not remembered.
    static let passing = 1

    var leads = RawTable(repeating: Lead(), count: leadCap)
    private var leadCount = 2
    private var known = KeyTable()

    init() {
        // So that an entry's number in the table is the lead's.
        _ = known.insert([0x00].span, scope: -1)
        _ = known.insert([0x01].span, scope: -1)
    }

    /// Notes that `bytes` followed `lead`; gives the number of what they are.
    ///
    /// - Parameter edge: that of the key whose value they stand before; -1: nobody wants it.
    mutating func learn(
        _ bytes: Span<UInt8>, _ form: Form, _ edge: Int, after lead: Int, _ index: FieldIndex
    ) -> Int {
        guard bytes.count <= KeyPrediction.leadByteCap, leadCount < KeyPrediction.leadCap else {
            leads[KeyPrediction.passing] = KeyPrediction.made([UInt8]().span, form, edge, index)
            return KeyPrediction.passing
        }
        let number = known.insert(bytes, scope: 0)
        if number == leadCount {
            leads[number] = KeyPrediction.made(bytes, form, edge, index)
            leadCount += 1
        }
        if lead != KeyPrediction.passing {
            leads.change(lead) { ($0.next, $0.other_next) = (Int32(number), $0.next) }
        }
        return number
    }

    private static func made(
        _ bytes: Span<UInt8>, _ form: Form, _ edge: Int, _ index: FieldIndex
    ) -> Lead {
        var lead = Lead()
        lead.length = Int32(bytes.count)
        lead.careless = bytes.count < leadByteCap ? .max << UInt32(bytes.count) : 0
        lead.form = form.rawValue
        lead.edge = Int32(edge)
        lead.spot = edge < 0 ? -1 : Int32(index.edges[edge].spot)
        // SAFETY: the bytes of the tuple, of which none is beyond the cap.
        unsafe withUnsafeMutableBytes(of: &lead.bytes) { room in
            for i in bytes.indices { unsafe room[i] = bytes[i] }
        }
        return lead
    }
}
