// SPDX-License-Identifier: Apache-2.0

import Foundation
import LanguageServer
import Testing

@testable import MartletCommands

/// The built `martlet lsp`, as an editor has it: spoken to over its standard input and output.
private final class ServerProcess {
    private let process = Process()
    private let (feed, output) = (Pipe(), Pipe())
    private var reader = MessageReader()
    private var waiting: [JSON] = []
    private var requests = 0

    init(_ arguments: [String] = []) throws {
        let program: URL = try #require(builtBinary(), "martlet has been built")
        process.executableURL = program
        process.arguments = ["lsp"] + arguments
        process.standardInput = feed
        process.standardOutput = output
        try process.run()
    }

    deinit { if process.isRunning { process.terminate() } }

    func send(_ json: JSON) { write(json.framed) }

    func write(_ bytes: [UInt8]) { feed.fileHandleForWriting.write(Data(bytes)) }

    func tell(_ method: String, _ params: JSON) {
        send(["jsonrpc": "2.0", "method": .string(method), "params": params])
    }

    func ask(_ method: String, _ params: JSON) throws -> JSON {
        requests += 1
        let id = JSON.int(requests)
        send(["jsonrpc": "2.0", "id": id, "method": .string(method), "params": params])
        return try message { $0["id"] == id }
    }

    /// The next message that `isWanted`; the others before it are dropped.
    func message(_ isWanted: (JSON) -> Bool) throws -> JSON {
        while true {
            while !waiting.isEmpty {
                let next = waiting.removeFirst()
                if isWanted(next) { return next }
            }
            let data = output.fileHandleForReading.availableData
            try #require(!data.isEmpty, "the server has ended")
            reader.append(Array(data))
            while case .message(let bytes)? = reader.next() {
                waiting.append(try JSON(parsing: bytes))
            }
        }
    }

    /// Closes the input and gives the status that the process leaves with.
    func status() throws -> Int32 {
        try feed.fileHandleForWriting.close()
        process.waitUntilExit()
        return process.terminationStatus
    }
}

@Suite struct LspBinaryTests {
    private static let rule = """
        rule guess {
          by user
          when within 1m { 5 login as l where outcome == "fial" }
          alert  "{user}"
        }

        test guess { case "none" { expect none } }

        """

    @Test func anEditorGetsMistakesAndMendsThem() throws {
        let events = "event login { user: string, outcome: \"ok\" | \"fail\" }\n"
        let folder = try RulesFolder(["rules/events.martlet": events, "rules/a.martlet": ""])
        let uri = "file://\(folder.path)/rules/a.martlet"
        let server = try ServerProcess()
        let hello = try server.ask(
            "initialize",
            [
                "processId": .null, "rootUri": .string("file://\(folder.path)"),
                "capabilities": [:],
            ])
        #expect(hello["result"]["serverInfo"]["version"].string == Martlet.version)
        server.tell("initialized", [:])
        let document: JSON = [
            "uri": .string(uri), "languageId": "martlet", "version": 1, "text": .string(Self.rule),
        ]
        server.tell("textDocument/didOpen", ["textDocument": document])
        let shown = try server.message { $0["params"]["uri"].string == uri }
        let codes = shown["params"]["diagnostics"].array?.map { $0["code"].string }
        #expect(codes == ["E0205"])
        let range: JSON = [
            "start": ["line": 2, "character": 50], "end": ["line": 2, "character": 54],
        ]
        server.tell(
            "textDocument/didChange",
            [
                "textDocument": ["uri": .string(uri), "version": 2],
                "contentChanges": [["range": range, "text": "fail"]],
            ])
        let mended = try server.message { $0["params"]["uri"].string == uri }
        #expect(mended["params"]["diagnostics"] == [])
        #expect(mended["params"]["version"] == 2)
        let edits = try server.ask(
            "textDocument/formatting", ["textDocument": ["uri": .string(uri)]])
        let laidOut = edits["result"].array?.first?["newText"].string ?? ""
        #expect(laidOut.hasPrefix("  alert \"{user}\"\n}\n"))
        #expect(try server.ask("shutdown", .null)["result"].isNull)
        server.tell("exit", .null)
        #expect(try server.status() == 0)
    }

    @Test func rulesetsCanBeNamedOnTheCommandLine() throws {
        let folder = try RulesFolder(["x/a.martlet": "let a = 1\n", "x/b.martlet": "let b = 1\n"])
        let server = try ServerProcess([folder.path + "/x"])
        _ = try server.ask("initialize", ["capabilities": [:]])
        let uri = JSON.string("file://\(folder.path)/x/a.martlet")
        server.tell(
            "textDocument/didOpen",
            ["textDocument": ["uri": uri, "version": 1, "text": "let b = 2\n"]])
        let twice = try server.message {
            let shown = $0["params"]["diagnostics"].array ?? []
            return shown.contains { $0["severity"] == 1 }
        }
        #expect(twice["method"] == "textDocument/publishDiagnostics")
    }

    @Test func theServerEndsWithItsEditor() throws {
        #expect(try ServerProcess().status() == 1)
        let lost = try ServerProcess()
        lost.write(Array(String(repeating: "x", count: 20_000).utf8))
        #expect(try lost.status() == 1)
    }
}
