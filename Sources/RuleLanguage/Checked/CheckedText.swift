// SPDX-License-Identifier: Apache-2.0
// Checked expressions as the language writes them, with as few parentheses as it needs.

package import EventModel

/// Writes checked things as text: names for ids, source form for expressions.
package struct CheckedText {
    let ruleset: CheckedRuleset
    let rule: CheckedRule?

    /// - Precondition: the ids in what is written are of `ruleset` and `rule`.
    package init(_ ruleset: CheckedRuleset, rule: CheckedRule? = nil) {
        self.ruleset = ruleset
        self.rule = rule
    }

    /// An expression: `outcome == "fail" and count(fails) >= 5`.
    package func text(_ expr: Expr) -> String { text(expr, 0, "") }

    /// A value as a literal.
    package func text(_ value: Value) -> String {
        switch value {
        case .missing: "missing"
        case .bool(let truth): "\(truth)"
        case .int(let number): "\(number)"
        case .float(let number): "\(number)"
        case .string(let text): quoted(text, escapingBraces: false)
        case .time(let time): time.description
        case .duration(let span): span.description
        case .ip(let address): address.description
        case .network(let network): network.description
        case .list(let elements): "[" + elements.map(text).joined(separator: ", ") + "]"
        }
    }

    /// A step's name, or `_1`, `_2`… by its position.
    package func name(_ step: StepID) -> String {
        rule?.steps[step.index].name ?? "_\(step.index + 1)"
    }

    package func name(_ field: FieldRef) -> String { ruleset[field.type].fields[field.field].name }

    package func name(_ table: TableID) -> String { ruleset[table].name }

    private func name(_ column: Int, of table: TableID) -> String {
        ruleset[table].contents.columns[column].name
    }

    /// A name or path as it stands in a rule: what would be no name between backquotes.
    private static func written(_ name: String) -> String {
        func isPlain(_ part: Substring) -> Bool {
            guard let first = part.utf8.first, isWordStart(first), part != "not" else {
                return false
            }
            return part.utf8.allSatisfy(isWordPart)
        }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        if parts.allSatisfy(isPlain) { return name }
        return parts.map { isPlain($0) ? String($0) : "`\($0)`" }.joined(separator: ".")
    }

    private enum Level {
        static let or = 1, and = 2, not = 3, comparison = 4, coalesce = 5, sum = 6, product = 7
        static let unary = 8
    }

    /// - Parameters:
    ///   - outer: the precedence around it; a looser expression is put in parentheses.
    ///   - event: what stands before a field: the step whose event is read, or nothing.
    private func text(_ expr: Expr, _ outer: Int, _ event: String) -> String {
        func wrapped(_ level: Int, _ text: String) -> String {
            level < outer ? "(\(text))" : text
        }
        func binary(_ level: Int, _ a: Expr, _ op: String, _ b: Expr) -> String {
            wrapped(level, "\(text(a, level, event)) \(op) \(text(b, level + 1, event))")
        }
        func comparison(_ a: Expr, _ rest: String) -> String {
            wrapped(Level.comparison, "\(text(a, Level.comparison + 1, event)) \(rest)")
        }
        func arguments(_ parts: [Expr]) -> String {
            parts.map { text($0, 0, event) }.joined(separator: ", ")
        }
        switch expr {
        case .constant(let value): return text(value)
        case .field(let field): return event + CheckedText.written(name(field))
        case .fieldNamed(let name): return event + CheckedText.written(name)
        case .builtIn(let field): return event + field.rawValue
        case .key(let index):
            return rule.map { CheckedText.written($0.key[index].name) } ?? "key(\(index))"
        case .bound(let step, let pick, let inner): return text(inner, outer, one(step, pick))
        case .aggregate(let aggregate, let step, let argument):
            let step = CheckedText.written(name(step))
            let subject = argument.map { text($0, 0, "\(step).") } ?? step
            return "\(aggregate.name)(\(subject)\(aggregate.parameterText))"
        case .part(let part, let inner): return text(part, of: inner)
        case .previous(let fields):
            let first = fields.min { $0.key < $1.key }
            return "prev(\(first.map { CheckedText.written(name($0.value)) } ?? ""))"
        case .match(let property): return "match.\(property.rawValue)"
        case .not(.isMissing(let a)): return comparison(a, "is present")
        case .not(.isIn(let a, let b)):
            return comparison(a, "not in \(text(b, Level.comparison + 1, event))")
        case .not(.isInTable(let a, let table)): return comparison(a, "not in \(name(table))")
        case .not(let a): return wrapped(Level.not, "not \(text(a, Level.not, event))")
        case .and(let a, let b): return binary(Level.and, a, "and", b)
        case .or(let a, let b): return binary(Level.or, a, "or", b)
        case .compare(let op, let a, let b):
            return comparison(a, "\(op.rawValue) \(text(b, Level.comparison + 1, event))")
        case .isInTable(let a, let table): return comparison(a, "in \(name(table))")
        case .lookUp(let a, let table, let column):
            let column = CheckedText.written(name(column, of: table))
            return "\(name(table))[\(text(a, 0, event))].\(column)"
        case .isIn(let a, let b):
            return comparison(a, "in \(text(b, Level.comparison + 1, event))")
        case .contains(let a, let b):
            return comparison(a, "contains \(text(b, Level.comparison + 1, event))")
        case .like(let a, let pattern, let ignoringCase):
            let word = ignoringCase ? "~like" : "like"
            return comparison(a, "\(word) \(quoted(pattern, escapingBraces: false))")
        case .matches(let a, let regex): return comparison(a, "matches \(text(regex))")
        case .isMissing(let a): return comparison(a, "is missing")
        case .coalesce(let parts):
            let texts = parts.map { text($0, Level.coalesce + 1, event) }
            return wrapped(Level.coalesce, texts.joined(separator: " ?? "))
        case .arithmetic(let op, let a, let b):
            let isSum = op == .add || op == .subtract
            return binary(isSum ? Level.sum : Level.product, a, op.rawValue, b)
        case .negate(let a): return wrapped(Level.unary, "-\(text(a, Level.unary, event))")
        case .conditional(let a, let b, let c): return "if(\(arguments([a, b, c])))"
        case .element(let list, let index):
            return "\(text(list, Level.unary + 1, event))[\(text(index, 0, event))]"
        case .list(let parts): return "[\(arguments(parts))]"
        case .call(let function, let parts): return "\(function.rawValue)(\(arguments(parts)))"
        case .template(let parts): return template(parts, event)
        }
    }

    /// The event of a step that a field is read of.
    private func one(_ step: StepID, _ pick: Expr.Pick) -> String {
        let isRepeated = rule?.steps[step.index].isRepeated ?? false
        let name = CheckedText.written(name(step))
        switch pick {
        case .first: return "first(\(name))."
        case .last: return isRepeated ? "last(\(name))." : "\(name)."
        }
    }

    private func text(_ part: WindowPart, of inner: Expr) -> String {
        if case .bound(let step, let pick, let field) = inner {
            let field = text(field, 0, "\(CheckedText.written(name(step))).")
            return "\(pick == .first ? "first" : "last")(\(field), \(part))"
        }
        return text(inner).dropLast() + ", \(part))"
    }

    private func template(_ parts: [Expr], _ event: String) -> String {
        let pieces = parts.map { part in
            if case .constant(.string(let text)) = part {
                let quoted = quoted(text, escapingBraces: true)
                return String(quoted.dropFirst().dropLast())
            }
            return "{\(text(part, 0, event))}"
        }
        return "\"" + pieces.joined() + "\""
    }

    func text(_ regex: RegexLiteral) -> String { "r\"\(regex.pattern)\"\(regex.flags)" }

    func quoted(_ text: String, escapingBraces: Bool) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "{" where escapingBraces: result += "{{"
            case "}" where escapingBraces: result += "}}"
            default:
                if scalar.value < 0x20 {
                    result += "\\u{\(String(scalar.value, radix: 16))}"
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}

extension Aggregate {
    /// The name that authors write.
    package var name: String {
        switch self {
        case .count: "count"
        case .sum: "sum"
        case .average: "avg"
        case .minimum: "min"
        case .maximum: "max"
        case .countDistinct: "count_distinct"
        case .distinct: "distinct"
        case .standardDeviation: "stddev"
        case .median: "median"
        case .percentile: "percentile"
        case .exponentialMovingAverage: "ema"
        }
    }

    fileprivate var parameterText: String {
        switch self {
        case .percentile(let percent): ", \(percent)"
        case .exponentialMovingAverage(let count): ", \(count)"
        default: ""
        }
    }
}
