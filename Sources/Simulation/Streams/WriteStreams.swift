// SPDX-License-Identifier: Apache-2.0

internal import Connectors

/// `martlet-sim streams DIR [SEED]`: writes the recorded streams of a seed.
package enum WriteStreams {
    /// - Throws: what the file did.
    package static func write(
        to folder: String, seed: UInt64 = RecordedStream.committedSeed
    ) throws {
        let streams = RecordedStream.all(seed: seed)
        for stream in streams { try write(stream.text, to: folder + "/" + stream.name) }
        try write(RecordedStream.plantedText(streams), to: folder + "/planted.ndjson")
    }

    private static func write(_ text: [UInt8], to path: String) throws {
        var sink = try FileSink(path: path)
        try sink.write(text.span)
        try sink.close()
    }
}
