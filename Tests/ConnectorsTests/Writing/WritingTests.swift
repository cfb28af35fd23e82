// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

@testable import Connectors

@Suite struct JSONWriterTests {
    @Test func commasComeByThemselves() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("a")
        writer.int(-1)
        writer.key("b")
        writer.beginArray()
        writer.bool(true)
        writer.null()
        writer.beginObject()
        writer.endObject()
        writer.float(0.1)
        writer.endArray()
        writer.key("c\"")
        writer.raw(json: "{}".utf8.span)
        writer.endObject()
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #"{"a":-1,"b":[true,null,{},0.1],"c\"":{}}"#)
    }

    @Test func valuesHaveOneForm() {
        let value = Value.list([
            .missing, .float(1), .float(1e300), .float(.infinity), .float(.nan), .int(.min),
            .string("é\u{1}\n"), .time(.zero), .duration(TimeSpan(seconds: 90)),
            .ip(IPAddress(ipv4: 1)), .list([.bool(false)]), .network(IPNetwork("::/0")!),
        ])
        let json =
            #"[null,1.0,1e+300,null,null,-9223372036854775808,"é\u0001\n","#
            + #""1970-01-01T00:00:00.000Z","1m30s","0.0.0.1",[false],"::/0"]"#
        var writer = JSONWriter()
        writer.value(value)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == json)
        var symbols = SymbolTable()
        let slot = Slot(value, in: &symbols)
        var bytes: [UInt8] = []
        JSONWriter.append(slot, payload: symbols.bytes(of: slot.symbol).span, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == json)
    }

    @Test func everyTextComesBack() throws {
        var numbers = SeededNumbers(state: 1)
        for _ in 0..<500 {
            let scalars = (0..<Int.random(in: 0...20, using: &numbers)).compactMap { _ in
                Unicode.Scalar(
                    UInt32.random(
                        in: 0...(Bool.random(using: &numbers) ? 0x7f : 0x10ffff), using: &numbers))
            }
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars)
            var bytes: [UInt8] = []
            JSONWriter.append(string: text.utf8.span, to: &bytes)
            let harness = DecoderHarness(planOfOneType([("a", .string)]), fixed("t"))
            harness.take(Array(#"{"time":0,"a":"#.utf8) + bytes + Array("}".utf8))
            #expect(harness.value(0) == .string(text))
            let theirs = try JSONSerialization.jsonObject(
                with: Data(bytes), options: .fragmentsAllowed)
            #expect(theirs as? String == text)
        }
    }
}

@Suite struct FileSinkTests {
    private let folder = ScratchFolder()

    @Test func bytesReachTheFile() throws {
        let path = folder.path + "/out"
        var sink = try FileSink(path: path)
        for k in 0..<30_000 { try sink.write("line \(k)\n".utf8.span) }
        #expect(sink.writtenByteCount > 0)
        try sink.close()
        let expected = (0..<30_000).map { "line \($0)\n" }.joined()
        #expect(try String(contentsOfFile: path, encoding: .utf8) == expected)
        var again = try FileSink(path: path, appends: true)
        try again.write("more".utf8.span)
        try again.close()
        #expect(try String(contentsOfFile: path, encoding: .utf8) == expected + "more")
        try FileSink(path: path).close()
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "")
    }

    @Test func aFolderThatIsNotThereIsAnError() {
        let path = folder.path + "/no/out"
        #expect(throws: FeedError.cannotOpen(path: path, errno: ENOENT)) {
            try FileSink(path: path).close()
        }
    }

    @Test func aFullDiskIsReported() throws {
        var sink = try FileSink(path: "/dev/full")
        try sink.write("x".utf8.span)
        #expect(throws: FeedError.cannotWrite(path: "/dev/full", errno: ENOSPC)) {
            try sink.flush()
        }
    }

    @Test func aReaderThatIsGoneIsReportedAndNoSignalKills() throws {
        let path = folder.path + "/pipe"
        // SAFETY: the path is a C string for each call.
        let made = unsafe mkfifo(path, 0o600)
        let reader = unsafe open(path, O_RDONLY | O_NONBLOCK)
        #expect(made == 0)
        var sink = try FileSink(path: path)
        close(reader)
        try sink.write("x".utf8.span)
        #expect(throws: FeedError.readerGone(path: path)) { try sink.flush() }
    }
}
