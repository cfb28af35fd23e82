// SPDX-License-Identifier: Apache-2.0

import Connectors
import GzipPacking
import HTTPTypes
import Live
import Testing

@testable import NetworkFeeds

@Suite struct HTTPBodyTests {
    private func body(
        _ packing: HTTPBody.Packing, _ bytes: [UInt8], parts: Int, byteCap: Int
    ) throws -> [UInt8] {
        var body = HTTPBody(packing, byteCap: byteCap)
        for start in stride(from: 0, to: bytes.count, by: max(bytes.count / parts, 1)) {
            let end = min(start + max(bytes.count / parts, 1), bytes.count)
            try body.take(bytes[start..<end])
        }
        try body.finish()
        return body.bytes
    }

    @Test(arguments: [1, 2, 7, 100])
    func partsMakeAWhole(parts: Int) throws {
        let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        #expect(try body(.none, bytes, parts: parts, byteCap: 700_000) == bytes)
        #expect(try body(.gzip, gzip(bytes), parts: parts, byteCap: 700_000) == bytes)
        let twice = gzip(bytes) + gzip([1, 2, 3])
        #expect(try body(.gzip, twice, parts: parts, byteCap: 800_000) == bytes + [1, 2, 3])
    }

    @Test func aBombIsRefusedBeforeItIsUnpacked() throws {
        let bomb = gzip([UInt8](repeating: 0, count: 50_000_000))
        var body = HTTPBody(.gzip, byteCap: 1_000_000)
        #expect { try body.take(bomb) } throws: { ($0 as? HTTPAnswer)?.status.code == 413 }
        #expect(body.bytes.count < 2_000_000)
    }

    @Test func whatIsCutOffIsNoBody() throws {
        let bytes = gzip(Array("text".utf8))
        for count in 0..<bytes.count {
            #expect { try body(.gzip, Array(bytes[..<count]), parts: 1, byteCap: 100) } throws: {
                ($0 as? HTTPAnswer)?.status.code == 400
            }
        }
    }

    @Test(
        arguments: [
            (nil, .jsonLines, .linesOrArray),
            ("text/plain; charset=utf-8", .jsonLines, .linesOrArray),
            ("Application/JSON", .jsonLines, .json), ("application/ld+json", .jsonLines, .json),
            ("application/x-ndjson", .jsonLines, .linesOrArray), ("text/plain", .lines, .lines),
            (nil, .lines, .lines), ("application/json", .lines, nil), (nil, .csv, .rows),
            ("application/x-ndjson", .lines, nil), ("text/csv; header=present", .csv, .rows),
            ("application/x-www-form-urlencoded", .jsonLines, nil), ("text/csv", .jsonLines, nil),
        ] as [(String?, FeedFormat, HTTPContent?)])
    func theTypeSaysHowRecordsAreTold(type: String?, format: FeedFormat, content: HTTPContent?) {
        #expect(HTTPContent(contentType: type, format) == content)
    }
}

@Suite struct JSONElementsTests {
    @Test(arguments: [
        ("[]", []), (" [ ] ", []), ("", []), ("\u{feff}[1]", ["1"]), ("\u{feff}{}", ["{}"]),
        ("[1,\"a,]\",null , true]", ["1", "\"a,]\"", "null", "true"]),
        ("[{\"a\":\"\\\"}\"},{}]", ["{\"a\":\"\\\"}\"}", "{}"]),
        ("[[1,[2]],{\"b\":[{}]}]", ["[1,[2]]", "{\"b\":[{}]}"]),
        ("{\"a\":1}{\"a\":2}\n 3 ", ["{\"a\":1}", "{\"a\":2}", "3"]),
        ("{\"a\":\n1}", ["{\"a\": 1}"]), ("{\"a\":\"x\ny\"}", ["{\"a\":\"x\ry\"}"]),
        // What is wrong inside of an element is wrong with it alone.
        ("[{\"a\" 1},nul]", ["{\"a\" 1}", "nul"]),
    ])
    func eachValueIsALine(text: String, values: [String]) {
        let cut = try? JSONElements.cut(Array(text.utf8))
        #expect(cut?.count == values.count)
        let lines = String(decoding: cut?.lines ?? [], as: UTF8.self)
        #expect(lines == values.map { $0 + "\n" }.joined())
    }

    @Test(arguments: [
        ("[", 1), ("[1", 2), ("[1,", 3), ("[{\"a\":1}", 8), ("[\"a", 3), ("[\"a\\", 4),
        ("[1 2]", 3),
        ("[1,,2]", 3), ("[,]", 1), ("[1]x", 3), ("[1]]", 3), ("{\"a\":1", 6), ("}", 0), ("[1}", 2),
        ("[{]}]", 3),
    ])
    func whatIsNotWholeIsNamed(text: String, offset: Int) {
        #expect { try JSONElements.cut(Array(text.utf8)) } throws: {
            ($0 as? JSONElements.Problem)?.offset == offset
        }
    }

    @Test func depthIsNothingToIt() throws {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(throws: JSONElements.Problem.self) { try JSONElements.cut(deep) }
        let closed = deep + [UInt8](repeating: UInt8(ascii: "]"), count: 1_000_000)
        #expect(try JSONElements.cut(closed).count == 1)
    }

    @Test func anyBytesAreCutOrRefused() {
        var state: UInt64 = 7
        let alphabet = Array("[]{},:\"\\ \n1a".utf8)
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let bytes = (0..<Int(state >> 60)).map { k in
                alphabet[Int(state >> (4 * UInt64(k)) & 0xf) % alphabet.count]
            }
            guard let cut = try? JSONElements.cut(bytes) else { continue }
            #expect(cut.lines.count { $0 == 0x0a } == cut.count)
        }
    }
}

@Suite struct BearerTokenTests {
    @Test func onlyTheTokenItselfIsIt() {
        let token = BearerToken("s3cret")
        #expect(token.isIn("Bearer s3cret"))
        #expect(token.isIn("bearer   s3cret"))
        for text in [
            nil, "", "Bearer", "Bearer ", "s3cret", "Bearer s3cre", "Bearer s3cretx",
            "Basic s3cret",
        ] {
            #expect(!token.isIn(text))
        }
    }
}
