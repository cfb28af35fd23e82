// SPDX-License-Identifier: Apache-2.0
// Exercised by LineFileTests.

/// How far the reader or writer of numbered lines has come.
package struct LineCursor: Hashable, Sendable {
    /// The number of the line that comes next.
    package var nextNumber: Int64
    /// Where its output ended before that, in its own terms; a file: its length.
    package var place: Int64

    package init(nextNumber: Int64, place: Int64 = 0) {
        self.nextNumber = nextNumber
        self.place = place
    }
}

/// A file that has each numbered line exactly once, whatever ends the process and when.
///
/// A cursor notes up to which line the file is whole, and how long it is then. What is behind that
/// was written without being noted: it is compared with the lines that come again, and not written
/// twice.
package struct LineFile {
    private let file: any DiskFile
    /// What is in the file behind the lines that have come; emptied as they come again.
    private var unnoted: ArraySlice<UInt8> = []
    package private(set) var nextNumber: Int64
    private var problem: String?

    /// - Parameters:
    ///   - cursor: nil: the file is new here, and goes on behind what it may hold already.
    ///   - firstNumber: of the first line, where there is no cursor.
    package init(
        _ disk: any Disk, path: String, cursor: LineCursor?, firstNumber: Int64
    ) throws(StateError) {
        file = try disk.openForAppending(path)
        nextNumber = cursor?.nextNumber ?? firstNumber
        // It may not have been there: what is synced must not be lost with its name.
        let slash = path.lastIndex(of: "/")
        try disk.syncFolder(slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ".")
        guard let cursor else { return }
        if file.byteCount < cursor.place {
            problem =
                "`\(path)` has \(file.byteCount) bytes, and had \(cursor.place): what is missing "
                + "is not written again"
            try removePartOfLine(disk)
        } else if file.byteCount > cursor.place {
            unnoted = try disk.read(path, from: cursor.place, count: .max)[...]
        }
    }

    /// Cuts off what is no whole line at the end: the next line would be read as a part of it.
    private func removePartOfLine(_ disk: any Disk) throws(StateError) {
        let pieceByteCount: Int64 = 1 << 16
        var end = file.byteCount
        while end > 0 {
            let start = max(end - pieceByteCount, 0)
            let piece = try disk.read(path, from: start, count: Int(end - start))
            if let newline = piece.lastIndex(of: 0x0a) {
                end = start + Int64(newline + 1)
                break
            }
            end = start
        }
        if end < file.byteCount { try file.truncate(to: end) }
    }

    package var path: String { file.path }
    /// Whether lines are there of which it is not known yet whether they are right.
    package var hasUnnoted: Bool { !unnoted.isEmpty }

    package var cursor: LineCursor {
        LineCursor(nextNumber: nextNumber, place: file.byteCount - Int64(unnoted.count))
    }

    /// Adds whole lines.
    ///
    /// - Parameter nextNumber: the number of the line behind them.
    /// - Throws: where the same lines have to be added again.
    package mutating func append(
        _ lines: [UInt8], upTo nextNumber: Int64
    ) throws(StateError) {
        let known = zip(lines, unnoted).prefix { $0 == $1 }.count
        if known < lines.count, known < unnoted.count {
            let end = cursor.place + Int64(known)
            problem = "`\(path)` is not what was written behind byte \(end): it is cut off there"
            try file.truncate(to: end)
            unnoted = unnoted.prefix(known)
        }
        if known < lines.count {
            let before = file.byteCount
            do throws(StateError) {
                try file.append(Array(lines[known...]))
            } catch {
                // What is there of them is known when they come again.
                unnoted += lines[known...].prefix(Int(file.byteCount - before))
                throw error
            }
        }
        unnoted = unnoted.dropFirst(known)
        self.nextNumber = nextNumber
    }

    package func sync() throws(StateError) { try file.sync() }
    package func close() throws(StateError) { try file.close() }

    /// What was not as it should be, once; for the log.
    package mutating func takeProblem() -> String? {
        defer { problem = nil }
        return problem
    }
}
