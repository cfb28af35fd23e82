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

    struct Field: Sendable {
        /// Where the value may be: a range of `spots`, the preferred first.
        var spots: Range<Int>
        /// A range of `targets`.
        var targets: Range<Int>
        /// Index into `paths`, to count by.
        var path: Int
    }

    struct IncomingType: Sendable {
        var fields: Range<Int>
        var time: TimeField?
        var id: Range<Int>
    }

    struct TimeField: Sendable {
        var spots: Range<Int>
        var path: String
        var format: TimeFormat
    }

    private(set) var keys = KeyTable()
    /// Parallel to the entries of `keys`, whose scope is the node.
    private(set) var edges: [Edge] = []
    private(set) var spotCount = 0
    /// By node: every spot in or below it.
    private(set) var spotsBelow: [[Int]] = [[]]
    private(set) var spots: [Int] = []
    private(set) var targets: [DecodePlan.Target] = []
    private(set) var fields: [Field] = []
    private(set) var types: [IncomingType] = []
    /// For events of no type of the plan; nil: not wanted.
    private(set) var otherType: IncomingType?
    private(set) var typeNames = KeyTable()
    /// Distinct paths of fields.
    private(set) var paths: [String] = []
    private(set) var typeSpots: Range<Int> = 0..<0
    /// The feed's own places of the time, the preferred first.
    private(set) var timeFields: [TimeField] = []

    init(plan: DecodePlan, typePath: String?, timePath: String?) {
        let defaultID = place("id")
        if let typePath { typeSpots = place(typePath) }
        for path in timePath.map({ [$0] }) ?? ["time", "ts", "timestamp", "@timestamp"] {
            timeFields.append(TimeField(spots: place(path), path: path, format: .automatic))
        }
        for type in plan.types {
            var time: TimeField?
            if let path = type.timePath {
                let format = type.timeFormat.flatMap(TimeFormat.init) ?? .automatic
                time = TimeField(spots: place(path), path: path, format: format)
            }
            let id = type.idPath.map { place($0) } ?? defaultID
            types.append(IncomingType(fields: add(type.fields), time: time, id: id))
            _ = typeNames.insert(type.name.utf8.span, scope: 0)
        }
        if let otherFields = plan.otherFields {
            otherType = IncomingType(fields: add(otherFields), time: nil, id: defaultID)
        }
    }

    private mutating func add(_ wanted: [DecodePlan.Field]) -> Range<Int> {
        let start = fields.count
        for field in wanted {
            let firstTarget = targets.count
            targets += field.targets
            if !paths.contains(field.path) { paths.append(field.path) }
            fields.append(
                Field(
                    spots: place(field.path), targets: firstTarget..<targets.count,
                    path: paths.firstIndex(of: field.path) ?? 0))
        }
        return start..<fields.count
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
