// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import Connectors
internal import Diagnostics
internal import EventModel
internal import Pipeline
internal import RuleLanguage

/// Why a benchmark could not be run; a finding of its own only where the product is to blame.
struct BenchProblem: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The files of a benchmark, in a folder of their own.
struct BenchData {
    let folder: String
    let eventCount: Int
    let seed: Int

    /// The events of `stream`, made if they have not been.
    func events(_ stream: String) throws(BenchProblem) -> String {
        let suffix = stream == "syslog" ? "log" : "jsonl"
        let path = "\(folder)/\(stream)-\(eventCount)-\(seed).\(suffix)"
        if ScratchFiles.exists(path) { return path }
        let script = "\(BenchWorkload.folder)/generate.py"
        guard ScratchFiles.exists(script) else {
            throw BenchProblem("there is no \(script): run this at the top of the repository")
        }
        let partial = path + ".part"
        let end = ChildProcess.run(
            ["python3", script, stream, "\(eventCount)", "\(seed)"], outputPath: partial
        ).end
        switch end {
        case .exited(0): break
        case .notStarted(2), .exited(127):
            throw BenchProblem("python3 is missing: it makes the events")
        default: throw BenchProblem("\(script) failed: \(end)")
        }
        guard ScratchFiles.move(partial, to: path) else {
            throw BenchProblem("cannot write \(path)")
        }
        return path
    }

    func rules(_ workload: BenchWorkload) throws(BenchProblem) -> String {
        guard let text = workload.rules() else {
            throw BenchProblem("cannot read \(BenchWorkload.folder)/\(workload.rulesFile)")
        }
        let path = "\(folder)/rules-\(workload.copies)-\(workload.rulesFile)"
        guard ScratchFiles.write(Array(text.utf8), to: path) else {
            throw BenchProblem("cannot write \(path)")
        }
        return path
    }
}

/// A workload through the built program, as a whole process.
struct BenchMeasurement {
    var wallNanoseconds: [Int64] = []
    var cpuNanoseconds: [Int64] = []
    var peakBytes: [Int64] = []
    var alerts = 0

    static func of(
        _ workload: BenchWorkload, _ data: BenchData, binary: String, runs: Int, threads: Int
    ) throws(BenchProblem) -> BenchMeasurement {
        let events = try data.events(workload.stream)
        let rules = try data.rules(workload)
        let output = "\(data.folder)/alerts"
        var result = BenchMeasurement()
        for _ in 0..<runs {
            let child = ChildProcess.run(
                [binary]
                    + arguments(
                        workload, rules: rules, events: events, output: output, threads: threads))
            guard child.end == .exited(0) else {
                throw BenchProblem("\(binary) failed on \(workload.name): \(child.end)")
            }
            result.wallNanoseconds.append(child.wall.nanoseconds)
            result.cpuNanoseconds.append(child.cpu.nanoseconds)
            result.peakBytes.append(Int64(child.peakBytes))
        }
        let written = ScratchFiles.read(output) ?? []
        result.alerts =
            workload.isCounted ? sum(of: written) : written.count { $0 == 0x0a }
        return result
    }

    static func arguments(
        _ workload: BenchWorkload, rules: String, events: String, output: String, threads: Int
    ) -> [String] {
        [
            "replay", rules, events, "--output", output, "--quiet", "--threads", "\(threads)",
        ] + (workload.isCounted ? ["--count"] : ["--format", "jsonl"])
            + (workload.isVisited ? ["--visit"] : []) + workload.readingOptions
    }

    /// The sum of the numbers that stand last in the lines.
    private static func sum(of text: [UInt8]) -> Int {
        text.split(separator: 0x0a).reduce(0) { sum, line in
            let number = line.split(separator: 0x20).last.flatMap {
                Int(String(decoding: $0, as: UTF8.self))
            }
            return sum + (number ?? 0)
        }
    }

    static func median(_ values: [Int64]) -> Int64 { values.sorted()[values.count / 2] }
}

/// A workload in this process, for what can be counted there.
enum BenchAllocations {
    /// Allocations an event, from opening the files to the report.
    static func perEvent(
        _ workload: BenchWorkload, _ data: BenchData, _ allocationCount: () -> Int64
    ) throws(BenchProblem) -> Double {
        let (ruleset, program) = try workload.compiled()
        let files = try workload.files(data)
        do {
            let inputs = try files.inputs(for: ruleset, program)
            let before = allocationCount()
            var session = try ReplaySession(
                program, inputs: inputs, options: workload.replayOptions)
            while try session.step() {}
            try session.runOut()
            _ = try session.finish()
            return Double(allocationCount() - before) / Double(data.eventCount)
        } catch {
            throw BenchProblem("\(workload.name): \(error)")
        }
    }
}

extension BenchWorkload {
    func compiled() throws(BenchProblem) -> (CheckedRuleset, RulesetProgram) {
        guard let text = rules() else {
            throw BenchProblem("cannot read \(BenchWorkload.folder)/\(rulesFile)")
        }
        let file = SourceFile(name: rulesFile, text: text)
        guard let ruleset = RuleChecker.check([RuleSyntax.parse(file)]).ruleset else {
            throw BenchProblem("the rules of \(name) have errors")
        }
        return (ruleset, RulesetCompiler.compile(ruleset))
    }

    /// A replay in this process whose output nobody keeps.
    var replayOptions: ReplayOptions {
        var options = ReplayOptions()
        options.outputPath = "/dev/null"
        if isCounted { options.format = .count }
        options.visitsMatches = isVisited
        return options
    }

    /// The input as `readingOptions` describe it.
    func files(_ data: BenchData) throws(BenchProblem) -> ReplayFiles {
        var files = ReplayFiles()
        files.events = [try data.events(stream)]
        if stream == "syslog" {
            files.common.format = .lines
            files.common.fixedType = "syslog"
            files.common.assumedYear = 2025
        }
        return files
    }
}
