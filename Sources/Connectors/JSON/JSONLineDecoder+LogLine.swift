// SPDX-License-Identifier: Apache-2.0
// Lines of logs without JSON in between: their parts are noted where the values of an object would
// be, and an event is appended as from an object. Exercised by LogFeedTests and by the fuzzer of
// log lines, which hold it against the objects.

import EventModel

/// The spots of the fields that a line of a log has; -1: not wanted.
struct LogLineSpots: Sendable {
    let host: Int
    let app: Int
    let pid: Int
    let message: Int
    let line: Int

    /// Nil where an event's time is not the stamp, or the stamp is wanted as a field: what that
    /// gives depends on how an object would write it.
    init?(_ index: FieldIndex, _ options: JSONLineDecoder.Options) {
        guard let fixedType = options.fixedType, options.timeField == nil else { return nil }
        var type = index.typeNames.find(fixedType.utf8.span, scope: 0)
        if type < 0, index.hasOtherType { type = index.types.count - 1 }
        if type >= 0, index.types[type].time >= 0 { return nil }
        let stamp = LogLineSpots.spot(of: "time", index)
        let ids = type < 0 ? 0..<0 : index.types[type].id
        guard !index.spots[ids].contains(stamp),
            !index.targets.contains(where: { index.spots[$0.spots].contains(stamp) })
        else { return nil }
        host = LogLineSpots.spot(of: "host", index)
        app = LogLineSpots.spot(of: "app", index)
        pid = LogLineSpots.spot(of: "pid", index)
        message = LogLineSpots.spot(of: "message", index)
        line = LogLineSpots.spot(of: "line", index)
    }

    private static func spot(of key: String, _ index: FieldIndex) -> Int {
        let edge = index.keys.find(key.utf8.span, scope: 0)
        return edge < 0 ? -1 : index.edges[edge].spot
    }
}

extension JSONLineDecoder {
    /// Whether `note` may be called: lines of logs need not be made JSON.
    var takesLogLines: Bool { logLineSpots != nil }

    /// Notes the parts of a line of a log, which `append` then decodes; false: nobody wants it.
    ///
    /// - Precondition: `takesLogLines`; the line is UTF-8.
    mutating func note(
        _ line: Span<UInt8>, _ parts: LogLineParts, time: StreamTime
    ) -> Bool {
        generation += 1
        guard let wanted = logLineSpots, (try? findType(line)) ?? false else { return false }
        self.time = time
        note(wanted.line, 0..<line.count)
        guard parts.hasHeader else { return true }
        note(wanted.message, parts.message)
        if !parts.host.isEmpty { note(wanted.host, parts.host) }
        if !parts.app.isEmpty { note(wanted.app, parts.app) }
        if !parts.pid.isEmpty { note(wanted.pid, parts.pid) }
        return true
    }

    @inline(__always)
    private mutating func note(_ spot: Int, _ range: Range<Int>) {
        guard spot >= 0 else { return }
        spots[spot] = Spot(
            start: range.lowerBound, end: range.upperBound, generation: generation, kind: .text)
    }
}
