// SPDX-License-Identifier: Apache-2.0
// Exercised by FileTailTests.

internal import Connectors
internal import Glibc

/// The files of a pattern as one feed: through growth, rotation and truncation, and over restarts.
///
/// - Shape: looks at the files' names and sizes at each `poll`; reads in chunks.
package final class FileTail {
    package static let chunkByteCount = 256 * 1024
    /// Looks without anything new after which a file is left that the pattern no longer names.
    static let farewellLookCount = 25

    private let pattern: String
    private let startsAtEnd: Bool
    private let maxLineByteCount: Int
    private let pieces: CSVPieces?
    private var files: [TailedFile] = []
    /// Files that were known in an earlier life and have not been met again.
    private var remembered: [Place]
    private var isFirstLook = true
    /// Files that were cut off and written anew.
    package private(set) var truncationCount = 0

    /// Where a file was gone on with.
    private struct Place {
        var mark: FileMark
        var offset: Int64
        var path: String
    }

    /// - Parameters:
    ///   - resumption: as an earlier life gave it; empty: there was none.
    ///   - delimiter: what is between the cells, where the files are CSV.
    package init(
        pattern: String, startsAtEnd: Bool = false, maxLineByteCount: Int,
        resumption: [UInt8] = [], delimiter: UInt8? = nil
    ) {
        self.pattern = pattern
        self.startsAtEnd = startsAtEnd
        self.maxLineByteCount = maxLineByteCount
        pieces = delimiter.map { CSVPieces(delimiter: $0, maxRowByteCount: maxLineByteCount) }
        remembered = FileTail.places(resumption)
        isFirstLook = resumption.isEmpty
    }

    /// The next lines of a file and where to go on behind them; nil: there are none now.
    package func next() -> (lines: [UInt8], resumption: [UInt8])? {
        for file in files {
            let lines = file.nextLines(upTo: FileTail.chunkByteCount)
            if !lines.isEmpty { return (lines, resumption) }
        }
        return nil
    }

    /// Looks for new files, and for those that have gone or were cut off. Call it when `next` gives
    /// nothing; what it gives are last lines of files that have gone.
    package func look() -> (lines: [UInt8], resumption: [UInt8])? {
        let paths = FileTail.paths(matching: pattern)
        var lines: [UInt8] = []
        for (k, file) in files.enumerated() where file.wasTruncated {
            truncationCount += 1
            if let anew = opened(file.path) {
                files[k] = anew
            }
        }
        var found: [TailedFile] = []
        for path in paths {
            guard let file = opened(path) else { continue }
            if let known = files.first(where: { isSame($0, file) }) {
                found.append(known)
            } else {
                begin(file)
                found.append(file)
            }
        }
        var leaving: [TailedFile] = []
        for file in files where !found.contains(where: { $0 === file }) {
            // It has another name now, or none; whoever writes to it may not know that yet.
            if file.isQuiet(forLooks: FileTail.farewellLookCount) {
                lines += file.lastLine()
            } else {
                leaving.append(file)
            }
        }
        // What was written before comes before what took its name.
        files = rotatedWhileAway(found) + leaving + found
        isFirstLook = false
        return lines.isEmpty ? nil : (lines, resumption)
    }

    private func opened(_ path: String) -> TailedFile? {
        TailedFile(path, maxLineByteCount: maxLineByteCount, pieces: pieces)
    }

    private func isSame(_ a: TailedFile, _ b: TailedFile) -> Bool {
        a.mark.device == b.mark.device && a.mark.number == b.mark.number
    }

    private func begin(_ file: TailedFile) {
        if let known = remembered.firstIndex(where: { file.fits($0.mark) }) {
            let place = remembered.remove(at: known)
            if place.offset <= file.byteCount { file.resume(at: place.offset) }
        } else if isFirstLook, startsAtEnd {
            file.resume(at: file.byteCount)
        }
    }

    /// Files that got another name while nobody looked, and are not read to their end.
    private func rotatedWhileAway(_ found: [TailedFile]) -> [TailedFile] {
        var result: [TailedFile] = []
        for place in remembered {
            let slash = place.path.lastIndex(of: "/")
            let folder = slash.map { String(place.path[..<$0]) } ?? "."
            let names = (try? SystemDisk().names(in: folder)) ?? []
            for name in names {
                guard
                    let file = opened("\(folder)/\(name)"),
                    file.fits(place.mark), place.offset < file.byteCount,
                    !found.contains(where: { isSame($0, file) })
                else { continue }
                file.resume(at: place.offset)
                result.append(file)
                break
            }
        }
        remembered = []
        return result
    }

    /// The paths that a pattern stands for, in the order of their bytes.
    private static func paths(matching pattern: String) -> [String] {
        var found = unsafe glob_t()
        // SAFETY: the pattern is a C string for the call; what it fills is freed below.
        let status = unsafe glob(pattern, GLOB_NOSORT, nil, &found)
        defer { unsafe globfree(&found) }
        guard status == 0 else { return [] }
        var paths: [String] = []
        for k in 0..<Int(unsafe found.gl_pathc) {
            // SAFETY: gl_pathv holds as many C strings as gl_pathc says.
            if let path = unsafe found.gl_pathv[k] { paths.append(unsafe String(cString: path)) }
        }
        return paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    // MARK: Over restarts

    /// All that a later life needs to go on behind what has been given out.
    package var resumption: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt32(files.count))
        for file in files {
            bytes.append(littleEndian: file.mark.device)
            bytes.append(littleEndian: file.mark.number)
            bytes.append(littleEndian: UInt32(file.mark.beginningByteCount))
            bytes.append(littleEndian: file.mark.checksum)
            bytes.append(littleEndian: UInt64(bitPattern: file.offset))
            bytes.append(withCount: Array(file.path.utf8))
        }
        return bytes
    }

    private static func places(_ resumption: [UInt8]) -> [Place] {
        var rest = ByteCursor(resumption[...])
        var places: [Place] = []
        for _ in 0..<(rest.halfWord() ?? 0) {
            guard let device = rest.word(), let number = rest.word(), let count = rest.halfWord(),
                let checksum = rest.halfWord(), let offset = rest.word(), let path = rest.counted()
            else { break }
            places.append(
                Place(
                    mark: FileMark(
                        device: device, number: number, beginningByteCount: Int(count),
                        checksum: checksum),
                    offset: Int64(bitPattern: offset), path: String(decoding: path, as: UTF8.self)))
        }
        return places
    }
}
