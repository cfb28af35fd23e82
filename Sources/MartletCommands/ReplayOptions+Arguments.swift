// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
package import Automata
package import Connectors
package import EventModel
package import Pipeline

/// What `replay` is told about its files of events.
package struct ReplayReadingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How the files are written.",
            discussion: """
                jsonl, csv or lines; guessed from each name if not given: .jsonl, .ndjson and \
                .json, .csv, else lines; `-` is taken for JSON lines.
                """))
    package var input: FeedFormat?

    @Option(help: ArgumentHelp("The type of every event in EVENTS.", valueName: "name"))
    package var type: String?

    @Option(help: ArgumentHelp("The field that holds the type.", valueName: "path"))
    package var typeField = "type"

    @Option(
        help: ArgumentHelp(
            "The field that holds the time.",
            discussion: "If not given: time, ts, timestamp or @timestamp.", valueName: "path"))
    package var timeField: String?

    @Option(
        help: ArgumentHelp(
            "A file of events for the event types that are `from` NAME.",
            discussion: "Of a line of text, the event has the field `line`; of a syslog line, "
                + "also host, app, pid and message. May be given several times.",
            valueName: "name=file"))
    package var feed: [FeedArgument] = []

    @Option(
        help: ArgumentHelp(
            "How far an event may be behind the latest of its file and still be put in order.",
            valueName: "duration"))
    package var lateness = DurationArgument(span: .zero)

    @Option(help: ArgumentHelp("Leave out what is before this time.", valueName: "time"))
    package var from: TimeArgument?

    @Option(help: ArgumentHelp("Leave out what is not before this time.", valueName: "time"))
    package var to: TimeArgument?

    package init() {}

    package mutating func validate() throws {
        if let from, let to, to.time <= from.time {
            throw ValidationError("`--from` has to be before `--to`")
        }
        if let type, type.isEmpty { throw ValidationError("`--type` needs a name") }
    }

    package var feedOptions: FeedOptions {
        var options = FeedOptions()
        options.format = input
        options.fixedType = type
        options.typeField = typeField
        options.timeField = timeField
        options.lateness = lateness.span
        return options
    }
}

