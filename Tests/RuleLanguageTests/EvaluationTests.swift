// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage
import Testing

private let type = EventTypeID(0)
private let temp = FieldRef(type: type, field: 0)
private let user = FieldRef(type: type, field: 1)
private let rise = StepID(0)
private let peak = StepID(1)

private struct Reading: EventReader {
    var temp: Value
    var user: Value = .missing
    var second: Int64 = 0

    func value(of field: FieldRef) -> Value { field.field == 0 ? temp : user }
    func value(named name: String) -> Value { name == "temp" ? temp : .missing }
    func value(of field: EventType.BuiltInField) -> Value {
        switch field {
        case .time: .time(StreamTime.zero + TimeSpan(seconds: second))
        case .id: .string("r\(second)")
        case .type: .string("reading")
        }
    }
}

private let unknown = Expr.constant(.missing)
private func int(_ number: Int64) -> Expr { .constant(.int(number)) }
private func text(_ text: String) -> Expr { .constant(.string(text)) }
private func bool(_ truth: Bool?) -> Expr { truth.map { .constant(.bool($0)) } ?? unknown }
private func value(_ truth: Bool?) -> Value { truth.map(Value.bool) ?? .missing }

@Suite struct EvaluationTests {
    private let evaluator = ExprEvaluator()

    private func constant(_ expr: Expr) -> Value {
        evaluator.evaluate(expr, in: EvaluationContext())
    }

    @Test(
        arguments: [
            (true, true, true, true), (true, false, false, true), (false, false, false, false),
            (true, nil, nil, true), (false, nil, false, nil), (nil, nil, nil, nil),
        ] as [(Bool?, Bool?, Bool?, Bool?)])
    func truthHasThreeValues(a: Bool?, b: Bool?, and: Bool?, or: Bool?) {
        for (x, y) in [(a, b), (b, a)] {
            #expect(constant(.and(bool(x), bool(y))) == value(and))
            #expect(constant(.or(bool(x), bool(y))) == value(or))
        }
        #expect(constant(.not(bool(a))) == value(a.map { !$0 }))
        #expect(evaluator.isTrue(bool(a), in: EvaluationContext()) == (a == true))
    }

    @Test(
        arguments: [
            (.less, true, false, nil), (.lessOrEqual, true, true, nil),
            (.greater, false, false, nil),
            (.greaterOrEqual, false, true, nil), (.equal, false, true, nil),
            (.notEqual, true, false, nil),
        ] as [(Expr.Comparison, Bool, Bool, Bool?)])
    func comparisonsWithMissingAreUnknown(
        comparison: Expr.Comparison, ofLess: Bool, ofEqual: Bool, ofMissing: Bool?
    ) {
        #expect(constant(.compare(comparison, int(1), int(2))) == .bool(ofLess))
        #expect(constant(.compare(comparison, int(2), int(2))) == .bool(ofEqual))
        #expect(constant(.compare(comparison, int(2), unknown)) == value(ofMissing))
        #expect(constant(.not(.compare(comparison, unknown, int(2)))) == value(ofMissing))
        #expect(constant(.compare(comparison, text("a"), int(2))) == .missing)
    }

    @Test(
        arguments: [
            (.like(text("Admin-1"), pattern: "admin-?", ignoringCase: true), true),
            (.like(text("Admin-1"), pattern: "admin-?", ignoringCase: false), false),
            (.like(unknown, pattern: "*", ignoringCase: false), nil),
            (.like(int(1), pattern: "*", ignoringCase: false), nil),
            (.matches(text("ab12"), RegexLiteral(pattern: "^[a-b]+\\d", flags: "")), true),
            (.matches(text("AB"), RegexLiteral(pattern: "b", flags: "i")), true),
            (.matches(text("AB"), RegexLiteral(pattern: "b", flags: "")), false),
            (.matches(unknown, RegexLiteral(pattern: "b", flags: "")), nil),
            (.matches(text("("), RegexLiteral(pattern: "(", flags: "")), nil),
            (.contains(text("abc"), text("bc")), true), (.contains(unknown, text("bc")), nil),
            (.isIn(int(2), .list([int(1), int(2)])), true),
            (.isIn(int(3), .list([int(1), unknown])), nil),
            (.not(.isIn(int(3), .list([int(1), int(2)]))), true),
            (.compare(.equalIgnoringCase, text("ANN"), text("ann")), true),
            (.isMissing(unknown), true), (.isMissing(int(1)), false),
        ] as [(Expr, Bool?)])
    func conditionsOnTextsAndLists(expr: Expr, truth: Bool?) {
        #expect(constant(expr) == value(truth))
        #expect(evaluator.isTrue(expr, in: EvaluationContext()) == (truth == true))
    }

