// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Testing

@testable import RuleLanguage

/// `ConditionSpace` against all the values there are to try.
@Suite struct LintConditionTests {
    private static let type = EventTypeID(0)
    /// A whole number, a number, a text of two, and a truth.
    private static let types: [ValueType] = [.int, .float, .enumeration(["a", "b"]), .bool]
    private static let values: [[Value]] = [
        [.missing] + (-1...4).map { .int($0) },
        [.missing] + (-4...16).map { .float(Double($0) / 4) },
        [.missing, .string("a"), .string("b")],
        [.missing, .bool(true), .bool(false)],
    ]

    private struct Event: EventReader {
        var values: [Value]
        func value(of field: FieldRef) -> Value { values[field.field] }
        func value(named name: String) -> Value { .missing }
        func value(of field: EventType.BuiltInField) -> Value { .missing }
    }

    private static var space: ConditionSpace {
        ConditionSpace { value in
            guard case .field(let ref) = value else { return .any }
            return types[ref.field]
        }
    }

    private static func field(_ number: Int) -> Expr {
        .field(FieldRef(type: type, field: number))
    }

    /// A condition over at most two fields.
    private struct Generator {
        var random: SeededNumbers
        var fields: [Int]

        mutating func condition(_ depth: Int) -> Expr {
            switch depth > 0 ? Int.random(in: 0...5, using: &random) : 5 {
            case 0, 1: .and(condition(depth - 1), condition(depth - 1))
            case 2, 3: .or(condition(depth - 1), condition(depth - 1))
            case 4: .not(condition(depth - 1))
            default: atom()
            }
        }

        private mutating func atom() -> Expr {
            let number = fields.randomElement(using: &random)!
            let field = LintConditionTests.field(number)
            let comparisons: [Expr.Comparison] =
                number < 2
                ? [.equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual]
                : [.equal, .notEqual]
            let constants: [Value] =
                switch number {
                case 0: [.int(0), .int(1), .int(2), .float(1.5), .int(3)]
                case 1: [.int(0), .float(0.5), .float(1), .int(2)]
                case 2: [.string("a"), .string("b")]
                default: [.bool(true), .bool(false)]
                }
            switch Int.random(in: 0...7, using: &random) {
            case 0: return .isMissing(field)
            case 1:
                let list = (0..<2).map { _ in
                    Expr.constant(constants.randomElement(using: &random)!)
                }
                return .isIn(field, .list(list))
            case 2 where number == 3: return field
            case 3:
                return .compare(
                    comparisons.randomElement(using: &random)!,
                    .constant(constants.randomElement(using: &random)!), field)
            default:
                return .compare(
                    comparisons.randomElement(using: &random)!, field,
                    .constant(constants.randomElement(using: &random)!))
            }
        }
    }

    /// The truth of a condition for all values of its fields.
    private static func truths(_ condition: Expr, _ fields: [Int]) -> [(Bool?, Bool)] {
        var found: [(Bool?, Bool)] = []
        for a in values[fields[0]] {
            for b in values[fields[1]] {
                var all: [Value] = [.missing, .missing, .missing, .missing]
                all[fields[0]] = a
                if fields[0] != fields[1] { all[fields[1]] = b }
                var context = EvaluationContext()
                context.event = Event(values: all)
                let truth: Bool? =
                    if case .bool(let truth) = ExprEvaluator().evaluate(condition, in: context) {
                        truth
                    } else { nil }
                found.append((truth, !a.isMissing && !b.isMissing))
            }
        }
        return found
    }

    @Test(arguments: 0..<8)
    func whatIsSaidOfConditionsHoldsForAllValues(seed: Int) {
        var counts = (never: 0, always: 0, present: 0)
        for round in 0..<400 {
            let random = SeededNumbers(state: UInt64(seed * 1_000 + round + 1))
            var generator = Generator(random: random, fields: [0, 1])
            generator.fields = [round % 4, (round / 4) % 4]
            let condition = generator.condition(3)
            let truths = Self.truths(condition, generator.fields)
            let isPossible = truths.contains { $0.0 == true }
            // Over so few values, and none but these constants, it is exact.
            #expect(Self.space.mayHold([condition]) == isPossible, "\(condition)")
            let isCertain = truths.allSatisfy { $0.0 == true }
            #expect(Self.space.alwaysHolds(condition) == isCertain, "\(condition)")
            if Self.space.holdsWherePresent(condition) {
                counts.present += 1
                #expect(truths.allSatisfy { $0.0 == true || !$0.1 }, "\(condition)")
            }
            counts.never += isPossible ? 0 : 1
            counts.always += isCertain ? 1 : 0
            let other = generator.condition(2)
            let implied = zip(truths, Self.truths(other, generator.fields))
                .allSatisfy { $0.0 != true || $1.0 == true }
            #expect(Self.space.imply([condition], other) == implied, "\(condition) → \(other)")
        }
        #expect(counts.never > 10 && counts.present > 2, "\(counts)")
    }

    /// Equalities are held against patterns and the like, and networks against each other.
    @Test(arguments: [
        ("s == \"x\" and s like \"y*\"", false), ("s == \"yes\" and s like \"y*\"", true),
        ("s == \"a\" and s matches r\"^b\"", false), ("s == \"ab\" and s matches r\"b$\"", true),
        ("s == \"x\" and s ~= \"y\"", false), ("s == \"x\" and s ~= \"X\"", true),
        ("s in [\"a\", \"b\"] and not (s like \"?\")", false),
        ("s == \"bcd\" and s contains \"a\"", false), ("s == \"bcd\" and s contains \"cd\"", true),
        ("starts_with(s, \"a\") and s == \"b\"", false),
        ("starts_with(s, \"a\") and s != \"b\"", true),
        ("s like \"a*\" and s like \"b*\"", true), ("s like \"a*\" and not (s like \"a*\")", false),
        ("o like \"x*\"", false), ("o like \"f*\" and o == \"ok\"", false), ("o like \"f*\"", true),
        ("a in 10.0.0.0/8 and a == 192.168.0.1", false),
        ("a in 10.0.0.0/8 and a == 10.2.0.1", true),
        ("a in 10.0.0.0/8 and a in 192.168.0.0/16", false),
        ("a in 10.0.0.0/8 and a in 10.1.0.0/16", true), ("a in ::1/64 and a in 10.0.0.0/8", false),
        ("a not in 10.0.0.0/8 and a in 192.168.0.0/16", true),
        ("s like \"a*\" and s is missing", false), ("n < n", false), ("n <= n", true),
        ("n < m", true),
    ])
    func valuesAreHeldAgainstWhatIsAskedOfThem(condition: String, mayHold: Bool) {
        let text = """
            event e { s: string, a: ip, o: "ok" | "fail", n: int, m: int }
            rule r { when { e where \(condition) } }
            """
        #expect(checked(text).diagnostics.contains { $0.code == "W0103" } != mayHold)
    }

    @Test func tooManyCasesCountAsPossible() {
        let atoms = (0..<20).map { number -> Expr in
            .or(
                .compare(.equal, .fieldNamed("a\(number)"), .constant(.int(1))),
                .compare(.equal, .fieldNamed("b\(number)"), .constant(.int(1))))
        }
        let all = atoms.dropFirst().reduce(atoms[0]) { .and($0, $1) }
        #expect(Self.space.mayHold([all]))
        #expect(!Self.space.alwaysHolds(all) && !Self.space.imply([all], atoms[0]))
    }
}

/// SplitMix64.
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
