// SPDX-License-Identifier: Apache-2.0

package import EventModel
import Oracle

/// An event as it is handed to a trace.
package struct TracedEvent: Sendable {
    package var type: String
    package var time: StreamTime
    /// Its id, or its file and line.
    package var id: String
    /// Names may be dotted paths.
    package var fields: [(name: String, value: Value)]

    package init(
        type: String, time: StreamTime, id: String, fields: [(name: String, value: Value)]
    ) {
        self.type = type
        self.time = time
        self.id = id
        self.fields = fields
    }

    init(_ event: ReferenceEvent) {
        self.init(
            type: event.type, time: event.time, id: event.id,
            fields: event.fields.map { ($0.name, $0.value) })
    }

    var reference: ReferenceEvent {
        ReferenceEvent(
            type: type, time: time, id: id, fields: fields.map { NamedValue($0.name, $0.value) })
    }
}
