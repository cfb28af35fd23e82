// SPDX-License-Identifier: Apache-2.0

internal import Connectors
internal import EventModel

/// Alerts that a sink has given up, one JSON object a line. After a crash the last ones may be
/// there twice. Where the file gets too long, it gets the number of its last alert into its name.
struct SinkDeadLetters {
    private static let chunkByteCount: Int64 = 64 << 10

    let path: String
    private let folder: String
    private let sink: String
    private let disk: any Disk
    /// Nil: it may have any length.
    private let fileByteCount: Int64?
    private var file: (any DiskFile)?

    init(_ sink: String, in folder: String, fileByteCount: Int64?, _ disk: any Disk) {
        self.fileByteCount = fileByteCount
        self.sink = sink
        self.disk = disk
        self.folder = folder
        path = SinkDeadLetters.path(sink, in: folder)
    }

    static func path(_ sink: String, in folder: String) -> String {
        "\(folder)/dead-letters-\(sink).jsonl"
    }

    mutating func append(
        _ alerts: ArraySlice<StoredAlert>, reason: String, at time: StreamTime
    ) throws(StateError) {
        var bytes: [UInt8] = []
        for alert in alerts {
            var json = JSONWriter()
            json.beginObject()
            json.key("time")
            json.string(time.description)
            json.key("sink")
            json.string(sink)
            json.key("reason")
            json.string(reason)
            json.key("alert")
            if alert.isDamaged {
                json.string(alert.json)
            } else {
                json.raw(json: Array(alert.json.utf8).span)
            }
            json.endObject()
            bytes += json.bytes + [0x0a]
        }
        if file == nil { file = try open() }
        if let number = alerts.first?.number { try rotateWhereDue(before: number) }
        guard let file else { return }
        let before = file.byteCount
        do throws(StateError) {
            try file.append(bytes)
            try file.sync()
        } catch {
            // They come again.
            try? file.truncate(to: before)
            throw error
        }
    }

    private mutating func rotateWhereDue(before number: Int64) throws(StateError) {
        guard let fileByteCount, let full = file, full.byteCount >= fileByteCount else { return }
        try disk.rename(path, to: try RotatedFiles(path, disk).freeName(for: number))
        try? full.close()
        // If this fails, it is opened by the next attempt.
        file = nil
        file = try open()
    }

    private func open() throws(StateError) -> any DiskFile {
        let file = try disk.openForAppending(path)
        // A crash may have left the beginning of a line, which comes again as a whole.
        let wholeByteCount = try endOfLastLine(file.byteCount)
        if wholeByteCount < file.byteCount { try file.truncate(to: wholeByteCount) }
        // What is synced must not be lost with its name.
        try disk.syncFolder(folder)
        return file
    }

    private func endOfLastLine(_ byteCount: Int64) throws(StateError) -> Int64 {
        var end = byteCount
        while end > 0 {
            let start = max(end - SinkDeadLetters.chunkByteCount, 0)
            let chunk = try disk.read(path, from: start, count: Int(end - start))
            if let newline = chunk.lastIndex(of: 0x0a) { return start + Int64(newline) + 1 }
            end = start
        }
        return 0
    }
}
