// SPDX-License-Identifier: Apache-2.0
// One pass over a line checks that it is one complete JSON object and notes where the wanted values
// are; only then, with the type known wherever its key stood, are the values of that type
// converted. A line costs no allocation unless a wanted text has escapes or a number is odd.
// Exercised by JSONLineDecoderTests and JSONDifferentialTests.

package import EventModel

/// Why a line, row or record gave no event, in the words of a dead letter.
package struct Undecodable: Error, Hashable, Sendable {
    package var reason: String

    package init(_ reason: String) { self.reason = reason }
}

/// What a decoder found in a line.
package enum ScannedLine: Hashable, Sendable {
    /// Nothing but blanks: no event, and none is missed.
    case blank
    /// A whole object, of a type that the plan does not want.
    case ignored
    /// An event of this time, which `append` decodes.
    case event(StreamTime)
}

/// A projecting decoder of JSON lines: the fields that a plan wants, and no others.
///
/// - Shape: `scan` a line, then `append` the same line if it is an event and is wanted at its time.
package struct JSONLineDecoder: ~Copyable {
    /// What a decoder has to know beyond the plan.
    package struct Options: Sendable {
        /// The type of every event; nil: it stands in the event.
        package var fixedType: String?
        /// Where the type stands.
        package var typeField = "type"
        /// Where the time stands; nil: `time`, `ts`, `timestamp` or `@timestamp`, the first that
        /// is there. A type's own `time` in the plan goes before.
        package var timeField: String?
        /// Every value is a text: numbers and bools are read out of texts.
        package var isTextual = false

        package init() {}
    }

    private struct Spot {
        var start = 0
        var end = 0
        var generation = 0
        var kind = JSONKind.null
    }

    private let index: FieldIndex
    private let options: Options
    private let typeCount: Int
    private let fixedType: [UInt8]
    private var spots: [Spot]
    private var nodeGenerations: [Int]
    /// The number of the line at work: a spot with another generation is of an earlier line.
    private var generation = 0
    private var scratch: [UInt8] = []
    private var keyScratch: [UInt8] = []

    // What `scan` hands to `append`.
    private var type = DecodePlan.otherType
    private var time = StreamTime.zero

    /// Events of types that nobody wants, by name.
    package private(set) var ignored = NameCounter()
    private var mismatchCounts: [Int]

    package init(plan: DecodePlan, options: Options = Options()) {
        index = FieldIndex(
            plan: plan, typePath: options.fixedType == nil ? options.typeField : nil,
            timePath: options.timeField)
        self.options = options
        typeCount = plan.types.count
        fixedType = Array((options.fixedType ?? "").utf8)
        spots = Array(repeating: Spot(), count: index.spotCount)
        nodeGenerations = Array(repeating: 0, count: index.spotsBelow.count)
        mismatchCounts = Array(repeating: 0, count: index.paths.count)
    }

    /// How often the value of a field was none of the type that a rule needs, for fields where
    /// that happened, in order of the plan.
    package var mismatches: [(path: String, count: Int)] {
        var result: [(path: String, count: Int)] = []
        for i in mismatchCounts.indices where mismatchCounts[i] > 0 {
            result.append((index.paths[i], mismatchCounts[i]))
        }
        return result
    }

    /// Checks a line and finds its type and time.
    package mutating func scan(_ line: Span<UInt8>) throws(Undecodable) -> ScannedLine {
        generation += 1
        let start = JSONScanner.skipBlanks(line, 0)
        if start == line.count { return .blank }
        do throws(JSONFailure) {
            guard line[start] == UInt8(ascii: "{") else {
                throw JSONFailure(.notAnObject, at: start)
            }
            let end = JSONScanner.skipBlanks(
                line, try members(line, start + 1, node: 0, depth: 1))
            guard end == line.count else { throw JSONFailure(.trailingText, at: end) }
        } catch {
            throw Undecodable(error.reason)
        }
        guard try findType(line) else { return .ignored }
        time = try findTime(line)
        return .event(time)
    }

    /// Appends the event of the line that was scanned last, with `text` as what it came as.
    package mutating func append(
        _ line: Span<UInt8>, to batch: inout EventBatch, symbols: inout SymbolTable,
        feed: Int32, position: Int64
    ) {
        let typeName = typeNameSymbol(line, &symbols)
        let plan = planned(type)
        let id = plan.map { eventID(line, $0.id, &symbols) } ?? .missing
        batch.text.append(copying: line)
        batch.append(
            type: Int32(type), typeName: typeName, time: time, id: id, feed: feed,
            position: position)
        guard let plan else { return }
        let base = batch.slots.count - batch.slotCount
        for f in plan.fields {
            let field = index.fields[f]
            guard let spot = found(field.spots) else { continue }
            for t in field.targets {
                let slot = index.targets[t].slot
                if let value = slotValue(line, spot, target: t, &symbols) {
                    batch.slots[base + slot] = value
                } else {
                    mismatchCounts[field.path] += 1
                }
            }
        }
    }

    /// member *( "," member ) "}": the members of an object that has wanted keys.
    private mutating func members(
        _ line: Span<UInt8>, _ start: Int, node: Int, depth: Int
    ) throws(JSONFailure) -> Int {
        var i = JSONScanner.skipBlanks(line, start)
        if i < line.count, line[i] == UInt8(ascii: "}") { return i + 1 }
        while true {
            let key = try JSONScanner.key(line, i)
            let edge = edge(line.extracting(i + 1..<key.end - 1), key.kind, node)
            i = try JSONScanner.colon(line, key.end)
            if edge < 0 {
                i = try JSONScanner.value(line, i, depth: depth).end
            } else {
                i = try wantedValue(line, i, edge: edge, depth: depth)
            }
            i = JSONScanner.skipBlanks(line, i)
            guard try JSONScanner.isFollowed(line, i, closer: UInt8(ascii: "}")) else {
                return i + 1
            }
            i = JSONScanner.skipBlanks(line, i + 1)
        }
    }

    @inline(__always)
    private mutating func edge(_ key: Span<UInt8>, _ kind: JSONKind, _ node: Int) -> Int {
        if kind == .text { return index.keys.find(key, scope: node) }
        JSONScanner.unescape(key, into: &keyScratch)
        return index.keys.find(keyScratch.span, scope: node)
    }

    /// Notes the value of a wanted key; of equal keys the last one counts.
    private mutating func wantedValue(
        _ line: Span<UInt8>, _ start: Int, edge: Int, depth: Int
    ) throws(JSONFailure) -> Int {
        let edge = index.edges[edge]
        var scanned: JSONScanner.Scanned
        if edge.child >= 0 {
            // An object at the same key before this one is void, and so is what was found in it.
            if nodeGenerations[edge.child] == generation {
                for spot in index.spotsBelow[edge.child] { spots[spot].generation = 0 }
            }
            nodeGenerations[edge.child] = generation
        }
        if edge.child >= 0, start < line.count, line[start] == UInt8(ascii: "{") {
            guard depth < JSONScanner.depthCap else { throw JSONFailure(.tooDeep, at: start) }
            let end = try members(line, start + 1, node: edge.child, depth: depth + 1)
            scanned = JSONScanner.Scanned(end: end, kind: .object)
        } else {
            scanned = try JSONScanner.value(line, start, depth: depth)
        }
        if edge.spot >= 0 {
            let isText = scanned.kind == .text || scanned.kind == .escapedText
            spots[edge.spot] = Spot(
                start: isText ? start + 1 : start, end: isText ? scanned.end - 1 : scanned.end,
                generation: generation, kind: scanned.kind)
        }
        return scanned.end
    }

    @inline(__always)
    private func found(_ range: Range<Int>) -> Spot? {
        for k in range {
            let spot = spots[index.spots[k]]
            if spot.generation == generation { return spot }
        }
        return nil
    }

    private func planned(_ type: Int) -> FieldIndex.IncomingType? {
        type >= 0 ? index.types[type] : index.otherType
    }
}

