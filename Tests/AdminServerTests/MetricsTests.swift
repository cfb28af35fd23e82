// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Live
import Testing

@testable import AdminServer

@Suite struct MetricsTests {
    /// What a strict reader of the text format finds.
    private struct Exposition {
        var types: [String: String] = [:]
        var samples: [(name: String, labels: [String: String], value: Double)] = []

        init(_ text: String) throws {
            #expect(text.hasSuffix("\n"))
            var helped: Set<String> = []
            var family = ""
            for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
                if let help = line.wholeMatch(of: /# HELP ([a-z_:][a-z0-9_:]*) (.+)/) {
                    #expect(helped.insert(String(help.1)).inserted, "a family is there once")
                    continue
                }
                if let type = line.wholeMatch(of: /# TYPE (\S+) (counter|gauge|histogram)/) {
                    family = String(type.1)
                    #expect(helped.contains(family) && types[family] == nil)
                    types[family] = String(type.2)
                    continue
                }
                let form = /([a-z_:][a-z0-9_:]*)(?:\{(.+)\})? (-?[0-9.]+(?:e[-+]?\d+)?|\+Inf|NaN)/
                let sample = try #require(line.wholeMatch(of: form), "\(line)")
                let name = String(sample.1)
                let suffixes =
                    types[family] == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
                #expect(suffixes.contains { family + $0 == name }, "\(name) is below its family")
                var labels: [String: String] = [:]
                var rest = (sample.2 ?? "")[...]
                while !rest.isEmpty {
                    let label = try #require(
                        rest.prefixMatch(of: /([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/))
                    #expect(labels[String(label.1)] == nil)
                    labels[String(label.1)] = String(label.2)
                    rest = rest[label.range.upperBound...]
                }
                samples.append((name, labels, try #require(Double(sample.3))))
            }
        }

        func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
            samples.first { $0.name == name && $0.labels == labels }?.value
        }
    }

    @Test func aServiceIsMeasured() async throws {
        let running = try await RunningService.start()
        defer { running.end() }
        running.write(
            guesses(of: "secret-user", at: 0) + guesses(of: "secret-user", at: 10) + "{\n")
        running.write(line("beat", 30, "\"host\":\"secret-host\""))
        try await running.wait { (running.service.control.status?.sinks[0].sent ?? 0) == 1 }
        try await running.wait { (running.service.control.status?.feeds[0].lines ?? 0) == 8 }
        let answer = try await running.ask("/metrics")
        #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(!answer.text.contains("secret"), "keys are in no label")
        let metrics = try Exposition(answer.text)
        #expect(metrics.types.keys.allSatisfy { $0.hasPrefix("martlet_") })
        #expect(metrics.value("martlet_build_info", ["version": "1.2.3"]) == 1)
        #expect(metrics.value("martlet_phase", ["phase": "running"]) == 1)
        #expect(metrics.value("martlet_rule_alerts_total", ["rule": "guessed"]) == 1)
        #expect(metrics.value("martlet_rule_matches_total", ["rule": "guessed"]) == 2)
        #expect(metrics.value("martlet_rule_suppressed_matches_total", ["rule": "guessed"]) == 1)
        #expect(metrics.value("martlet_feed_lines_total", ["feed": "in"]) == 8)
        #expect(metrics.value("martlet_feed_undecodable_records_total", ["feed": "in"]) == 1)
        #expect(metrics.value("martlet_sink_sent_alerts_total", ["sink": "out"]) == 1)
        #expect(metrics.value("martlet_sink_waiting_alerts", ["sink": "out"]) == 0)
        #expect(
            metrics.value(
                "martlet_rule_cap_hits_total", ["rule": "quiet", "cap": "attempts_per_key"]) == 0)
        #expect(try #require(metrics.value("martlet_checkpoint_size_bytes")) > 0)
        #expect(try #require(metrics.value("martlet_checkpoint_age_seconds")) >= 0)
        #expect(try #require(metrics.value("martlet_process_cpu_seconds_total")) > 0)
        let buckets = metrics.samples.filter { $0.name == "martlet_batch_duration_seconds_bucket" }
        #expect(buckets.count == SpanHistogram.bounds.count + 1)
        #expect(zip(buckets, buckets.dropFirst()).allSatisfy { $0.value <= $1.value })
        #expect(buckets.last?.value == metrics.value("martlet_batch_duration_seconds_count"))
    }

    private static let promtool = (ProcessInfo.processInfo.environment["PATH"] ?? "")
        .split(separator: ":").map { "\($0)/promtool" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// What Prometheus itself thinks of it, where it is installed.
    @Test(.enabled(if: promtool != nil)) func prometheusFindsNothingWrong() async throws {
        let running = try await RunningService.start()
        defer { running.end() }
        running.write(guesses(of: "ann", at: 0) + "{\n" + line("beat", 30, "\"host\":\"h\""))
        try await running.wait { (running.service.control.status?.feeds[0].lines ?? 0) == 5 }
        let text = try await running.ask("/metrics").text
        let process = Process()
        process.executableURL = URL(filePath: try #require(Self.promtool))
        process.arguments = ["check", "metrics"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardError = output
        process.standardOutput = output
        try process.run()
        input.fileHandleForWriting.write(Data(text.utf8))
        try input.fileHandleForWriting.close()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(String(decoding: said, as: UTF8.self) == "")
    }

    @Test func namesFollowTheCustomsOfPrometheus() {
        var names: Set<String> = []
        for metric in MetricDeclaration.all {
            #expect(names.insert(metric.name).inserted)
            #expect(metric.name.hasSuffix("_total") == (metric.kind == .counter), "\(metric.name)")
            #expect(metric.help.hasSuffix("."))
            for unit in ["milliseconds", "kilobytes", "percent", "minutes"] {
                #expect(!metric.name.contains(unit))
            }
        }
    }

    @Test func labelsAreEscaped() {
        var writer = MetricsWriter()
        writer.head("a", "gauge", "one\\two\nthree \"four\"")
        writer.sample("a", MetricSample(0.5, [("rule", "q\"\\\n")]))
        #expect(
            writer.text == """
                # HELP a one\\\\two\\nthree "four"
                # TYPE a gauge
                a{rule="q\\"\\\\\\n"} 0.5

                """)
        #expect(MetricsWriter.number(3) == "3")
        #expect(MetricsWriter.number(.infinity) == "+Inf")
        #expect(MetricsWriter.number(1e300) == "1e+300")
    }

    @Test func thePageOfTheReferenceIsMadeFromTheDeclarations() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/reference/metrics.md")
        let mark = "<!-- Made from the declarations of the metrics. -->\n\n"
        let text = try String(contentsOf: page, encoding: .utf8)
        let place = try #require(text.range(of: mark))
        if ProcessInfo.processInfo.environment["MARTLET_UPDATE_GOLDEN"] != nil {
            try (text[..<place.upperBound] + MetricsReference.markdown).write(
                to: page, atomically: true, encoding: .utf8)
            return
        }
        #expect(String(text[place.upperBound...]) == MetricsReference.markdown)
    }
}
