// SPDX-License-Identifier: Apache-2.0

import Connectors
import EventModel
import Glibc
import Live
import NIOCore
import NIOPosix
import NIOSSL
import SampleCertificates
import Testing

@testable import NetworkFeeds

@Suite struct TCPFeedTests {
    private static func source(_ change: (inout TCPFeedOptions) -> Void = { _ in }) -> FeedSource {
        var options = TCPFeedOptions(listen: ListenAddress(port: 0))
        change(&options)
        return .tcp(options)
    }

    @Test func linesOfManyConnectionsComeWhole() async throws {
        try await OpenedFeed.with(Self.source(), format: .lines) { feed in
            let port = feed.port
            try await onThread {
                let clients = try (0..<20).map { _ in try RawConnection(port: port) }
                for k in 0..<50 {
                    for (number, client) in clients.enumerated() {
                        client.send("client \(number) ")
                        client.send("line \(k)\n")
                    }
                }
            }
            #expect(try await eventually { feed.texts.count == 1000 })
            for number in 0..<20 {
                let own = feed.texts.filter { $0.hasPrefix("client \(number) ") }
                #expect(own == (0..<50).map { "client \(number) line \($0)" })
            }
            #expect(try await eventually { feed.counters.counts.openConnectionCount == 0 })
            #expect(feed.counters.counts.connectionCount == 20)
        }
    }

    /// Three thousand lines of a thousand bytes, without a wait.
    private static func sendMuch(to port: Int) -> Task<Bool, any Error> {
        Task {
            try await onThread {
                let client = try RawConnection(port: port)
                let line = String(repeating: "x", count: 999) + "\n"
                return (0..<3000).allSatisfy { _ in client.send(line) }
            }
        }
    }

    @Test func aConnectionWaitsWhileThereIsNoRoom() async throws {
        try await OpenedFeed.with(
            Self.source(), format: .lines, queueByteCap: 10_000, takes: false
        ) { feed in
            let sending = Self.sendMuch(to: feed.port)
            #expect(try await eventually { feed.counters.counts.pauseCount == 1 })
            #expect(feed.texts == [])
            try feed.take()
            #expect(try await sending.value)
            #expect(try await eventually { feed.texts.count == 3000 })
            #expect(feed.texts.allSatisfy { $0.utf8.count == 999 })
        }
    }

    @Test func aLineThatIsTooLongLeavesTheConnectionOpen() async throws {
        try await OpenedFeed.with(Self.source(), format: .lines, maxLine: 10) { feed in
            let port = feed.port
            try await onThread {
                let client = try RawConnection(port: port)
                client.send(String(repeating: "x", count: 100_000))
                client.send("\nnext\nlast")
            }
            #expect(try await eventually { feed.texts.count == 3 })
            #expect(feed.texts == [String(repeating: "x", count: 11), "next", "last"])
        }
    }

    @Test func moreConnectionsThanItServesAreClosed() async throws {
        let source = Self.source { $0.maxConnectionCount = 2 }
        try await OpenedFeed.with(source, format: .lines) { feed in
            let port = feed.port
            let ends = try await onThread {
                let first = try (0..<2).map { _ in try RawConnection(port: port) }
                first.forEach { $0.send("a\n") }
                // At most a minute.
                for _ in 0..<6000 where feed.counters.counts.openConnectionCount < 2 {
                    usleep(10_000)
                }
                let others = try (0..<20).map { _ in try RawConnection(port: port) }
                let ends = others.map { $0.readToEnd() }
                first.forEach { $0.send("b\n") }
                return ends
            }
            #expect(ends.allSatisfy { $0 == "" })
            #expect(try await eventually { feed.texts.count == 4 })
            #expect(feed.counters.counts.overloadCount == 20)
            #expect(feed.logged.count { $0.contains("more than 2 connections") } == 1)
        }
    }

    @Test func aConnectionThatIsQuietIsLetGoWhereThatIsWanted() async throws {
        let source = Self.source { $0.idleTimeout = TimeSpan(milliseconds: 200) }
        try await OpenedFeed.with(source) { feed in
            let port = feed.port
            let end = try await onThread { try RawConnection(port: port).readToEnd() }
            #expect(end == "")
            #expect(feed.counters.counts.timeoutCount == 1)
        }
    }

    @Test func aConnectionThatIsNotReadIsNotQuiet() async throws {
        let source = Self.source { $0.idleTimeout = TimeSpan(seconds: 2) }
        try await OpenedFeed.with(
            source, format: .lines, queueByteCap: 10_000, takes: false
        ) { feed in
            let sending = Self.sendMuch(to: feed.port)
            #expect(try await eventually { feed.counters.counts.pauseCount == 1 })
            try await Task.sleep(for: .seconds(3))
            try feed.take()
            #expect(try await sending.value)
            #expect(try await eventually { feed.texts.count == 3000 })
            #expect(feed.counters.counts.timeoutCount == 0)
        }
    }

