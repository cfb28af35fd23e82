// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import RuleLanguage

/// Collects what the expressions of one rule ask of its window; equal questions are shared.
struct WindowBuilder {
    private(set) var columns: [Expr] = []
    /// What is looked for among different values, as code.
    private(set) var probes: [[Instruction]] = []
    private var parts: [WindowProgram.Part] = [.whole]
    private var accumulators: [WindowProgram.Accumulator] = []
    private var readings: [WindowProgram.Reading] = []

    var readingCount: Int { readings.count }

    /// The number of the reading that an aggregate or a pick becomes.
    mutating func reading(_ expr: Expr) -> Int32 {
        let (inner, place) = narrowed(expr)
        let reading: WindowProgram.Reading
        switch inner {
        case .aggregate(.count, _, nil):
            reading = .init(source: .events(part: place), aggregate: nil)
        case .aggregate(let aggregate, _, let argument?):
            let code = aggregate.code
            let number = accumulator(WindowBuilder.family(code), argument, place)
            reading = .init(source: .accumulator(number), aggregate: code)
        case .bound(_, let pick, let argument):
            let number = accumulator(pick == .first ? .first : .last, argument, place)
            reading = .init(source: .accumulator(number), aggregate: nil)
        default: preconditionFailure("only aggregates and picks read a window")
        }
        return Int32(index(of: reading, in: &readings))
    }

    /// The number of the reading that tells whether what `probe` gives is in a list of different
    /// values, which is not made for that.
    mutating func membership(of probe: [Instruction], in list: Expr) -> Int32? {
        let (inner, place) = narrowed(list)
        guard case .aggregate(.distinct, _, let argument?) = inner else { return nil }
        let number = accumulator(.distinct, argument, place)
        let source = WindowProgram.Reading.Source.membership(
            accumulator: number, probe: index(of: probe, in: &probes))
        return Int32(index(of: .init(source: source, aggregate: nil), in: &readings))
    }

    /// What is asked, and the number of the part that it is asked of.
    private mutating func narrowed(_ expr: Expr) -> (Expr, part: Int) {
        guard case .part(let narrow, let inner) = expr else {
            return (expr, index(of: .whole, in: &parts))
        }
        switch narrow {
        case .last(let count): return (inner, index(of: .last(Int64(count)), in: &parts))
        case .recent(let length):
            return (inner, index(of: .recent(length.nanoseconds), in: &parts))
        }
    }

    private mutating func accumulator(
        _ family: WindowProgram.Family, _ argument: Expr, _ part: Int
    ) -> Int {
        let column = index(of: argument, in: &columns)
        return index(of: .init(family: family, column: column, part: part), in: &accumulators)
    }

    private func index<T: Equatable>(of item: T, in list: inout [T]) -> Int {
        if let index = list.firstIndex(of: item) { return index }
        list.append(item)
        return list.count - 1
    }

    private static func family(_ aggregate: AggregateCode) -> WindowProgram.Family {
        switch aggregate {
        case .count, .sum, .average: .total
        case .standardDeviation: .spread
        case .minimum: .least
        case .maximum: .greatest
        case .countDistinct, .distinct: .distinct
        case .median, .percentile: .sorted
        case .exponentialMovingAverage(let count): .moving(count)
        }
    }

    /// - Parameter columns: the compiled ones.
    /// - Parameter probes: where their code is.
    func finished(
        _ kind: WindowProgram.Kind, filter: Int, columns: [CodeRange], probes: [CodeRange],
        havingReadingCount: Int
    ) -> WindowProgram {
        var program = WindowProgram(
            kind: kind, filter: filter, columns: columns, parts: parts, accumulators: accumulators,
            probes: probes, readings: readings, havingReadingCount: havingReadingCount,
            havingParts: [])
        for reading in readings[..<havingReadingCount] {
            let part: Int
            switch reading.source {
            case .events(let counted): part = counted
            case .accumulator(let index), .membership(let index, _):
                part = accumulators[index].part
            }
            if !program.havingParts.contains(part) { program.havingParts.append(part) }
        }
        program.shareTotals()
        return program
    }
}

