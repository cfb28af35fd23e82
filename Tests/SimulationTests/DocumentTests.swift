// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Foundation
import Harness
import MatchCore
import Pipeline
import RuleLanguage
import Simulation
import Testing

/// The documents tell the truth: their rules, tests, pictures, commands and links.
@Suite struct DocumentTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// README, CHANGELOG and every page below `docs/`, by their paths in the repository.
    static let pages: [String] = {
        let names = FileManager.default.enumerator(atPath: root.appending(path: "docs").path)
        let found = (names?.allObjects as? [String]) ?? []
        return ["CHANGELOG.md", "README.md"]
            + found.filter { $0.hasSuffix(".md") }.map { "docs/" + $0 }.sorted()
    }()

    /// The pages of diagnostics show a mistake first and its repair second; CheckingPageTests and
    /// ParsingCodeTests hold them to that.
    static let rulePages = pages.filter { !$0.hasPrefix("docs/reference/diagnostics/") }

    static func page(_ path: String) throws -> DocumentPage {
        DocumentPage(try String(contentsOf: root.appending(path: path), encoding: .utf8))
    }

    static func blocks(_ path: String, _ language: String) throws -> [DocumentPage.Block] {
        try page(path).blocks.filter { $0.language == language }
    }

    @Test func thereAreDocuments() throws {
        #expect(Self.pages.count > 100)
        let timelines = try Self.rulePages.flatMap { try Self.blocks($0, "timeline") }
        let consoles = try Self.rulePages.flatMap { try Self.blocks($0, "console") }
        let rules = try Self.rulePages.flatMap { try Self.blocks($0, "martlet") }
        #expect(timelines.count > 30)
        #expect(consoles.count > 8)
        #expect(rules.count > 20)
    }

    @Test(arguments: pages)
    func everyFenceIsClosedAndSaysWhatItHolds(path: String) throws {
        let page = try Self.page(path)
        #expect(page.openFences == [], "\(path)")
        let known = [
            "", "martlet", "timeline", "console", "text", "sh", "json", "jsonl", "csv", "sql",
            "java",
            "eql", "epl", "dot", "xml", "yaml", "python",
        ]
        for block in page.blocks {
            #expect(
                known.contains(block.language), "\(path):\(block.line): ```\(block.language)")
        }
    }

    // MARK: rules

    @Test(arguments: rulePages)
    func theRulesOfThePageAreWhatItSaysTheyAre(path: String) throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "martlet-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for block in try Self.blocks(path, "csv") {
            guard let name = block.fileName else { continue }
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(block.text.utf8).write(to: file)
        }
        for block in try Self.blocks(path, "martlet") {
            let place = "\(path):\(block.line)"
            let checked = RulesetLoader.check([
                SourceFile(
                    name: folder.appending(path: "\(block.line).martlet").path, text: block.text)
            ])
            let words = block.words.filter { !$0.hasPrefix("file:") }
            let codes = Set(checked.diagnostics.map(\.code)).sorted()
            if words.first == "error" {
                #expect(codes == words.dropFirst().sorted(), "\(place)")
                continue
            }
            #expect(
                words.isEmpty || words == ["failing"], "\(place): ```martlet \(words)")
            let isDeclarations = !block.text.contains("rule ")
            let hasTests = block.text.contains("\ntest ") || block.text.hasPrefix("test ")
            let mistakes = checked.diagnostics.filter {
                switch $0.code {
                case "W0107": hasTests
                case "W0105", "W0106", "W0130": !isDeclarations
                default: true
                }
            }
            #expect(mistakes.isEmpty, "\(place): \(mistakes.map { "\($0.code) \($0.message)" })")
            guard let ruleset = checked.ruleset else { continue }
            #expect(hasTests == !ruleset.tests.isEmpty, "\(place)")
            var runner = TestRunner(ruleset)
            let failed = ruleset.tests.map { runner.run($0) }.filter { !$0.isPassed }
            if words == ["failing"] {
                #expect(!failed.isEmpty, "\(place): no case fails")
            } else {
                #expect(failed.isEmpty, "\(place): \(failed.map { $0.test.name })")
            }
        }
    }

    // MARK: pictures

    @Test(arguments: rulePages)
    func thePicturesOfThePageAreRight(path: String) throws {
        for block in try Self.blocks(path, "timeline") {
            let place = "\(path):\(block.line)"
            do {
                let picture = try DocumentTimeline(block.text)
                let found = try picture.run()
                #expect(found.engine == picture.drawnRows, "\(place): the engine")
                #expect(found.reference == picture.drawnRows, "\(place): the reference matcher")
            } catch {
                Issue.record("\(place): \(error)")
            }
        }
    }

    // MARK: links

    @Test(arguments: pages)
    func everyLinkLeadsSomewhere(path: String) throws {
        let folder = Self.root.appending(path: path).deletingLastPathComponent()
        for link in try Self.page(path).links {
            if link.target.hasPrefix("https://") || link.target.hasPrefix("http://") { continue }
            let place = "\(path):\(link.line): \(link.target)"
            let parts = link.target.split(
                separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            let file =
                parts[0].isEmpty
                ? Self.root.appending(path: path) : folder.appending(path: String(parts[0]))
            guard FileManager.default.fileExists(atPath: file.path) else {
                Issue.record("\(place): nothing is there")
                continue
            }
            if parts.count == 2 {
                let target = DocumentPage(try String(contentsOf: file, encoding: .utf8))
                #expect(target.anchors.contains(String(parts[1])), "\(place): no such heading")
            }
        }
    }

    // MARK: pages that list what the code has

    @Test func theIndexOfCodesIsComplete() throws {
        let folder = Self.root.appending(path: "docs/reference/diagnostics")
        let index = try String(contentsOf: folder.appending(path: "README.md"), encoding: .utf8)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        let rows = try names.filter { $0 != "README.md" }.map { name in
            let page = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            let heading = page.split(separator: "\n").first ?? ""
            let code = name.dropLast(3)
            return "| [\(code)](\(name)) | \(heading.dropFirst("# \(code): ".count)) |"
        }
        let listed = index.split(separator: "\n").filter { $0.hasPrefix("| [") }.map(String.init)
        #expect(listed == rows)
    }

    @Test func theCapsArePrintedAsTheyAre() throws {
        let page = try String(
            contentsOf: Self.root.appending(path: "docs/reference/caps.md"), encoding: .utf8)
        let caps = Caps()
        for (name, value) in [
            ("attempts_per_key", caps.attemptsPerKey), ("choices_per_event", caps.choicesPerEvent),
            ("matches_per_event", caps.matchesPerEvent),
            ("bindings_per_rule", caps.bindingsPerRule),
            ("window_events_per_key", caps.windowEventsPerKey),
            ("open_alerts_per_rule", caps.openAlertsPerRule),
            ("suppressions_per_rule", caps.suppressionsPerRule),
            ("untold_suppressions_per_rule", caps.untoldSuppressionsPerRule),
        ] {
            let number = value.formatted(.number.locale(Locale(identifier: "en_US")))
            #expect(page.contains("| `\(name)` | \(number) |"), "\(name) is \(number)")
        }
    }

    @Test func everyFileWithUnsafeCodeIsAccountedFor() throws {
        let page = try String(
            contentsOf: Self.root.appending(path: "docs/explanation/unsafe.md"), encoding: .utf8)
        let sources = Self.root.appending(path: "Sources")
        let names = FileManager.default.enumerator(atPath: sources.path)?.allObjects as? [String]
        for name in try #require(names).sorted() where name.hasSuffix(".swift") {
            let text = try String(contentsOf: sources.appending(path: name), encoding: .utf8)
            let isUnsafe = text.split(separator: "\n").contains { line in
                let code = line.drop { $0 == " " }
                return !code.hasPrefix("//")
                    && (code.contains("unsafe ") || code.contains("(unsafe)")
                        || code.contains("@unchecked Sendable"))
            }
            #expect(page.contains("`\(name)`") == isUnsafe, "\(name)")
        }
    }
}
