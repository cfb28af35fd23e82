// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import Connectors
internal import EventModel
internal import MatchCore

/// What every alert of a rule has in common, as bytes that are there when an alert is written.
struct AlertPieces: Sendable {
    private(set) var name: [UInt8]
    private(set) var naming: AlertNaming
    /// Of each label, part of the key and field: `"name":`.
    let labels: [[UInt8]]
    let key: [[UInt8]]
    let fields: [[UInt8]]
    /// What stands in a JSON object between its values.
    private(set) var json: JSONPieces
    /// Whether its alerts are resolved, can have been suppressed, limited, excepted: alerts say so
    /// only where they can.
    let hasStatus: Bool
    let hasSuppressed: Bool
    let hasLimited: Bool
    let hasExcepted: Bool
    let hasLineage: Bool

    /// Stands where a rule has had no alert yet.
    static let none = AlertPieces()

    private init() {
        name = []
        naming = AlertNaming(rule: "", partCount: 0, stepCount: 0, isWindow: false)
        (labels, key, fields) = ([], [], [])
        json = JSONPieces()
        (hasStatus, hasSuppressed, hasLimited) = (false, false, false)
        (hasExcepted, hasLineage) = (false, false)
    }

    init(_ rule: RuleProgram) {
        name = Array(rule.name.utf8)
        naming = AlertNaming(
            rule: rule.name, partCount: rule.keyNames.count, stepCount: rule.stepNames.count,
            isWindow: rule.window != nil)
        labels = rule.alert.labels.map { AlertPieces.quoted($0.name) + Array(":".utf8) }
        key = rule.keyNames.map { AlertPieces.quoted($0) + Array(":".utf8) }
        fields = rule.alert.fields.map { AlertPieces.quoted($0.name) + Array(":".utf8) }
        json = JSONPieces(rule, labels: labels, key: key, fields: fields)
        let policy = rule.alert.policy
        hasStatus = policy.resolution != nil
        hasSuppressed = policy.suppression != nil || policy.resolution != nil
        hasLimited = policy.limit != nil
        hasExcepted = !policy.exceptions.isEmpty
        hasLineage = rule.chain.rank > 0
    }

    /// What a rule has that says the same as another one, but for its name.
    ///
    /// - Parameter pieces: the other rule's.
    init(_ rule: RuleProgram, like pieces: AlertPieces) {
        self = pieces
        name = Array(rule.name.utf8)
        naming = AlertNaming(
            rule: rule.name, partCount: rule.keyNames.count, stepCount: rule.stepNames.count,
            isWindow: rule.window != nil)
        json.setName(rule.name)
    }

    static func quoted(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        JSONWriter.append(string: text.utf8.span, to: &bytes)
        return bytes
    }

    /// All that stands between the values of an alert as a JSON object, value by value: one run of
    /// bytes for what is the rule's own and one for what rules that are alike share, because alerts
    /// of many rules find none of it in a cache.
    struct JSONPieces: Sendable {
        /// From behind the id to the severity.
        private(set) var head: [UInt8] = []
        private var text: [UInt8] = []
        /// By number of the piece.
        private var ends: [Int32] = []
        /// The first piece behind a label, behind a field and behind the events of a step.
        private(set) var firstLabel = 0
        private(set) var firstField = 0
        private(set) var firstStep = 0

        /// From behind the severity to the first label, part of the key or time.
        static let tags = 0

        /// From behind the title to the first field or event.
        var beforeFields: Int { firstField - 1 }
        /// Pieces behind each label and then each part of the key: up to the next, or to the start.
        var labelsAndKey: Range<Int> { firstLabel..<beforeFields }
        /// Pieces behind each field: up to the next, or to the first event.
        var fields: Range<Int> { firstField..<firstStep }
        /// Pieces behind the events of each step: up to those of the next, or to the ids.
        var steps: Range<Int> { firstStep..<ends.count }

        @inline(__always)
        func append(_ piece: Int, to bytes: inout [UInt8]) {
            let start = piece == 0 ? 0 : Int(ends[piece - 1])
            bytes.append(copying: text.span.extracting(start..<Int(ends[piece])))
        }

        init() {}

        init(_ rule: RuleProgram, labels: [[UInt8]], key: [[UInt8]], fields: [[UInt8]]) {
            var tags = JSONWriter()
            tags.beginArray()
            for tag in rule.alert.tags { tags.string(tag) }
            tags.endArray()
            setName(rule.name)
            text.append(literal: "\",\"tags\":")
            text.append(copying: tags.bytes)
            text.append(literal: ",\"labels\":{")
            firstLabel = 1
            add(labels)
            text.append(literal: "},\"key\":{")
            add(key)
            text.append(literal: "},\"start\":\"")
            end()
            text.append(literal: ",\"fields\":{")
            firstField = ends.count + 1
            add(fields)
            text.append(literal: "},\"events\":{")
            firstStep = ends.count + 1
            add(rule.stepNames.map { AlertPieces.quoted($0) + Array(":[".utf8) }, closing: true)
            text.append(literal: "},\"event_ids\":")
            end()
        }

        mutating func setName(_ name: String) {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(name.utf8.count + 32)
            bytes.append(literal: "\",\"rule\":")
            JSONWriter.append(string: name.utf8.span, to: &bytes)
            bytes.append(literal: ",\"severity\":\"")
            head = bytes
        }

        /// Adds names, each of which ends a piece: its value comes behind it.
        private mutating func add(_ names: [[UInt8]], closing: Bool = false) {
            for (index, name) in names.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                text.append(copying: name)
                end()
                if closing { text.append(UInt8(ascii: "]")) }
            }
        }

        private mutating func end() { ends.append(Int32(text.count)) }
    }
}
