// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EventModel
import Foundation
import Live
import Testing

@testable import MartletCommands

/// What is in `docs/deploy` fits the program.
@Suite struct DeploymentTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    /// The built program's answer, with rules where the sample looks for them.
    private func check(_ path: String) throws -> CommandOutcome {
        let process = Process()
        let program: URL = try #require(builtBinary(), "martlet has been built")
        process.executableURL = program
        process.arguments = ["config", "check", path]
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["MARTLET_RULES": Self.root.appending(path: "rules").path]) { $1 }
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let told = output.fileHandleForReading.readDataToEndOfFile()
        let problems = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return CommandOutcome(
            output: String(decoding: told, as: UTF8.self),
            errors: String(decoding: problems, as: UTF8.self),
            status: try #require(ExitStatus(rawValue: process.terminationStatus)))
    }

    /// What follows `name=` or `name:` in a line of its own.
    private func value(_ name: String, in text: String) throws -> String {
        let line = try #require(
            text.split(separator: "\n").map { $0.drop { $0 == " " } }
                .first { $0.hasPrefix("\(name)=") || $0.hasPrefix("\(name):") }, "\(name)")
        return String(line.dropFirst(name.count + 1).drop { $0 == " " })
    }

    private func span(_ text: String) throws -> TimeSpan {
        let written = text.replacing("min", with: "m")
        let span = TimeSpan(written.utf8.span)
        return try #require(span, "\(text)")
    }

    /// The words behind the program's name are a command line of its own.
    private func expectCommand(_ words: [String], _ kind: any ParsableCommand.Type) throws {
        let command = try Martlet.parseAsRoot(words)
        #expect(type(of: command) == kind, "\(words)")
    }

    private func mapOfKubernetes() throws -> String {
        let lines = try text("docs/deploy/kubernetes.yaml").split(
            separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: "  martlet.yaml: |"))
        return lines[(start + 1)...].prefix { $0.hasPrefix("    ") }
            .map { "\($0.dropFirst(4))\n" }.joined()
    }

    @Test func theSampleConfigurationIsRight() throws {
        let outcome = try check(Self.root.appending(path: "docs/deploy/martlet.yaml").path)
        #expect(outcome.status == .clean, "\(outcome.errors)")
        #expect(outcome.output.contains("1 feed, 1 sink, no mistakes"))
    }

    @Test func theConfigurationInKubernetesIsRight() throws {
        let folder = try RulesFolder(["c.yaml": try mapOfKubernetes()])
        let outcome = try check("\(folder.path)/c.yaml")
        #expect(outcome.status == .clean, "\(outcome.errors)")
        #expect(outcome.output.contains("1 feed, 2 sinks, no mistakes"))
    }

    @Test func theUnitOfSystemdStartsAndEndsWhatIsThere() throws {
        let unit = try text("docs/deploy/martlet.service")
        for (name, kind) in [
            ("ExecStart", RunCommand.self as any ParsableCommand.Type),
            ("ExecStartPre", ConfigCheckCommand.self),
        ] {
            let words = try value(name, in: unit).split(separator: " ").map(String.init)
            #expect(words.first == "/usr/local/bin/martlet")
            try expectCommand(Array(words.dropFirst()), kind)
        }
        #expect(try value("ExecReload", in: unit) == "/bin/kill -HUP $MAINPID")
        // It is given the time that it takes itself, and more.
        let limit = LiveConfiguration().shutdownSpan
        #expect(try span(try value("TimeoutStopSec", in: unit)) > limit)
        // The loop may be silent for as long as that between two signs of life.
        #expect(try span(try value("WatchdogSec", in: unit)) >= TimeSpan(seconds: 30))
        let ends = try value("RestartPreventExitStatus", in: unit).split(separator: " ")
        #expect(ends.map { Int32($0) } == [ExitStatus.findings, .usage].map(\.rawValue))
    }

    @Test func theImageRunsWhatIsThere() throws {
        let file = try text("docs/deploy/Dockerfile")
        func words(_ instruction: String) throws -> [String] {
            let match = try #require(file.firstMatch(of: try Regex("\(instruction) (\\[.*\\])")))
            let json = try #require(match.output[1].substring)
            return try JSONDecoder().decode([String].self, from: Data(json.utf8))
        }
        let entry = try words("\nENTRYPOINT")
        #expect(entry == ["martlet"])
        try expectCommand(try words("\nCMD"), RunCommand.self)
        let health = try words("    CMD")
        #expect(health.first == "martlet")
        try expectCommand(Array(health.dropFirst()), HealthCommand.self)
        #expect(file.contains("\nUSER 65532:65532\n"))
        #expect(file.contains("\nSTOPSIGNAL SIGTERM\n"))
    }

    @Test func theManifestsFitTheirConfiguration() throws {
        let manifests = try text("docs/deploy/kubernetes.yaml")
        let configuration = try mapOfKubernetes()
        let grace = try value("terminationGracePeriodSeconds", in: manifests)
        let limit = try span(try value("shutdown_timeout", in: configuration))
        #expect(TimeSpan(seconds: try #require(Int64(grace))) > limit)
        for (name, port) in [("events", "8080"), ("admin", "9464")] {
            #expect(configuration.contains("listen: 0.0.0.0:\(port)"))
            #expect(manifests.contains("{ name: \(name), containerPort: \(port) }"))
            #expect(manifests.contains("{ name: \(name), port: \(port), targetPort: \(name) }"))
        }
        let args = try value("args", in: manifests).dropFirst().dropLast()
        try expectCommand(
            args.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) },
            RunCommand.self)
        #expect(manifests.contains("replicas: 1\n"), "a state folder belongs to one process")
    }

    /// Prometheus is asked for nothing that is not there.
    @Test(arguments: ["docs/deploy/prometheus-alerts.yaml", "docs/how-to/operate.md"])
    func alertsForPrometheusReadMetricsThatAreThere(path: String) throws {
        let known = try text("docs/reference/metrics.md")
        let names = Set(try text(path).matches(of: /martlet_[a-z_]+/).map { String($0.output) })
        #expect(names.count >= 8)
        for name in names.sorted() { #expect(known.contains("| `\(name)` |"), "\(name)") }
    }
}
