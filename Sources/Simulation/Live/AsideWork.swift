// SPDX-License-Identifier: Apache-2.0
// Exercised by LiveCrashTests.

internal import Live

/// The checkpoint that a simulated node has made beside it: a slice between two batches at a time,
/// so that what the node does in between, and any crash, falls anywhere in it.
struct AsideWork: ~Copyable {
    private var mark: CheckpointMark?
    private var checkpoint: AsideCheckpoint?
    /// Those that came to their end.
    private(set) var finishedCount = 0

    /// Begins one now and then, and goes on with the one under way.
    ///
    /// - Throws: what ends a node, and `checkpointDiffers`, which is never to be.
    mutating func goOn(
        _ node: inout LiveNode, _ random: inout SeededRandom
    ) throws(StateError) {
        if checkpoint == nil, random.below(4) > 0 { return }
        do throws(StateError) {
            try step(&node, upTo: 1 + random.below(6))
        } catch {
            abandon()
            // There may be room the next time.
            if error.isOutOfSpace { return }
            switch error {
            case .system, .alertStore, .checkpointDiffers: throw error
            // What is wrong with the files of the past does not touch what the node holds.
            default: try node.checkpoint()
            }
        }
    }

    mutating func abandon() {
        mark = nil
        checkpoint = nil
    }

    private mutating func step(
        _ node: inout LiveNode, upTo entryCount: Int
    ) throws(StateError) {
        guard var current = checkpoint.take() else {
            let mark = node.checkpointMark
            self.mark = mark
            checkpoint = try node.checkpointMaker.begin(mark)
            return
        }
        guard try current.step(upTo: entryCount) else {
            checkpoint = consume current
            return
        }
        _ = try current.finish()
        if let mark { node.noteCheckpoint(of: mark) }
        finishedCount += 1
    }
}
