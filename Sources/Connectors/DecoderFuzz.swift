// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The decoders as functions over any bytes, for fuzzers: none may trap, whatever the bytes are.
package enum DecoderFuzz {
    private static var plan: DecodePlan {
        let types: [ValueType] = [
            .any, .bool, .int, .float, .number, .string, .enumeration(["ok", "fail"]), .time,
            .duration, .ip, .network, .list(.int), .list(.any), .list(.list(.string)),
        ]
        var slot = 0
        let fields = ["a", "b", "a.b", "a.b.c", "user", "message"].map { path in
            let targets = types.map { type in
                slot += 1
                return DecodePlan.Target(slot: slot - 1, type: type)
            }
            return DecodePlan.Field(path: path, targets: targets)
        }
        return DecodePlan(
            types: [
                .init(name: "a", fields: fields, timePath: nil, timeFormat: nil, idPath: "a.b"),
                .init(name: "b", fields: [], timePath: "a", timeFormat: "%Y-%m-%d", idPath: nil),
            ], otherFields: fields, slotCount: slot)
    }

    /// Decodes each line; gives the number of events.
    package static func json(_ bytes: [UInt8]) -> Int {
        var decoder = JSONLineDecoder(plan: plan)
        return decode(bytes, with: &decoder) { _ in true }
    }

    package static func csv(_ bytes: [UInt8]) -> Int {
        var options = JSONLineDecoder.Options()
        options.isTextual = true
        options.fixedType = "a"
        var decoder = JSONLineDecoder(plan: plan, options: options)
        var rows = CSVRows(delimiter: UInt8(ascii: ","), rowByteCap: 1 << 16)
        return decode(bytes, with: &decoder) { line in
            guard (try? rows.take(line.span)) == .row else { return false }
            line = rows.text
            return true
        }
    }

    package static func lines(_ bytes: [UInt8]) -> Int {
        var options = JSONLineDecoder.Options()
        options.isTextual = true
        options.fixedType = "a"
        var decoder = JSONLineDecoder(plan: plan, options: options)
        var logLines = LogLines(year: nil, modified: .zero)
        return decode(bytes, with: &decoder) { line in
            guard logLines.take(line.span) else { return false }
            line = logLines.text
            return true
        }
    }

    /// Unpacks as gzip data and as zstd data; gives the number of bytes made.
    package static func packed(_ bytes: [UInt8]) -> Int {
        var made: [UInt8] = []
        let gzip = GzipStream()
        let zstd = ZstdStream()
        for step in [gzip.unpack, zstd.unpack] {
            var rest = bytes[...]
            while made.count < 4 << 20 {
                let before = made.count
                let result = step(rest, &made)
                rest = rest.dropFirst(result.taken)
                if result.problem != nil || result.taken == 0 && made.count == before { break }
            }
        }
        return made.count
    }

    private static func decode(
        _ bytes: [UInt8], with decoder: inout JSONLineDecoder,
        _ record: (inout [UInt8]) -> Bool
    ) -> Int {
        var symbols = SymbolTable()
        var batch = EventBatch(slotCount: plan.slotCount)
        for (k, line) in bytes.split(separator: 0x0a).enumerated() {
            var line = Array(line)
            guard record(&line), case .event = try? decoder.scan(line.span) else { continue }
            decoder.append(
                line.span, to: &batch, symbols: &symbols, feed: 0, position: Int64(k + 1))
        }
        for slot in batch.slots { _ = symbols.value(of: slot) }
        return batch.count
    }
}
