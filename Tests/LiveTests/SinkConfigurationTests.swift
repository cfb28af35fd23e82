// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Testing

@testable import Live

@Suite struct SinkConfigurationTests {
    private func read(
        _ text: String, _ variables: [String: String] = [:]
    ) -> (configuration: LiveConfiguration?, errors: [String]) {
        let head = "rules: r\nfeeds: { in: { type: stdin } }\n"
        let (configuration, diagnostics) = LiveConfiguration.read(
            SourceFile(name: "conf/martlet.yaml", text: head + text)
        ) { variables[$0] }
        return (
            configuration,
            diagnostics.map { "\($0.span.line):\($0.span.column) \($0.code) \($0.message)" }
        )
    }

    private func sink(_ options: String) throws -> SinkConfiguration {
        let (configuration, errors) = read("sinks: { s: { \(options) } }", ["KEY": "k3y"])
        #expect(errors == [])
        return try #require(configuration?.sinks.first)
    }

    @Test func aFileMayBeRotated() throws {
        let read = try sink(
            "type: file, path: a.jsonl, rotate_size: 1MB, rotate_every: 1d, keep: 7, sync: always")
        var options = FileSinkOptions(path: "conf/a.jsonl")
        options.rotateByteCount = 1 << 20
        options.rotateSpan = TimeSpan(seconds: 86_400)
        options.keptCount = 7
        options.sync = .always
        #expect(read.target == .file(options))
        #expect(read.delivery == .local)
        guard case .file(let plain) = try sink("type: file, path: a.jsonl").target else { return }
        #expect(plain == FileSinkOptions(path: "conf/a.jsonl"))
    }

    @Test func aWebhookTakesItsSecretsFromFilesAndTheEnvironment() throws {
        let read = try sink(
            """
            type: webhook, url_file: /run/url, signing_secret: "${KEY}", batch: 10,
              headers: { Authorization: "Bearer ${KEY}" }, timeout: 3s, breaker: 2,
              give_up_after: 0s
            """)
        var options = WebhookOptions(url: .file(path: "/run/url"))
        options.signingSecret = .text("k3y")
        options.batchCount = 10
        options.headers = [.init("Authorization", "Bearer k3y")]
        #expect(read.target == .webhook(options))
        #expect(read.delivery.timeout == TimeSpan(seconds: 3))
        #expect(read.delivery.breakerFailureCount == 2)
        #expect(read.delivery.giveUpSpan == nil)
        #expect(!"\(read)".contains("k3y"))
    }

    @Test func pagerDutyNeedsNoAddress() throws {
        let read = try sink("type: webhook, preset: pagerduty, routing_key_file: key")
        var options = WebhookOptions(url: .text("https://events.pagerduty.com/v2/enqueue"))
        options.preset = .pagerduty
        options.routingKey = .file(path: "conf/key")
        #expect(read.target == .webhook(options))
    }

    @Test func anAlertmanagerHasItsSpans() throws {
        let read = try sink("type: alertmanager, url: http://am:9093, resolve_after: 10m")
        var options = AlertmanagerOptions(url: .text("http://am:9093"))
        options.resolveSpan = TimeSpan(seconds: 600)
        #expect(read.target == .alertmanager(options))
    }

    @Test(arguments: [
        ("s: { type: webhook }", "3:13 C004 the sink `s` has no `url`"),
        (
            "s: { type: webhook, url: s3cret }",
            "3:13 C003 the `url` of the sink `s` begins with neither `http://` nor `https://`"
        ),
        (
            "s: { type: webhook, url: 'http://s3cret', url_file: b }",
            "3:13 C003 `url` and `url_file` are both there: one of them is meant"
        ),
        (
            "s: { type: webhook, preset: pagerduty }",
            "3:13 C004 the sink `s` has no `routing_key`"
        ),
        (
            "s: { type: webhook, url: 'http://s3cret', preset: slack, batch: 2 }",
            "3:13 C003 the sink `s` has a `batch`, which goes with `preset: json` only"
        ),
        (
            "s: { type: webhook, url: 'http://s3cret', preset: slack, template: x }",
            "3:13 C003 the sink `s` has a `template` and a `preset`: one of them is the body"
        ),
        (
            "s: { type: webhook, url: 'http://s3cret', headers: [a] }",
            "3:61 C003 `headers` is not a mapping of names to texts"
        ),
        (
            "s: { type: webhook, url: 'http://s3cret', template_file: /nowhere }",
            "3:13 C003 cannot open `/nowhere`: No such file or directory"
        ),
        ("s: { type: smtp, host: h, to: a@b }", "3:13 C004 the sink `s` has no `from`"),
    ]) func aMistakeIsNamedWithoutSecrets(sink: String, error: String) {
        let (configuration, errors) = read("sinks: { \(sink) }")
        #expect(errors.first == error)
        #expect(configuration == nil)
        #expect(!errors.joined().contains("s3cret"))
    }

    // MARK: Routes

    private static let sinks = "sinks: { a: { type: stdout }, b: { type: file, path: f } }\n"

    @Test func aRouteIsAConditionAndSinks() throws {
        let (configuration, errors) = read(
            Self.sinks + """
                routes:
                  - if: severity >= high and key.user != "root"
                    to: a
                    continue: true
                  - to: [b]
                """)
        #expect(errors == [])
        let routes = try #require(configuration?.routes)
        let alert = { (severity: String, user: String) in
            AlertContent(
                StoredAlert(
                    number: 1,
                    json: "{\"severity\":\"\(severity)\",\"key\":{\"user\":\"\(user)\"}}"),
                withEvents: false)
        }
        #expect(routes.sinks(for: alert("high", "ann")) == ["a", "b"])
        #expect(routes.sinks(for: alert("low", "ann")) == ["b"])
        #expect(routes.sinks(for: alert("high", "root")) == ["b"])
    }

    @Test(
        arguments: [
            ("routes: { to: a }", "4:9 C003 `routes` is not a list of routes"),
            (
                "routes: [{ to: [a, bb] }]",
                "4:16 C003 route 1 leads to the sink `bb`, which there is not"
            ),
            ("routes: [{ to: a }]", "4:9 C004 no route leads to the sink `b`"),
            ("routes: [{ if: x }]", "4:10 C004 route 1 has no `to`"),
            (
                "routes: [{ to: [a, b], if: severity > hgih }]",
                "4:28 C006 there is no severity `hgih` (at `hgih`): did you mean `high`?"
            ),
            (
                "routes: [{ to: [a, b], if: rule > }]",
                "4:28 C006 expected a value, found the end of the condition"
            ),
            ("routes: [{ to: [a, b], unless: x }]", nil),
        ] as [(String, String?)])
    func aMistakeInARouteIsNamed(routes: String, error: String?) {
        let (configuration, errors) = read(Self.sinks + routes)
        #expect(configuration == nil)
        #expect(!errors.isEmpty)
        if let error { #expect(errors.contains(error)) }
    }
}
