// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage

/// Finds what of a condition is not true, and how far it is from that.
struct ConditionJudge {
    let evaluator: ExprEvaluator
    let words: TraceWords

    /// The parts of a condition that are not true, with what they read.
    func failures(_ condition: Expr, _ context: EvaluationContext) -> [FailedPart] {
        condition.conjuncts.filter { !evaluator.isTrue($0, in: context) }.map { part in
            var values: [(name: String, value: Value)] = []
            for leaf in part.leaves {
                let name = words.text(leaf)
                if values.contains(where: { $0.name == name }) { continue }
                values.append((name, evaluator.evaluate(leaf, in: context)))
            }
            return FailedPart(text: words.text(part), values: values)
        }
    }

    /// How far a part of a condition is from being true: 0 to 1 between numbers, else 1, and more
    /// where something is missing.
    func distance(_ part: Expr, _ context: EvaluationContext) -> Double {
        switch part {
        case .or(let a, let b): return min(distance(a, context), distance(b, context))
        case .compare(_, let a, let b):
            let (x, y) = (evaluator.evaluate(a, in: context), evaluator.evaluate(b, in: context))
            if x.isMissing || y.isMissing { return 2 }
            guard let x = x.number, let y = y.number else { return 1 }
            let most = max(abs(x), abs(y))
            return most > 0 ? min(abs(x - y) / most, 1) : 0
        default: return 1
        }
    }
}

extension Expr {
    /// What an expression reads.
    fileprivate var leaves: [Expr] {
        switch self {
        case .constant: []
        case .field, .fieldNamed, .builtIn, .key, .bound, .aggregate, .part, .previous, .match,
            .lookUp:
            [self]
        default: parts.flatMap(\.leaves)
        }
    }
}

extension Value {
    fileprivate var number: Double? {
        switch self {
        case .int(let number): Double(number)
        case .float(let number): number
        case .duration(let span): Double(span.nanoseconds)
        case .time(let time): Double(time.nanoseconds)
        default: nil
        }
    }
}
