// SPDX-License-Identifier: Apache-2.0
// The one place that says what each function of the language gives. Reference for authors:
// docs/reference/functions.md, whose examples EvaluationPageTests evaluates.

extension ScalarFunction {
    /// The function's value: total, and missing wherever an argument is missing, has a type that
    /// the function does not take, or is one too few or too many.
    package func apply(_ arguments: [Value]) -> Value {
        if arguments.contains(.missing) { return .missing }
        switch self {
        case .lower: return arguments.text1 { .string($0.lowercased()) }
        case .upper: return arguments.text1 { .string($0.uppercased()) }
        case .trim: return arguments.text1 { .string(TextFunctions.trim($0)) }
        case .length: return TextFunctions.length(arguments)
        case .substring: return TextFunctions.substring(arguments)
        case .startsWith: return arguments.text2 { .bool(TextFunctions.isPrefix($1.utf8, $0.utf8)) }
        case .endsWith:
            return arguments.text2 {
                .bool(TextFunctions.isPrefix($1.utf8.reversed(), $0.utf8.reversed()))
            }
        case .replace: return TextFunctions.replace(arguments)
        case .split: return arguments.text2(TextFunctions.split)
        case .base64Decode: return arguments.text1(Base64.decode)
        case .entropy: return arguments.text1 { .float(TextFunctions.entropy($0)) }
        case .abs: return arguments.only.map(NumberFunctions.abs) ?? .missing
        case .min: return NumberFunctions.extreme(arguments, keeping: .less)
        case .max: return NumberFunctions.extreme(arguments, keeping: .greater)
        case .round: return NumberFunctions.round(arguments)
        case .floor: return NumberFunctions.whole(arguments, .down)
        case .ceil: return NumberFunctions.whole(arguments, .up)
        case .sqrt, .log, .pow: return NumberFunctions.power(self, arguments)
        case .distanceKm: return NumberFunctions.distance(arguments)
        case .hour, .weekday, .date: return TimeFunctions.apply(self, arguments)
        case .cidr: return Conversions.network(arguments)
        case .int: return arguments.only.map(Conversions.int) ?? .missing
        case .float: return arguments.only.map(Conversions.float) ?? .missing
        case .string: return arguments.only.map { .string($0.displayText) } ?? .missing
        }
    }
}

extension [Value] {
    /// The one argument of a function that takes one.
    var only: Value? { count == 1 ? self[0] : nil }

    func text(_ index: Int) -> String? {
        guard index < count, case .string(let text) = self[index] else { return nil }
        return text
    }

    func int(_ index: Int) -> Int64? {
        guard index < count, case .int(let number) = self[index] else { return nil }
        return number
    }

    func number(_ index: Int) -> Double? {
        index < count ? ValueOperations.number(self[index]) : nil
    }

    func text1(_ body: (String) -> Value) -> Value {
        guard count == 1, let text = text(0) else { return .missing }
        return body(text)
    }

    func text2(_ body: (String, String) -> Value) -> Value {
        guard count == 2, let first = text(0), let second = text(1) else { return .missing }
        return body(first, second)
    }
}
