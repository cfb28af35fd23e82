// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import Testing

@testable import Live

@Suite struct ConfigurationReferenceTests {
    private static let page =
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/reference/configuration.md")

    /// Everything behind the mark is made from the declarations.
    @Test func thePageOfTheReferenceIsMadeFromTheDeclarations() throws {
        let mark = "<!-- Made from the declarations of the options. -->\n\n"
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let place = try #require(text.range(of: mark))
        let tables = String(text[place.upperBound...])
        let wanted = String(ConfigurationReference.markdown.dropLast())
        if ProcessInfo.processInfo.environment["MARTLET_UPDATE_GOLDEN"] != nil {
            try (text[..<place.upperBound] + wanted).write(
                to: Self.page, atomically: true, encoding: .utf8)
            return
        }
        #expect(tables == wanted)
    }

    @Test func theSchemaKnowsEveryOption() throws {
        let schema = try JSONSerialization.jsonObject(
            with: Data(ConfigurationReference.schema.utf8))
        let root = try #require(schema as? [String: Any])
        let properties = try #require(root["properties"] as? [String: Any])
        #expect(
            Set(properties.keys)
                == [
                    "rules", "dead_letters", "shutdown_timeout", "state", "limits", "admin", "log",
                    "feeds", "sinks", "routes",
                ])
        #expect(root["required"] as? [String] == ["feeds", "rules"])
        for section in ConfigurationSections.feeds + ConfigurationSections.sinks {
            for option in section.options {
                #expect(ConfigurationReference.schema.contains("\"\(option.name)\":{"))
            }
        }
    }
}

/// Configurations in the documents are right.
@Suite struct ConfigurationSnippetTests {
    @Test(arguments: [
        "reference/configuration.md", "how-to/run-live.md", "how-to/send-alerts.md",
        "how-to/send-events.md", "how-to/run-in-containers.md", "how-to/secrets-and-tls.md",
    ])
    func everyConfigurationOfThePageIsRight(page: String) throws {
        let docs = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs")
        let text = try String(contentsOf: docs.appending(path: page), encoding: .utf8)
        let blocks = text.components(separatedBy: "```yaml\n").dropFirst()
            .map { $0.components(separatedBy: "```")[0] }
        #expect(!blocks.isEmpty)
        for block in blocks {
            let read = LiveConfiguration.read(SourceFile(name: page, text: block)) { _ in nil }
            #expect(read.diagnostics.map(\.message) == [])
        }
    }
}

/// What is declared is read: an option that nobody asks for would be accepted and mean nothing.
@Suite struct DeclaredOptionTests {
    @Test func everyDeclaredOptionIsReadSomewhere() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/Live/Configuration")
        let readers = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { !$0.hasPrefix("ConfigurationSections") && $0.hasSuffix(".swift") }
            .map { try String(contentsOf: folder.appending(path: $0), encoding: .utf8) }.joined()
        let sections =
            [ConfigurationSections.topLevel, ConfigurationSections.route]
            + ConfigurationSections.named + ConfigurationSections.feeds
            + ConfigurationSections.sinks
        for option in sections.flatMap(\.options) {
            // A secret may stand in a file, which is read with it.
            let name =
                readers.contains("\"\(option.name)\"")
                ? option.name : option.name.replacing("_file", with: "")
            #expect(readers.contains("\"\(name)\""), "\(option.name)")
        }
    }
}
