// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import GzipPacking
import Live
import NIOCore
import NIOHTTP1
import NIOSSL
import SampleCertificates
import Testing

@testable import NetworkFeeds

/// What a proper client sends, and what it is told.
@Suite struct HTTPFeedTests {
    static func source(_ change: (inout HTTPFeedOptions) -> Void = { _ in }) -> FeedSource {
        var options = HTTPFeedOptions(listen: ListenAddress(port: 0))
        change(&options)
        return .http(options)
    }

    /// Sends a request; the status and the body of the answer.
    static func send(
        _ body: [UInt8], _ fields: [String: String] = [:], to feed: OpenedFeed,
        path: String = "/events", method: String = "POST"
    ) async throws -> (status: UInt, text: String, fields: [String: String]) {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(feed.port)\(path)")
        request.method = .init(rawValue: method)
        for (name, value) in fields { request.headers.add(name: name, value: value) }
        if method != "GET", method != "HEAD" { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
        let pairs = response.headers.map { ($0.name.lowercased(), $0.value) }
        return (response.status.code, text, Dictionary(pairs, uniquingKeysWith: { $1 }))
    }

    static func post(
        _ text: String, _ fields: [String: String] = [:], to feed: OpenedFeed
    ) async throws -> String {
        let answer = try await send(Array(text.utf8), fields, to: feed)
        return "\(answer.status) \(answer.text)"
    }

    @Test func linesAreTakenAsTheyAre() async throws {
        try await OpenedFeed.with(Self.source()) { feed in
            let body = "{\"a\":1}\n\n  {\"a\": 2}\r\nno JSON\n{\"a\":3}"
            let answer = try await Self.post(body, to: feed)
            #expect(answer == "200 {\"accepted\":4}\n")
            #expect(feed.texts == ["{\"a\":1}", "  {\"a\": 2}\r", "no JSON", "{\"a\":3}"])
            let empty = try await Self.post("", to: feed)
            #expect(empty == "200 {\"accepted\":0}\n")
            #expect(feed.counters.counts.requestCount == 2)
            #expect(feed.counters.counts.refusedCount == 0)
        }
    }

    @Test(arguments: [
        (
            "application/json", "[{\"a\":1},\n {\"a\":[2,\"]\"]}]",
            ["{\"a\":1}", "{\"a\":[2,\"]\"]}"]
        ),
        ("application/json; charset=utf-8", "{\n  \"a\": 1\n}\n", ["{   \"a\": 1 }"]),
        ("application/vnd.x+json", "[]", []),
        ("application/x-ndjson", "[{\"a\":1}]", ["{\"a\":1}"]),
        ("text/plain", "{\"a\":1}\n{\"a\":2}\n", ["{\"a\":1}", "{\"a\":2}"]),
    ])
    func arraysAndObjectsAreCut(type: String, body: String, lines: [String]) async throws {
        try await OpenedFeed.with(Self.source()) { feed in
            let answer = try await Self.post(body, ["Content-Type": type], to: feed)
            #expect(answer == "200 {\"accepted\":\(lines.count)}\n")
            #expect(feed.texts == lines)
        }
    }

    @Test func packedBodiesAreUnpacked() async throws {
        try await OpenedFeed.with(Self.source()) { feed in
            let lines = (0..<5000).map { "{\"a\":\($0)}" }
            let body = gzip(Array(lines.joined(separator: "\n").utf8))
            let answer = try await Self.send(body, ["Content-Encoding": "gzip"], to: feed)
            #expect(answer.text == "{\"accepted\":5000}\n")
            #expect(feed.texts == lines)
        }
    }

    @Test func anErrorSaysHowToMendIt() async throws {
        let source = Self.source {
            $0.token = .text("secret")
            $0.maxBodyByteCount = 1000
        }
        try await OpenedFeed.with(source) { feed in
            let known = ["Authorization": "Bearer secret"]
            func status(
                _ body: [UInt8] = [0x7b], _ fields: [String: String] = [:],
                path: String = "/events", method: String = "POST"
            ) async throws -> (UInt, String, [String: String]) {
                let answer = try await Self.send(
                    body, fields.merging(known) { own, _ in own }, to: feed, path: path,
                    method: method)
                return (answer.status, answer.text, answer.fields)
            }
            let unknown = try await Self.send([0x7b], to: feed)
            #expect(unknown.status == 401)
            #expect(unknown.fields["www-authenticate"] == "Bearer")
            #expect(
                unknown.text == "{\"error\":\"send the token as `Authorization: Bearer TOKEN`\"}\n")
            #expect(try await status([0x7b], ["Authorization": "Bearer Secret"]).0 == 401)
            #expect(try await status([0x7b], ["Authorization": "Basic secret"]).0 == 401)
            #expect(try await status([0x7b], ["Authorization": "bearer secret"]).0 == 200)
            let elsewhere = try await status(path: "/event")
            #expect(elsewhere.0 == 404)
            #expect(elsewhere.1 == "{\"error\":\"events are posted to `/events`\"}\n")
            #expect(try await status(path: "/events?x=1").0 == 200)
            let got = try await status(method: "GET")
            #expect(got.0 == 405 && got.2["allow"] == "POST")
            #expect(try await status(method: "HEAD").0 == 405)
            #expect(try await status([0x7b], ["Content-Type": "text/html"]).0 == 415)
            #expect(try await status([0x7b], ["Content-Encoding": "br"]).0 == 415)
            #expect(try await status([UInt8](repeating: 0x61, count: 1000)).0 == 200)
            let large = try await status([UInt8](repeating: 0x61, count: 1001))
            #expect(large.0 == 413)
            #expect(large.1.contains("the body is more than 1000 bytes"))
            let bomb = gzip([UInt8](repeating: 0x20, count: 900_000))
            #expect(bomb.count < 1000)
            let unpacked = try await status(bomb, ["Content-Encoding": "gzip"])
            #expect(unpacked.0 == 413 && unpacked.1.contains("unpacks to more than 1000 bytes"))
            let noGzip = try await status([1, 2, 3], ["Content-Encoding": "gzip"])
            #expect(noGzip.0 == 400)
            let half = gzip(Array("{\"a\":1}".utf8)).dropLast(4)
            #expect(try await status(Array(half), ["Content-Encoding": "gzip"]).0 == 400)
            let json = ["Content-Type": "application/json"]
            let open = try await status(Array("[{\"a\":1},".utf8), json)
            #expect(open.0 == 400)
            #expect(open.1.contains("at byte 9 the body ends inside of a value"))
            #expect(feed.texts == ["{", "{", String(repeating: "a", count: 1000)])
            #expect(feed.counters.counts.refusedCount == 13)
        }
    }

