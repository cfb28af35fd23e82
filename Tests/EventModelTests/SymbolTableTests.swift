// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EventModel

@Suite struct SymbolTableTests {
    private static let texts: [String] = {
        let lengths = Array(0...40) + [63, 64, 65, 1000]
        return lengths.flatMap { length in
            ["", "x"].map { last in String(repeating: "a", count: length) + last }
        } + (0..<5000).map { "user\($0)" } + (0..<2000).map { "a text of more than \($0) bytes" }
    }()

    @Test func equalTextsAreOneSymbolAndOthersAreNot() {
        var table = SymbolTable()
        var known: [String: Symbol] = [:]
        for text in Self.texts + Self.texts.reversed() {
            let symbol = table.intern(text)
            #expect(known[text] == nil || known[text] == symbol)
            known[text] = symbol
            #expect(table.string(of: symbol) == text)
            #expect(table.length(of: symbol) == text.utf8.count)
        }
        #expect(table.count == known.count)
        #expect(Set(known.values.map(\.id)).count == known.count)
    }

    /// Each byte counts, wherever it is.
    @Test(arguments: Array(1...40))
    func oneOtherByteIsAnotherSymbol(_ length: Int) {
        var table = SymbolTable()
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let symbol = table.intern(bytes)
        for place in 0..<length {
            var other = bytes
            other[place] ^= 0x80
            #expect(table.intern(other) != symbol)
        }
        #expect(table.intern(bytes) == symbol)
        #expect(table.count == length + 1)
    }

    /// Routing to shards and snapshots rest on these very numbers.
    @Test(arguments: [
        ("", 3_350_666_855), ("a", 3_072_185_254), ("login", 1_743_942_960),
        ("sixteen bytes ab", 4_026_062_085), ("seventeen bytes a", 2_230_523_503),
    ])
    func theHashIsTheSameInEveryProcess(_ text: String, _ hash: UInt32) {
        var table = SymbolTable()
        #expect(table.hash(of: table.intern(text)) == hash)
    }

    @Test func aSweepKeepsWhatIsMarkedAndNothingElse() {
        var table = SymbolTable()
        let symbols = Self.texts.map { table.intern($0) }
        var live = [Bool](repeating: false, count: table.idLimit)
        for (k, symbol) in symbols.enumerated() where k % 3 == 0 { live[Int(symbol.id)] = true }
        let marked = live.count { $0 }
        table.sweep(keeping: live)
        #expect(table.count == marked)
        for (text, symbol) in zip(Self.texts, symbols) where live[Int(symbol.id)] {
            #expect(table.string(of: symbol) == text)
            #expect(table.intern(text) == symbol)
        }
        for text in Self.texts { #expect(table.string(of: table.intern(text)) == text) }
    }

    /// Whoever sends names that are never the same twice may send long ones.
    @Test func aFewLongTextsAreWorthASweepToo() {
        var table = SymbolTable()
        let text = String(repeating: "x", count: 20_000)
        for round in 0..<3 {
            var symbols: [Symbol] = []
            for number in 0..<100_000 where !table.isSweepDue {
                symbols.append(table.intern("\(text)\(round) \(number)"))
            }
            #expect(symbols.count > 500 && table.byteCount < 24 << 20)
            var live = [Bool](repeating: false, count: table.idLimit)
            for symbol in symbols.suffix(10) { live[Int(symbol.id)] = true }
            table.sweep(keeping: live)
            #expect(table.count == 10 && table.byteCount < 1 << 20 && !table.isSweepDue)
        }
    }

    /// Who remembers symbols looks at the epoch to see whether they still stand for the same.
    @Test func theEpochTellsTablesAndSweepsApart() {
        var table = SymbolTable()
        let epoch = table.epoch
        #expect(SymbolTable().epoch != epoch)
        _ = table.intern("x")
        #expect(table.epoch == epoch)
        #expect(table.shared().epoch == epoch)
        table.sweep(keeping: [false])
        #expect(table.epoch != epoch)
    }

    /// Handles on several threads intern the same texts and others, while the table grows.
    @Test func threadsThatInternTheSameTextsGetTheSameSymbols() async {
        let table = SymbolTable()
        let texts = (0..<20_000).map {
            $0 % 3 == 0 ? "a text of more than 16 bytes \($0)" : "t\($0)"
        }
        let found = await withTaskGroup(of: [UInt32].self) { group in
            for worker in 0..<4 {
                let handle = table.shared()
                group.addTask {
                    var handle = handle.shared()
                    var ids = [UInt32](repeating: 0, count: texts.count)
                    for k in texts.indices {
                        let place = worker % 2 == 0 ? k : texts.count - 1 - k
                        let symbol = handle.intern(texts[place])
                        #expect(handle.length(of: symbol) == texts[place].utf8.count)
                        ids[place] = symbol.id
                    }
                    return ids
                }
            }
            return await group.reduce(into: [[UInt32]]()) { $0.append($1) }
        }
        #expect(table.count == texts.count && Set(found[0]).count == texts.count)
        for ids in found { #expect(ids == found[0]) }
        for (text, id) in zip(texts, found[0]) { #expect(table.string(of: Symbol(id: id)) == text) }
    }
}
