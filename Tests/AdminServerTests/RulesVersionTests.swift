// SPDX-License-Identifier: Apache-2.0

import Foundation
import Live
import Testing

@testable import AdminServer

/// Rules that are switched over HTTP, and versions that come back.
@Suite struct RulesVersionTests {
    private static let once = "rule once { by user when { logout } }"

    private func post(
        _ running: RunningService, _ path: String, token: String? = RunningService.token
    ) async throws -> RunningService.Answer {
        try await running.ask("/api/v1" + path, method: "POST", token: token)
    }

    @Test func aRuleIsSwitchedOffAndOnAgain() async throws {
        let running = try await RunningService.startReady()
        defer { running.end() }
        running.write(line("login", 0, "\"user\":\"ann\",\"outcome\":\"fail\""))
        try await running.wait { (running.service.control.status?.feeds[0].lines ?? 0) == 1 }
        let off = try await post(running, "/rules/guessed/disable?author=eve&note=noisy")
        #expect(off.status == 200, "\(off.text)")
        let told = try off.json()
        #expect(told["has_changed"] as? Bool == true)
        #expect(told["disabled"] as? [String] == ["guessed"])
        #expect(told["kept"] as? [String] == ["quiet"])
        #expect(told["dropped_attempts"] as? Int == 1)
        #expect(told["version"] as? Int == 1)
        #expect(try await running.ask("/api/v1/rules/guessed").status == 404)
        let force = try await running.ask("/api/v1/ruleset").json()
        #expect(force["disabled"] as? [String] == ["guessed"])
        #expect(force["author"] as? String == "eve" && force["note"] as? String == "noisy")
        let again = try await post(running, "/rules/guessed/disable")
        #expect(again.status == 200)
        #expect(try again.json()["has_changed"] as? Bool == false)
        let on = try await post(running, "/rules/guessed/enable")
        #expect(try on.json()["new"] as? [String] == ["guessed"])
        #expect(try await running.ask("/api/v1/rules/guessed").status == 200)
    }

    @Test func aVersionComesBack() async throws {
        let running = try await RunningService.startReady()
        defer { running.end() }
        let put = try await running.ask(
            "/api/v1/rules/a.martlet", method: "PUT", token: RunningService.token, body: Self.once)
        #expect(try put.json()["version"] as? Int == 2)
        let back = try await post(running, "/ruleset/rollback?version=1&author=ann")
        #expect(back.status == 200, "\(back.text)")
        let told = try back.json()
        #expect(told["version"] as? Int == 1 && told["removed"] as? [String] == ["once"])
        #expect(told["kept"] as? [String] == ["guessed", "quiet"])
        let history = try await running.ask("/api/v1/ruleset/history").json()
        let changes = try #require(history["changes"] as? [[String: Any]])
        #expect(changes.map { $0["number"] as? Int } == [3, 2, 1])
        #expect(changes.map { $0["version"] as? Int } == [1, 2, 1])
        #expect(changes.map { $0["source"] as? String } == ["api", "api", "start"])
        #expect(changes[0]["author"] as? String == "ann")
        #expect(history["next_before"] is NSNull)
        let page = try await running.ask("/api/v1/ruleset/history?limit=2").json()
        #expect(page["next_before"] as? Int == 2)
        let rest = try await running.ask("/api/v1/ruleset/history?limit=2&before=2").json()
        #expect((rest["changes"] as? [[String: Any]])?.count == 1)
    }

    @Test(arguments: [
        ("/rules/guesed/disable", 404, "did you mean `guessed`"),
        ("/rules/none/enable", 404, "there is no rule `none`"),
        ("/ruleset/rollback", 400, "`version` is missing"),
        ("/ruleset/rollback?version=0", 400, "no whole number"),
        ("/ruleset/rollback?version=7", 404, "there is no version 7"),
        ("/ruleset/rollback?version=1&if_version=3", 412, "version 1, which is in force"),
        ("/rules/guessed/disable?if_version=9", 412, "version 1, which is in force"),
        ("/rules/guessed/disable?why=x", 400, "no parameter `why`"),
    ])
    func whatCannotBeDoneIsRefused(path: String, status: Int, reason: String) async throws {
        let running = try await RunningService.startReady()
        defer { running.end() }
        let answer = try await post(running, path)
        #expect(answer.status == status, "\(answer.text)")
        #expect(answer.text.contains(reason), "\(answer.text)")
        #expect(try await running.ask("/api/v1/rules/guessed").status == 200)
    }

    @Test func whoShowsNoTokenSwitchesNothing() async throws {
        let running = try await RunningService.startReady()
        defer { running.end() }
        for path in ["/rules/guessed/disable", "/rules/guessed/enable", "/ruleset/rollback"] {
            #expect(try await post(running, path, token: nil).status == 401)
        }
        let asked = try await running.ask(
            "/api/v1/rules/guessed/disable", token: RunningService.token)
        #expect(asked.status == 405)
        let open = try await RunningService.startReady(token: nil)
        defer { open.end() }
        #expect(try await post(open, "/rules/guessed/disable", token: nil).status == 403)
        #expect(try await open.ask("/api/v1/ruleset").json()["disabled"] as? [String] == [])
    }
}