    @Test func underPressureItSaysWhenToComeAgain() async throws {
        try await OpenedFeed.with(Self.source(), queueByteCap: 1000, takes: false) { feed in
            feed.fill()
            let answer = try await Self.send(Array("a".utf8), to: feed)
            #expect(answer.status == 429)
            #expect(answer.fields["retry-after"] == "1")
            #expect(answer.fields["connection"] == nil, "it may be sent again the same way")
            #expect(feed.counters.counts.overloadCount == 1)
            try feed.take()
            #expect(try await eventually { !feed.isFull })
            let next = try await Self.post("b", to: feed)
            #expect(next == "200 {\"accepted\":1}\n")
        }
    }

    @Test func whatIsNotAcceptedIsNotAnsweredAsThoughItWere() async throws {
        let feed = try await OpenedFeed.open(Self.source(), takes: false)
        async let waiting = Self.send(Array("a".utf8), to: feed)
        #expect(try await eventually { feed.counters.counts.requestCount == 1 })
        try await Task.sleep(for: .milliseconds(50))
        try await feed.close()
        #expect(try await waiting.status == 503)
        let port = feed.port
        await #expect(throws: RawConnection.NoConnection.self) {
            _ = try await onThread { try RawConnection(port: port) }
        }
    }

    @Test func moreConnectionsThanItServesAreToldSo() async throws {
        let source = Self.source { $0.maxConnectionCount = 4 }
        try await OpenedFeed.with(source) { feed in
            let port = feed.port
            let statuses = try await onThread {
                let clients = try (0..<40).map { _ in try RawConnection(port: port) }
                // One that is too many is closed if it waits for long before it asks.
                for client in clients {
                    client.send("POST /events HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na")
                }
                return clients.map { String($0.read(upTo: "}\n").prefix(12)) }
            }
            #expect(statuses.count { $0 == "HTTP/1.1 200" } == 4)
            #expect(statuses.count { $0 == "HTTP/1.1 429" } == 36)
            #expect(feed.counters.counts.overloadCount == 36)
            #expect(try await eventually { feed.counters.counts.openConnectionCount == 0 })
            let answer = try await onThread {
                let client = try RawConnection(port: port)
                client.send("POST /events HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na")
                return client.read(upTo: "}\n")
            }
            #expect(answer.hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func overTLSTheSameHappens() async throws {
        let folder = try ScratchFolder([
            "c.pem": TestCertificates.server, "k.pem": TestCertificates.serverKey,
        ])
        let source = Self.source {
            $0.tls = ServerTLSFiles(
                certificate: "\(folder.path)/c.pem", key: "\(folder.path)/k.pem")
        }
        try await OpenedFeed.with(source) { feed in
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .certificates(
                try NIOSSLCertificate.fromPEMBytes(Array(TestCertificates.authority.utf8)))
            // A client that is not shut down ends the process, even where the request has failed.
            try await HTTPClient.withHTTPClient(
                configuration: HTTPClient.Configuration(tlsConfiguration: tls)
            ) { client in
                var request = HTTPClientRequest(url: "https://localhost:\(feed.port)/events")
                request.method = .POST
                request.body = .bytes(ByteBuffer(string: "{\"a\":1}"))
                let response = try await client.execute(request, timeout: .seconds(120))
                #expect(response.status == .ok)
            }
            #expect(feed.texts == ["{\"a\":1}"])
            // Whoever speaks no TLS gets no answer, and disturbs nothing.
            await #expect(throws: (any Error).self) { try await Self.post("b", to: feed) }
            #expect(feed.texts.count == 1)
        }
    }

    @Test func whatStandsInTheWayIsNamed() async throws {
        let folder = try ScratchFolder([
            "c.pem": TestCertificates.server, "k.pem": TestCertificates.clientKey, "t": "a b",
        ])
        func problem(_ change: @escaping (inout HTTPFeedOptions) -> Void) async -> String {
            do {
                try await OpenedFeed.open(Self.source(change)).close()
                return "none"
            } catch {
                return "\(error)"
            }
        }
        let path = folder.path
        #expect(
            await problem {
                $0.tls = ServerTLSFiles(certificate: "\(path)/n", key: "\(path)/k.pem")
            }
                == "`\(path)/n` cannot be used: it has no certificates in PEM form")
        #expect(
            await problem {
                $0.tls = ServerTLSFiles(certificate: "\(path)/c.pem", key: "\(path)/c.pem")
            } == "`\(path)/c.pem` cannot be used: it is no private key in PEM form")
        #expect(
            await problem {
                $0.tls = ServerTLSFiles(certificate: "\(path)/c.pem", key: "\(path)/k.pem")
            } == "`\(path)/c.pem` cannot be used: it does not go with the key `\(path)/k.pem`")
        #expect(
            await problem { $0.token = .file(path: "\(path)/t") }
                == "`\(path)/t` cannot be used: it is not one token")
        try await OpenedFeed.with(Self.source()) { feed in
            let port = feed.port
            #expect(
                await problem { $0.listen = ListenAddress(port: port) }
                    == "cannot listen on `127.0.0.1:\(port)`: Address already in use")
        }
    }
}
