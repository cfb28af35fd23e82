// SPDX-License-Identifier: Apache-2.0
// Exercised by JournalCommandTests.

package import Automata
internal import EventModel
package import MatchCore
package import Pipeline

/// What was accepted live, through rules anew: in the order in which it came, with time moved by
/// what moved it then.
///
/// The rules are those given for the whole of the journal, whatever ran at the time. Time stands
/// still where the journal ends: what waited then waits now.
package struct JournalReplay: ~Copyable {
    private var reader: JournalReader
    package private(set) var pipeline: LivePipeline
    /// Entries worked in.
    package private(set) var entryCount = 0
    /// Bytes at the end that are no whole entry.
    package var tornByteCount: Int { reader.tornByteCount }

    /// - Parameters:
    ///   - feeds: how the records of each feed are read, in the order that counts at equal times;
    ///     of a feed that is not among them, no record is.
    ///   - format: of the alerts.
    ///   - limits: for the whole of the journal too.
    package init(
        _ program: RulesetProgram, _ disk: any Disk, folder: String, feeds: [LiveFeedOptions],
        format: AlertFormat = .jsonLines, limits: Caps = Caps()
    ) throws(StateError) {
        reader = try JournalReader(disk, folder: folder)
        pipeline = LivePipeline(program, feeds: feeds, format: format, limits: limits)
    }

    /// Works in the next entry; false: there is none.
    ///
    /// - Throws: what reading the journal throws.
    package mutating func step() throws(StateError) -> Bool {
        guard let entry = try reader.next() else { return false }
        entryCount += 1
        // The rules given are those of all of it.
        if case .rules = entry { return true }
        pipeline.apply(entry)
        return true
    }

    /// Hands out the alerts and dead letters that have come since the last call.
    package mutating func takeOutput() -> (alerts: NumberedLines, deadLetters: NumberedLines) {
        defer {
            pipeline.alerts.removeAll()
            pipeline.deadLetters.removeAll()
        }
        return (pipeline.alerts, pipeline.deadLetters)
    }

    /// The names of the feeds whose records a journal has, in the order in which the first of each
    /// came.
    package static func feedNames(
        _ disk: any Disk, folder: String
    ) throws(StateError) -> [String] {
        var reader = try JournalReader(disk, folder: folder)
        var names: [String] = []
        while let entry = try reader.next() {
            if case .records(let records) = entry, !names.contains(records.feed) {
                names.append(records.feed)
            }
        }
        return names
    }

    /// The folder with the journal: the one given, or that of a state folder.
    package static func folder(
        _ path: String, _ disk: any Disk
    ) throws(StateError) -> String {
        let inState = LiveNode.journalFolder(path)
        if (try? disk.names(in: inState)) != nil { return inState }
        let hasSegments = try disk.names(in: path).contains { JournalSegment(name: $0) != nil }
        guard hasSegments else { throw .noJournal(path) }
        return path
    }
}