    @Test(
        arguments: [
            (.conditional(bool(true), int(1), int(2)), .int(1)),
            (.conditional(bool(false), int(1), int(2)), .int(2)),
            (.conditional(unknown, int(1), int(2)), .int(2)),
            (.coalesce([unknown, int(2), int(3)]), .int(2)), (.coalesce([unknown]), .missing),
            (.coalesce([]), .missing),
            (.element(.list([int(1), int(2)]), int(-1)), .int(2)),
            (.element(.list([int(1), int(2)]), int(2)), .missing),
            (.element(.list([int(1), int(2)]), int(-3)), .missing),
            (.element(.list([int(1)]), int(.min)), .missing),
            (.element(text("ab"), int(0)), .missing),
            (.arithmetic(.add, int(.max), int(1)), .missing),
            (.arithmetic(.divide, int(1), int(4)), .float(0.25)),
            (.arithmetic(.remainder, int(7), int(4)), .int(3)),
            (.arithmetic(.multiply, int(7), int(4)), .int(28)),
            (.arithmetic(.subtract, int(7), unknown), .missing), (.negate(int(.min)), .missing),
            (.template([text("a="), int(1), text(" b="), unknown]), .string("a=1 b=")),
            (.call(.lower, [text("AB")]), .string("ab")), (.call(.lower, []), .missing),
            (.list([int(1), unknown]), .list([.int(1), .missing])),
        ] as [(Expr, Value)])
    func valuesOfConstants(expr: Expr, expected: Value) {
        #expect(constant(expr) == expected)
    }

    @Test(
        arguments: [
            .field(temp), .fieldNamed("temp"), .builtIn(.time), .key(0),
            .bound(rise, .first, .field(temp)),
            .aggregate(.sum, rise, argument: .field(temp)), .previous([rise: temp]), .match(.count),
            .aggregate(.countDistinct, rise, argument: .field(temp)),
        ] as [Expr])
    func anEmptyContextGivesMissing(expr: Expr) {
        #expect(constant(expr) == .missing)
        #expect(constant(.aggregate(.count, rise, argument: nil)) == .int(0))
    }

    @Test(
        arguments: [
            (.field(temp), .int(9)), (.field(user), .string("ann")), (.fieldNamed("temp"), .int(9)),
            (.fieldNamed("x"), .missing), (.builtIn(.id), .string("r3")), (.key(1), .int(7)),
            (.key(2), .missing), (.key(-1), .missing),
            (.bound(rise, .first, .field(temp)), .int(1)),
            (.bound(rise, .last, .field(temp)), .float(2.5)),
            (.bound(rise, .first, .arithmetic(.add, .field(temp), .key(1))), .int(8)),
            (.bound(peak, .last, .field(temp)), .missing),
            (.aggregate(.count, rise, argument: nil), .int(3)),
            (.aggregate(.count, rise, argument: .field(temp)), .int(2)),
            (
                .aggregate(.sum, rise, argument: .arithmetic(.multiply, .field(temp), int(2))),
                .float(7)
            ),
            (
                .aggregate(.maximum, rise, argument: .builtIn(.time)),
                .time(StreamTime.zero + TimeSpan(seconds: 2))
            ),
            (.previous([rise: temp, peak: user]), .float(2.5)), (.previous([peak: temp]), .missing),
            (.match(.start), .time(.zero)), (.match(.count), .int(4)),
            (.match(.end), .time(StreamTime(nanoseconds: 5))),
        ] as [(Expr, Value)])
    func whatAnAttemptHasBoundIsRead(expr: Expr, expected: Value) {
        let bound: [any EventReader] = [
            Reading(temp: .int(1)), Reading(temp: .missing, second: 1),
            Reading(temp: .float(2.5), second: 2),
        ]
        let context = EvaluationContext(
            event: Reading(temp: .int(9), user: .string("ann"), second: 3),
            key: [.int(6), .int(7)],
            bound: [rise: bound], previous: (rise, bound[2]),
            match: .init(start: .zero, end: StreamTime(nanoseconds: 5), count: 4))
        #expect(evaluator.evaluate(expr, in: context) == expected)
    }
}
