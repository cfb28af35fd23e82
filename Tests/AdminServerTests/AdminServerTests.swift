// SPDX-License-Identifier: Apache-2.0

import Foundation
import Live
import Testing

@testable import AdminServer

@Suite struct AdminServerTests {
    @Test func probesTellWhetherItIsAliveAndReady() async throws {
        let running = try await RunningService.start()
        defer { running.end() }
        let health = try await running.ask("/healthz")
        #expect(health.status == 200 && health.text == "ok\n")
        try await running.wait { try await running.ask("/readyz").status == 200 }
        #expect(try await running.ask("/readyz").text == "ready\n")
    }

    @Test func aServiceThatEndsIsNotReady() async throws {
        let running = try await RunningService.start()
        try await running.wait { try await running.ask("/readyz").status == 200 }
        running.service.stopper()
        let answer = try await running.ask("/readyz")
        #expect(answer.status == 503)
        #expect(["draining\n", "ended\n"].contains(answer.text))
        running.end()
    }

    @Test func theStatusTellsOfFeedsSinksAndRules() async throws {
        let running = try await RunningService.start()
        defer { running.end() }
        running.write(guesses(of: "ann", at: 0) + line("beat", 9, "\"host\":\"h\""))
        try await running.wait { (running.service.control.status?.work.alerts ?? 0) == 1 }
        let status = try await running.ask("/api/v1/status")
        #expect(status.headers["content-type"] == "application/json")
        let members = try status.json()
        #expect(members["alerts"] as? Int == 1)
        let feeds = try #require(members["feeds"] as? [[String: Any]])
        #expect(feeds.map { $0["name"] as? String } == ["in"])
        let rules = try await running.ask("/api/v1/rules").json()
        let list = try #require(rules["rules"] as? [[String: Any]])
        #expect(list.map { $0["name"] as? String } == ["guessed", "quiet"])
        #expect(list[0]["alerts"] as? Int == 1)
        #expect(list[0]["severity"] as? String == "high")
        let rule = try await running.ask("/api/v1/rules/guessed").json()
        #expect(rule["title"] as? String == "Guessing <that> worked")
        #expect((rule["text_html"] as? String)?.contains("&lt;that&gt;") == true)
        let drawing = try await running.ask("/api/v1/rules/guessed/drawing")
        #expect(drawing.headers["content-type"] == "image/svg+xml")
        #expect(drawing.text.hasPrefix("<svg"))
        #expect(try await running.ask("/api/v1/rules/other").status == 404)
    }

