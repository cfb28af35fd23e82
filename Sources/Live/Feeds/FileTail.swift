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
    private let fileCap: Int
    private(set) var files: [TailedFile] = []
    /// Files that were known in an earlier life and have not been met again.
    private var remembered: [Place]
    /// Where files ended that have gone: some may come back packed.
    var departed: [Place] = []
    static let departureCap = 8
    private var isFirstLook = true
    /// Paths that could not be opened, which has been told.
    private var unopened: Set<String> = []
    /// Whether it has been told that some wait for others to go.
    private var hasWaiting = false
    var problems: [String] = []
    /// Files that were cut off and written anew.
    package private(set) var truncationCount = 0

    /// Where a file was gone on with.
    struct Place {
        var mark: FileMark
        var offset: Int64
        var path: String
        /// Whether nothing is to come of it.
        var isOver = false
        /// Of up to 256 bytes before the offset.
        var end: UInt32?
    }

    /// - Parameters:
    ///   - resumption: as an earlier life gave it; empty: there was none.
    ///   - delimiter: what is between the cells, where the files are CSV.
    ///   - fileCap: files that are followed at once; others wait until one has gone.
    package init(
        pattern: String, startsAtEnd: Bool = false, maxLineByteCount: Int,
        resumption: [UInt8] = [], delimiter: UInt8? = nil, fileCap: Int = .max
    ) {
        self.pattern = pattern
        self.startsAtEnd = startsAtEnd
        self.maxLineByteCount = maxLineByteCount
        self.fileCap = fileCap
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
        // Those that are followed stay, whatever comes.
        var room = fileCap - files.count
        for path in paths {
            errno = 0
            guard let file = opened(path) else {
                noteUnopened(path, errno)
                continue
            }
            // Another name of the same, such as a link to the latest.
            if found.contains(where: { isSame($0, file) }) { continue }
            if let known = files.first(where: { isSame($0, file) }) {
                found.append(known)
            } else if room > 0 {
                room -= 1
                begin(file)
                found.append(file)
            } else {
                noteWaiting(path)
            }
        }
        var leaving: [TailedFile] = []
        for file in files where !found.contains(where: { $0 === file }) {
            // It has another name now, or none; whoever writes to it may not know that yet.
            if file.isQuiet(forLooks: FileTail.farewellLookCount) {
                lines += file.lastLine()
                if !file.isPacked { noteDeparture(Place(file)) }
            } else {
                leaving.append(file)
            }
        }
        // What was written before comes before what took its name.
        files = rotatedWhileAway(found) + leaving + found
        meetPackedFiles(among: files)
        isFirstLook = false
        return lines.isEmpty ? nil : (lines, resumption)
    }

    private func opened(_ path: String) -> TailedFile? {
        TailedFile(path, maxLineByteCount: maxLineByteCount, pieces: pieces)
    }

    /// - Parameter errno: 0 where it is there and is no file, which is nobody's mistake.
    private func noteUnopened(_ path: String, _ errno: CInt) {
        guard errno != 0, errno != ENOENT, unopened.insert(path).inserted else { return }
        problems.append("\(StateError.system("open", path, errno: errno))")
    }

    private func noteWaiting(_ path: String) {
        if hasWaiting { return }
        hasWaiting = true
        problems.append(
            "`\(path)` and what comes behind it waits: there may be no more than \(fileCap) files "
                + "open")
    }

    private func isSame(_ a: TailedFile, _ b: TailedFile) -> Bool {
        a.mark.device == b.mark.device && a.mark.number == b.mark.number
    }

    private func begin(_ file: TailedFile) {
        file.decide()
        if let known = remembered.firstIndex(where: { file.fits($0.mark) }) {
            let place = remembered.remove(at: known)
            if place.isOver {
                file.resumeAtEnd()
            } else if file.isPacked || place.offset <= file.byteCount {
                file.resume(at: place.offset)
            }
        } else if isFirstLook, startsAtEnd {
            file.resumeAtEnd()
        }
    }

    /// Files that got another name while nobody looked: also those that are read to their end, as
    /// whoever writes to one may not know of its name yet.
    private func rotatedWhileAway(_ found: [TailedFile]) -> [TailedFile] {
        var result: [TailedFile] = []
        for place in remembered where !place.isOver {
            let slash = place.path.lastIndex(of: "/")
            let folder = slash.map { String(place.path[..<$0]) } ?? "."
            let names = (try? SystemDisk().names(in: folder)) ?? []
            for name in names {
                guard
                    let file = opened("\(folder)/\(name)"),
                    file.fits(place.mark), place.offset <= file.byteCount,
                    !found.contains(where: { isSame($0, file) })
                else { continue }
                file.resume(at: place.offset)
                result.append(file)
                break
            }
            if !result.contains(where: { $0.fits(place.mark) }) { noteDeparture(place) }
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
        // A packed file that has not been met is met again.
        let places = files.filter { !$0.isPacked || $0.isMet }.map { Place($0) } + departed
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt32(places.count))
        for place in places {
            bytes.append(littleEndian: place.mark.device)
            bytes.append(littleEndian: place.mark.number)
            bytes.append(littleEndian: UInt32(place.mark.beginningByteCount))
            bytes.append(littleEndian: place.mark.checksum)
            bytes.append(
                littleEndian: UInt64(bitPattern: place.isOver ? -1 - place.offset : place.offset))
            bytes.append(withCount: Array(place.path.utf8))
        }
        // Behind what versions before knew.
        for place in places {
            bytes.append(littleEndian: UInt32(place.end == nil ? 0 : 1))
            bytes.append(littleEndian: place.end ?? 0)
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
            let place = Int64(bitPattern: offset)
            places.append(
                Place(
                    mark: FileMark(
                        device: device, number: number, beginningByteCount: Int(count),
                        checksum: checksum),
                    offset: place < 0 ? -1 - place : place,
                    path: String(decoding: path, as: UTF8.self), isOver: place < 0))
        }
        for index in places.indices {
            guard let isKnown = rest.halfWord(), let end = rest.halfWord() else { break }
            if isKnown == 1 { places[index].end = end }
        }
        return places
    }
}

extension FileTail.Place {
    init(_ file: TailedFile) {
        self.init(
            mark: file.mark, offset: file.offset, path: file.path, isOver: file.isOver,
            end: file.endChecksum)
    }
}
