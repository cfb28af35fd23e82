// SPDX-License-Identifier: Apache-2.0
// Exercised by FileAlertSinkTests, and by simulated crashes.

internal import EventModel

/// A file that has each alert exactly once, and is followed by a new one where it gets too long or
/// too old.
///
/// Rotation renames the file to one with the number of its last alert in its name. Before that it
/// is written down how long it is: so a start that finds a file of that number and length knows
/// that the file without a number is a new one, whenever the process ended.
// SAFETY: `@unchecked Sendable`: only the thread of its worker uses it.
@safe
package final class FileAlertSink: AlertSink, @unchecked Sendable {
    private let options: FileSinkOptions
    private let disk: any Disk
    private let clock: any WallClock
    /// Notes for good how far the sink is.
    private let note: (LineCursor) throws(StateError) -> Void
    private var file: LineFile
    /// The period in which the file was begun.
    private var period: Int64
    private var problem: String?

    /// - Parameter note: writes the cursor down, and comes back when it is there for good.
    package init(
        _ options: FileSinkOptions, _ disk: any Disk, clock: any WallClock, cursor: LineCursor?,
        note: @escaping (LineCursor) throws(StateError) -> Void
    ) throws(StateError) {
        self.options = options
        self.disk = disk
        self.clock = clock
        self.note = note
        var place = cursor
        if let cursor, try RotatedFiles(options.path, disk).holds(cursor) { place?.place = 0 }
        let changedAt = try disk.modifiedAt(options.path)
        file = try LineFile(disk, path: options.path, cursor: place, firstNumber: 1)
        period = FileAlertSink.period(of: changedAt ?? clock.now, options)
        // Where it began is known from now on, whatever happens.
        if cursor == nil { try note(file.cursor) }
    }

    package func send(
        _ alerts: ArraySlice<StoredAlert>, until interruption: Interruption
    ) -> SendOutcome {
        do throws(StateError) {
            try rotateWhereDue()
            var bytes: [UInt8] = []
            var count = 0
            for alert in alerts {
                bytes += alert.json.utf8
                bytes.append(0x0a)
                count += 1
                if let size = options.rotateByteCount,
                    file.cursor.place + Int64(bytes.count) >= size
                {
                    break
                }
            }
            guard count > 0 else { return .sent(0) }
            try file.append(bytes, upTo: alerts[alerts.startIndex + count - 1].number + 1)
            if options.sync == .always { try file.sync() }
            return .sent(count)
        } catch {
            return .failed(reason: "\(error)")
        }
    }

    package func settle(upTo next: Int64) throws(StateError) -> LineCursor {
        if options.sync != .never { try file.sync() }
        return LineCursor(nextNumber: next, place: file.cursor.place)
    }

    package func takeProblem() -> String? {
        defer { problem = nil }
        return file.takeProblem() ?? problem
    }

    // MARK: Rotation

    private static func period(of time: StreamTime, _ options: FileSinkOptions) -> Int64 {
        guard let span = options.rotateSpan else { return 0 }
        let (quotient, rest) = time.nanoseconds.quotientAndRemainder(
            dividingBy: max(span.nanoseconds, 1))
        return rest < 0 ? quotient - 1 : quotient
    }

    private func rotateWhereDue() throws(StateError) {
        let now = FileAlertSink.period(of: clock.now, options)
        let isOld = now > period
        let isLong = options.rotateByteCount.map { file.cursor.place >= $0 } ?? false
        // What is there and was not written down comes again first.
        guard isOld || isLong, !file.hasUnnoted else { return }
        if file.cursor.place > 0 { try rotate() }
        period = max(period, now)
    }

    private func rotate() throws(StateError) {
        try file.sync()
        let cursor = file.cursor
        try note(cursor)
        let rotated = RotatedFiles(options.path, disk)
        // It may have been renamed by an attempt that did not come to its end. That a file has the
        // number and the length says little here: it may be of another life.
        if try disk.byteCount(of: options.path) == cursor.place {
            try disk.rename(options.path, to: try rotated.freeName(for: cursor.nextNumber))
        }
        try disk.syncFolder(rotated.folder)
        // With a cursor, so that it begins with what it may hold already.
        let new = LineCursor(nextNumber: cursor.nextNumber)
        let next = try LineFile(
            disk, path: options.path, cursor: new, firstNumber: new.nextNumber)
        try? file.close()
        file = next
        try note(new)
        do throws(StateError) {
            try rotated.removeOldest(keeping: options.keptCount)
        } catch {
            problem = "\(error)"
        }
    }
}

/// The files that a file of alerts has left behind: `alerts.jsonl` those named
/// `alerts.000000001234.jsonl`, with the number of the last alert in it.
struct RotatedFiles {
    private static let digitCount = 12

    let folder: String
    private let stem: String
    private let ending: String
    private let disk: any Disk

    init(_ path: String, _ disk: any Disk) {
        self.disk = disk
        let slash = path.lastIndex(of: "/")
        let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
        folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let dot = name.lastIndex(of: ".").flatMap { $0 == name.startIndex ? nil : $0 }
        stem = String(name[..<(dot ?? name.endIndex)])
        ending = String(name[(dot ?? name.endIndex)...])
    }

    private func path(_ name: String) -> String {
        folder == "." ? name : folder == "/" ? "/\(name)" : "\(folder)/\(name)"
    }

    /// The names for a file whose last alert is the one before `next`: the first, and more where
    /// there are files of another life already.
    private func name(_ next: Int64, _ attempt: Int) -> String {
        let number = String(max(next - 1, 0))
        let zeros = String(
            repeating: "0", count: max(RotatedFiles.digitCount - number.utf8.count, 0))
        let more = attempt == 0 ? "" : "-\(attempt)"
        return "\(stem).\(zeros)\(number)\(more)\(ending)"
    }

    func freeName(for next: Int64) throws(StateError) -> String {
        var attempt = 0
        while try disk.byteCount(of: path(name(next, attempt))) != nil { attempt += 1 }
        return path(name(next, attempt))
    }

    /// Whether what a cursor speaks of has been rotated since.
    func holds(_ cursor: LineCursor) throws(StateError) -> Bool {
        guard cursor.place > 0 else { return false }
        var attempt = 0
        while let count = try disk.byteCount(of: path(name(cursor.nextNumber, attempt))) {
            if count == cursor.place { return true }
            attempt += 1
        }
        return false
    }

    /// - Parameter count: nil: all are kept.
    func removeOldest(keeping count: Int?) throws(StateError) {
        let old = try oldest(keeping: count)
        for path in old { try disk.remove(path) }
        // Or a loss of power brings them back, and more at each further one.
        if !old.isEmpty { try disk.syncFolder(folder) }
    }

    /// The paths of the files that are more than are kept, oldest first.
    func oldest(keeping count: Int?) throws(StateError) -> [String] {
        guard let count else { return [] }
        return try disk.names(in: folder).filter(isRotated).dropLast(count).map(path)
    }

    private func isRotated(_ name: String) -> Bool {
        guard name.hasPrefix("\(stem)."), name.hasSuffix(ending),
            name.utf8.count >= stem.utf8.count + 1 + RotatedFiles.digitCount + ending.utf8.count
        else { return false }
        let middle = name.dropFirst(stem.count + 1).dropLast(ending.count)
        let number = middle.prefix { $0.isASCII && $0.isNumber }
        let rest = middle.dropFirst(number.count)
        return number.count >= RotatedFiles.digitCount
            && (rest.isEmpty
                || rest.first == "-" && rest.dropFirst().allSatisfy { $0.isASCII && $0.isNumber })
    }
}
