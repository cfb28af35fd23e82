// SPDX-License-Identifier: Apache-2.0

internal import EventModel

extension RulesetProgram {
    /// The instructions of a range, one a line; those that run for an event bound stand further in.
    func listing(_ range: CodeRange, indent: String) -> [String] {
        var lines: [String] = []
        // The ends of the blocks that the instruction at hand is inside of.
        var ends: [Int] = []
        for index in Int(range.start)..<Int(range.end) {
            ends.removeAll { $0 <= index }
            let inner = String(repeating: "  ", count: ends.count)
            lines.append("\(indent)\(inner)\(text(code[index]))")
            if let length = code[index].blockLength { ends.append(index + 1 + Int(length)) }
        }
        return lines
    }

    private func text(_ instruction: Instruction) -> String {
        func jump(_ word: String, _ length: Int32) -> String { "\(word) \(length) ahead" }
        switch instruction {
        case .constant(let item): return "push \(text(constants[Int(item)]))"
        case .field(let number): return "push \(fieldText(number))"
        case .fieldNamed(let name): return "push field `\(fieldNames[Int(name)])`"
        case .eventTime: return "push the event's time"
        case .eventID: return "push the event's id"
        case .eventType: return "push the event's type"
        case .key(let part): return "push key \(part)"
        case .bound(let step, let first, _):
            return "with the \(first ? "first" : "last") event of step \(step)"
        case .aggregate(let aggregate, let step, let running, let length):
            let total = running < 0 ? "" : " in total \(running)"
            return "\(aggregate) over step \(step)\(total)\(length == 0 ? "" : " of")"
        case .previous(let table):
            return "push prev by step \(previousTables[Int(table)].fieldByStep)"
        case .windowReading(let reading): return "push reading \(reading)"
        case .matchStart: return "push match.start"
        case .matchEnd: return "push match.end"
        case .matchCount: return "push match.count"
        case .not: return "not"
        case .jumpIfFalse(let length): return jump("if false jump", length)
        case .jumpIfTrue(let length): return jump("if true jump", length)
        case .and: return "and"
        case .or: return "or"
        case .compare(let comparison): return "compare \(comparison)"
        case .isIn: return "in"
        case .isInTable(let table): return "in table \(tables[Int(table)].name)"
        case .lookUp(let table, let column):
            let table = tables[Int(table)]
            return "\(table.contents.columns[Int(column)].name) of the row in \(table.name)"
        case .contains: return "contains"
        case .like(let item):
            let like = likePatterns[Int(item)]
            return "\(like.ignoringCase ? "~" : "")like \(text(.string(like.pattern)))"
        case .matches(let item):
            let regex = regexes[Int(item)]
            return "matches r\"\(regex.pattern)\"\(regex.flags)"
        case .isMissing: return "is missing"
        case .jumpIfPresent(let length): return jump("if present jump", length)
        case .arithmetic(let operation): return "\(operation)"
        case .negate: return "negate"
        case .jumpUnlessTrue(let length): return jump("unless true jump", length)
        case .jump(let length): return jump("jump", length)
        case .element: return "element"
        case .list(let count): return "list of \(count)"
        case .call(let function, let count): return "\(function.rawValue) of \(count)"
        case .template(let count): return "template of \(count)"
        }
    }
}

extension Instruction {
    /// The instructions behind this one that run with an event bound as the event looked at.
    fileprivate var blockLength: Int32? {
        switch self {
        case .bound(_, _, let length), .aggregate(_, _, _, let length): length
        default: nil
        }
    }
}
