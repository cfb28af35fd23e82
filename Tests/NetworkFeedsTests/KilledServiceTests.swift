// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Live
import Testing

@testable import NetworkFeeds

/// `martlet run` under callers that know what was answered, killed at any moment.
@Suite struct KilledServiceTests {
    private static let rules = """
        rule twice {
          by user
          when within 1m {
            login as a
            then login as b
          }
        }
        """

    private static let configuration = """
        rules: r.martlet
        state: { checkpoint_every: 50ms }
        feeds: { web: { type: http, listen: "127.0.0.1:0", idle_after: 1h } }
        """

    /// What callers have sent, and what was answered.
    private final class Ledger: Sendable {
        private let state = Guarded((next: 0, answered: Set<Int>()))

        func take(_ count: Int) -> Range<Int> {
            state.with { state in
                state.next += count
                return state.next - count..<state.next
            }
        }

        func note(_ ids: Range<Int>) { state.with { $0.answered.formUnion(ids) } }
        var answered: Set<Int> { state.with { $0.answered } }
    }

    private static func program() throws -> URL {
        let folders = CommandLine.arguments + [Bundle.main.bundlePath]
        let found = folders.lazy
            .map { URL(filePath: $0).deletingLastPathComponent().appending(path: "martlet") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
        return try #require(found, "martlet has been built")
    }

    /// Posts batches until the service has gone.
    private static func post(to port: Int, _ ledger: Ledger) {
        guard let client = try? RawConnection(port: port) else { return }
        while true {
            let ids = ledger.take(20)
            let body = ids.map {
                "{\"id\":\"x\($0)\",\"type\":\"login\",\"user\":\"u\",\"time\":1}\n"
            }
            .joined()
            client.send(
                "POST /events HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                    + body)
            let answer = client.read(upTo: "}\n")
            guard answer.hasPrefix("HTTP/1.1 200") else { return }
            ledger.note(ids)
        }
    }

    private static func live(in folder: ScratchFolder, _ ledger: Ledger, for span: UInt32) throws {
        let process = Process()
        process.executableURL = try program()
        process.arguments = ["run", "c.yaml"]
        process.currentDirectoryURL = URL(filePath: folder.path)
        process.standardOutput = FileHandle.nullDevice
        let log = Pipe()
        process.standardError = log
        try process.run()
        var text = ""
        while !text.contains("running"), let data = try log.fileHandleForReading.read(upToCount: 1)
        {
            text += String(decoding: data, as: UTF8.self)
        }
        let address = text.components(separatedBy: "listens on 127.0.0.1:").last ?? ""
        let port = try #require(Int(address.prefix { $0.isNumber }), "\(text)")
        let callers = try (0..<3).map { _ in try WorkerThread { post(to: port, ledger) } }
        usleep(span)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        for caller in callers { caller.join() }
    }

    @Test func whatWasAnsweredIsInTheJournalOnce() async throws {
        let folder = try ScratchFolder(["r.martlet": Self.rules, "c.yaml": Self.configuration])
        let ledger = Ledger()
        try await onThread {
            for life in 0..<5 {
                try Self.live(in: folder, ledger, for: 100_000 + UInt32(life) * 37_000)
            }
        }
        var reader = try JournalReader(SystemDisk(), folder: "\(folder.path)/state/journal")
        var ids: [Int] = []
        while let entry = try reader.next() {
            guard case .records(let records) = entry else { continue }
            for line in records.lines.split(separator: 0x0a) {
                let text = String(decoding: line, as: UTF8.self)
                let id = text.dropFirst("{\"id\":\"x".count).prefix { $0.isNumber }
                ids.append(try #require(Int(id), "\(text)"))
            }
        }
        #expect(!ledger.answered.isEmpty)
        #expect(Set(ids).count == ids.count, "nothing is taken twice")
        #expect(ledger.answered.subtracting(ids).isEmpty, "nothing that was answered is lost")
    }
}
