// SPDX-License-Identifier: Apache-2.0

internal import Connectors
internal import EventModel

/// Alerts that a sink has given up, one JSON object a line. After a crash the last ones may be
/// there twice.
struct SinkDeadLetters {
    let path: String
    private let sink: String
    private let disk: any Disk
    private var file: (any DiskFile)?

    init(_ sink: String, in folder: String, _ disk: any Disk) {
        self.sink = sink
        self.disk = disk
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
            json.raw(json: Array(alert.json.utf8).span)
            json.endObject()
            bytes += json.bytes + [0x0a]
        }
        if file == nil { file = try disk.openForAppending(path) }
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
}
