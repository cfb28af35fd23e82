// SPDX-License-Identifier: Apache-2.0
// A text that only the patterns of event types read, such as the line that fields are captured
// from, is hardly ever the same twice: making it a symbol costs more than matching it. So decoders
// leave it where it is. Exercised by ExcerptTests.

internal import EventModel

extension RulesetProgram {
    /// Has decoders leave the texts that only patterns read in the event's text: they are gone once
    /// the types of the event have been found.
    mutating func markExcerpts() {
        let fields = fieldsRead
        // The last row is that of types that no rule names, which have no patterns.
        for row in decodePlan.types.indices {
            let derivations = memberships[row].derivations
            let subjects = Set(derivations.flatMap { $0.patterns.map(\.subject) })
            let read = slotsRead(of: row, fields)
            for field in decodePlan.types[row].fields.indices {
                for target in decodePlan.types[row].fields[field].targets.indices {
                    let slot = Int16(decodePlan.types[row].fields[field].targets[target].slot)
                    guard subjects.contains(slot), !read.contains(slot) else { continue }
                    decodePlan.types[row].fields[field].targets[target].isExcerpt = true
                    memberships[row].excerpts.append(slot)
                }
            }
        }
    }

    /// The slots of an incoming type that anything but a pattern reads or fills in.
    private func slotsRead(of row: Int, _ fields: Set<Int32>) -> Set<Int16> {
        var slots = Set(fields.map { slotTable[row * fieldCount + Int($0)] })
        slots.formUnion(nameTable[row * fieldNames.count..<(row + 1) * fieldNames.count])
        slots.formUnion(derivedFields[row].map(\.slot))
        for derivation in memberships[row].derivations {
            for copy in derivation.copies { slots.formUnion([copy.from, copy.to]) }
            for pattern in derivation.patterns { slots.formUnion(pattern.captures.map(\.slot)) }
            slots.formUnion(derivation.computed.map(\.slot))
        }
        return slots
    }

    /// The fields, by number, that conditions, computations, keys and alerts read.
    private var fieldsRead: Set<Int32> {
        var fields: Set<Int32> = []
        for instruction in code {
            if case .field(let field) = instruction { fields.insert(field) }
        }
        // A rule that is like another one reads the same fields.
        for index in rules.indices where rules[index].model < 0 {
            fields.formUnion(rules[index].steps.map(\.distinct))
            // Those of a route of any type are names, and all names count as read.
            for route in rules[index].routes where route.type >= 0 {
                fields.formUnion(route.fields)
            }
        }
        for predicate in predicates { if let field = predicate.field { fields.insert(field) } }
        for table in previousTables { fields.formUnion(table.fieldByStep) }
        return fields.filter { $0 >= 0 }
    }
}
