// SPDX-License-Identifier: Apache-2.0

import Connectors
import Foundation
import Live
import Testing

@testable import AdminServer

@Suite struct WorkRouteTests {
    @Test func theAttemptsOfAKeySayWhatTheyWaitFor() async throws {
        let running = try await RunningService.start()
        defer { running.end() }
        running.write(
            line("login", 0, "\"user\":\"ann\",\"outcome\":\"fail\"")
                + line("login", 1, "\"user\":\"ann\",\"outcome\":\"fail\"")
                + line("login", 2, "\"user\":\"bob\",\"outcome\":\"fail\"")
                + line("beat", 3, "\"host\":\"h\""))
        try await running.wait { (running.service.control.status?.feeds[0].lines ?? 0) == 4 }
        let ann = try await running.ask("/api/v1/rules/guessed/attempts?key=ann").json()
        let keys = try #require(ann["keys"] as? [[String: Any]])
        #expect(keys.count == 1)
        #expect(keys[0]["key"] as? [String: String] == ["user": "ann"])
        #expect(keys[0]["count"] as? Int == 2)
        let attempts = try #require(keys[0]["attempts"] as? [[String: Any]])
        #expect(attempts[0]["bound_count"] as? Int == 2)
        #expect(
            (attempts[0]["waits_for"] as? [String])?.first?.contains("login as entry") == true)
        let bound = try #require(attempts[0]["bound"] as? [[String: Any]])
        #expect(bound.map { $0["step"] as? String } == ["fails", "fails"])
        #expect((bound[0]["event"] as? [String: Any])?["user"] as? String == "ann")

        let all = try await running.ask("/api/v1/rules/guessed/attempts").json()
        #expect((all["keys"] as? [Any])?.count == 2)
        let some = try await running.ask("/api/v1/rules/guessed/attempts?limit=1").json()
        #expect((some["keys"] as? [Any])?.count == 1)
        let quiet = try await running.ask("/api/v1/rules/quiet/attempts?key=h").json()
        let waits = try #require(quiet["keys"] as? [[String: Any]])
        let absence = try #require((waits[0]["attempts"] as? [[String: Any]])?.first)
        #expect(absence["waits_for"] as? [String] == ["no beat for 5m"])
        #expect(absence["deadline"] is String)
        let none = try await running.ask("/api/v1/rules/guessed/attempts?key=nobody").json()
        #expect((none["keys"] as? [Any])?.isEmpty == true)
        let wrong = try await running.ask("/api/v1/rules/guessed/attempts?key=a&key=b")
        #expect(wrong.status == 400)
    }

    @Test func aPageOfDamagedAlertsIsNotTheLast() throws {
        var alerts = [9, 8].map { StoredAlert(number: $0, json: "{\"id\":\"a\"}") }
        alerts[1].isDamaged = true
        var json = JSONWriter()
        AlertsJSON.write(alerts, isWhole: false, to: &json)
        #expect(
            String(decoding: json.bytes, as: UTF8.self)
                == #"{"alerts":[{"number":9,"alert":{"id":"a"}}],"damaged":[8],"next_before":8}"#)
    }

    @Test func alertsComeInPagesTheNewestFirst() async throws {
        let running = try await RunningService.start()
        defer { running.end() }
        running.write((0..<5).map { guesses(of: "u\($0)", at: Double($0) * 10) }.joined())
        running.write(line("beat", 90, "\"host\":\"h\""))
        try await running.wait { (running.service.control.status?.work.alerts ?? 0) == 5 }
        let first = try await running.ask("/api/v1/alerts?limit=2&rule=guessed").json()
        let numbers = (first["alerts"] as? [[String: Any]])?.compactMap { $0["number"] as? Int }
        #expect(numbers == [5, 4])
        #expect(first["next_before"] as? Int == 4)
        let rest = try await running.ask("/api/v1/alerts?before=4&severity=high").json()
        let others = try #require(rest["alerts"] as? [[String: Any]])
        #expect(others.compactMap { $0["number"] as? Int } == [3, 2, 1])
        #expect((others[0]["alert"] as? [String: Any])?["title"] as? String == "u2 came in")
        #expect(rest["next_before"] is NSNull)
        let none = try await running.ask("/api/v1/alerts?rule=quiet").json()
        #expect((none["alerts"] as? [Any])?.isEmpty == true)
        #expect(try await running.ask("/api/v1/alerts?severity=loud").status == 400)
        #expect(try await running.ask("/api/v1/alerts?limit=0").status == 400)
    }

    @Test func aCheckpointIsWrittenForWhoeverShowsTheToken() async throws {
        let running = try await RunningService.start()
        defer { running.end() }
        try await running.wait { try await running.ask("/readyz").status == 200 }
        let path = "/api/v1/checkpoint"
        #expect(try await running.ask(path, method: "POST").status == 401)
        #expect(
            try await running.ask(path, method: "GET", token: RunningService.token).status == 405)
        let done = try await running.ask(path, method: "POST", token: RunningService.token)
        #expect(done.status == 200)
        #expect(try #require(done.json()["bytes"] as? Int) > 0)
    }

    @Test func withoutATokenNothingCanBeChanged() async throws {
        let running = try await RunningService.start(token: nil)
        defer { running.end() }
        let refused = try await running.ask("/api/v1/checkpoint", method: "POST")
        #expect(refused.status == 403)
        #expect(refused.text.contains("token_file"))
    }
}
