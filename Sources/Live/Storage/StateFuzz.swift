// SPDX-License-Identifier: Apache-2.0
// Exercised by FuzzTests.

internal import MatchCore

/// Gives files of a state folder checksums that fit, for fuzzing: these keep accidents out, and
/// what is tried is what stands behind them.
package enum StateFuzz {
    /// A segment of a journal with this head, and entries as far as their lengths fit.
    ///
    /// - Parameter renumbers: whether the entries get the numbers that they should have.
    package static func seal(segment: [UInt8], first: Int64, renumbers: Bool) -> [UInt8] {
        let headCount = JournalSegment.headByteCount
        var bytes = JournalSegment(firstNumber: first).head + segment.dropFirst(headCount)
        var (place, number) = (headCount, first)
        while bytes.count - place >= JournalSegment.frameByteCount {
            var frame = ByteCursor(bytes[(place + 4)...])
            let count = Int(frame.halfWord() ?? 0)
            let end = place + JournalSegment.frameByteCount + count
            guard count <= JournalSegment.entryByteCap, end <= bytes.count else { break }
            if renumbers { put(UInt64(bitPattern: number), 8, into: &bytes, at: place + 8) }
            let checksum = Checksum.crc32c(bytes.span.extracting(place + 4..<end))
            put(UInt64(checksum), 4, into: &bytes, at: place)
            (place, number) = (end, number &+ 1)
        }
        return bytes
    }

    /// The name of the segment that begins with an entry.
    package static func segmentName(first: Int64) -> String {
        JournalSegment(firstNumber: first).name
    }

    /// The magic, the format, the number and the length of the pipeline's state.
    private static let checkpointHeadByteCount = 28

    /// A checkpoint of an entry, with the state of its pipeline sealed too, as far as its length
    /// fits.
    package static func seal(checkpoint: [UInt8], entryNumber: Int64) -> [UInt8] {
        var bytes = checkpoint
        let headCount = checkpointHeadByteCount
        while bytes.count < headCount + 4 { bytes.append(0) }
        bytes.replaceSubrange(0..<20, with: CheckpointStore.head(entryNumber, 0).prefix(20))
        var length = ByteCursor(bytes[20..<headCount])
        let count = length.word() ?? 0
        if count >= 8, count <= UInt64(bytes.count - headCount - 4) {
            let end = headCount + Int(count) - 8
            put(SnapshotWriter.checksum(bytes[headCount..<end]), 8, into: &bytes, at: end)
        }
        let checksum = Checksum.crc32c(bytes.span.extracting(0..<bytes.count - 4))
        put(UInt64(checksum), 4, into: &bytes, at: bytes.count - 4)
        return bytes
    }

    private static func put(
        _ value: UInt64, _ byteCount: Int, into bytes: inout [UInt8], at place: Int
    ) {
        for k in 0..<byteCount {
            bytes[place + k] = UInt8(truncatingIfNeeded: value >> UInt64(8 * k))
        }
    }
}
