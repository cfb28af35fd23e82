// SPDX-License-Identifier: Apache-2.0

import EventModel

extension DecoderFuzz {
    /// Takes each row of CSV both by its cells and as the object that is made of it.
    ///
    /// - Returns: the first row that they do not agree about, and how many were taken by cells.
    static func rowComparison(
        _ bytes: [UInt8], _ plan: DecodePlan, _ options: JSONLineDecoder.Options
    ) -> (difference: String?, takenCount: Int) {
        var direct = DecoderReading(plan, options)
        var careful = DecoderReading(plan, options)
        var rows = CSVRows(delimiter: UInt8(ascii: ","), rowByteCap: 1 << 16)
        var takenCount = 0
        for line in bytes.split(separator: 0x0a, omittingEmptySubsequences: false) {
            let taken = try? rows.take(line.span)
            guard let columns = rows.columns else { continue }
            if taken == .header { direct.meet(columns) }
            guard taken == .row else { continue }
            let row = rows.joined.isEmpty ? Array(line) : rows.joined
            var object: [UInt8] = []
            columns.appendObject(of: row.span, to: &object)
            guard let result = direct.takeCells(row.span, rows) else { continue }
            takenCount += 1
            let expected = careful.takeObject(object)
            guard result == expected else {
                let row = String(copying: row.span)
                return ("\(row): \(result), not \(expected)", takenCount)
            }
        }
        return (nil, takenCount)
    }
}
