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
    private var known: [Question: Int32] = [:]

    init(_ builder: CodeBuilder) {
        predicates = builder.predicates
        conditions = builder.conditions
    }

    /// - Precondition: rules come in ascending order.
    mutating func add(_ rule: Int32, _ filter: RuleProgram.Filter) {
        let question = Question(type: filter.type, condition: filter.condition)
        let group = Int(CodeBuilder.index(of: question, in: &known, else: groups.count))
        if group == groups.count {
            groups.append(
                Filings.Group(type: filter.type, condition: filter.condition, rules: [rule]))
            return
        }
        if groups[group].rules.last != rule { groups[group].rules.append(rule) }
    }

    /// Each group under the best access of its condition.
    func filings() -> Filings {
        let statistics = statistics
        /// By predicate: once it has been asked for.
        var shares = [Double?](repeating: nil, count: predicates.count)
        var entries: [Filings.Entry] = []
        entries.reserveCapacity(groups.count)
        for (group, condition) in groups.map(\.condition).enumerated() {
            guard let best = self.best(of: condition, statistics, &shares) else {
                entries.append(Filings.Entry(group: Int32(group), access: nil))
                continue
            }
            for access in best {
                entries.append(Filings.Entry(group: Int32(group), access: access))
            }
        }
        return Filings(groups: groups, entries: entries)
    }

    private var statistics: Statistics {
        var statistics = Statistics()
        var isCounted = [Bool](repeating: false, count: predicates.count)
        for group in groups where group.condition >= 0 {
            let condition = conditions[Int(group.condition)]
            if hasRange(condition) {
                for accesses in accesses(of: condition) { statistics.add(accesses) }
                continue
            }
            for number in condition where !isCounted[Int(number)] {
                isCounted[Int(number)] = true
                if let accesses = predicates[Int(number)].accesses { statistics.add(accesses) }
            }
        }
        return statistics
    }

    /// The first of the best things that a condition can be filed under; nil: there is none.
    private func best(
        of condition: Int32, _ statistics: Statistics, _ shares: inout [Double?]
    ) -> [Access]? {
        if condition < 0 { return nil }
        var best: (accesses: [Access], share: Double)?
        func offer(_ accesses: [Access], _ share: Double) {
            if best.map({ share < $0.share }) ?? true { best = (accesses, share) }
        }
        let condition = conditions[Int(condition)]
        if hasRange(condition) {
            for accesses in accesses(of: condition) { offer(accesses, statistics.share(accesses)) }
            return best?.accesses
        }
        for number in condition.map({ Int($0) }) {
            guard let accesses = predicates[number].accesses else { continue }
            let share = shares[number] ?? statistics.share(accesses)
            shares[number] = share
            offer(accesses, share)
        }
        return best?.accesses
    }

    /// Whether predicates of the condition may have to be put together.
    private func hasRange(_ condition: [Int32]) -> Bool {
        condition.contains { number in
            guard let accesses = predicates[Int(number)].accesses, accesses.count == 1,
                case .range = accesses[0]
            else { return false }
            return true
        }
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
