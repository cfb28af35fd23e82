// SPDX-License-Identifier: Apache-2.0

import Connectors
import Diagnostics
import EventModel
import MatchCore
import Testing

@testable import Live

@Suite struct ConfigurationTests {
    private func read(
        _ text: String, _ variables: [String: String] = [:]
    ) -> (configuration: LiveConfiguration?, errors: [String]) {
        let (configuration, diagnostics) = LiveConfiguration.read(
            SourceFile(name: "conf/martlet.yaml", text: text)
        ) { variables[$0] }
        return (
            configuration,
            diagnostics.map { "\($0.span.line):\($0.span.column) \($0.code) \($0.message)" }
        )
    }

    @Test func aWholeConfigurationIsRead() throws {
        let (configuration, errors) = read(
            """
            rules: [rules, /etc/martlet/extra.martlet]
            dead_letters: dead.jsonl
            state:
              { folder: "${STATE:-st}", checkpoint_every: 30s, checkpoints: 5, sync_every: 1s,
                keep_alerts: 0s, keep_alerts_size: 2GB, rotate_dead_letters: 1MB,
                keep_dead_letters: 7 }
            limits: { keys: 1000, window_events_per_key: "${MOST:-20}" }
            feeds:
              logins:
                type: file
                path: in/*.jsonl
                from: end
                lateness: 10s
                max_ahead: 1h
                idle_after: 1m
                sync: always
                event_type: login
                id_field: meta.id
                without_time: arrival
              piped: { type: stdin, format: csv, delimiter: tab, max_line: 1KB }
            sinks:
              alerts: { type: file, path: "${OUT}" }
              shown: { type: stdout }
            """, ["OUT": "/var/alerts.jsonl"])
        #expect(errors == [])
        let read = try #require(configuration)
        #expect(read.rules == ["conf/rules", "/etc/martlet/extra.martlet"])
        #expect(read.deadLetterPath == "conf/dead.jsonl")
        #expect(read.stateFolder == "conf/st")
        #expect(read.checkpointSpan == TimeSpan(seconds: 30))
        #expect(read.checkpointCount == 5)
        #expect(read.syncSpan == TimeSpan(seconds: 1))
        var retention = RetentionOptions.everything
        retention.alertByteCap = 2 << 30
        (retention.letterFileByteCount, retention.letterFileCount) = (1 << 20, 7)
        #expect(read.retention == retention)
        var limits = Caps()
        (limits.keys, limits.windowEventsPerKey) = (1000, 20)
        #expect(read.limits == limits)
        #expect(
            read.feeds[0].source
                == .files(
                    pattern: "conf/in/*.jsonl", fromEnd: true,
                    pollSpan: TimeSpan(milliseconds: 200)))
        #expect(read.feeds[0].options.reading.lateness == TimeSpan(seconds: 10))
        #expect(read.feeds[0].options.reading.maxAhead == TimeSpan(seconds: 3600))
        #expect(read.feeds[0].options.reading.fixedType == "login")
        #expect(read.feeds[0].options.reading.idField == "meta.id")
        #expect(read.feeds[1].options.reading.idField == "id")
        #expect(read.feeds.map(\.options.reading.assumesArrivalTime) == [true, false])
        #expect(read.feeds[0].options.idleAfter == TimeSpan(seconds: 60))
        #expect(read.feeds[0].sync == .always)
        #expect(read.feeds[1].source == .standardInput)
        #expect(read.feeds[1].maxLineByteCount == 1024)
        #expect(read.feeds[1].options.reading.format == .csv)
        #expect(read.feeds[1].options.reading.maxAhead == nil)
        #expect(read.feeds[1].options.reading.delimiter == 0x09)
        #expect(
            read.sinks == [
                SinkConfiguration(
                    name: "alerts", target: .file(FileSinkOptions(path: "/var/alerts.jsonl"))),
                SinkConfiguration(name: "shown", target: .standardOutput(.automatic)),
            ])
    }

    @Test(arguments: [
        ("rulez: a", "1:1 C002 the configuration has no option `rulez`; did you mean `rules`?"),
        (
            "rules: r\nfeeds:\n  a: { type: fle }",
            "3:14 C003 there is no type `fle`; did you mean `file`?"
        ),
        (
            "rules: r\nfeeds:\n  a: { path: x }",
            "3:6 C004 the feed `a` has no `type`: one of `stdin`, `file`, `http`, `tcp`, `udp`"
        ),
        (
            "rules: r\nstate: { keep_alert: 9d }\nfeeds: { a: { type: stdin } }",
            "2:10 C002 `state` has no option `keep_alert`; did you mean `keep_alerts`?"
        ),
        (
            "rules: r\nstate: { keep_alerts: long }\nfeeds: { a: { type: stdin } }",
            "2:23 C003 `keep_alerts` is `long`, and not a duration as rules write it, such as "
                + "`90s` or `1h30m`"
        ),
        ("rules: r\nfeeds:\n  a: { type: file }", "3:6 C004 the feed `a` has no `path`"),
        (
            "rules: r\nfeeds:\n  a: { type: stdin, lateness: soon }",
            "3:31 C003 `lateness` is `soon`, and not a duration as rules write it, such as `90s` "
                + "or `1h30m`"
        ),
        (
            "rules: r\nfeeds:\n  a: { type: stdin, format: xml }",
            "3:29 C003 `format` is `xml`, and not one of `jsonl`, `csv`, `lines`"
        ),
        (
            "rules: r\nfeeds:\n  a: { type: file, path: \"${NOPE}\" }",
            "3:26 C005 the environment has no `NOPE`; write `${NOPE:-default}` where it may be "
                + "missing"
        ),
        (
            "rules: r\nfeeds:\n  a: { type: file, path: \"${P:?say where}\" }",
            "3:26 C005 `P` is not set: say where"
        ),
        ("rules: r\nfeeds: [", "2:1 C001 this is no YAML: did not find expected node content"),
        ("rules: r\nfeeds:\n  a: 7", "3:6 C003 the feed `a` is not a mapping of names to values"),
        ("rules: r\nrules: s", "2:1 C001 `rules` is there twice"),
        (
            "rules: r\nstate: { checkpoints: 0 }\nfeeds: { a: { type: stdin } }",
            "2:23 C003 `checkpoints` is `0`, and not a whole number from 1 to 100"
        ),
        (
            "rules: r\nfeeds:\n  a: { type: http, max_body: 33MB }",
            "3:30 C003 `max_body` is `33MB`, and not a number of bytes up to `32MB`, such as `1MB`"
        ),
        (
            "rules: r\nfeeds:\n  a: { type: file, path: x, max_line: 1GB }",
            "3:39 C003 `max_line` is `1GB`, and not a number of bytes up to `32MB`, such as `1MB`"
        ),
        ("rules: r", "1:1 C004 the configuration has no feed: add one under `feeds`"),
        ("", "1:1 C001 the file is empty"),
        (
            "rules: r\nfeeds: { 'a b': { type: stdin } }",
            "2:10 C003 `a b` is no name: letters, digits, `_`, `-` and `.` are"
        ),
    ]) func aMistakeIsNamedAtItsPlace(text: String, error: String) {
        let (configuration, errors) = read(text)
        #expect(errors.first == error)
        #expect(configuration == nil)
    }

    @Test func aByteOrderMarkIsPassedOver() {
        let (configuration, errors) = read("\u{feff}rules: r\nfeeds: { a: { type: stdin } }")
        #expect(configuration != nil && errors == [])
        #expect(read("\u{feff}rulez: a").errors.first?.hasPrefix("1:1 C002 the config") == true)
    }

    @Test func whatIsNoTextIsRefusedAtItsLine() {
        let bytes = Array("rules: r\nfeeds: { a: { type: stdin, event_type: ".utf8) + [0xff, 0x7d]
        let (configuration, diagnostics) = LiveConfiguration.read(
            SourceFile(name: "m.yaml", bytes: bytes)
        ) { _ in nil }
        #expect(configuration == nil)
        #expect(diagnostics.map(\.message) == ["this is no text in UTF-8"])
        #expect(diagnostics.map(\.span.line) == [2])
    }

    @Test func noErrorShowsASecret() {
        let text = """
            rules: r
            feeds: { a: { type: http, token: s3cret, listen: here, max_body: "${SIZE}" } }
            """
        let (_, diagnostics) = LiveConfiguration.read(
            SourceFile(name: "m.yaml", text: text)
        ) { _ in "s3cret" }
        let shown = DiagnosticRenderer.human(diagnostics, colour: false)
        #expect(diagnostics.count == 2)
        #expect(shown.contains("listen: here") && shown.contains("`max_body` is `${SIZE}`"))
        #expect(!shown.contains("s3cret"))
    }

    @Test func variablesStandInTheMiddleOfTexts() throws {
        let known = ["A": "1", "EMPTY": ""]
        func expand(_ text: String) throws -> String {
            try VariableExpansion.expand(text) { known[$0] }
        }
        #expect(try expand("x${A}y$$${EMPTY:-d}$z${B:-}") == "x1y$d$z")
        #expect(throws: VariableExpansion.Problem.self) { try expand("${A") }
        #expect(throws: VariableExpansion.Problem.self) { try expand("${A:+1}") }
        #expect(throws: VariableExpansion.Problem.self) { try expand("${}") }
    }
}
