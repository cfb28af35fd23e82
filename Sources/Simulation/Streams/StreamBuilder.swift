// SPDX-License-Identifier: Apache-2.0

internal import Connectors
internal import EventModel

/// A field of a generated event.
enum StreamField {
    case text(String)
    case int(Int)
    case flag(Bool)
    /// `digits` of the number are behind the point: no float is ever printed.
    case decimal(Int, digits: Int)
    case missing

    var plain: String {
        switch self {
        case .text(let text): text
        case .int(let number): String(number)
        case .flag(let flag): flag ? "true" : "false"
        case .decimal(let number, let digits): StreamField.decimal(number, digits)
        case .missing: ""
        }
    }

    private static func decimal(_ number: Int, _ digits: Int) -> String {
        let text = padded(Int(number.magnitude), digits + 1)
        return (number < 0 ? "-" : "") + text.dropLast(digits) + "." + text.suffix(digits)
    }
}

/// A number with zeros before it up to a width.
func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

extension Int {
    var milliseconds: TimeSpan { TimeSpan(milliseconds: Int64(self)) }
    var seconds: TimeSpan { TimeSpan(seconds: Int64(self)) }
    var minutes: TimeSpan { TimeSpan(seconds: Int64(self) * 60) }
    var hours: TimeSpan { TimeSpan(seconds: Int64(self) * 3600) }
    var days: TimeSpan { TimeSpan(seconds: Int64(self) * 86_400) }
}

/// Gathers the records of a stream in any order, and writes them in order of arrival.
struct StreamBuilder {
    /// How records come out of order: `percent` of them up to `limit` late.
    struct Disorder {
        var percent: Int
        var limit: TimeSpan
    }

    let name: String
    var random: SeededRandom
    /// The name of the field that holds the time of JSON records.
    var timeField = "time"
    private let disorder: Disorder
    private var delays: SeededRandom
    private var records: [(arrival: StreamTime, text: String)] = []
    private var incidents: [PlantedIncident] = []
    /// That of the earliest record so far.
    private(set) var firstTime: StreamTime?

    init(_ name: String, seed: UInt64, disorder: Disorder = Disorder(percent: 0, limit: .zero)) {
        self.name = name
        self.disorder = disorder
        // Each stream has draws of its own: a change of one leaves the others as they are.
        random = SeededRandom(seed: name.utf8.reduce(seed) { $0 &* 31 &+ UInt64($1) })
        delays = random.split()
    }

    mutating func record(_ time: StreamTime, _ text: String) {
        firstTime = min(firstTime ?? time, time)
        var arrival = time
        if disorder.limit > .zero, delays.chance(disorder.percent, in: 100) {
            let limit = Int(disorder.limit.nanoseconds / 1_000_000)
            arrival = time + delays.int(1...limit).milliseconds
        }
        records.append((arrival, text))
    }

    mutating func json(_ type: String, _ time: StreamTime, _ fields: [(String, StreamField)]) {
        var text = #"{"type":"\#(type)","\#(timeField)":"\#(time)""#
        for (name, field) in fields {
            switch field {
            case .missing: continue
            case .text(let value): text += #","\#(name)":"\#(value)""#
            default: text += #","\#(name)":\#(field.plain)"#
            }
        }
        record(time, text + "}")
    }

    mutating func plant(
        _ rule: String, _ key: [(String, Value)], end: StreamTime, _ note: String
    ) {
        add(rule, key, .alert(end: end), note)
    }

    mutating func nearMiss(
        _ rule: String, _ key: [(String, Value)], at time: StreamTime, _ note: String
    ) {
        add(rule, key, .nearMiss(time), note)
    }

    private mutating func add(
        _ rule: String, _ key: [(String, Value)], _ outcome: PlantedIncident.Outcome,
        _ note: String
    ) {
        incidents.append(
            PlantedIncident(
                rule: rule, key: key.map { .init(name: $0.0, value: $0.1) }, outcome: outcome,
                note: note))
    }

    /// - Parameter header: a line before all records.
    consuming func finish(header: String? = nil) -> RecordedStream {
        let order = records.indices.sorted {
            (records[$0].arrival, $0) < (records[$1].arrival, $1)
        }
        var text: [UInt8] = []
        if let header {
            text += header.utf8
            text.append(UInt8(ascii: "\n"))
        }
        for index in order {
            text += records[index].text.utf8
            text.append(UInt8(ascii: "\n"))
        }
        return RecordedStream(name: name, text: text, incidents: incidents)
    }

    // MARK: draws that streams share

    /// A moment of a day between two hours, to the millisecond.
    mutating func moment(of day: StreamTime, from: Int, to: Int) -> StreamTime {
        day + random.int(from * 3_600_000...to * 3_600_000 - 1).milliseconds
    }

    /// A span between two, to the millisecond.
    mutating func span(_ least: TimeSpan, _ most: TimeSpan) -> TimeSpan {
        random.int(Int(least.nanoseconds / 1_000_000)...Int(most.nanoseconds / 1_000_000))
            .milliseconds
    }
}