// Type, time and id.
extension JSONLineDecoder {
    /// Sets `type`; false: the plan does not want it.
    private mutating func findType(_ line: Span<UInt8>) throws(Undecodable) -> Bool {
        if options.fixedType != nil {
            let name = fixedType
            return wants(type: name.span)
        }
        guard let spot = found(index.typeSpots) else {
            throw Undecodable("no field `\(options.typeField)`")
        }
        guard spot.kind == .text || spot.kind == .escapedText, spot.end > spot.start else {
            throw Undecodable("the field `\(options.typeField)` is not the name of a type")
        }
        let name = line.extracting(spot.start..<spot.end)
        if spot.kind == .text { return wants(type: name) }
        var unescaped: [UInt8] = []
        JSONScanner.unescape(name, into: &unescaped)
        return wants(type: unescaped.span)
    }

    private mutating func wants(type name: Span<UInt8>) -> Bool {
        type = index.typeNames.find(name, scope: 0)
        if type >= 0 || index.otherType != nil { return true }
        ignored.count(name)
        return false
    }

    private mutating func typeNameSymbol(
        _ line: Span<UInt8>, _ symbols: inout SymbolTable
    ) -> Symbol {
        guard options.fixedType == nil, let spot = found(index.typeSpots) else {
            return symbols.intern(fixedType)
        }
        let name = line.extracting(spot.start..<spot.end)
        if spot.kind == .text { return symbols.intern(name) }
        JSONScanner.unescape(name, into: &scratch)
        return symbols.intern(scratch)
    }

