// SPDX-License-Identifier: Apache-2.0
// Which of the things that a condition asks for its rule is filed under: the one that few events
// find. What that is depends on the other rules: of `outcome == "failure" and user == "u7"` the
// first part is the same in all of a thousand rules, and the second one is another in each.

/// The filters of the rules of an input, to be filed under what they ask of an event.
struct FilingCabinet {
    private struct Question: Hashable {
        var type: Int32
        var condition: Int32
    }

    private let predicates: [Predicate]
    private let conditions: [[Int32]]
    private var groups: [Filings.Group] = []
    private var known: [Question: Int] = [:]

    init(_ builder: CodeBuilder) {
        predicates = builder.predicates
        conditions = builder.conditions
    }

    /// - Precondition: rules come in ascending order.
    mutating func add(_ rule: Int32, _ filter: RuleProgram.Filter) {
        let question = Question(type: filter.type, condition: filter.condition)
        guard let group = known[question] else {
            known[question] = groups.count
            groups.append(
                Filings.Group(type: filter.type, condition: filter.condition, rules: [rule]))
            return
        }
        if groups[group].rules.last != rule { groups[group].rules.append(rule) }
    }

    /// Each group under the best access of its condition.
    func filings() -> Filings {
        var statistics = Statistics()
        let options = groups.map { group in
            group.condition < 0 ? [] : accesses(of: conditions[Int(group.condition)])
        }
        for accesses in options.joined() { statistics.add(accesses) }
        var entries: [Filings.Entry] = []
        for (group, options) in options.enumerated() {
            let shares = options.map(statistics.share)
            guard let best = shares.indices.min(by: { shares[$0] < shares[$1] }) else {
                entries.append(Filings.Entry(group: Int32(group), access: nil))
                continue
            }
            for access in options[best] {
                entries.append(Filings.Entry(group: Int32(group), access: access))
            }
        }
        return Filings(groups: groups, entries: entries)
    }

    /// What the condition can be filed under: for each predicate, and for each field the range that
    /// all of them leave.
    private func accesses(of condition: [Int32]) -> [[Access]] {
        var result: [[Access]] = []
        var ranges: [(field: Int32, range: AccessRange)] = []
        for number in condition {
            guard let accesses = predicates[Int(number)].accesses else { continue }
            guard accesses.count == 1, case .range(let field, let range) = accesses[0] else {
                result.append(accesses)
                continue
            }
            let place = ranges.firstIndex { $0.field == field && $0.range.kind == range.kind }
            if let place, let both = ranges[place].range.intersection(range) {
                ranges[place].range = both
            } else {
                ranges.append((field, range))
            }
        }
        return result + ranges.map { [.range(field: $0.field, $0.range)] }
    }

    /// How many different things conditions ask of a field.
    private struct Statistics {
        private struct Place: Hashable {
            var field: Int32
            var kind: Int
        }

        private var different: [Place: Set<Access>] = [:]

        private static func place(_ access: Access) -> Place {
            switch access {
            case .equal(let field, _): Place(field: field, kind: 0)
            case .text(let field, _), .pattern(let field, _): Place(field: field, kind: 1)
            case .range(let field, let range):
                Place(field: field, kind: range.isOpenEnded ? 2 : 3)
            }
        }

        mutating func add(_ accesses: [Access]) {
            for access in accesses {
                different[Statistics.place(access), default: []].insert(access)
            }
        }

        /// A guess of the share of events that find one of the accesses: a field of which many
        /// different things are asked has many different values. A range open to one side holds
        /// many of them.
        func share(_ accesses: [Access]) -> Double {
            accesses.reduce(0) { sum, access in
                let place = Statistics.place(access)
                let count = Double(different[place]?.count ?? 1)
                switch place.kind {
                case 0: return sum + 1 / (count + 1)
                case 1: return sum + 1.1 / (count + 1)
                case 2: return sum + 0.3 + 0.3 / count
                default: return sum + 1.2 / (count + 1)
                }
            }
        }
    }
}
