// SPDX-License-Identifier: Apache-2.0
// Exercised by RunCommandTests.

extension LiveService {
    /// What was done since the start, and what is left for the next one.
    func reportEnd(at entry: Int64) {
        let lineCount = configuration.feeds.reduce(0) { sum, feed in
            sum + (feedCounters[feed.options.name]?.counts.acceptedLineCount ?? 0)
        }
        log.write(
            .info,
            "ended: \(lineCount) records were accepted since the start, and all are in checkpoint "
                + "\(entry)")
        for sink in sinkBoard.counters where sink.waiting > 0 {
            log.write(
                .warning,
                "\(sink.waiting) alerts wait for the sink `\(sink.name)`, until the next start")
        }
    }

    func report(_ recovery: Recovery) {
        if recovery.strayLineCount > 0 {
            log.write(
                .warning,
                "\(recovery.strayLineCount) journaled lines are of feeds that are not configured "
                    + "any more: they were passed over")
        }
        if recovery.lostHeldCount > 0 {
            log.write(
                .warning,
                "\(recovery.lostHeldCount) events that waited are none for the rules as they are")
        }
        for problem in recovery.problems { log.write(.warning, problem) }
        if let checkpoint = recovery.checkpoint {
            log.write(
                .info,
                "went on from checkpoint \(checkpoint) and \(recovery.entryCount) journal entries"
                    + " (\(recovery.eventCount) events)")
        } else if recovery.entryCount > 0 {
            log.write(
                .warning,
                "there is no checkpoint any more: all \(recovery.entryCount) journal entries were "
                    + "worked in again (\(recovery.eventCount) events)")
        }
        if recovery.tornByteCount > 0 {
            log.write(
                .warning,
                "\(recovery.tornByteCount) bytes at the end of the journal are no whole entry, "
                    + "and were left out")
        }
        if recovery.isOfOtherProgram {
            log.write(
                .warning,
                "the checkpoint is of a version of Martlet that runs the rules otherwise: their "
                    + "attempts were made again from what the journal still has")
        }
        if let rules = recovery.rules {
            log.write(
                .info, "version \(rules.version) of the rules is in force: \(rules.summary)")
        }
        if let limits = recovery.limits {
            log.write(
                .info, "other limits are in force: \(limits.limits.joined(separator: ", "))")
        }
        if let change = recovery.standing {
            let author = change.author.isEmpty ? "" : " by \(change.author)"
            log.write(
                .info,
                "version \(change.version) of the rules stays in force, from "
                    + "\(change.source.rawValue)\(author) at \(change.time): the files are as they "
                    + "were before that, and count when they change or are read again")
        }
        if let orphans = recovery.orphanedAlerts {
            log.write(
                .warning,
                "\(orphans.count) alerts are stored whose events the journal has lost")
        }
    }
}

/// `1 rule`, `2 rules`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
