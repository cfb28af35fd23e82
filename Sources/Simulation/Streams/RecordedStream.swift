// SPDX-License-Identifier: Apache-2.0

internal import Connectors
package import EventModel

/// A file of events made from a seed, with what was planted in it for the shipped rules to find.
package struct RecordedStream: Sendable {
    /// The seed of `fixtures/streams`.
    package static let committedSeed: UInt64 = 20_260_302

    /// The file's name before it is packed.
    package let name: String
    package let text: [UInt8]
    package let incidents: [PlantedIncident]

    /// All streams of a seed, in order of their names.
    package static func all(seed: UInt64) -> [RecordedStream] {
        [
            CardStream.make(seed: seed), HostStream.make(seed: seed),
            IdentityStream.make(seed: seed), NetworkStream.make(seed: seed),
            OperationsStream.make(seed: seed),
            OrderStream.make(seed: seed), SensorStream.make(seed: seed),
            SSHStream.make(seed: seed), TickStream.make(seed: seed),
            WebStream.make(seed: seed),
        ]
    }

    /// The incidents of all streams, a JSON object a line.
    package static func plantedText(_ streams: [RecordedStream]) -> [UInt8] {
        var text: [UInt8] = []
        for stream in streams {
            for incident in stream.incidents {
                text += incident.json(stream: stream.name)
                text.append(UInt8(ascii: "\n"))
            }
        }
        return text
    }
}

/// What a stream holds for one rule: something it has to report, or something it must not.
package struct PlantedIncident: Sendable {
    package enum Outcome: Hashable, Sendable {
        /// One alert, whose end is this time.
        case alert(end: StreamTime)
        /// None: this time is that of the event that just does not make one.
        case nearMiss(StreamTime)
    }

    package let rule: String
    /// The parts of the key, as an alert writes them.
    package let key: [NamedValue]
    package let outcome: Outcome
    package let note: String

    func json(stream: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("stream")
        writer.string(stream)
        writer.key("rule")
        writer.string(rule)
        writer.key("key")
        writer.beginObject()
        for part in key {
            writer.key(part.name)
            writer.value(part.value)
        }
        writer.endObject()
        switch outcome {
        case .alert(let end):
            writer.key("end")
            writer.string(end.description)
        case .nearMiss(let time):
            writer.key("near_miss")
            writer.string(time.description)
        }
        writer.key("note")
        writer.string(note)
        writer.endObject()
        return writer.bytes
    }

    package struct NamedValue: Hashable, Sendable {
        package let name: String
        package let value: Value
    }
}
