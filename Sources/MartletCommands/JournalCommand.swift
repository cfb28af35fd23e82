// SPDX-License-Identifier: Apache-2.0
// Exercised by JournalCommandTests.

package import ArgumentParser
internal import Connectors
internal import EventModel
internal import Live

/// `martlet journal`: what `martlet run` accepted.
package struct JournalCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "journal",
        abstract: "Shows what `martlet run` accepted, and whether it is whole.",
        subcommands: [JournalExportCommand.self, JournalCheckCommand.self])

    package init() {}
}

/// `martlet journal export`: the records as they came.
package struct JournalExportCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes the records of a journal as they came, in the order in which they did.",
        discussion: """
            What happened live is so a recording: for `martlet replay`, `martlet why` or a test. \
            Times are those at which records were accepted. Of a feed of CSV the journal has the \
            row of names in each entry; with the configuration it is written where it changes.

            Example: martlet journal export state --from 2026-03-01T08:00:00Z > morning.jsonl
            """)

    @Argument(help: "The state folder, or the folder of a journal.")
    package var folder: String

    @Option(help: ArgumentHelp("Leave out what came before this time.", valueName: "time"))
    package var from: TimeArgument?

    @Option(help: ArgumentHelp("Leave out what did not come before this time.", valueName: "time"))
    package var to: TimeArgument?

    @Option(
        help: ArgumentHelp(
            "Only records of this feed. May be given several times.", valueName: "name"))
    package var feed: [String] = []

    @Option(
        help: ArgumentHelp(
            "The configuration that says which feeds are CSV.", valueName: "config.yaml"),
        completion: .file(extensions: ["yaml", "yml"]))
    package var config: String?

    @Option(name: .shortAndLong, help: "Where the records go.")
    package var output = "-"

    package init() {}

    package mutating func validate() throws {
        if let from, let to, to.time <= from.time {
            throw ValidationError("`--from` has to be before `--to`")
        }
    }

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        let disk = SystemDisk()
        var told = ""
        do {
            var rows = JournalRows()
            if let config {
                rows = JournalRows(try RunConfiguration.read(config, in: surroundings).feeds)
            }
            let folder = try JournalReplay.folder(folder, disk)
            var reader = try JournalReader(disk, folder: folder)
            // Only now, so that a slip in the folder's name empties no file.
            var sink = try FileSink(path: output)
            var feeds: Set<String> = []
            let failure = try export(&reader, to: &sink, &feeds, &rows)
            try sink.close()
            if let failure { return .failed("\(failure)", .environment) }
            if reader.tornByteCount > 0 { told = JournalCommand.torn(reader.tornByteCount) }
            if let unknown = feed.first(where: { !feeds.contains($0) }) {
                let names = feeds.sorted().map { "`\($0)`" }.joined(separator: ", ")
                return .failed(
                    "the journal has no record of a feed `\(unknown)`"
                        + (names.isEmpty ? "" : "; it has those of \(names)"), .usage)
            }
        } catch let error as FeedError {
            if case .readerGone = error { return CommandOutcome() }
            return ReplayRun.failure(error)
        } catch let failure as CommandFailure {
            return failure.outcome
        } catch {
            return .failed("\(error)", .environment)
        }
        return CommandOutcome(errors: told)
    }

    /// What stood in the way of reading on; what is before it has been written.
    private func export(
        _ reader: inout JournalReader, to sink: inout FileSink, _ feeds: inout Set<String>,
        _ rows: inout JournalRows
    ) throws(FeedError) -> StateError? {
        while true {
            let entry: JournalEntry?
            do throws(StateError) {
                entry = try reader.next()
            } catch {
                return error
            }
            guard let entry else { return nil }
            guard case .records(let records) = entry else { continue }
            feeds.insert(records.feed)
            if !feed.isEmpty, !feed.contains(records.feed) { continue }
            if let from, records.acceptedAt < from.time { continue }
            if let to, records.acceptedAt >= to.time { continue }
            try sink.write(rows.next(records).span)
        }
    }
}

/// Records on their way out of a journal, those of CSV with a row of names where it is a new one.
private struct JournalRows {
    private var delimiters: [String: UInt8] = [:]
    /// The row of names that was written last, of any feed.
    private var header: [UInt8] = []

    init() {}

    init(_ feeds: [FeedConfiguration]) {
        for feed in feeds where feed.options.reading.format == .csv {
            delimiters[feed.options.name] = feed.options.reading.delimiter
        }
    }

    mutating func next(_ records: AcceptedRecords) -> [UInt8] {
        guard let delimiter = delimiters[records.feed] else { return records.lines }
        let end = CSVPieces.headerEnd(of: records.lines, delimiter: delimiter)
        let names = Array(records.lines[..<end])
        if names == header { return Array(records.lines[end...]) }
        header = names
        return records.lines
    }
}

/// `martlet journal check`: whether every entry is there and as it was written.
package struct JournalCheckCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Tells what is in a journal, and whether it is as it was written.",
        discussion: """
            Exits with 1 where something is damaged, missing or of another version. A start \
            refuses that from the segment of its checkpoint on, and does not read what is before. \
            What is no whole entry at the end is no finding: a start leaves it out.
            """)

    @Argument(help: "The state folder, or the folder of a journal.")
    package var folder: String

    package init() {}

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        let disk = SystemDisk()
        var survey: JournalSurvey
        do throws(StateError) {
            survey = try JournalSurvey(disk, folder: try JournalReplay.folder(folder, disk))
            let checkpoints = LiveNode.checkpointFolder(folder)
            if try disk.byteCount(of: checkpoints) != nil {
                let store = CheckpointStore(disk, folder: checkpoints)
                if let newest = try store.newest().checkpoint {
                    survey.hold(
                        againstCheckpoint: newest.entryNumber, oldest: try store.numbers().first)
                }
            }
        } catch {
            return .failed("\(error)", .environment)
        }
        var outcome = CommandOutcome()
        for segment in survey.segments { outcome.output += segment.text + "\n" }
        for problem in survey.problems { outcome.output += "damaged: \(problem)\n" }
        if survey.tornByteCount > 0 { outcome.errors += JournalCommand.torn(survey.tornByteCount) }
        let entries = survey.segments.reduce(0) { $0 + $1.entryCount }
        outcome.errors +=
            "\(entries) entries in \(counted(survey.segments.count, "segment")), "
            + (survey.problems.isEmpty ? "all whole" : counted(survey.problems.count, "problem"))
            + "\n"
        if !survey.problems.isEmpty { outcome.status = .findings }
        return outcome
    }
}

extension JournalCommand {
    static func torn(_ byteCount: Int) -> String {
        "\(byteCount) bytes at the end are no whole entry: a start leaves them out\n"
    }
}

extension JournalSurvey.Segment {
    fileprivate var text: String {
        guard let firstNumber, let lastNumber else { return "\(name): no entry" }
        var text = "\(name): entries \(firstNumber) to \(lastNumber), \(eventLineCount) lines"
        if let firstTime, let lastTime { text += ", \(firstTime) to \(lastTime)" }
        return text
    }
}
