// SPDX-License-Identifier: Apache-2.0

import Foundation
import Live
import Testing

@testable import AdminServer

@Suite struct ConsolePageTests {
    @Test func thePageAsksNobodyElse() async throws {
        let running = try await RunningService.start()
        defer { running.end() }
        for path in ["/", "/console.css", "/console.js"] {
            let answer = try await running.ask(path)
            #expect(answer.status == 200)
            let policy = try #require(answer.headers["content-security-policy"])
            #expect(policy.contains("default-src 'none'"))
            #expect(policy.contains("script-src 'self'"))
            #expect(!policy.contains("unsafe"))
            let text = answer.text.replacing("http://www.w3.org/2000/svg", with: "")
            #expect(!text.contains("http:") && !text.contains("https:") && !text.contains("//cdn"))
        }
        let html = try await running.ask("/").text
        #expect(!html.contains("<script>") && !html.contains("style="))
    }

    @Test func thePageIsThereWithoutATokenAndTellsNothing() async throws {
        let running = try await RunningService.start(listen: "0.0.0.0:0")
        defer { running.end() }
        let page = try await running.ask("/")
        #expect(page.status == 200)
        #expect(!page.text.contains("guessed"))
        #expect(try await running.ask("/api/v1/events").status == 401)
    }

    /// A browser, where one is named: the page shows what the service has done.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["MARTLET_BROWSER"] != nil))
    func aBrowserShowsWhatHappened() async throws {
        let running = try await RunningService.start()
        defer { running.end() }
        running.write(guesses(of: "ann", at: 0) + line("beat", 90, "\"host\":\"h\""))
        try await running.wait { (running.service.control.status?.work.alerts ?? 0) == 1 }
        let profile = NSTemporaryDirectory() + "martlet-browser-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: profile) }
        let browser = Process()
        browser.executableURL = URL(
            filePath: try #require(ProcessInfo.processInfo.environment["MARTLET_BROWSER"]))
        browser.arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(profile)",
            "--virtual-time-budget=4000", "--timeout=20000", "--dump-dom",
            "http://\(running.server.address)/",
        ]
        let output = Pipe()
        browser.standardOutput = output
        browser.standardError = FileHandle.nullDevice
        try browser.run()
        let page = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        browser.waitUntilExit()
        #expect(page.contains("ann came in"))
        #expect(page.contains("data-rule=\"guessed\""))
    }
}
