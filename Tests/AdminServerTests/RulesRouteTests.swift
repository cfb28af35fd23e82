// SPDX-License-Identifier: Apache-2.0

import Connectors
import Foundation
import Live
import Testing

@testable import AdminServer

/// Rules that are sent to a running service.
@Suite struct RulesRouteTests {
    private static let once = "rule once { by user when { logout } }"
    private static let other = "rule other { by user when { login } }"

    private func put(
        _ running: RunningService, _ path: String, _ body: String,
        token: String? = RunningService.token
    ) async throws -> RunningService.Answer {
        try await running.ask("/api/v1/rules" + path, method: "PUT", token: token, body: body)
    }

    private func body(_ files: [String: String]) -> String {
        JSONValue.object(files.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })
            .json
    }

    @Test func aWholeRulesetComesIntoForce() async throws {
        let running = try await RunningService.startReady()
        defer { running.end() }
        running.write(line("login", 0, "\"user\":\"ann\",\"outcome\":\"fail\""))
        try await running.wait { (running.service.control.status?.feeds[0].lines ?? 0) == 1 }
        let answer = try await put(
            running, "?author=eve&note=less+noise",
            body(["a.martlet": Self.once, "r.martlet": RunningService.rules]))
        #expect(answer.status == 200, "\(answer.text)")
        let told = try answer.json()
        #expect(told["kept"] as? [String] == ["guessed", "quiet"])
        #expect(told["new"] as? [String] == ["once"])
        #expect(told["has_changed"] as? Bool == true)
        #expect(told["version"] as? Int == 2)
        // What was under way of a rule that means the same goes on.
        running.write(
            line("login", 1, "\"user\":\"ann\",\"outcome\":\"fail\"")
                + line("login", 2, "\"user\":\"ann\",\"outcome\":\"ok\"")
                + line("logout", 3, "\"user\":\"ann\"") + line("beat", 9, "\"host\":\"h\""))
        try await running.wait { (running.service.control.status?.work.alerts ?? 0) == 2 }
        let force = try await running.ask("/api/v1/ruleset").json()
        #expect(force["author"] as? String == "eve")
        #expect(force["note"] as? String == "less noise")
        #expect(force["source"] as? String == "api")
        #expect(
            Set((force["files"] as? [String: String] ?? [:]).keys) == ["a.martlet", "r.martlet"])
        let again = try await put(
            running, "", body(["a.martlet": Self.once, "r.martlet": RunningService.rules]))
        #expect(try again.json()["has_changed"] as? Bool == false)
        let none = try await put(running, "", body(["a.martlet": Self.once]))
        #expect(try none.json()["removed"] as? [String] == ["guessed", "quiet"])
        #expect(try await running.ask("/api/v1/rules/guessed").status == 404)
    }

    @Test func oneFileIsPutBesideTheOthers() async throws {
        let running = try await RunningService.startReady()
        defer { running.end() }
        let new = try await put(running, "/more%2Fonce.martlet", Self.once)
        #expect(new.status == 200, "\(new.text)")
        #expect(try new.json()["new"] as? [String] == ["once"])
        let changed = try await put(running, "/more%2Fonce.martlet", Self.other)
        #expect(try changed.json()["removed"] as? [String] == ["once"])
        #expect(try changed.json()["kept"] as? [String] == ["guessed", "quiet"])
        let force = try await running.ask("/api/v1/ruleset").json()
        #expect((force["files"] as? [String: String])?["more/once.martlet"] == Self.other)
    }

    @Test func callersWhoAreQuickerCostNobodyHisChange() async throws {
        let running = try await RunningService.startReady()
        defer { running.end() }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for k in 0..<3 {
                group.addTask {
                    try await put(
                        running, "/f\(k).martlet", "rule f\(k) { by user when { logout } }"
                    ).status
                }
            }
            for try await status in group { #expect(status == 200) }
        }
        let rules = try await running.ask("/api/v1/rules").json()["rules"] as? [[String: Any]]
        let names = Set((rules ?? []).compactMap { $0["name"] as? String })
        #expect(names.isSuperset(of: ["f0", "f1", "f2"]))
        let stale = try await put(running, "/f0.martlet?if_version=1", Self.once)
        #expect(stale.status == 412)
        #expect(stale.text.contains("version 4, which is in force"))
    }

    @Test func mistakesAreToldWithTheirPlacesAndNothingChanges() async throws {
        let running = try await RunningService.startReady()
        defer { running.end() }
        let wrong =
            "event seen { user: string }\nrule w { by user when { seen where usr == \"x\" } }"
        let answer = try await put(running, "/w.martlet", wrong)
        #expect(answer.status == 422)
        #expect(answer.headers["content-type"] == "application/problem+json")
        let told = try answer.json()
        #expect(told["title"] as? String == "Unprocessable Content")
        let detail = try #require(told["detail"] as? String)
        #expect(detail.contains("w.martlet:2:"))
        let diagnostics = try #require(told["diagnostics"] as? [[String: Any]])
        let first = try #require(
            diagnostics.first {
                $0["severity"] as? String == "error" && $0["file"] as? String == "w.martlet"
            })
        #expect(first["line"] as? Int == 2)
        #expect((first["column"] as? Int ?? 0) > 20)
        #expect(first["code"] as? String != nil && first["help"] as? String != nil)
        let schemas = try #require(JSONValue(Array(OpenAPISchemas.text.utf8)))
        #expect(
            OpenAPITests.problem(
                try #require(JSONValue(Array(answer.text.utf8))),
                try #require(schemas["Problem"]), schemas) == nil)
        let metrics = try await running.ask("/metrics").text
        #expect(metrics.contains("\nmartlet_rules_refused_changes_total 1\n"))
        #expect(metrics.contains("\nmartlet_rules_version 1\n"))
        let status = try await running.ask("/api/v1/status").json()["ruleset"] as? [String: Any]
        #expect(status?["version"] as? Int == 1 && status?["refusals"] as? Int == 1)
        let last = status?["last_refusal"] as? [String: Any]
        #expect((last?["reason"] as? String)?.contains("w.martlet:2:") == true)
    }

    @Test(arguments: [
        "..%2Fa.martlet", "%2Fetc%2Fa.martlet", "a%2F..%2F..%2Fb.martlet", ".hidden.martlet",
        "a%5Cb.martlet", "passwd", "a%2F%2Fb.martlet", ".git%2Fa.martlet",
    ])
    func namesThatLeadElsewhereAreRefused(name: String) async throws {
        let running = try await RunningService.startReady()
        defer { running.end() }
        let answer = try await put(running, "/\(name)", Self.once)
        #expect(answer.status == 422, "\(answer.text)")
        #expect(answer.text.contains("is no name of a rules file"))
        let whole = try await put(
            running, "", body([try #require(name.removingPercentEncoding): Self.once]))
        #expect(whole.status == 422)
    }

    @Test(arguments: ["/etc/passwd", "../../etc/passwd", "lists/../../x.csv"])
    func tablesOfFilesElsewhereAreRefused(path: String) async throws {
        let running = try await RunningService.startReady()
        defer { running.end() }
        let rules = "table t from \"\(path)\"\nrule x { by user when { login where user in t } }"
        let answer = try await put(running, "/x.martlet", rules)
        #expect(answer.status == 422)
        #expect(answer.text.contains("not below the folder"))
        #expect(!answer.text.contains("root:"))
    }

    @Test func whoShowsNoTokenChangesNothing() async throws {
        let running = try await RunningService.startReady()
        for token in [nil, "some-other-token-of-any"] {
            let answer = try await put(running, "/a.martlet", Self.once, token: token)
            #expect(answer.status == 401)
        }
        running.end()
        let open = try await RunningService.startReady(token: nil)
        defer { open.end() }
        #expect(try await put(open, "/a.martlet", Self.once, token: nil).status == 403)
        #expect(try await open.ask("/api/v1/rules/once").status == 404)
    }

    /// Bodies that would fill the log of the tests, by what they are made of.
    private static func body(_ name: String) -> String {
        let brackets = String(repeating: "(", count: 100_000)
        switch name {
        case "deep lists": return String(repeating: "[", count: 100_000)
        case "brackets": return "{\"a.martlet\":\"\(brackets)\"}"
        case "a deep condition":
            return "{\"a.martlet\":\"rule a { by u when { l where x == \(brackets)\"}"
        case "too much": return String(repeating: " ", count: AdminRoutes.rulesByteCap + 1)
        default: return name
        }
    }

    @Test(arguments: [
        ("", 400), ("[]", 400), ("{\"a.martlet\": 1}", 400), ("{\"a.martlet\": \"rule", 400),
        ("{}", 422), ("{\"a.martlet\": \"rule\"}", 422), ("\u{0}", 400), ("deep lists", 400),
        ("brackets", 422), ("a deep condition", 422), ("too much", 413),
    ])
    func bodiesThatAreNoRulesAreRefused(body: String, status: Int) async throws {
        let running = try await RunningService.startReady()
        defer { running.end() }
        // Who is too slow to read it in a second finds the connection closed, and asks again.
        var asked = try? await put(running, "", Self.body(body))
        for _ in 0..<3 where asked == nil { asked = try? await put(running, "", Self.body(body)) }
        let answer = try #require(asked)
        #expect(answer.status == status, "\(answer.text.prefix(300))")
        #expect(try await running.ask("/readyz").status == 200)
        #expect(try await running.ask("/api/v1/rules/guessed").status == 200)
    }
}
