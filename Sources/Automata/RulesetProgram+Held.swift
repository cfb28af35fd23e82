// SPDX-License-Identifier: Apache-2.0
// Most fields are asked for when their event comes in and never again, so what an attempt has bound
// need not hold them. Exercised by all tests that compare the engine with the reference matcher.

internal import EventModel

extension RulesetProgram {
    /// The slots that are read of events after they were bound, in order: by conditions on earlier
    /// events, aggregates and alerts.
    package var heldSlots: [Int16] {
        let (fields, readsNames) = fieldsHeld
        var slots: Set<Int16> = []
        for row in memberships.indices {
            slots.formUnion(fields.map { slotTable[row * fieldCount + Int($0)] })
            if row < derivedFields.count { slots.formUnion(derivedFields[row].map(\.slot)) }
        }
        if readsNames { slots.formUnion(nameTable) }
        return slots.filter { $0 >= 0 }.sorted()
    }

    /// The fields, by number, that are read of bound events, and whether fields are read of them by
    /// their names alone.
    private var fieldsHeld: (Set<Int32>, readsNames: Bool) {
        var fields: Set<Int32> = []
        var readsNames = false
        func note(_ range: Range<Int>) {
            for instruction in code[range] {
                switch instruction {
                case .field(let field): fields.insert(field)
                case .fieldNamed: readsNames = true
                default: break
                }
            }
        }
        for (index, instruction) in code.enumerated() {
            switch instruction {
            case .bound(_, _, let length), .aggregate(_, _, _, let length):
                note(index + 1..<index + 1 + Int(length))
            default: break
            }
        }
        for index in rules.indices {
            // A rule that is like another one has the same steps.
            if rules[index].model >= 0, !rules[index].steps.contains(where: \.readsItself) {
                continue
            }
            let rule = rules[index]
            fields.formUnion(rule.steps.map(\.distinct))
            // Rows of such steps are played anew when their beginning goes.
            for step in rule.steps where step.readsItself {
                let filter = rule.filters[step.filter]
                for number in filter.condition < 0 ? [] : conditions[Int(filter.condition)] {
                    let predicate = predicates[Int(number)]
                    if let field = predicate.field { fields.insert(field) }
                    if case .code(let code) = predicate.test {
                        note(Int(code.start)..<Int(code.end))
                    }
                }
                if let code = filter.code { note(Int(code.start)..<Int(code.end)) }
            }
        }
        for table in previousTables { fields.formUnion(table.fieldByStep) }
        return (fields.filter { $0 >= 0 }, readsNames)
    }
}
