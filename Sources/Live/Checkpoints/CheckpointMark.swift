// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// A place in the journal, and what a pipeline has to be like that has taken in everything up to
/// it: what a checkpoint that is made aside has to arrive at.
package struct CheckpointMark: Sendable {
    /// The last journal entry that belongs to it.
    package let entryNumber: Int64
    let rules: LiveRules
    let nextAlertNumber: Int64
    let nextDeadLetterNumber: Int64
    let wallTime: StreamTime?
    let watermark: StreamTime?
    /// Of what the node itself writes.
    let cursors: [String: LineCursor]
    /// Of all alerts since the node was opened.
    let alertChecksum: UInt32
    /// The same at the checkpoints that the node knows of, by their last entries.
    let knownChecksums: [Int64: UInt32]

    /// What a pipeline is not like that should be; nil: it is.
    ///
    /// - Parameter checksum: of the alerts, as far as it is known where they began.
    func difference(
        from pipeline: borrowing LivePipeline, alertChecksum checksum: UInt32?
    ) -> String? {
        guard pipeline.entryNumber == entryNumber else {
            return "it ends with entry \(pipeline.entryNumber) instead of \(entryNumber)"
        }
        let alertCount = pipeline.alerts.nextNumber - 1
        guard alertCount == nextAlertNumber - 1 else {
            return "it has led to \(alertCount) alerts instead of \(nextAlertNumber - 1)"
        }
        if let checksum, checksum != alertChecksum { return "it has led to other alerts" }
        let letterCount = pipeline.deadLetters.nextNumber - 1
        guard letterCount == nextDeadLetterNumber - 1 else {
            return "it has led to \(letterCount) dead letters instead of "
                + "\(nextDeadLetterNumber - 1)"
        }
        guard pipeline.rules.change == rules.change else {
            return "it is of change \(pipeline.rules.change) of the rules instead of "
                + "\(rules.change)"
        }
        guard pipeline.watermark == watermark, pipeline.wallTime == wallTime else {
            return "its time is another one"
        }
        return nil
    }
}
