// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import Testing

@testable import Live

@Suite struct EffectiveConfigurationTests {
    private static let text = """
        rules: [rules/, /etc/more.martlet]
        state: { folder: "${FOLDER:-state}", checkpoint_every: 90s }
        feeds:
          web: { type: http, token: "${TOKEN}", max_body: 2097152 }
          files: { type: file, path: "a$$b/*.jsonl", format: csv, delimiter: "|" }
        sinks:
          hook:
            type: webhook
            url: https://chat.example/secret
            headers: { Authorization: Bearer secret }
            template: |
              {"a": "{{rule}}",
               "b": 1}
          mail: { type: smtp, host: "true", from: a@b.example, to: [c@d.example, e@f.example] }
        routes:
          - if: severity >= high
            to: [hook, mail]
            continue: true
          - to: mail
        """

    private func tree(_ text: String) throws -> ConfigurationTree {
        let (tree, diagnostics) = LiveConfiguration.effective(
            SourceFile(name: "conf/c.yaml", text: text), folder: "/home"
        ) { $0 == "TOKEN" ? "secret" : nil }
        return try #require(tree, "\(diagnostics.map(\.message))")
    }

    /// The text at a path of names.
    private func text(_ path: String, in tree: ConfigurationTree) -> String? {
        var tree = tree
        for name in path.split(separator: "/") {
            guard case .mapping(let members) = tree,
                let member = members.first(where: { $0.name == name })
            else { return nil }
            tree = member.value
        }
        switch tree {
        case .text(let text, _): return text
        case .integer(let number): return "\(number)"
        case .boolean(let flag): return "\(flag)"
        case .list, .mapping: return tree.json
        }
    }

    @Test(arguments: [
        ("rules", "[\"/home/conf/rules/\",\"/etc/more.martlet\"]\n"),
        ("shutdown_timeout", "30s"), ("state/folder", "/home/conf/state"),
        ("state/checkpoint_every", "1m30s"), ("state/checkpoints", "3"), ("log/format", "text"),
        ("limits/attempts_per_key", "100000"), ("limits/keys", nil),
        ("admin/listen", "127.0.0.1:9464"), ("admin/token", nil), ("feeds/web/type", "http"),
        ("feeds/web/token", "***"), ("feeds/web/max_body", "2MB"),
        ("feeds/web/listen", "127.0.0.1:8080"), ("feeds/files/path", "/home/conf/a$b/*.jsonl"),
        ("feeds/files/from", "start"), ("feeds/files/max_ahead", nil), ("sinks/hook/url", "***"),
        ("sinks/hook/headers/Authorization", "***"), ("sinks/hook/batch", "1"),
        ("sinks/mail/to", "[\"c@d.example\",\"e@f.example\"]\n"),
        (
            "routes",
            "[{\"if\":\"severity >= high\",\"to\":[\"hook\",\"mail\"],\"continue\":true},"
                + "{\"to\":\"mail\",\"continue\":false}]\n"
        ),
    ])
    func whatCountsIsThereAndNothingSecret(path: String, expected: String?) throws {
        let tree = try tree(Self.text)
        #expect(text(path, in: tree) == expected)
        #expect(!tree.yaml.contains("secret"))
        #expect(!tree.json.contains("secret"))
    }

    /// What is printed is a configuration that means the same; `***` counts as any text.
    @Test func whatIsPrintedReadsAsTheSame() throws {
        let tree = try tree(Self.text.replacing("https://chat.example/secret", with: "http://x"))
        let printed = tree.yaml.replacing("url: \"***\"", with: "url: http://x")
        let again = try self.tree(printed)
        #expect(again.json == tree.json)
        #expect(again.yaml == tree.yaml)
    }

    @Test func thereIsNothingThatTheSchemaKnowsAndThisLeavesOut() throws {
        let schema = try JSONSerialization.jsonObject(
            with: Data(ConfigurationReference.schema.utf8))
        let properties = try #require((schema as? [String: Any])?["properties"] as? [String: Any])
        guard
            case .mapping(let members) = try tree(
                Self.text.replacing("rules: [", with: "dead_letters: d\nrules: ["))
        else {
            Issue.record("a mapping")
            return
        }
        #expect(Set(members.map(\.name)) == Set(properties.keys))
    }

    @Test func withoutSinksThereIsStandardOutput() throws {
        let tree = try tree("rules: r\nfeeds: { a: { type: stdin } }\n")
        #expect(text("sinks/stdout/type", in: tree) == "stdout")
    }

    @Test func aWrongConfigurationIsRefusedAsElsewhere() {
        let (tree, diagnostics) = LiveConfiguration.effective(
            SourceFile(name: "c.yaml", text: "rules: r\nfeds: {}\n"), folder: "/"
        ) { _ in nil }
        #expect(tree == nil)
        #expect(diagnostics.first?.message.contains("did you mean `feeds`?") == true)
    }

    @Test(arguments: [
        (1, "1"), (1024, "1KB"), (1536, "1536"), (16 << 20, "16MB"), (3 << 30, "3GB"),
    ])
    func sizesAreReadableAndExact(count: Int, expected: String) {
        #expect(OptionValue.sizeText(count) == expected)
        #expect(OptionValue(expected, as: .size()) == .integer(count))
    }
}
