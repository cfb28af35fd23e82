// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Glibc
import Live
import Testing

@testable import NetworkFeeds

/// What no proper client sends: each is refused, and the next proper one is served.
@Suite struct HTTPHardeningTests {
    private static let good = "POST /events HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na"

    private func withFeed(
        _ change: (inout HTTPFeedOptions) -> Void = { _ in },
        _ body: (OpenedFeed) async throws -> Void
    ) async throws {
        try await OpenedFeed.with(HTTPFeedTests.source(change)) { feed in
            try await body(feed)
            let answer = try await HTTPFeedTests.post("still here", to: feed)
            #expect(answer == "200 {\"accepted\":1}\n")
            #expect(feed.texts.last == "still here")
        }
    }

    /// Sends bytes and reads until the server closes; nil: it does not.
    private func exchange(_ text: String, with feed: OpenedFeed) async throws -> String? {
        let port = feed.port
        return try await onThread {
            let client = try RawConnection(port: port)
            client.send(text)
            return client.readToEnd()
        }
    }

    @Test(arguments: [
        "/events/", "//events", "/./events", "/x/../events", "/%65vents", "/events%00",
        "/EVENTS", "/../../etc/passwd", "*", "/events#x", "/events;x",
    ])
    func thePathIsTheOneAlone(path: String) async throws {
        try await withFeed { feed in
            let answer = try await exchange(
                "POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na", with: feed)
            let status = (answer ?? "").prefix(12)
            #expect(status == "HTTP/1.1 404" || status == "HTTP/1.1 400", "\(answer ?? "nothing")")
            #expect(feed.texts == [])
        }
    }

    @Test(arguments: [
        "\r\n\r\n\r\n nonsense \u{1} \r\n\r\n",
        "POST /events HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
        "POST /events HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST /events HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\naa",
        "POST /events HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /events HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /events HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\na",
        "POST /events HTTP/1.1\r\nHost: h\r\nX: " + String(repeating: "x", count: 100_000)
            + "\r\n\r\n",
        "POST /events HTTP/1.1\r\nHost: h\r\n" + String(repeating: "X: y\r\n", count: 20_000)
            + "\r\n",
        "GET /events HTTP/9.9\r\n\r\n",
    ])
    func whatIsNoRequestIsRefused(text: String) async throws {
        try await withFeed { feed in
            let answer = try await exchange(text, with: feed)
            let status = answer.map { $0.prefix(10) }
            #expect(status == "HTTP/1.1 4" || status == "", "\(answer ?? "nothing")")
            #expect(feed.texts == [])
            #expect(try await eventually { feed.counters.counts.refusedCount == 1 })
        }
    }

    @Test func aClientThatDripsIsLetGo() async throws {
        try await withFeed {
            $0.idleTimeout = TimeSpan(seconds: 5)
            $0.requestTimeout = TimeSpan(seconds: 5)
        } _: { feed in
            let port = feed.port
            let (head, body) = try await onThread {
                let head = try RawConnection(port: port)
                let body = try RawConnection(port: port)
                body.send("POST /events HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n")
                // Each byte is in time, and the whole is not.
                for byte in "POST /events HTTP/1.1\r\nHost: h\r\n".utf8.prefix(24) {
                    head.send([byte])
                    body.send([byte])
                    usleep(300_000)
                }
                return (head.readToEnd(), body.readToEnd())
            }
            #expect(head == "")
            #expect(body?.hasPrefix("HTTP/1.1 408") == true, "\(body ?? "nothing")")
            #expect(feed.counters.counts.timeoutCount == 2)
            #expect(try await eventually { feed.counters.counts.refusedCount == 2 })
            #expect(feed.texts == [])
            #expect(try await eventually { feed.counters.counts.openConnectionCount == 0 })
        }
    }

    @Test func halfOfARequestIsNone() async throws {
        try await withFeed { feed in
            let port = feed.port
            let answers = try await onThread {
                let ends = [
                    "Content-Length: 8\r\n\r\n{\"a\":1}",
                    "Transfer-Encoding: chunked\r\n\r\n4\r\naaaa\r\n",
                ]
                return try ends.map { end in
                    let client = try RawConnection(port: port)
                    client.send("POST /events HTTP/1.1\r\nHost: h\r\n" + end)
                    client.endSending()
                    return client.readToEnd() ?? "nothing"
                }
            }
            for answer in answers { #expect(!answer.hasPrefix("HTTP/1.1 200"), "\(answer)") }
            // Those that vanish altogether leave nothing either.
            try await onThread {
                for _ in 0..<20 {
                    try RawConnection(port: port).send(
                        "POST /events HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\naaaa")
                }
            }
            #expect(try await eventually { feed.counters.counts.openConnectionCount <= 1 })
            #expect(feed.texts == [])
        }
    }

    @Test func aClientThatSendsWithoutEndIsCutOff() async throws {
        try await withFeed {
            $0.maxBodyByteCount = 100_000
        } _: { feed in
            let port = feed.port
            let (answer, sent) = try await onThread {
                let client = try RawConnection(port: port)
                client.send(
                    "POST /events HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
                let chunk = "2710\r\n" + String(repeating: "a", count: 10_000) + "\r\n"
                var count = 0
                while count < 2_000_000, client.send(chunk) { count += 1 }
                return (client.readToEnd(), count)
            }
            #expect(sent < 2_000_000, "the connection is closed long before 20 GB")
            // What of the answer arrives after a broken connection is up to the system.
            #expect(answer?.hasPrefix("HTTP/1.1 413") == true || answer == "")
            #expect(feed.texts == [])
        }
    }

    @Test func requestsInARowAreEachAnswered() async throws {
        try await withFeed { feed in
            let port = feed.port
            let answer = try await onThread {
                let client = try RawConnection(port: port)
                client.send(Self.good + Self.good + Self.good)
                client.endSending()
                return client.readToEnd() ?? ""
            }
            #expect(answer.components(separatedBy: "HTTP/1.1 200").count == 4)
            #expect(feed.texts == ["a", "a", "a"])
        }
    }

    @Test func aClientMayAskBeforeItSends() async throws {
        try await withFeed { feed in
            let port = feed.port
            let answer = try await onThread {
                let client = try RawConnection(port: port)
                client.send(
                    "POST /events HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n"
                        + "Expect: 100-continue\r\n\r\n")
                let first = client.read(upTo: "\r\n\r\n")
                client.send("a")
                return first + client.read(upTo: "}\n")
            }
            #expect(answer.hasPrefix("HTTP/1.1 100 Continue\r\n"))
            #expect(answer.contains("HTTP/1.1 200 OK"))
            #expect(feed.texts == ["a"])
        }
    }

    @Test func oldClientsAreServed() async throws {
        try await withFeed { feed in
            let answer = try await exchange(
                "POST /events HTTP/1.0\r\nContent-Length: 1\r\nConnection: close\r\n\r\na",
                with: feed)
            #expect(answer?.contains("200 OK") == true)
            #expect(feed.texts == ["a"])
        }
    }
}
