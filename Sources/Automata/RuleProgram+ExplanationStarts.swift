// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import RuleLanguage

/// What the rules of a program are filed under, rule by rule.
package struct RuleFilings: Sendable {
    private var starts: [[(type: Int32, access: Access?)]]
    private let constants: [Value]

    package init(_ program: RulesetProgram) {
        starts = Array(repeating: [], count: program.rules.count)
        constants = program.constants
        for input in program.inputs {
            for entry in input.starts.entries {
                let group = input.starts.groups[Int(entry.group)]
                for rule in group.rules { starts[Int(rule)].append((group.type, entry.access)) }
            }
        }
    }

    /// For which events a rule is looked at that holds nothing of their key, in the language's
    /// words: `login where user == "u7"`.
    func words(ofRule rule: Int, in ruleset: CheckedRuleset, _ text: CheckedText) -> [String] {
        var result: [String] = []
        for filing in starts[rule] {
            let type = filing.type < 0 ? "any event" : ruleset.eventTypes[Int(filing.type)].name
            let line =
                filing.access.map { "\(type) where \(condition($0, in: ruleset, text))" } ?? type
            if !result.contains(line) { result.append(line) }
        }
        return result
    }

    private func condition(
        _ access: Access, in ruleset: CheckedRuleset, _ text: CheckedText
    ) -> String {
        let field = RuleFilings.name(of: access.field, in: ruleset)
        switch access {
        case .equal(_, let constant): return "\(field) == \(text.text(constants[Int(constant)]))"
        case .range(_, let range):
            let (low, high) = (range.kind.text(range.low), range.kind.text(range.high))
            if range.low == -.infinity { return "\(field) <= \(high)" }
            if range.high == .infinity { return "\(field) >= \(low)" }
            return "\(field) between \(low) and \(high)"
        case .text(_, let part):
            let literal = text.text(Value.string(String(decoding: part.bytes, as: UTF8.self)))
            return "\(field) contains \(literal)" + (part.ignoresCase ? " in any case" : "")
        case .pattern(_, let regex):
            return "\(field) matches r\"\(regex.pattern)\"\(regex.flags)"
        }
    }

    private static func name(of field: Int32, in ruleset: CheckedRuleset) -> String {
        var left = Int(field)
        for type in ruleset.eventTypes {
            if left < type.fields.count { return type.fields[left].name }
            left -= type.fields.count
        }
        return "_"
    }
}

extension AccessRange.Kind {
    fileprivate func text(_ bound: Double) -> String {
        let whole = Int64(exactly: bound)
        switch self {
        case .number: return whole.map { "\($0)" } ?? "\(bound)"
        case .time: return StreamTime(nanoseconds: whole ?? 0).description
        case .duration: return TimeSpan(nanoseconds: whole ?? 0).description
        }
    }
}
