// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Connectors

/// Rows whose values are noted as their object is made, against the object scanned.
@Suite struct CSVFeedTests {
    private static let names = [
        "type", "ts", "user", "a.b", "a", "bytes", "n,m", "ü", "user", "id",
    ]
    private static let cells = [
        "t", "t", "other", "1760000000001", "1760000000001", "2026-01-31T12:00:00Z", "ann", "",
        "17", "0x", "\"q,\"\"x\"", "\"\"", "größe", "a\\b", "true", "\"two\nlines\"", " pad ",
    ]

    private static func options() -> JSONLineDecoder.Options {
        var options = JSONLineDecoder.Options()
        options.isTextual = true
        return options
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func aRowGivesWhatItsObjectWould(_ seed: UInt64) throws {
        var numbers = SeededNumbers(state: seed)
        let plan = planOfOneType(
            [("user", .string), ("a.b", .any), ("a", .string), ("bytes", .int), ("n,m", .float)],
            others: seed % 2 == 0)
        var rows = CSVRows(delimiter: UInt8(ascii: ","), rowByteCap: 1_000)
        let quick = DecoderHarness(plan, CSVFeedTests.options())
        let careful = DecoderHarness(plan, CSVFeedTests.options())
        let width = Int.random(in: 2...8, using: &numbers)
        // Types and times are there more often than not, and a name may come twice.
        var header = ["type", "ts"]
        while header.count < width {
            header.append(CSVFeedTests.names.randomElement(using: &numbers) ?? "")
        }
        header = header.map { $0.contains(",") ? "\"\($0)\"" : $0 }
        var noted = 0
        for number in 0..<400 {
            let line =
                number == 0
                ? header
                : header.indices.map { place in
                    place == 0 && Bool.random(using: &numbers)
                        ? "t"
                        : place == 1 && Bool.random(using: &numbers)
                            ? "1760000000\(100 + number)"
                            : CSVFeedTests.cells.randomElement(using: &numbers) ?? ""
                }
            for part in line.joined(separator: ",").split(
                separator: "\n", omittingEmptySubsequences: false)
            {
                let bytes = Array(part.utf8)
                guard let taken = try? rows.take(bytes.span) else { continue }
                if taken == .header { quick.decoder.meet(columns: rows.names) }
                if taken == .row { noted += CSVFeedTests.take(rows, quick, careful) ? 1 : 0 }
            }
        }
        #expect(noted > 20 || header.contains("ü"))
        #expect(quick.batch.count == careful.batch.count)
        for event in 0..<min(quick.batch.count, careful.batch.count) {
            #expect(quick.batch.events[event].time == careful.batch.events[event].time)
            for slot in 0..<plan.slotCount {
                let (a, b) = (
                    quick.value(slot, ofEvent: event), careful.value(slot, ofEvent: event)
                )
                #expect(a == b)
            }
        }
        #expect(quick.decoder.mismatches.map(\.count) == careful.decoder.mismatches.map(\.count))
    }

    /// Has both take the row; false where it cannot be noted.
    private static func take(
        _ rows: CSVRows, _ quick: DecoderHarness, _ careful: DecoderHarness
    ) -> Bool {
        let expected = careful.take(rows.text)
        var found: ScannedLine?
        var reason: String?
        do {
            found = try quick.decoder.note(rows.text.span, rows.places.span)
            if found == nil {
                quick.take(rows.text)
                return false
            }
        } catch {
            reason = error.reason
        }
        #expect(found == expected)
        #expect(reason == nil || reason == careful.reasons.last)
        if case .event? = found {
            quick.decoder.append(
                rows.text.span, to: &quick.batch, symbols: &quick.symbols, feed: 0, position: 1)
        }
        return true
    }
}