extension WindowProgram {
    /// What is kept for a standard deviation gives sums too.
    fileprivate mutating func shareTotals() {
        let all = accumulators
        var kept: [Accumulator] = []
        var places: [Int] = []
        for accumulator in all {
            var wanted = accumulator
            if wanted.family == .total {
                wanted.family = .spread
                if !all.contains(wanted) { wanted.family = .total }
            }
            let place = kept.firstIndex(of: wanted) ?? kept.count
            if place == kept.count { kept.append(wanted) }
            places.append(place)
        }
        accumulators = kept
        for i in readings.indices {
            switch readings[i].source {
            case .events: break
            case .accumulator(let index): readings[i].source = .accumulator(places[index])
            case .membership(let index, let probe):
                readings[i].source = .membership(accumulator: places[index], probe: probe)
            }
        }
    }

    /// What a look reads, and of what, for the text of a program.
    var lines: [String] {
        let falls = onlyFalls ? ", which only falls by the clock" : ""
        var lines = ["window \(kind) of filter \(filter)\(falls)"]
        for (index, part) in parts.enumerated() { lines.append("  part \(index): \(part)") }
        for (index, accumulator) in accumulators.enumerated() {
            lines.append(
                "  accumulator \(index): \(accumulator.family) of column \(accumulator.column)"
                    + " in part \(accumulator.part)")
        }
        for (index, reading) in readings.enumerated() {
            let what = reading.aggregate.map { "\($0)" } ?? "value"
            let word = index < havingReadingCount ? " for having" : ""
            switch reading.source {
            case .events(let part):
                lines.append("  reading \(index): events of part \(part)\(word)")
            case .accumulator(let number):
                lines.append("  reading \(index): \(what) of accumulator \(number)\(word)")
            case .membership(let number, let probe):
                lines.append("  reading \(index): probe \(probe) in accumulator \(number)\(word)")
            }
        }
        return lines
    }

    func validate(in rule: RuleProgram, _ program: RulesetProgram) {
        precondition(rule.filters.indices.contains(filter), "a window has a filter")
        precondition(parts.first == .whole, "the whole window is a part")
        for accumulator in accumulators {
            precondition(columns.indices.contains(accumulator.column), "a column exists")
            precondition(parts.indices.contains(accumulator.part), "a part exists")
        }
        for reading in readings {
            switch reading.source {
            case .events(let part): precondition(parts.indices.contains(part), "a part exists")
            case .accumulator(let i):
                precondition(accumulators.indices.contains(i), "an accumulator exists")
            case .membership(let i, let probe):
                precondition(
                    accumulators.indices.contains(i) && accumulators[i].family == .distinct,
                    "different values are looked into")
                precondition(probes.indices.contains(probe), "a probe exists")
            }
        }
        for piece in columns + probes {
            precondition(
                piece.start >= 0 && piece.start < piece.end
                    && Int(piece.end) <= program.code.count, "a column or probe has code")
        }
        precondition(havingReadingCount <= readings.count, "having asks for some readings")
        precondition(Int(lineageReading) < readings.count, "the ids of alerts are read")
    }
}

extension Expr {
    /// Whether fewer events in a window can make the condition false but never true: it asks for
    /// numbers of events, or of different values, of which there are to be enough.
    var onlyFalls: Bool {
        switch self {
        case .and(let a, let b), .or(let a, let b): a.onlyFalls && b.onlyFalls
        case .compare(.greater, let a, .constant), .compare(.greaterOrEqual, let a, .constant):
            a.isCount
        case .compare(.less, .constant, let b), .compare(.lessOrEqual, .constant, let b): b.isCount
        default: false
        }
    }

    private var isCount: Bool {
        switch self {
        case .aggregate(.count, _, _), .aggregate(.countDistinct, _, _), .match(.count): true
        case .part(_, let inner): inner.isCount
        default: false
        }
    }
}
