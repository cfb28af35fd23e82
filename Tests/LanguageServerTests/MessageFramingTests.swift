// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LanguageServer

@Suite struct MessageFramingTests {
    private func items(_ text: String, chunk: Int) -> [MessageReader.Item] {
        var reader = MessageReader()
        var items: [MessageReader.Item] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            reader.append(bytes[start..<min(bytes.count, start + chunk)])
            while let item = reader.next() {
                items.append(item)
                if item == .lost { return items }
            }
        }
        return items
    }

    @Test(arguments: [1, 2, 7, 1000])
    func messagesComeWholeHoweverTheBytesDo(_ chunk: Int) {
        let text =
            "Content-Length: 2\r\n\r\n{}"
            + "content-type: application/vscode-jsonrpc\r\nCONTENT-LENGTH:3\r\n\r\n[1]"
            + "Content-Length: 4\n\n\"é\"" + "Content-Length: 9\r\n\r\nshort"
        let expected: [MessageReader.Item] = ["{}", "[1]", "\"é\""].map { .message(Array($0.utf8)) }
        #expect(items(text, chunk: chunk) == expected)
    }

    @Test func aHeaderWithoutALengthIsPassedOver() {
        let text = "Length: 2\r\n\r\nContent-Length: -1\r\n\r\nContent-Length: 2\r\n\r\n{}"
        #expect(items(text, chunk: 5) == [.badHeader, .badHeader, .message(Array("{}".utf8))])
    }

    @Test func withoutAnyHeaderThePlaceIsLost() {
        #expect(items(String(repeating: "x", count: 10_000), chunk: 100) == [.lost])
        #expect(items("Content-Length: 999999999999\r\n\r\n", chunk: 100) == [.lost])
    }

    @Test func whatIsWrittenCanBeRead() {
        let message: JSON = ["jsonrpc": "2.0", "method": "ü"]
        let text = String(decoding: message.framed, as: UTF8.self)
        #expect(items(text, chunk: 3) == [.message(message.bytes)])
    }
}