    @Test func withoutALengthAStrictConnectionEnds() async throws {
        let source = Self.source { $0.framing = .octetCounted }
        try await OpenedFeed.with(source, format: .lines) { feed in
            let port = feed.port
            let end = try await onThread {
                let client = try RawConnection(port: port)
                client.send("5 <1>ab<2>c\n")
                return client.readToEnd()
            }
            #expect(end == "")
            #expect(try await eventually { !feed.texts.isEmpty })
            #expect(feed.texts == ["<1>ab"])
            #expect(feed.logged.contains { $0.contains("no length before a message") })
        }
    }

    /// What a client with a certificate of its own sends over TLS; nil: it is not let in.
    private func send(
        _ text: String, to port: Int, certificate: String?, key: String?
    ) async throws {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMBytes(Array(TestCertificates.authority.utf8)))
        if let certificate, let key {
            tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8))
                .map { .certificate($0) }
            tls.privateKey = .privateKey(
                try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
        }
        let context = try NIOSSLContext(configuration: tls)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        NIOSSLClientHandler(context: context, serverHostname: "localhost"))
                }
            }.connect(host: "127.0.0.1", port: port).get()
        try? await channel.writeAndFlush(ByteBuffer(string: text)).get()
        try? await channel.close().get()
    }

    @Test func onlyClientsWithACertificateComeIn() async throws {
        let folder = try ScratchFolder([
            "c.pem": TestCertificates.server, "k.pem": TestCertificates.serverKey,
            "a.pem": TestCertificates.authority,
        ])
        let source = Self.source {
            $0.tls = ServerTLSFiles(
                certificate: "\(folder.path)/c.pem", key: "\(folder.path)/k.pem",
                clientAuthorities: "\(folder.path)/a.pem")
        }
        try await OpenedFeed.with(source, format: .lines) { feed in
            try await send("none\n", to: feed.port, certificate: nil, key: nil)
            try await send(
                "stranger\n", to: feed.port, certificate: TestCertificates.stranger,
                key: TestCertificates.strangerKey)
            try await send(
                "<13>1 2027-01-01T00:00:00Z h app - - - hello\n", to: feed.port,
                certificate: TestCertificates.client, key: TestCertificates.clientKey)
            #expect(try await eventually { !feed.texts.isEmpty })
            #expect(feed.texts == ["<13>1 2027-01-01T00:00:00Z h app - - - hello"])
            #expect(try await eventually { feed.counters.counts.refusedCount == 2 })
        }
    }
}

@Suite struct UDPFeedTests {
    private static let source = FeedSource.udp(UDPFeedOptions(listen: ListenAddress(port: 0)))

    @Test func aDatagramIsAMessageOrLines() async throws {
        let datagrams = [
            "<13>Jan  1 00:00:00 h app: one\ntwo\n", "plain\nlines\r\n", "", "\n", "\0",
        ]
        try await OpenedFeed.with(Self.source, format: .lines) { feed in
            let port = feed.port
            try await onThread {
                RawConnection.sendDatagrams(datagrams.map { Array($0.utf8) }, to: port)
            }
            #expect(try await eventually { feed.texts.count == 3 })
            #expect(feed.texts == ["<13>Jan  1 00:00:00 h app: one#012two", "plain", "lines"])
        }
    }

    @Test func theLargestDatagramIsTakenWhole() async throws {
        try await OpenedFeed.with(Self.source) { feed in
            let port = feed.port
            let large = [UInt8](repeating: UInt8(ascii: "x"), count: 65_507)
            try await onThread { RawConnection.sendDatagrams([large], to: port) }
            #expect(try await eventually { feed.texts.count == 1 })
            #expect(feed.texts.first?.utf8.count == 65_507)
        }
    }

    @Test func whatFindsNoRoomIsCounted() async throws {
        try await OpenedFeed.with(Self.source, queueByteCap: 1000, takes: false) { feed in
            let port = feed.port
            let datagrams = (0..<100).map { k in
                Array("\(k) \(String(repeating: "x", count: 400))".utf8)
            }
            // What comes together is taken together where nothing waits yet.
            try await onThread { RawConnection.sendDatagrams([datagrams[0]], to: port) }
            #expect(try await eventually { feed.waitingByteCount > 0 })
            try await onThread {
                for datagram in datagrams.dropFirst() {
                    RawConnection.sendDatagrams([datagram], to: port)
                    usleep(1000)
                }
            }
            #expect(try await eventually { feed.counters.counts.droppedCount > 50 })
            #expect(feed.logged.count { $0.contains("messages were lost") } == 1)
            try feed.take()
            #expect(try await eventually { !feed.texts.isEmpty })
            let lost = feed.counters.counts.droppedCount
            #expect(try await eventually { feed.texts.count + lost == 100 })
        }
    }
}
