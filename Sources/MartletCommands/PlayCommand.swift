// SPDX-License-Identifier: Apache-2.0
// Exercised by PlaybackTests.

package import ArgumentParser
package import Connectors
internal import Live

/// `martlet play`: recordings as if they happened now.
package struct PlayCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "play",
        abstract: "Plays recorded events as if they happened now.",
        discussion: """
            Writes each record to standard output when it is due, with its time moved to now: for \
            `martlet run`, to try a configuration or to show it. Several files are merged by time. \
            What has no time goes out as it is, behind the record before it.

            Examples:
              martlet play events.jsonl | martlet run martlet.yaml
              martlet play --speed 60 --loop events.jsonl | nc 127.0.0.1 5140
            """)

    @Argument(
        help: ArgumentHelp(
            "Files of events, plain, gzip or zstd; `-` is standard input.", valueName: "files"))
    package var files: [String]

    @Option(
        help: ArgumentHelp(
            "How much faster than they were recorded.",
            discussion: "Distances between times shrink as much.", valueName: "factor"))
    package var speed = 1.0

    @Flag(help: "Begin again at the end.")
    package var loop = false

    @Flag(help: "Begin each file now, and not only the one with the earliest record.")
    package var together = false

    @Flag(
        help: ArgumentHelp(
            "Leave times as far apart as they are, whatever the speed.",
            discussion: "So limits of rules mean what they meant; times run ahead of the clock."))
    package var keepDistances = false

    @Option(
        help: ArgumentHelp(
            "The time of the first record, or how long ago that is; now if not given.",
            valueName: "time or duration"))
    package var start: MomentArgument?

    @Option(
        help: ArgumentHelp(
            "How the files are written.",
            discussion: """
                jsonl, csv or lines; guessed from each name if not given: .jsonl, .ndjson and \
                .json, .csv, else lines; `-` is taken for JSON lines.
                """))
    package var input: FeedFormat?

    @Option(
        help: ArgumentHelp(
            "The field that holds the time.",
            discussion: "If not given: time, ts, timestamp or @timestamp.", valueName: "path"))
    package var timeField: String?

    package init() {}

    package mutating func validate() throws {
        guard speed > 0, speed <= 1e9 else {
            throw ValidationError("`--speed` is above 0, such as 0.5 or 60")
        }
        if files.filter({ $0 == "-" }).count > (loop ? 0 : 1) {
            throw ValidationError("standard input can be read once only")
        }
    }

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        do {
            var sink = try FileSink(path: "-")
            try play(by: SystemClock()) { bytes, flushes throws(FeedError) in
                try sink.write(bytes.span)
                if flushes { try sink.flush() }
            }
            return CommandOutcome()
        } catch let error as FeedError {
            if case .readerGone = error { return CommandOutcome() }
            return ReplayRun.failure(error)
        } catch {
            return .failed("\(error)", .usage)
        }
    }

    func play(
        by clock: any PlaybackClock,
        _ write: @escaping (_ bytes: [UInt8], _ flushes: Bool) throws(FeedError) -> Void
    ) throws {
        var options = Playback.Options()
        options.paths = files
        options.format = input
        options.timeField = timeField
        options.speed = speed
        options.loops = loop
        options.beginsTogether = together
        options.keepsDistances = keepDistances
        options.start = start?.time(before: clock.now)
        try Playback(options: options, clock: clock, write: write).run()
    }
}
