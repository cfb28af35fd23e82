// SPDX-License-Identifier: Apache-2.0
// Recorded events as bytes: the decoders alone, and whole replays.

internal import Automata
internal import Connectors
internal import EventModel
internal import Glibc
internal import Pipeline
internal import RuleLanguage

extension FuzzTarget {
    static let decoders = [
        decoder(
            "json",
            [
                "{", "}", "[", "]", "\"", "\\u", "\\ud83d", ":", ",", "null", "true",
                "\"a\":", "\"b\":", "\"type\":", "\"time\":", "1e", "-0", "1E400", "\n", "\"a.b\":",
                "2027-01-31T12:00:00Z", "10.0.0.1", "::1/64", "\u{feff}",
            ], DecoderFuzz.json),
        decoder(
            "csv", [",", "\"", "\"\"", "\r\n", "\n", "a", "user", "time", "type", ";", "\t"],
            DecoderFuzz.csv),
        decoder(
            "lines",
            [
                "<13>", "<191>1 ", "Jan 31 12:00:00 ", "2027-01-31T12:00:00.5+02:00 ",
                "[a@1 b=\"c\"]", "\\]", "- - - ", "\n", "sshd[1]: ", "Feb 29 ",
            ], DecoderFuzz.lines),
        decoder("packed", ["\u{1f}"], DecoderFuzz.packed),
    ]

    private static func decoder(
        _ name: String, _ dictionary: [String],
        _ decode: @escaping @Sendable ([UInt8]) -> DecoderFuzz.Summary
    ) -> FuzzTarget {
        FuzzTarget(
            name, law: "any bytes are decoded or refused", corpus: ["fixtures/corpus/\(name)"],
            dictionary: dictionary
        ) { bytes in
            var verdict = FuzzVerdict()
            let summary = decode(bytes)
            verdict.reached("made", summary.made)
            for name in summary.reached { verdict.reached(name) }
            return verdict
        }
    }

    /// What stands between the rules and the events of an input of `replay`: the format of the
    /// events may follow, and their lateness in seconds.
    static let replayMark = "----"

    static let replay = FuzzTarget(
        "replay", law: "any rules over any events end in a report, whatever the batches are",
        corpus: ["fixtures/corpus/replay"],
        dictionary: ruleWords + [
            "\n\(replayMark) jsonl\n", "\n\(replayMark) csv 5\n", "\n\(replayMark) lines\n",
            "{\"type\":\"", "\"time\":", "\"user\":\"", "\"ts\":1760000000000", "\"id\":",
        ], byteCap: 12_000
    ) { bytes in
        let (rules, format, lateness, events) = parts(of: bytes)
        guard let ruleset = accepted(rules) else { return FuzzVerdict() }
        let program = RulesetCompiler.compile(ruleset)
        let folder = scratchFolder
        guard ScratchFiles.write(events, to: folder + "/events") else {
            return .failed("cannot write to \(folder)")
        }
        var files = ReplayFiles()
        files.events = [folder + "/events"]
        files.common.format = format
        files.common.lateness = TimeSpan(seconds: lateness)
        files.common.assumedYear = 2026
        guard let inputs = try? files.inputs(for: ruleset, program) else { return FuzzVerdict() }
        var options = ReplayOptions()
        options.format = AlertFormat.allCases[bytes.count % AlertFormat.allCases.count]
        options.deadLetterPath = folder + "/dead"
        var verdict = FuzzVerdict()
        var outputs: [[UInt8]] = []
        for (number, batchSize) in [512, 1 + bytes.count % 6].enumerated() {
            options.outputPath = folder + "/alerts\(number)"
            options.batchEventCount = batchSize
            do {
                let report = try replay(program, inputs, options)
                verdict.reached("events", report.events)
                verdict.reached("late", report.late)
                verdict.reached("undecodable", report.undecodable)
                verdict.reached("matches \(options.format)", report.alertCount)
                verdict.reached("text", report.text.utf8.count)
                for reason in report.undecodableReasons {
                    verdict.reached(reason.filter(\.isLetter).prefix(40).description)
                }
            } catch {
                return .failed("the replay ended with \(error)")
            }
            outputs.append(ScratchFiles.read(options.outputPath) ?? [])
        }
        if outputs[0] != outputs[1] {
            return .failed("other alerts in batches of \(1 + bytes.count % 6)")
        }
        return verdict
    }

    private static let scratchFolder = ScratchFiles.makeScratchFolder()

    private static func replay(
        _ program: RulesetProgram, _ inputs: [ReplayInput], _ options: ReplayOptions
    ) throws(FeedError) -> ReplayReport {
        var session = try ReplaySession(program, inputs: inputs, options: options)
        while try session.step() {}
        try session.runOut()
        return try session.finish()
    }

    private static func parts(
        of bytes: [UInt8]
    ) -> (rules: [UInt8], format: FeedFormat, lateness: Int64, events: [UInt8]) {
        let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        let mark = Array(replayMark.utf8)
        guard let index = lines.firstIndex(where: { $0.starts(with: mark) }) else {
            return (bytes, .jsonLines, 0, [])
        }
        let words = String(decoding: lines[index], as: UTF8.self).split(separator: " ")
        let format = words.dropFirst().first.flatMap { FeedFormat(rawValue: String($0)) }
        let lateness = words.dropFirst(2).first.flatMap { Int64($0) } ?? 0
        return (
            Array(bytes[..<lines[index].startIndex]), format ?? .jsonLines,
            min(max(lateness, 0), 1_000_000),
            Array(bytes[min(lines[index].endIndex + 1, bytes.count)...])
        )
    }
}
