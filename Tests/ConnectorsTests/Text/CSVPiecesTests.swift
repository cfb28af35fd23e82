// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Connectors

@Suite struct CSVPiecesTests {
    private func piece(_ pieces: inout CSVPieces, _ text: String) -> String {
        String(decoding: pieces.take(Array(text.utf8)), as: UTF8.self)
    }

    @Test func eachPieceBeginsWithTheHeader() {
        var pieces = CSVPieces(delimiter: 0x2c, maxRowByteCount: 100)
        #expect(piece(&pieces, "\n") == "")
        #expect(piece(&pieces, "a,b\n") == "")
        #expect(piece(&pieces, "1,2\n3,4\n") == "a,b\n1,2\n3,4\n")
        #expect(piece(&pieces, "5,6\n") == "a,b\n5,6\n")
    }

    @Test func aRowOfSeveralLinesIsInOnePiece() {
        var pieces = CSVPieces(delimiter: 0x2c, maxRowByteCount: 100)
        #expect(piece(&pieces, "\"a\n") == "")
        #expect(piece(&pieces, "x\",b\n1,2\n\"3\n") == "\"a\nx\",b\n1,2\n")
        #expect(pieces.restByteCount == 3)
        #expect(piece(&pieces, "y\n") == "")
        #expect(pieces.restByteCount == 5)
        #expect(piece(&pieces, "\",4\n5,6\n") == "\"a\nx\",b\n\"3\ny\n\",4\n5,6\n")
        #expect(pieces.restByteCount == 0)
        #expect(piece(&pieces, "\"7\n") == "")
        #expect(String(decoding: pieces.finish(), as: UTF8.self) == "\"a\nx\",b\n\"7\n")
    }

    @Test func whatIsNoRowHoldsNothingUp() {
        var pieces = CSVPieces(delimiter: 0x2c, maxRowByteCount: 10)
        #expect(piece(&pieces, "a,b\n1\"2,3\n4,5\n") == "a,b\n1\"2,3\n4,5\n")
        #expect(piece(&pieces, "\"long\n") == "")
        #expect(piece(&pieces, "longer\nlongest\n1,2\n").hasSuffix("1,2\n"))
        #expect(pieces.restByteCount == 0)
    }

    @Test func aLaterLifeKnowsTheHeader() {
        var pieces = CSVPieces(delimiter: 0x3b, maxRowByteCount: 100)
        pieces.meet(beginning: Array("a;b\n1;2\n\"3".utf8))
        #expect(piece(&pieces, "4;5\n") == "a;b\n4;5\n")
    }
}
