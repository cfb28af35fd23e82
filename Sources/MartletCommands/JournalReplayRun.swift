// SPDX-License-Identifier: Apache-2.0
// Exercised by JournalCommandTests.

internal import ArgumentParser
internal import Automata
internal import Connectors
internal import Live
internal import MatchCore
internal import Pipeline

/// `replay --journal`: what `martlet run` accepted, through rules anew.
struct JournalReplayRun {
    let program: RulesetProgram
    let folder: String
    let feeds: [LiveFeedOptions]
    let limits: Caps
    let writing: ReplayWritingOptions
    let format: AlertFormat

    func outcome() -> CommandOutcome {
        do {
            var alerts = try FileSink(path: writing.output)
            var letters = try writing.deadLetters.map { try FileSink(path: $0) }
            var outcome = try run(&alerts, &letters)
            try alerts.close()
            try letters?.close()
            if Interruption.signal != 0 { outcome.status = .interrupted }
            return outcome
        } catch let error as FeedError {
            if case .readerGone = error { return CommandOutcome() }
            return ReplayRun.failure(error)
        } catch {
            return .failed("\(error)", .environment)
        }
    }

    private func run(
        _ alerts: inout FileSink, _ letters: inout FileSink?
    ) throws -> CommandOutcome {
        var replay = try JournalReplay(
            program, SystemDisk(), folder: folder, feeds: feeds, format: format,
            limits: limits)
        var (alertCount, letterCount) = (0, 0)
        var failure: StateError?
        Interruption.watch(standardInputIsRead: false)
        while Interruption.signal == 0 {
            do throws(StateError) {
                guard try replay.step() else { break }
            } catch {
                failure = error
                break
            }
            let output = replay.takeOutput()
            alertCount += output.alerts.count
            letterCount += output.deadLetters.count
            try alerts.write(output.alerts.bytes.span)
            try letters?.write(output.deadLetters.bytes.span)
        }
        var outcome = CommandOutcome()
        if !writing.quiet {
            if Interruption.signal != 0 || failure != nil {
                outcome.errors += "interrupted: what follows is a part\n"
            }
            outcome.errors += summary(replay, alertCount, letterCount)
        }
        if writing.failOnAlert, alertCount > 0 { outcome.status = .findings }
        if let failure {
            outcome.errors += "error: \(failure)\n"
            outcome.status = .environment
        }
        return outcome
    }

    private func summary(
        _ replay: borrowing JournalReplay, _ alertCount: Int, _ letterCount: Int
    ) -> String {
        let (entries, events) = (replay.entryCount, replay.pipeline.eventCount)
        var text =
            "\(entries) journal entries: \(counted(events, "event")), "
            + "\(counted(alertCount, "alert")), \(counted(letterCount, "dead letter"))\n"
        if replay.pipeline.strayLineCount > 0 {
            text += "\(replay.pipeline.strayLineCount) lines are of feeds that are not configured\n"
        }
        if replay.tornByteCount > 0 { text += JournalCommand.torn(replay.tornByteCount) }
        return text
    }
}

extension ReplayCommand {
    /// What cannot be said beside `--journal`.
    func validateJournal() throws {
        guard journal != nil else {
            if config != nil { throw ValidationError("`--config` is for `--journal`") }
            return
        }
        let refused: [(isGiven: Bool, name: String)] = [
            (!events.isEmpty, "events"), (!reading.feed.isEmpty, "--feed"),
            (reading.from != nil, "--from"), (reading.to != nil, "--to"),
            (reading.input == .csv, "--input csv"), (writing.count, "--count"),
            (writing.report != nil, "--report"), (writing.format == .csv, "--format csv"),
            (writing.threads != nil, "--threads"), (writing.maxMemory != nil, "--max-memory"),
            (writing.backend != nil, "--backend"),
        ]
        if let one = refused.first(where: \.isGiven) {
            throw ValidationError("`--journal` does not go with `\(one.name)`")
        }
    }

    func replayJournal(
        _ path: String, _ right: RightRules, in surroundings: Surroundings
    ) throws(CommandFailure) -> CommandOutcome {
        let showsOutput = writing.output == "-" && surroundings.outputIsTerminal
        let folder: String
        let names: [String]
        do throws(StateError) {
            folder = try JournalReplay.folder(path, SystemDisk())
            names = try JournalReplay.feedNames(SystemDisk(), folder: folder)
        } catch {
            throw CommandFailure(.failed("\(error)", .environment))
        }
        let configuration = try config.map { path throws(CommandFailure) in
            try RunConfiguration.read(path, in: surroundings)
        }
        return JournalReplayRun(
            program: RulesetCompiler.compile(right.ruleset), folder: folder,
            // As the configuration says, or all as the options do.
            feeds: configuration?.feeds.map(\.options)
                ?? names.map { LiveFeedOptions(name: $0, reading: reading.feedOptions) },
            limits: configuration?.limits ?? Caps(), writing: writing,
            format: writing.alertFormat(isTerminal: showsOutput)
        ).outcome()
    }
}