/// What `replay` is told about its alerts.
package struct ReplayWritingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How to write alerts: human, jsonl or csv.",
            discussion: "human on a terminal and jsonl elsewhere, if not given."))
    package var format: AlertFormatArgument?

    @Flag(help: "Write no alerts but, for each rule, its name and number of matches.")
    package var count = false

    /// For comparisons: what runs a rule is for the program to choose.
    @Option(help: .hidden)
    package var backend: Backend?

    /// For measurements: matches are gone through with their events, and none is written.
    @Flag(help: .hidden)
    package var visit = false

    @Option(name: .shortAndLong, help: "Where alerts go.")
    package var output = "-"

    @Option(
        help: ArgumentHelp(
            "Where records go that became no event, as JSON lines with the reason.",
            valueName: "file"))
    package var deadLetters: String?

    @Option(
        help: ArgumentHelp(
            "A page about the alerts, their events and their rules, made at the end.",
            discussion: "One HTML file, which needs no other.", valueName: "file"))
    package var report: String?

    @Option(
        help: ArgumentHelp(
            "Alerts of each rule that the page shows with their events: the first ones.",
            valueName: "count"))
    package var reportAlerts = 20

    @Option(
        help: ArgumentHelp(
            "Threads that share the work.",
            discussion: "The output is the same. If not given: one for each core.",
            valueName: "count"))
    package var threads: Int?

    @Option(
        help: ArgumentHelp(
            "Memory that the replay may use, such as 500mb or 4gb.",
            discussion: "Near it no more keys are taken on, and what began nothing is counted.",
            valueName: "size"))
    package var maxMemory: SizeArgument?

    @Flag(help: "Exit with 1 if there was an alert.")
    package var failOnAlert = false

    @Flag(name: .shortAndLong, help: "No progress and no summary on standard error.")
    package var quiet = false

    package init() {}

    package mutating func validate() throws {
        if count, format != nil {
            throw ValidationError("`--count` writes no alerts, so `--format` has nothing to say")
        }
        if count, report != nil {
            throw ValidationError("`--count` makes no alerts that `--report` could show")
        }
        if !(0...10_000).contains(reportAlerts) {
            throw ValidationError("`--report-alerts` is from 0 to 10000")
        }
        if let report, report == "-" || report == output || report == deadLetters {
            throw ValidationError("`--report` needs a file of its own")
        }
        if visit, !count { throw ValidationError("`--visit` is for `--count`") }
        if let threads, threads < 1 || threads > ReplayOptions.threadCap {
            throw ValidationError("`--threads` is from 1 to \(ReplayOptions.threadCap)")
        }
        if deadLetters == "-" || (deadLetters != nil && deadLetters == output) {
            throw ValidationError("`--dead-letters` needs a file of its own")
        }
    }

    /// What is written, by the option that says so.
    var files: [(option: String, path: String)] {
        [("--output", output)] + (deadLetters.map { [("--dead-letters", $0)] } ?? [])
            + (report.map { [("--report", $0)] } ?? [])
    }

    /// Why the backend asked for cannot run the rules; nil: it can.
    func obstacle(in program: RulesetProgram) -> String? {
        guard let backend else { return nil }
        for rule in program.rules {
            if let obstacle = rule.obstacle(to: backend, counting: count && !visit) {
                return "`\(rule.name)` cannot be run on backend \(backend.rawValue): \(obstacle)"
            }
        }
        return nil
    }

    package func alertFormat(isTerminal: Bool) -> AlertFormat {
        if count { return .count }
        switch format {
        case .human: return .human
        case .jsonl: return .jsonLines
        case .csv: return .csv
        case nil: return isTerminal ? .human : .jsonLines
        }
    }
}

package enum AlertFormatArgument: String, ExpressibleByArgument, CaseIterable, Sendable {
    case human, jsonl, csv
}

extension FeedFormat: ExpressibleByArgument {}

extension Backend: ExpressibleByArgument {}

/// `NAME=FILE`.
package struct FeedArgument: ExpressibleByArgument, Sendable {
    package var name: String
    package var path: String

    package init?(argument: String) {
        guard let sign = argument.firstIndex(of: "="), sign != argument.startIndex else {
            return nil
        }
        name = String(argument[..<sign])
        path = String(argument[argument.index(after: sign)...])
        if path.isEmpty { return nil }
    }
}

/// A number of bytes, with a unit as rules write it.
package struct SizeArgument: ExpressibleByArgument, Sendable {
    package var byteCount: Int

    package init?(argument: String) {
        let text = argument.lowercased()
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), number > 0 else { return nil }
        let shift: Int
        switch text.dropFirst(digits.count) {
        case "", "b": shift = 0
        case "kb": shift = 10
        case "mb": shift = 20
        case "gb": shift = 30
        case "tb": shift = 40
        default: return nil
        }
        guard number <= Int.max >> shift else { return nil }
        byteCount = number << shift
    }
}

/// A duration as rules write it.
package struct DurationArgument: ExpressibleByArgument, Sendable {
    package var span: TimeSpan

    package init(span: TimeSpan) { self.span = span }

    package init?(argument: String) {
        guard let span = TimeSpan(argument.utf8.span), span >= .zero else { return nil }
        self.span = span
    }

    package var defaultValueDescription: String { span.description }
}

/// A time: RFC 3339, a date (its first moment in UTC), or a number since 1970.
package struct TimeArgument: ExpressibleByArgument, Sendable {
    package var time: StreamTime

    package init?(argument: String) {
        let texts = [argument, argument + "T00:00:00Z"]
        for text in texts {
            if case .time(let time) = TimeFormat.automatic.read(
                text: text.utf8.span, isTextual: true)
            {
                self.time = time
                return
            }
        }
        return nil
    }
}
