// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationXML
import Testing

@testable import MartletCommands

/// `martlet replay --report` as the built program.
@Suite struct ReplayReportTests {
    private static let rules = """
        event login { user: string }
        rule twice { by user when within 1m { 2 login as l } alert "{user}" }

        """
    private static let events = """
        {"type":"login","time":"2027-01-31T12:00:00Z","user":"<b>ann"}
        {"type":"login","time":"2027-01-31T12:00:01Z","user":"<b>ann"}
        {"type":"login","time":"2027-01-31T12:00:02Z","user":"bob"}
        {"type":"login","time":"2027-01-31T12:00:03Z","user":"bob"}
        nothing

        """

    private let folder: RulesFolder
    private var page: String { "\(folder.path)/page.html" }

    init() throws {
        folder = try RulesFolder([
            "r.martlet": Self.rules, "e.jsonl": Self.events, "old.html": "old",
        ])
    }

    private func replay(_ arguments: String...) throws -> CommandOutcome {
        try run(
            ["replay", "\(folder.path)/r.martlet"]
                + arguments.map { $0.replacingOccurrences(of: "FOLDER", with: folder.path) })
    }

    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    @Test func alertsAndSummaryAreAsWithoutIt() throws {
        let plain = try replay("FOLDER/e.jsonl")
        let reported = try replay("FOLDER/e.jsonl", "--report", page)
        #expect(plain == reported && plain.status == .clean)
        let html = try text(page)
        let document = try XMLDocument(xmlString: html)
        #expect(try document.nodes(forXPath: "//*[local-name()='article']").count == 1)
        for part in [
            "2 alerts on 4 events", "&lt;b&gt;ann", "records not used", "e.jsonl:5",
            "martlet \(Martlet.version)", "e.jsonl</code>",
        ] {
            #expect(html.contains(part), "\(part)")
        }
    }

    @Test func thePageIsTheSameForAnyNumberOfThreads() throws {
        var pages: Set<String> = []
        for threads in ["1", "2", "5"] {
            let result = try replay(
                "FOLDER/e.jsonl", "-q", "--threads", threads, "--report", page)
            #expect(result.status == .clean)
            pages.insert(try text(page))
        }
        #expect(pages.count == 1)
    }

    @Test func asManyAlertsAreShownAsAskedFor() throws {
        _ = try replay("FOLDER/e.jsonl", "-q", "--report", page, "--report-alerts", "1")
        let html = try text(page)
        #expect(html.contains("and 1 more alert<") && html.contains("--report-alerts 1"))
        #expect(html.components(separatedBy: "<details class=\"match\"").count == 2)
    }

    @Test func whatCannotBeIsRefusedBeforeAnythingIsRead() throws {
        for arguments in [
            ["--count", "--report", page], ["--report", "-"], ["--report-alerts", "-1"],
            ["--output", page, "--report", page], ["--report", "\(folder.path)/e.jsonl"],
        ] {
            let all = ["replay", "\(folder.path)/r.martlet", "\(folder.path)/e.jsonl"] + arguments
            #expect(outcome(all).status == .usage, "\(arguments)")
        }
        #expect(try text("\(folder.path)/e.jsonl") == Self.events)
        let nowhere = try replay("FOLDER/e.jsonl", "--report", "FOLDER/none/page.html")
        #expect(nowhere.status == .environment && nowhere.output.isEmpty)
    }

    @Test func aMissingInputLeavesAnOldPageAlone() throws {
        let result = try replay("FOLDER/missing.jsonl", "--report", "FOLDER/old.html")
        #expect(result.status == .environment)
        #expect(try text("\(folder.path)/old.html") == "old")
    }
}
