// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@Suite struct LookupTableTests {
    /// A table of one column of texts, as a CSV file has them.
    private func column(_ texts: String...) -> LookupTable {
        var builder = LookupTableBuilder()
        let column = builder.column("x")
        for (index, text) in texts.enumerated() {
            builder.beginRow(line: Int64(index + 2))
            let bytes = Array(text.utf8)
            if !bytes.isEmpty { builder.set(column, text: bytes.span, isTextual: true) }
        }
        return builder.finish(keyColumn: 0)
    }

    private func row(of value: Value, in table: LookupTable) -> Int {
        var symbols = SymbolTable()
        let slot = Slot(value, in: &symbols)
        return table.find(slot, symbols)
    }

    @Test(arguments: [
        (["1", "-20", "0"], ValueType.int),
        (["1", "2.5", "1e3"], .float),
        (["true", "false"], .bool),
        (["10.0.0.1", "2001:db8::1"], .ip),
        (["10.0.0.1", "10.0.0.0/8"], .network),
        (["2027-01-31", "2027-01-31T12:00:00Z"], .time),
        (["1", "x"], .string),
        (["1", "007"], .string),
        (["+5"], .string),
        (["12345678901234567890"], .string),
        (["1", "true"], .string),
        (["10.0.0.1", "10.0.0.0/33"], .string),
        (["", ""], .any),
        (["", "4"], .int),
        ([], .any),
    ])
    func aColumnHasTheTypeOfAllItsCells(texts: [String], type: ValueType) {
        var builder = LookupTableBuilder()
        let column = builder.column("x")
        for text in texts {
            builder.beginRow(line: 1)
            let bytes = Array(text.utf8)
            if !bytes.isEmpty { builder.set(column, text: bytes.span, isTextual: true) }
        }
        #expect(builder.finish(keyColumn: 0).columns[0].type == type)
    }

    @Test func theLineThatMadeAColumnOneOfTextsIsKnown() {
        #expect(column("10.0.0.1", "10.0.0.2", "10.0.0.x", "y").columns[0].firstTextLine == 4)
        #expect(column("a", "b").columns[0].firstTextLine == nil)
        #expect(column("1", "2").columns[0].firstTextLine == nil)
    }

    @Test func numbersAndTextsOfJSONAreWhatTheyAre() {
        var builder = LookupTableBuilder()
        let (number, text, mixed) = (builder.column("n"), builder.column("t"), builder.column("m"))
        let one = Array("1".utf8)
        builder.beginRow(line: 1)
        builder.set(number, number: one.span)
        builder.set(text, text: one.span, isTextual: false)
        builder.set(mixed, number: one.span)
        builder.beginRow(line: 2)
        builder.set(mixed, bool: true)
        let table = builder.finish(keyColumn: 0)
        #expect(table.columns.map(\.type) == [.int, .string, .string])
        #expect(table.value(row: 0, column: 1) == .string("1"))
        #expect(table.value(row: 0, column: 2) == .string("1"))
        #expect(table.value(row: 1, column: 2) == .string("true"))
        #expect(table.value(row: 1, column: 0) == .missing)
    }

    @Test func aRowIsFoundByTextAndByNothingElse() {
        let long = String(repeating: "long ", count: 20)
        let table = column("ann", "bob", long, "é")
        #expect(row(of: .string("bob"), in: table) == 1)
        #expect(row(of: .string(long), in: table) == 2)
        #expect(row(of: .string("é"), in: table) == 3)
        #expect(row(of: .string("bo"), in: table) == -1)
        #expect(row(of: .string(long + "x"), in: table) == -1)
        #expect(row(of: .int(1), in: table) == -1)
        #expect(row(of: .missing, in: table) == -1)
        #expect(row(of: .list([.string("ann")]), in: table) == -1)
    }

    @Test func numbersAreFoundWhateverTheirKind() {
        let ints = column("1", "200", "-3")
        #expect(row(of: .int(200), in: ints) == 1)
        #expect(row(of: .float(200), in: ints) == 1)
        #expect(row(of: .float(200.5), in: ints) == -1)
        #expect(row(of: .time(StreamTime(nanoseconds: 200)), in: ints) == -1)
        let floats = column("1", "2.5")
        #expect(row(of: .int(1), in: floats) == 0)
        #expect(row(of: .float(2.5), in: floats) == 1)
    }

    @Test func ofTwoRowsOfOneKeyTheLaterCounts() {
        let table = column("a", "b", "a", "", "a")
        #expect(row(of: .string("a"), in: table) == 4)
        #expect(
            table.hiddenRows == [
                .init(line: 2, hiddenBy: 4), .init(line: 5, hiddenBy: nil),
                .init(line: 4, hiddenBy: 6),
            ])
        #expect(table.hiddenRowCount == 3)
    }

    @Test func theSmallestNetworkIsFound() throws {
        let table = column("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "2001:db8::/32", "0.0.0.0/0")
        func found(_ text: String) throws -> Int {
            row(of: .ip(try #require(IPAddress(text))), in: table)
        }
        #expect(try found("10.2.0.1") == 0)
        #expect(try found("10.1.9.9") == 1)
        #expect(try found("10.1.2.3") == 2)
        #expect(try found("10.1.2.4") == 1)
        #expect(try found("192.168.0.1") == 4)
        #expect(try found("2001:db8::77") == 3)
        #expect(try found("2001:db9::77") == -1)
        #expect(table.value(row: 2, column: 0).displayText == "10.1.2.3/32")
    }

    /// Random networks against a walk over all of them.
    @Test func lookingAnAddressUpIsAWalkOverAllNetworks() throws {
        var state: UInt64 = 7
        func random(_ limit: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % limit
        }
        func address() -> IPAddress {
            random(4) == 0
                ? IPAddress(high: 0x2001_0db8_0000_0000, low: random(16) << 60)
                : IPAddress(ipv4: UInt32(10 << 24 | random(4) << 22 | random(64)))
        }
        for _ in 0..<50 {
            let networks = try (0..<20).map { _ in
                let base = address()
                return try #require(
                    IPNetwork(base, prefixLength: Int(random(base.isIPv4 ? 33 : 129))))
            }
            let table = LookupTable(
                columns: [.init(name: "net", type: .network)], keyColumn: 0,
                rows: networks.map { [.network($0)] })
            for _ in 0..<40 {
                let wanted = address()
                let best = networks.indices.filter { networks[$0].contains(wanted) }
                    .max { (networks[$0].prefixLength, $0) < (networks[$1].prefixLength, $1) }
                #expect(row(of: .ip(wanted), in: table) == best ?? -1)
            }
        }
    }

    @Test func cellsComeBackAsTheyWere() {
        let values: [Value] = [
            .string("text"), .string(""), .int(7), .float(2.5), .bool(true), .missing,
            .time(StreamTime(nanoseconds: 5)), .duration(TimeSpan(seconds: 3)),
        ]
        let table = LookupTable(
            columns: values.indices.map { .init(name: "c\($0)", type: .any) }, keyColumn: 0,
            rows: [values])
        var symbols = SymbolTable()
        for (column, value) in values.enumerated() {
            #expect(table.value(row: 0, column: column) == value)
            #expect(
                symbols.value(of: table.slot(row: 0, column: column, in: &symbols)) == value)
        }
    }
}
