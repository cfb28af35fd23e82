// SPDX-License-Identifier: Apache-2.0

import CZstd
import Foundation
import GzipPacking
import Testing

@testable import Connectors

/// One zstd frame of `bytes`, with a checksum.
func zstd(_ bytes: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
    let context = unsafe ZSTD_createCCtx()
    unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    // SAFETY: both buffers have the sizes given.
    let made = unsafe output.withUnsafeMutableBytes { target in
        unsafe bytes.withUnsafeBytes {
            unsafe ZSTD_compress2(
                context, target.baseAddress, target.count, $0.baseAddress, $0.count)
        }
    }
    unsafe ZSTD_freeCCtx(context)
    return Array(output[..<made])
}

@Suite struct ByteSourceTests {
    private struct Outcome: Equatable {
        var bytes: [UInt8]
        var error: FeedError?
    }

    private let folder = ScratchFolder()

    private func read(_ bytes: [UInt8]) throws -> Outcome {
        var source = try ByteSource(path: folder.file("data", bytes))
        var result: [UInt8] = []
        do throws(FeedError) {
            while try source.read(appendingTo: &result) {}
        } catch {
            return Outcome(bytes: result, error: error)
        }
        #expect(source.readByteCount == Int64(bytes.count))
        #expect(source.totalByteCount == Int64(bytes.count))
        return Outcome(bytes: result)
    }

    private static func sample(_ count: Int) -> [UInt8] {
        var numbers = SeededNumbers(state: 3)
        return (0..<count).map { _ in UInt8.random(in: 97...106, using: &numbers) }
    }

    @Test(arguments: [0, 1, 3, 4, 1000, 262_143, 262_144, 262_145, 1_500_000])
    func allBytesComeHoweverTheyArePacked(_ count: Int) throws {
        let bytes = Self.sample(count)
        #expect(try read(bytes) == Outcome(bytes: bytes))
        #expect(try read(gzip(bytes)) == Outcome(bytes: bytes))
        #expect(try read(zstd(bytes)) == Outcome(bytes: bytes))
    }

    @Test func membersAndFramesFollowOneAnother() throws {
        let (a, b) = (Self.sample(300_000), Self.sample(7))
        #expect(try read(gzip(a) + gzip([]) + gzip(b)) == Outcome(bytes: a + b))
        #expect(try read(zstd(a) + zstd([]) + zstd(b)) == Outcome(bytes: a + b))
        #expect(try read(gzip(a) + [0, 0, 0]) == Outcome(bytes: a))
    }

    @Test(arguments: [0x50, 0x5f] as [UInt8])
    func zstdDataMayBeginWithAFrameToSkip(_ first: UInt8) throws {
        let bytes = Self.sample(1000)
        let skipped: [UInt8] = [first, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]
        #expect(try read(skipped + zstd(bytes)) == Outcome(bytes: bytes))
        #expect(try read(zstd(bytes) + skipped + zstd(bytes)) == Outcome(bytes: bytes + bytes))
        #expect(try read(skipped) == Outcome(bytes: []))
    }

    @Test func muchComesOutOfLittle() throws {
        let zeros = [UInt8](repeating: 65, count: 3_000_000)
        #expect(try read(gzip(zeros)).bytes == zeros)
        #expect(try read(zstd(zeros)).bytes == zeros)
    }

    @Test func whatCameBeforeACutIsGiven() throws {
        let bytes = Self.sample(900_000)
        for packed in [gzip(bytes), zstd(bytes)] {
            for cut in [5, packed.count / 2, packed.count - 1] {
                let outcome = try read(Array(packed[..<cut]))
                let (given, error) = (outcome.bytes, outcome.error)
                #expect(bytes.starts(with: given))
                #expect(cut < packed.count / 2 || given.count > 200_000)
                #expect(error == .truncated(path: folder.path + "/data"))
            }
        }
    }

    @Test func damageIsReported() throws {
        let bytes = Self.sample(100_000)
        for packed in [gzip(bytes), zstd(bytes)] {
            for place in stride(from: 12, to: packed.count, by: packed.count / 7) {
                var damaged = packed
                damaged[place] ^= 0xff
                let outcome = try read(damaged)
                #expect(outcome.error != nil || outcome.bytes == bytes, "byte \(place)")
            }
            let outcome = try read(packed + [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
            #expect(outcome.bytes == bytes)
            guard case .corrupt = outcome.error else {
                Issue.record("\(String(describing: outcome.error)) is not corrupt")
                continue
            }
        }
    }

    @Test func aMissingFileIsAnError() {
        #expect(throws: FeedError.cannotOpen(path: folder.path + "/none", errno: ENOENT)) {
            _ = try ByteSource(path: folder.path + "/none")
        }
        #expect(
            FeedError.cannotOpen(path: "x", errno: ENOENT).description
                == "cannot open `x`: No such file or directory")
    }

    @Test func aFolderCannotBeRead() throws {
        var source = try ByteSource(path: folder.path)
        var bytes: [UInt8] = []
        #expect(throws: FeedError.cannotRead(path: folder.path, errno: EISDIR)) {
            _ = try source.read(appendingTo: &bytes)
        }
    }
}
