// SPDX-License-Identifier: Apache-2.0

import Glibc

@testable import Live

/// The machine's files, for which there is no room now and then.
final class FillableDisk: Disk {
    /// The files that there is no room for, by a part of their path.
    let full: Guarded<String?>
    private let disk = SystemDisk()

    init(full: String? = nil) { self.full = Guarded(full) }

    func fill(_ part: String?) { full.with { $0 = part } }

    func makeFolder(_ path: String) throws(StateError) { try disk.makeFolder(path) }
    func names(in folder: String) throws(StateError) -> [String] { try disk.names(in: folder) }
    func syncFolder(_ path: String) throws(StateError) { try disk.syncFolder(path) }
    func read(_ path: String) throws(StateError) -> [UInt8] { try disk.read(path) }

    func read(_ path: String, from offset: Int64, count: Int) throws(StateError) -> [UInt8] {
        try disk.read(path, from: offset, count: count)
    }

    func byteCount(of path: String) throws(StateError) -> Int64? { try disk.byteCount(of: path) }

    func rename(_ path: String, to newPath: String) throws(StateError) {
        if full.with({ $0.map { newPath.contains($0) } ?? false }) {
            throw .system("rename", newPath, errno: ENOSPC)
        }
        try disk.rename(path, to: newPath)
    }

    func remove(_ path: String) throws(StateError) { try disk.remove(path) }

    func openForAppending(_ path: String) throws(StateError) -> any DiskFile {
        FillableFile(try disk.openForAppending(path), full)
    }
}

/// A file of such a disk: a write finds room for its first half.
private final class FillableFile: DiskFile {
    private let file: any DiskFile
    private let full: Guarded<String?>

    init(_ file: any DiskFile, _ full: Guarded<String?>) {
        self.file = file
        self.full = full
    }

    var path: String { file.path }
    var byteCount: Int64 { file.byteCount }

    func append(_ bytes: [UInt8]) throws(StateError) {
        let path = path
        let isFull = full.with { $0.map { path.contains($0) } ?? false }
        guard isFull else { return try file.append(bytes) }
        try file.append(Array(bytes[..<(bytes.count / 2)]))
        throw .system("write", path, errno: ENOSPC)
    }

    func truncate(to byteCount: Int64) throws(StateError) { try file.truncate(to: byteCount) }
    func sync() throws(StateError) { try file.sync() }
    func close() throws(StateError) { try file.close() }
}

/// A store of alerts in whose database there is no room now and then.
final class FillableStore: AlertStore {
    let isFull = Guarded(false)
    private let store: any AlertStore

    init(_ store: any AlertStore) { self.store = store }

    func append(_ alerts: NumberedLines) throws(StateError) {
        if isFull.with({ $0 }) { throw .system("write", "alerts.sqlite", errno: ENOSPC) }
        try store.append(alerts)
    }

    func nextNumber() throws(StateError) -> Int64 { try store.nextNumber() }
    func sync() throws(StateError) { try store.sync() }

    func alerts(from number: Int64, limit: Int) throws(StateError) -> [StoredAlert] {
        try store.alerts(from: number, limit: limit)
    }

    func openAlerts(before number: Int64) throws(StateError) -> [StoredAlert] {
        try store.openAlerts(before: number)
    }

    func firstKeptNumber() throws(StateError) -> Int64 { try store.firstKeptNumber() }
    func usedByteCount() throws(StateError) -> Int64 { try store.usedByteCount() }
    func tidy() throws(StateError) { try store.tidy() }
    func ageMarks() throws(StateError) -> [AgeMark] { try store.ageMarks() }
    func setAgeMarks(_ marks: [AgeMark]) throws(StateError) { try store.setAgeMarks(marks) }

    func removeAlerts(
        before limit: Int64, sentBy sinks: [String]
    ) throws(StateError) -> AlertRemoval {
        try store.removeAlerts(before: limit, sentBy: sinks)
    }

    func cursor(of sink: String) throws(StateError) -> LineCursor? { try store.cursor(of: sink) }

    func setCursor(_ cursor: LineCursor, of sink: String) throws(StateError) {
        try store.setCursor(cursor, of: sink)
    }
}
