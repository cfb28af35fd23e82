// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The decoders as functions over any bytes, for fuzzers: none may trap, whatever the bytes are.
package enum DecoderFuzz {
    static let plan: DecodePlan = {
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
    }()

    /// What came of some bytes.
    package struct Summary: Sendable {
        /// Events, or bytes that were unpacked.
        package var made = 0
        /// What kinds of values stood where, and what was refused why: a measure of how much of a
        /// decoder the bytes used.
        package var reached: Set<String> = []
    }

    /// Decodes each line, and holds the fast way against the careful one.
    package static func json(_ bytes: [UInt8]) -> Summary {
        let difference = comparison(bytes, plan).difference
        precondition(difference == nil, difference ?? "")
        var decoder = JSONLineDecoder(plan: plan)
        return decode(bytes, with: &decoder) { _ in true }
    }

    /// Decodes each row, and holds the way by cells against that by objects.
    package static func csv(_ bytes: [UInt8]) -> Summary {
        var options = JSONLineDecoder.Options()
        options.isTextual = true
        options.fixedType = "a"
        let difference = rowComparison(bytes, plan, options).difference
        precondition(difference == nil, difference ?? "")
        var decoder = JSONLineDecoder(plan: plan, options: options)
        var rows = CSVRows(delimiter: UInt8(ascii: ","), rowByteCap: 1 << 16)
        return decode(bytes, with: &decoder) { line in
            guard (try? rows.take(line.span)) == .row, let columns = rows.columns else {
                return false
            }
            let row = rows.joined.isEmpty ? line : rows.joined
            line = []
            columns.appendObject(of: row.span, to: &line)
            return true
        }
    }

    /// What a log line gives: its parts, as excerpts and as all that texts can be read as.
    static let logPlan: DecodePlan = {
        let types: [ValueType] = [.any, .string, .enumeration(["sshd"]), .int, .time, .ip]
        var slot = 0
        let fields = ["line", "host", "app", "pid", "message", "a.b"].map { path in
            let targets = (types + [.string]).enumerated().map { index, type in
                slot += 1
                var target = DecodePlan.Target(slot: slot - 1, type: type)
                target.isExcerpt = index == types.count
                return target
            }
            return DecodePlan.Field(path: path, targets: targets)
        }
        return DecodePlan(
            types: [
                .init(name: "a", fields: fields, timePath: nil, timeFormat: nil, idPath: "pid")
            ],
            otherFields: nil, slotCount: slot)
    }()

    /// Decodes each line, and holds the way by parts against that by objects.
    package static func lines(_ bytes: [UInt8]) -> Summary {
        let difference = logLineComparison(bytes, logPlan).difference
        precondition(difference == nil, difference ?? "")
        var options = JSONLineDecoder.Options()
        options.isTextual = true
        options.fixedType = "a"
        var decoder = JSONLineDecoder(plan: plan, options: options)
        var logLines = LogLines(stamps: OldStamps(modified: .zero))
        return decode(bytes, with: &decoder) { line in
            guard logLines.take(line.span) else { return false }
            line = logLines.text
            return true
        }
    }

    /// Unpacks as gzip data and as zstd data.
    package static func packed(_ bytes: [UInt8]) -> Summary {
        var summary = Summary()
        var made: [UInt8] = []
        let gzip = GzipStream()
        let zstd = ZstdStream()
        for step in [gzip.unpack, zstd.unpack] {
            var rest = bytes[...]
            while made.count < 4 << 20 {
                let before = made.count
                let result = step(rest, &made)
                rest = rest.dropFirst(result.taken)
                if let problem = result.problem { summary.reached.insert("\(problem)") }
                if result.problem != nil || result.taken == 0 && made.count == before { break }
            }
        }
        summary.made = made.count
        return summary
    }

    private static func decode(
        _ bytes: [UInt8], with decoder: inout JSONLineDecoder,
        _ record: (inout [UInt8]) -> Bool
    ) -> Summary {
        var summary = Summary()
        var symbols = SymbolTable()
        var batch = EventBatch(slotCount: plan.slotCount)
        for (k, line) in bytes.split(separator: 0x0a).enumerated() {
            var line = Array(line)
            guard record(&line) else { continue }
            do throws(Undecodable) {
                guard case .event = try decoder.scan(line.span) else { continue }
            } catch {
                summary.reached.insert(error.reason.prefix { $0 != "`" }.filter(\.isLetter))
                continue
            }
            decoder.append(
                line.span, to: &batch, symbols: &symbols, feed: 0, position: Int64(k + 1))
        }
        for (place, slot) in batch.slots.enumerated() {
            _ = symbols.value(of: slot)
            if !slot.isMissing { summary.reached.insert("\(place % plan.slotCount) \(slot.tag)") }
        }
        summary.made = batch.count
        return summary
    }
}