    @Test func everyAnswerIsGuarded() async throws {
        let running = try await RunningService.start()
        defer { running.end() }
        for path in ["/healthz", "/api/v1/status", "/nowhere"] {
            let answer = try await running.ask(path)
            #expect(answer.headers["x-content-type-options"] == "nosniff")
            #expect(answer.headers["cache-control"] == "no-store")
            #expect(
                answer.headers["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
        }
    }

    @Test func whatIsNotThereIsAProblemWithAReason() async throws {
        let running = try await RunningService.start()
        defer { running.end() }
        let missing = try await running.ask("/api/v1/nothing")
        #expect(missing.status == 404)
        #expect(missing.headers["content-type"] == "application/problem+json")
        #expect(try missing.json()["detail"] as? String == "there is nothing here")
        let wrong = try await running.ask("/metrics", method: "DELETE")
        #expect(wrong.status == 405)
        #expect(wrong.headers["allow"] == "GET, HEAD")
        #expect(try await running.ask("/metrics?x=1").status == 400)
        #expect(try await running.ask("/healthz", method: "HEAD").text == "")
    }

    // MARK: Who may

    @Test func anotherNameIsRefused() async throws {
        let running = try await RunningService.start()
        defer { running.end() }
        #expect(try await running.ask("/metrics", host: "evil.example:9464").status == 421)
        #expect(try await running.ask("/metrics", host: "localhost:1").status != 421)
        let trusted = try await running.ask(
            "/metrics", token: RunningService.token, host: "martlet.example")
        #expect(trusted.status != 421)
    }

    @Test func beyondTheMachineTheTokenIsAskedFor() async throws {
        let running = try await RunningService.start(listen: "0.0.0.0:0")
        defer { running.end() }
        try await running.wait { try await running.ask("/readyz").status == 200 }
        for path in ["/metrics", "/api/v1/status", "/api/v1/rules", "/api/v1/nothing"] {
            let refused = try await running.ask(path)
            #expect(refused.status == 401)
            #expect(refused.headers["www-authenticate"] == "Bearer realm=\"martlet\"")
            #expect(try await running.ask(path, token: "wrong-token-of-some").status == 401)
        }
        #expect(try await running.ask("/metrics", token: RunningService.token).status == 200)
    }

    // MARK: Callers that mean no good

    private static func get(_ target: String, _ field: String = "X: y") -> String {
        "GET \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(field)\r\n\r\n"
    }

    @Test(arguments: [
        get("/../etc/passwd"),
        get("/api/v1/rules/%2e%2e/drawing"),
        get("//metrics"),
        get("/metrics%00"),
        get("/metrics%zz"),
        get("metrics"),
        get("/api/v1/rules/%ff"),
        "BREW\r\n\r\n",
        get("/metrics", "X: \(String(repeating: "a", count: 60_000))"),
        get("/\(String(repeating: "a", count: 3_000))"),
    ])
    func tricksAreBadRequests(request: String) async throws {
        let running = try await RunningService.start()
        defer { running.end() }
        let answer = try #require(try await running.sendRaw([request], closesWithin: 20))
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400 "), "\(answer.prefix(80))")
        try await running.wait {
            let figures = running.services.figures
            return figures.refused + figures.cutOffConnections == 1
        }
        #expect(try await running.ask("/healthz").status == 200)
    }

    @Test func aRequestThatTricklesInIsCutOff() async throws {
        let running = try await RunningService.start { $0.requestSpan = 1_000_000_000 }
        defer { running.end() }
        let letters =
            "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        let parts = letters.map { String($0) }
        #expect(try await running.sendRaw(parts, pause: 0.1, closesWithin: 20) == "")
        #expect(try await running.sendRaw([""], closesWithin: 20) == "", "nothing is sent at all")
        #expect(try await running.ask("/healthz").status == 200)
        #expect(running.services.figures.cutOffConnections == 2)
    }

    @Test func aBodyThatTricklesInIsCutOff() async throws {
        let running = try await RunningService.start { $0.requestSpan = 1_000_000_000 }
        defer { running.end() }
        let head = "POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
        let parts = [head] + Array(repeating: "a", count: 300)
        let answer = try #require(try await running.sendRaw(parts, pause: 0.1, closesWithin: 20))
        // Whether the answer was quicker than the end is the machine's affair.
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 405 "))
    }

    @Test func aBodyThatIsTooLargeIsCutOff() async throws {
        let running = try await RunningService.start()
        defer { running.end() }
        let head = "POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\n"
        let parts = [head] + Array(repeating: String(repeating: "a", count: 50_000), count: 40)
        #expect(try await running.sendRaw(parts, pause: 0.01, closesWithin: 6) != nil)
        #expect(try await running.ask("/healthz").status == 200)
    }

    @Test func manyConnectionsThatSayNothingDisturbNobody() async throws {
        let running = try await RunningService.start { $0.requestSpan = 1_000_000_000 }
        defer { running.end() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask { _ = try await running.sendRaw(["GET /"], closesWithin: 20) }
            }
            for _ in 0..<20 { #expect(try await running.ask("/healthz").status == 200) }
            try await group.waitForAll()
        }
    }

    @Test func moreConnectionsThanItServesAreToldSo() async throws {
        // Long enough for all to have asked on a machine that is busy.
        let running = try await RunningService.start {
            $0.connectionCap = 8
            $0.requestSpan = 25_000_000_000
        }
        defer { running.end() }
        try await running.wait { running.service.control.status != nil }
        let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        try await withThrowingTaskGroup(of: String?.self) { group in
            for k in 0..<80 {
                group.addTask {
                    // The first ones hold their places until they are cut off. One that is too
                    // many is closed if it waits for long before it asks.
                    let part = k < 8 ? "GET /" : request
                    return try await running.sendRaw([part], closesWithin: 60)
                }
                if k == 7 {
                    try await running.wait {
                        running.services.figures.openConnections == 8
                    }
                }
            }
            var refused = 0
            for try await answer in group {
                if answer?.hasPrefix("HTTP/1.1 429 ") == true { refused += 1 }
            }
            #expect(refused == 72)
        }
        try await running.wait { running.services.figures.openConnections == 0 }
        let metrics = try await running.ask("/metrics").text
        #expect(metrics.contains("\nmartlet_admin_refused_connections_total 72\n"))
        #expect(metrics.contains("\nmartlet_admin_cut_off_connections_total 8\n"))
    }

    @Test func aPortThatIsTakenIsAnErrorThatSaysSo() async throws {
        let running = try await RunningService.start()
        defer { running.end() }
        await #expect {
            try await RunningService.start(listen: "\(running.server.address)").end()
        } throws: {
            let text = "\($0)"
            return text.hasPrefix("the admin server cannot listen on 127.0.0.1:")
                && text.hasSuffix(": Address already in use")
        }
    }
}
