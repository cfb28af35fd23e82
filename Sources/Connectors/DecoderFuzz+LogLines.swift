// SPDX-License-Identifier: Apache-2.0

import EventModel

extension DecoderFuzz {
    /// Takes each line of a log both as parts and as the object that is made of it.
    ///
    /// - Returns: the first line that they do not agree about, and how many events came of parts.
    static func logLineComparison(
        _ bytes: [UInt8], _ plan: DecodePlan
    ) -> (difference: String?, eventCount: Int) {
        var options = JSONLineDecoder.Options()
        options.isTextual = true
        options.fixedType = plan.types.first?.name ?? "line"
        var direct = DecoderReading(plan, options)
        var careful = DecoderReading(plan, options)
        var lines = LogLines(stamps: OldStamps(modified: .zero))
        var eventCount = 0
        for line in bytes.split(separator: 0x0a) {
            let raw = line.span.extracting(0..<LogLines.end(of: line.span))
            guard let reading = lines.read(raw) else { continue }
            lines.write(raw, reading)
            let object = lines.text
            guard let result = direct.takeParts(raw, reading) else { continue }
            eventCount += 1
            let expected = careful.takeObject(object)
            guard result == expected else {
                return ("\(String(copying: raw)): \(result), not \(expected)", eventCount)
            }
        }
        return (nil, eventCount)
    }
}
