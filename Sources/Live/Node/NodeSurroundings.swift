// SPDX-License-Identifier: Apache-2.0

/// The world of a node: all that it goes on from, for the node itself and for whatever makes a
/// checkpoint beside it.
struct NodeSurroundings: Sendable {
    let registry: any RulesRegistry
    /// As they are configured.
    let feeds: [LiveFeedOptions]
    let disk: any Disk
    let folder: String
    let store: any AlertStore
    let options: LiveNodeOptions

    var journalFolder: String { LiveNode.journalFolder(folder) }
    var checkpointFolder: String { LiveNode.checkpointFolder(folder) }
    var letterPath: String {
        options.deadLetterPath ?? NodeSurroundings.letterPath(in: folder)
    }

    /// Where the dead letters of the feeds go, unless it is configured otherwise.
    static func letterPath(in folder: String) -> String { "\(folder)/dead-letters.jsonl" }

    var checkpoints: CheckpointStore {
        CheckpointStore(disk, folder: checkpointFolder, keptCount: options.checkpointCount)
    }
}
