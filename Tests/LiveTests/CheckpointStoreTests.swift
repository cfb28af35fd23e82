// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Live

@Suite struct CheckpointStoreTests {
    private let folder: ScratchFolder
    private let disk = SystemDisk()

    init() throws { folder = try ScratchFolder() }

    private func checkpoint(_ number: Int64) -> Checkpoint {
        Checkpoint(
            entryNumber: number, pipeline: Array("state \(number)".utf8)[...],
            cursors: ["a": LineCursor(nextNumber: number, place: 5)])
    }

    @Test func theNewestIsFoundAndOldOnesAreRemoved() throws {
        let store = CheckpointStore(disk, folder: folder.path, keptCount: 2)
        #expect(try store.newest().checkpoint == nil)
        for number: Int64 in [3, 9, 1000] { try store.write(checkpoint(number)) }
        #expect(try store.newest().checkpoint == checkpoint(1000))
        #expect(try store.numbers() == [9, 1000])
    }

    @Test func aDamagedOneIsPassedOverAndNamed() throws {
        let store = CheckpointStore(disk, folder: folder.path)
        for number: Int64 in [3, 9] { try store.write(checkpoint(number)) }
        let path = "\(folder.path)/checkpoint-00000000000000000009"
        var bytes = try disk.read(path)
        bytes[30] ^= 1
        try disk.remove(path)
        try disk.openForAppending(path).append(bytes)
        let found = try store.newest()
        #expect(found.checkpoint == checkpoint(3))
        #expect(found.problems == ["`\(path)` is damaged"])
    }

    /// What another version has written since may mean something else, so nothing older is taken.
    @Test func oneOfAnotherVersionIsRefused() throws {
        let store = CheckpointStore(disk, folder: folder.path)
        for number: Int64 in [3, 9] { try store.write(checkpoint(number)) }
        let path = "\(folder.path)/checkpoint-00000000000000000009"
        var bytes = Array(try disk.read(path).dropLast(4))
        bytes[8] = 9
        bytes.append(littleEndian: Checksum.crc32c(bytes.span))
        try disk.remove(path)
        try disk.openForAppending(path).append(bytes)
        #expect { try store.newest() } throws: {
            "\($0)" == "`\(path)` cannot be used: its format is 9, and this version knows 4"
        }
    }

    /// Of a large one there are many pieces, each synced before the next but one.
    @Test func piecesMakeAWhole() throws {
        let store = CheckpointStore(disk, folder: folder.path)
        let pipeline = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let file = try store.begin(
            entryNumber: 7, cursors: ["a": LineCursor(nextNumber: 3, place: 5)],
            pipelineByteCount: pipeline.count)
        for start in stride(from: 0, to: pipeline.count, by: 700_000) {
            file.append(Array(pipeline[start..<min(start + 700_000, pipeline.count)]))
        }
        let size = try store.finish(file)
        #expect(try store.newestByteCount() == size)
        let found = try #require(try store.newest().checkpoint)
        #expect(found.pipeline.elementsEqual(pipeline))
        #expect(found.cursors == ["a": LineCursor(nextNumber: 3, place: 5)])
    }

    @Test func oneThatACrashCutOffIsNotMet() throws {
        let store = CheckpointStore(disk, folder: folder.path)
        try store.write(checkpoint(3))
        try folder.write("half", to: "checkpoint.new")
        #expect(try store.newest().checkpoint == checkpoint(3))
        try store.write(checkpoint(4))
        #expect(try store.newest().checkpoint == checkpoint(4))
    }
}

extension CheckpointStore {
    fileprivate func write(_ checkpoint: Checkpoint) throws(StateError) {
        let file = try begin(
            entryNumber: checkpoint.entryNumber, cursors: checkpoint.cursors,
            pipelineByteCount: checkpoint.pipeline.count)
        file.append(Array(checkpoint.pipeline))
        try finish(file)
    }
}
