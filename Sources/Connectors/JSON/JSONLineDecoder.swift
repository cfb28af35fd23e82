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
        /// Where the id stands, for types of the plan that say nothing of it.
        package var idField = "id"
        /// Every value is a text: numbers and bools are read out of texts.
        package var isTextual = false
        /// What is known about stamps without a year.
        var stamps = OldStamps()

        package init() {}
    }

    let index: FieldIndex
    let options: Options
    let isTypeFixed: Bool
    let fixedType: [UInt8]
    /// Whether it has been looked up and found wanted.
    var isFixedTypeWanted = false
    var spots: RawTable<Spot>
    /// Where the name of the type is looked for first; -1 where it is fixed.
    let firstTypeSpot: Int
    private var nodeGenerations: [UInt64]
    /// The number of the line at work: a spot with another generation is of an earlier line.
    var generation: UInt64 = 0
    var scratch: [UInt8] = []
    var keyScratch: [UInt8] = []
    var prediction = KeyPrediction()
    /// Whether to do without what not every processor has, for tests.
    var isNarrow = false
    var typeMemo = TypeMemo()
    /// Whether the type of the line at work is the memo's last.
    var isTypeRemembered = false
    /// Texts of a run of plain lines, until `finishTexts`.
    var pending: PendingTexts
    /// The epoch of the symbols that are remembered.
    private var epoch: Int = -1
    /// Of rows of CSV.
    var wantedColumns: [WantedColumn] = []
    /// Nil where lines of logs have to be made JSON.
    let logLineSpots: LogLineSpots?

    var stamps: OldStamps
    var day = DayMemo()

    // What `scan` hands to `append`.
    var type = DecodePlan.otherType
    var time = StreamTime.zero
    /// The time of an event that has none; nil: it is no event.
    var assumedTime: StreamTime?

    /// Events of types that nobody wants, by name.
    package internal(set) var ignored = NameCounter()
    var mismatchCounts: [Int]

    package init(plan: DecodePlan, options: Options = Options()) {
        index = FieldIndex(
            plan: plan, typePath: options.fixedType == nil ? options.typeField : nil,
            timePath: options.timeField, idPath: options.idField)
        self.options = options
        stamps = options.stamps
        isTypeFixed = options.fixedType != nil
        fixedType = Array((options.fixedType ?? "").utf8)
        spots = RawTable(repeating: Spot.none, count: index.spotCount)
        firstTypeSpot = index.typeSpots.first.map { [index] in index.spots[$0] } ?? -1
        pending = PendingTexts(targetCount: index.targets.count)
        nodeGenerations = Array(repeating: 0, count: index.spotsBelow.count)
        mismatchCounts = Array(repeating: 0, count: index.paths.count)
        logLineSpots = LogLineSpots(index, options)
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
        guard line.count <= Spot.lineByteCap else {
            throw Undecodable("a record of \(line.count) bytes")
        }
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
        return try understand(line)
    }

    /// The type and time of the line whose values have been found in `line`.
    mutating func understand(_ line: Span<UInt8>) throws(Undecodable) -> ScannedLine {
        guard try findType(line) else { return .ignored }
        time = try findTime(line)
        return .event(time)
    }

    /// Appends the event of the line that was scanned last, with a copy of the line as its text.
    package mutating func append(
        _ line: Span<UInt8>, to batch: inout EventBatch, symbols: inout SymbolTable,
        feed: Int32, position: Int64
    ) {
        let place = batch.append(text: line)
        append(
            line, textAt: place, to: &batch, symbols: &symbols, feed: feed, position: position)
    }

    /// Like `append`; the text is already where the batch finds it, or will be.
    mutating func append(
        _ line: Span<UInt8>, textAt place: Range<Int>, form: TextForm = .object,
        to batch: inout EventBatch, symbols: inout SymbolTable, feed: Int32, position: Int64
    ) {
        meet(symbols)
        let typeName = typeNameSymbol(line, &symbols)
        let planned = planned(type)
        let id = planned < 0 ? .missing : eventID(line, index.types[planned].id, &symbols)
        batch.append(
            EventBatch.Event(
                type: Int32(type), typeName: typeName, time: time, id: id, feed: feed,
                position: position, textStart: place.lowerBound, textEnd: place.upperBound,
                form: form))
        if planned < 0 { return }
        let base = batch.slots.count - batch.slotCount
        var rows = batch.slots.mutableSpan
        for t in index.types[planned].targets {
            fill(index.targets[t], line, from: 0, base, &rows, &symbols)
        }
    }

    /// Forgets symbols that are not, or may no longer be, those of this table.
    mutating func meet(_ symbols: borrowing SymbolTable) {
        if symbols.epoch == epoch { return }
        epoch = symbols.epoch
        typeMemo.forgetSymbols()
        pending.forget()
    }

    /// Interns the texts of a run of plain lines that still wait.
    mutating func finishTexts(_ rows: inout MutableSpan<Slot>, symbols: inout SymbolTable) {
        pending.finish(&rows, &symbols)
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
    mutating func edge(_ key: Span<UInt8>, _ kind: JSONKind, _ node: Int) -> Int {
        if kind == .text { return index.keys.find(key, scope: node) }
        JSONScanner.unescape(key, into: &keyScratch)
        return index.keys.find(keyScratch.span, scope: node)
    }

    /// Notes the value of a wanted key; of equal keys the last one counts.
    mutating func wantedValue(
        _ line: Span<UInt8>, _ start: Int, edge: Int, depth: Int
    ) throws(JSONFailure) -> Int {
        let edge = index.edges[edge]
        var scanned: JSONScanner.Scanned
        if edge.child >= 0 {
            // An object at the same key before this one is void, and so is what was found in it.
            if nodeGenerations[edge.child] == generation {
                for spot in index.spotsBelow[edge.child] {
                    spots[spot] = Spot.none
                }
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
    func found(_ range: Range<Int>) -> Spot? {
        for k in range {
            let spot = spots[index.spots[k]]
            if spot.generation == generation { return spot }
        }
        return nil
    }

    /// The index in `index.types` of what the plan wants of events of `type`; -1: nothing.
    @inline(__always)
    func planned(_ type: Int) -> Int {
        if type >= 0 { return type }
        return index.hasOtherType ? index.types.count - 1 : -1
    }
}