    private mutating func findTime(_ line: Span<UInt8>) throws(Undecodable) -> StreamTime {
        if let field = planned(type)?.time {
            guard let spot = found(field.spots), spot.kind != .null else {
                throw Undecodable("no field `\(field.path)`")
            }
            return try time(line, spot, field)
        }
        for field in index.timeFields {
            if let spot = found(field.spots), spot.kind != .null {
                return try time(line, spot, field)
            }
        }
        throw Undecodable(options.timeField.map { "no field `\($0)`" } ?? "no time")
    }

    private mutating func time(
        _ line: Span<UInt8>, _ spot: Spot, _ field: FieldIndex.TimeField
    ) throws(Undecodable) -> StreamTime {
        let bytes = line.extracting(spot.start..<spot.end)
        let reading: TimeReading
        switch spot.kind {
        case .text: reading = field.format.read(text: bytes, isTextual: options.isTextual)
        case .escapedText:
            JSONScanner.unescape(bytes, into: &scratch)
            reading = field.format.read(text: scratch.span, isTextual: options.isTextual)
        case .integer, .fraction: reading = field.format.read(number: bytes)
        default: reading = .malformed
        }
        switch reading {
        case .time(let time): return time
        case .malformed: throw Undecodable("the field `\(field.path)` is not a time")
        case .outOfRange: throw Undecodable("time out of range")
        }
    }

    /// The given id: a text or an integer.
    private mutating func eventID(
        _ line: Span<UInt8>, _ range: Range<Int>, _ symbols: inout SymbolTable
    ) -> Slot {
        guard let spot = found(range) else { return .missing }
        let bytes = line.extracting(spot.start..<spot.end)
        switch spot.kind {
        case .text: return .string(symbols.intern(bytes))
        case .escapedText:
            JSONScanner.unescape(bytes, into: &scratch)
            return .string(symbols.intern(scratch))
        case .integer: return NumberText.int64(bytes).map(Slot.int) ?? .missing
        default: return .missing
        }
    }
}

// Values.
extension JSONLineDecoder {
    /// The slot of a found value; nil where it is none of the target's type.
    private mutating func slotValue(
        _ line: Span<UInt8>, _ spot: Spot, target: Int, _ symbols: inout SymbolTable
    ) -> Slot? {
        let bytes = line.extracting(spot.start..<spot.end)
        if spot.kind == .text {
            return .text(
                bytes, as: index.targets[target].type, isTextual: options.isTextual, in: &symbols)
        }
        return scalarOrList(bytes, spot.kind, as: index.targets[target].type, &symbols)
    }

    private mutating func scalarOrList(
        _ bytes: Span<UInt8>, _ kind: JSONKind, as type: ValueType, _ symbols: inout SymbolTable
    ) -> Slot? {
        switch kind {
        case .text:
            return .text(bytes, as: type, isTextual: options.isTextual, in: &symbols)
        case .escapedText:
            JSONScanner.unescape(bytes, into: &scratch)
            return .text(scratch.span, as: type, isTextual: options.isTextual, in: &symbols)
        case .integer, .fraction: return .number(bytes, as: type)
        case .yes: return .bool(true, as: type)
        case .no: return .bool(false, as: type)
        case .null: return .missing
        case .object: return nil
        case .array:
            switch type {
            case .list(let element): return list(bytes, of: element, &symbols)
            case .any, .erroneous: return list(bytes, of: .any, &symbols)
            default: return nil
            }
        }
    }

    /// The list of a checked array; nil where one element does not fit.
    private mutating func list(
        _ bytes: Span<UInt8>, of element: ValueType, _ symbols: inout SymbolTable
    ) -> Slot? {
        var elements: [Slot] = []
        var i = JSONScanner.skipBlanks(bytes, 1)
        while i < bytes.count, bytes[i] != UInt8(ascii: "]") {
            guard let scanned = try? JSONScanner.value(bytes, i, depth: 1) else { return nil }
            let isText = scanned.kind == .text || scanned.kind == .escapedText
            let inner = isText ? i + 1..<scanned.end - 1 : i..<scanned.end
            guard
                let slot = scalarOrList(
                    bytes.extracting(inner), scanned.kind, as: element, &symbols)
            else { return nil }
            elements.append(slot)
            i = JSONScanner.skipBlanks(bytes, scanned.end)
            if i < bytes.count, bytes[i] == UInt8(ascii: ",") {
                i = JSONScanner.skipBlanks(bytes, i + 1)
            }
        }
        return symbols.encode(list: elements)
    }
}
