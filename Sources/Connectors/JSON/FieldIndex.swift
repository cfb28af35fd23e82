// SPDX-License-Identifier: Apache-2.0
// A decode plan made ready for one pass over an object. Paths become a trie of objects to go into
// (nodes) and keys to look for in each (edges). The path a.b.c is found, in this order, at the key
// "a.b.c"; inside "a" at the key "b.c"; inside "a" and then "b" at the key "c". Each of these
// places is a *spot*, and a pass over a line notes what it saw at each spot.

import EventModel

/// The places in a JSON object that a plan wants, and what is to be made of each.
struct FieldIndex: Sendable {
    struct Edge: Sendable {
        /// The spot whose value stands at this key, or -1.
        var spot = -1
        /// The node of the object at this key, or -1.
        var child = -1
    }

    /// A slot to fill. Nothing in it is counted by reference, so that a copy costs nothing.
    struct Target: Sendable {
        /// Where the value may be: a range of `spots`, the preferred first.
        var spots: Range<Int>
        /// The first of them.
        var firstSpot: Int
        var slot: Int
        /// The index of its type in `targetTypes`.
        var type: Int
        /// What has a short way for the commonest tokens.
        var form: Form
        /// Index into `paths`, to count by.
        var path: Int
    }

    enum Form: UInt8, Sendable {
        /// A text as it is; of other tokens only a list or what `any` makes of them.
        case text
        /// Like `text`, left where it is as far as that can be.
        case excerpt
        case int
        case float
        /// An int or a float, as it is written.
        case number
        case other

        init(_ target: DecodePlan.Target) {
            switch target.type {
            case .string, .any, .erroneous: self = target.isExcerpt ? .excerpt : .text
            case .int: self = .int
            case .number: self = .number
            case .float: self = .float
            default: self = .other
            }
        }
    }

    /// Like `Target` without references.
    struct IncomingType: Sendable {
        /// A range of `targets`.
        var targets: Range<Int>
        /// Index into `timeFields`; -1: the feed's own.
        var time: Int
        var id: Range<Int>
    }

    struct TimeField: Sendable {
        var path: String
        var format: TimeFormat
    }

    /// The places and the form of the time field of the same number.
    struct TimePlace: Sendable {
        var spots: Range<Int>
        /// The first of them.
        var firstSpot: Int
        /// Nanoseconds of the unit in which numbers count; 0: as their size suggests; -1: not so
        /// simple.
        var unit: Int64
    }

    private(set) var keys = KeyTable()
    /// Parallel to the entries of `keys`, whose scope is the node.
    private(set) var edges: [Edge] = []
    private(set) var spotCount = 0
    /// By node: every spot in or below it.
    private(set) var spotsBelow: [[Int]] = [[]]
    private(set) var spots: [Int] = []
    private(set) var targets: [Target] = []
    private(set) var targetTypes: [ValueType] = []
    /// Those of the plan, and behind them, where it wants one, that for events of no other type.
    private(set) var types: [IncomingType] = []
    private(set) var hasOtherType = false
    private(set) var typeNames = KeyTable()
    /// Distinct paths of fields.
    private(set) var paths: [String] = []
    private(set) var typeSpots: Range<Int> = 0..<0
    private(set) var timeFields: [TimeField] = []
    /// Parallel to `timeFields`.
    private(set) var timePlaces: [TimePlace] = []
    /// How many of them are the feed's own, the preferred first; the types' are behind them.
    private(set) var feedTimeCount = 0

    init(plan: DecodePlan, typePath: String?, timePath: String?, idPath: String) {
        let defaultID = place(idPath)
        if let typePath { typeSpots = place(typePath) }
        for path in timePath.map({ [$0] }) ?? ["time", "ts", "timestamp", "@timestamp"] {
            addTime(path, .automatic)
        }
        feedTimeCount = timeFields.count
        for type in plan.types {
            var time = -1
            if let path = type.timePath {
                time = timeFields.count
                addTime(path, type.timeFormat.flatMap(TimeFormat.init) ?? .automatic)
            }
            let id = type.idPath.map { place($0) } ?? defaultID
            types.append(IncomingType(targets: add(type.fields), time: time, id: id))
            _ = typeNames.insert(type.name.utf8.span, scope: 0)
        }
        if let otherFields = plan.otherFields {
            hasOtherType = true
            types.append(IncomingType(targets: add(otherFields), time: -1, id: defaultID))
        }
    }

    private mutating func addTime(_ path: String, _ format: TimeFormat) {
        timeFields.append(TimeField(path: path, format: format))
        let unit: Int64 =
            switch format {
            case .automatic: 0
            case .unit(let unit): unit
            case .pattern: -1
            }
        let places = place(path)
        timePlaces.append(
            TimePlace(spots: places, firstSpot: spots[places.lowerBound], unit: unit))
    }

    private mutating func add(_ wanted: [DecodePlan.Field]) -> Range<Int> {
        let start = targets.count
        for field in wanted {
            if !paths.contains(field.path) { paths.append(field.path) }
            let path = paths.firstIndex(of: field.path) ?? 0
            let spots = place(field.path)
            for target in field.targets {
                targets.append(
                    Target(
                        spots: spots, firstSpot: self.spots[spots.lowerBound],
                        slot: target.slot, type: targetTypes.count,
                        form: Form(target), path: path))
                targetTypes.append(target.type)
            }
        }
        return start..<targets.count
    }

    /// The range of `spots` that a path stands for.
    private mutating func place(_ path: String) -> Range<Int> {
        let start = spots.count
        var rest = Array(path.utf8)[...]
        var nodesAbove = [0]
        while true {
            let node = nodesAbove[nodesAbove.count - 1]
            let edge = edge(Array(rest), in: node)
            if edges[edge].spot < 0 {
                edges[edge].spot = spotCount
                for node in nodesAbove { spotsBelow[node].append(spotCount) }
                spotCount += 1
            }
            spots.append(edges[edge].spot)
            guard let dot = rest.firstIndex(of: UInt8(ascii: ".")) else { break }
            let parent = self.edge(Array(rest[..<dot]), in: node)
            if edges[parent].child < 0 {
                edges[parent].child = spotsBelow.count
                spotsBelow.append([])
            }
            nodesAbove.append(edges[parent].child)
            rest = rest[(dot + 1)...]
        }
        return start..<spots.count
    }

    private mutating func edge(_ key: [UInt8], in node: Int) -> Int {
        let edge = keys.insert(key.span, scope: node)
        if edge == edges.count { edges.append(Edge()) }
        return edge
    }
}
