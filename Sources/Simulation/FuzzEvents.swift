// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import EventModel
internal import Oracle

/// Events for any program: of its types and fields, with the values that its conditions name.
struct FuzzEvents {
    private let program: RulesetProgram
    private var random: SeededRandom
    private var time = StreamTime(nanoseconds: 1_700_000_000_000_000_000)

    init(_ program: RulesetProgram, seed: UInt64) {
        self.program = program
        random = SeededRandom(seed: seed)
    }

    mutating func events(count: Int) -> [ReferenceEvent] {
        (0..<count).map { number in
            time = time + step()
            let types = program.decodePlan.types
            let isOther = types.isEmpty || random.chance(1, in: 20)
            let type = isOther ? nil : random.pick(types)
            var fields: [NamedValue] = []
            for field in type?.fields ?? program.decodePlan.otherFields ?? [] {
                guard !random.chance(1, in: 12), let target = field.targets.first else { continue }
                fields.append(NamedValue(field.path, value(of: target.type)))
            }
            let id = random.chance(1, in: 30) ? "same" : "e\(number)"
            return ReferenceEvent(
                type: type?.name ?? "something", time: time, id: id, fields: fields)
        }
    }

    /// Mostly short; now and then what the rules themselves wait for, and far leaps.
    private mutating func step() -> TimeSpan {
        switch random.below(40) {
        case 0: return TimeSpan(nanoseconds: 1)
        case 1...8: return .zero
        case 9, 10:
            let spans = program.rules.compactMap(\.within)
            return spans.isEmpty ? TimeSpan(seconds: 60) : random.pick(spans)
        case 11: return TimeSpan(seconds: Int64(random.below(400 * 86_400)))
        case 12:
            // To the ends of time, now and then.
            let isLeap = random.chance(1, in: 20)
            return TimeSpan(nanoseconds: isLeap ? .max / 3 : 1_000_000_000)
        default: return TimeSpan(milliseconds: Int64(random.below(4_000)))
        }
    }

    private mutating func value(of type: ValueType) -> Value {
        if !program.constants.isEmpty, random.chance(2, in: 3) {
            let constant = random.pick(program.constants)
            if fits(constant, type) { return constant }
        }
        if random.chance(1, in: 25) { return odd() }
        switch type {
        case .bool: return .bool(random.chance(1, in: 2))
        case .int: return .int(int())
        case .float: return .float(Double(int()) / 2)
        case .number: return random.chance(1, in: 2) ? .int(int()) : .float(Double(int()) / 4)
        case .string: return .string(random.pick(["a", "b", "u1", "u2", "", "Ünı", "x.y/z"]))
        case .enumeration(let choices): return .string(random.pick(choices))
        case .time: return .time(time)
        case .duration: return .duration(TimeSpan(milliseconds: Int64(random.below(5_000))))
        case .ip: return .ip(IPAddress(ipv4: 0x0a00_0000 + UInt32(random.below(3))))
        case .network:
            return IPNetwork(IPAddress(ipv4: 0x0a00_0000), prefixLength: random.below(33))
                .map { .network($0) } ?? .missing
        case .list(let element): return .list((0..<random.below(4)).map { _ in value(of: element) })
        case .any, .erroneous: return random.chance(1, in: 3) ? odd() : .int(int())
        }
    }

    private mutating func int() -> Int64 {
        if random.chance(1, in: 15) { return random.pick([.min, .max, .min + 1, 1 << 53, -1]) }
        return Int64(random.below(12)) - 1
    }

    /// As deep as lists in JSON may be.
    private static let deepest = (0..<512).reduce(Value.missing) { list, _ in .list([list]) }

    private mutating func odd() -> Value {
        let choices: [Value] = [
            .missing, .bool(true), .int(.min), .int(.max), .float(-0.0), .float(1e308),
            .float(.leastNonzeroMagnitude), .string(""), .string("a\u{0}b\u{1f600}"),
            .time(.distantFuture),
            .time(.distantPast), .duration(TimeSpan(nanoseconds: .min)),
            .ip(IPAddress(high: .max, low: 1)), .list([]), .list([.int(1), .list([.missing])]),
            .string("10.0.0.1"), .string("2027-01-31T12:00:00Z"), .string("1e999"),
            FuzzEvents.deepest,
        ]
        return random.pick(choices)
    }

    private func fits(_ value: Value, _ type: ValueType) -> Bool {
        switch (value, type) {
        case (_, .any), (.int, .int), (.int, .number), (.float, .number), (.float, .float),
            (.string, .string), (.bool, .bool), (.time, .time), (.duration, .duration), (.ip, .ip),
            (.network, .network), (.list, .list):
            true
        case (.string(let text), .enumeration(let choices)): choices.contains(text)
        default: false
        }
    }
}
