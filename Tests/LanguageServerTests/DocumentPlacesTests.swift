// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LanguageServer

@Suite struct DocumentPlacesTests {
    /// Line 0: `aé😀b`, line 1 (by `\r\n`): `x`, line 2 (by `\r`): empty, line 3 (by `\n`): `end`.
    private static let text = "aé😀b\r\nx\r\nend"

    @Test(arguments: [
        (PositionEncoding.utf16, [0, 1, 2, 4, 5]), (.utf32, [0, 1, 2, 3, 4]),
        (.utf8, [0, 1, 3, 7, 8]),
    ])
    func columnsCountUnitsOfTheEncoding(_ encoding: PositionEncoding, _ columns: [Int]) {
        let places = DocumentPlaces(Array(Self.text.utf8), encoding)
        for (column, offset) in zip(columns, [0, 1, 3, 7, 8]) {
            let position = Position(line: 0, character: column)
            #expect(places.position(offset) == position)
            #expect(places.offset(position) == offset)
        }
    }

    @Test func placesOutsideTheTextAreBroughtIn() {
        let places = DocumentPlaces(Array(Self.text.utf8), .utf16)
        #expect(places.offset(Position(line: 0, character: 99)) == 8)
        #expect(places.offset(Position(line: 1, character: 99)) == 11)
        #expect(places.offset(Position(line: 9, character: 0)) == Self.text.utf8.count)
        #expect(places.position(999) == Position(line: 2, character: 3))
        #expect(places.position(-1) == Position(line: 0, character: 0))
    }

    @Test func theMiddleOfAScalarIsItsStart() {
        let utf16 = DocumentPlaces(Array("😀".utf8), .utf16)
        #expect(utf16.offset(Position(line: 0, character: 1)) == 0)
        let utf8 = DocumentPlaces(Array("é".utf8), .utf8)
        #expect(utf8.offset(Position(line: 0, character: 1)) == 0)
    }

    @Test func everyLineEndCounts() {
        let places = DocumentPlaces(Array("a\rb\r\nc\n".utf8), .utf16)
        #expect(places.position(2) == Position(line: 1, character: 0))
        #expect(places.position(5) == Position(line: 2, character: 0))
        #expect(places.position(7) == Position(line: 3, character: 0))
    }

    @Test(arguments: [
        ("file:///a/b%20c.martlet", "/a/b c.martlet"), ("file://host/x", "/x"),
        ("file:///%C3%A9", "/é"), ("untitled:Untitled-1", "untitled:Untitled-1"),
        ("file:///a%2", "/a%2"), ("FILE:///A", "/A"), ("file:///rules/", "/rules"),
    ])
    func urisAreRead(_ uri: String, _ name: String) { #expect(DocumentURI.name(uri) == name) }

    @Test(arguments: ["/a/b c.martlet", "/é/%/?#", "untitled:Untitled-1"])
    func namesComeBackFromTheirURIs(_ name: String) {
        #expect(DocumentURI.name(DocumentURI.uri(name)) == name)
    }
}
