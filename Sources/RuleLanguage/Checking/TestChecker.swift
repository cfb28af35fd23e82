// SPDX-License-Identifier: Apache-2.0
// `test` blocks: rules, event types, fields and times. Offsets become times from the case's start,
// constants become values of the field's type.

import Diagnostics
import EventModel

extension RulesetChecker {
    func checkTests() {
        for case .test(let declaration) in declarations {
            let rules = declaration.rules.compactMap(ruleUnderTest)
            var names: [String: SourceSpan] = [:]
            for testCase in declaration.cases {
                let name = testCase.name
                if let first = names[name.value] {
                    report(
                        .duplicateCase, "two cases are called \"\(name.value)\"", at: name.span,
                        notes: [.init("first named here", at: first)])
                }
                names[name.value] = names[name.value] ?? name.span
                let isKnown = rules.count == declaration.rules.count
                checkCase(testCase, rules, isKnown: isKnown)
            }
        }
    }

    private func ruleUnderTest(_ name: Name) -> RuleOutline? {
        note(.symbol(name.text), at: name.span)
        guard case .rule? = symbols[name.text]?.kind,
            let rule = rulesByName[name.text]
        else {
            reportUnknownRule(name)
            return nil
        }
        return rule
    }

    private func reportUnknownRule(_ name: Name) {
        reportUnknown(
            .unknownRule, "there is no rule `\(name.text)`", name,
            among: names { if case .rule = $0 { true } else { false } })
    }

    private func checkCase(_ syntax: TestCaseSyntax, _ rules: [RuleOutline], isKnown: Bool) {
        let start = startTime(syntax)
        var test = CheckedTest(
            rules: rules.map(\.name), name: syntax.name.value, start: start, lines: [],
            expectations: [], span: syntax.name.span)
        let checker = TestCaseChecker(checker: self, rules: rules, start: start, areKnown: isKnown)
        var hasUnexpected = false
        var hasExpectation = false
        for line in syntax.lines {
            if case .unexpected = line.kind { hasUnexpected = true }
            if case .given(let table, let values, let rows) = line.kind {
                checker.given(table, values, rows, in: &test)
            } else if line.kind.isExpectation {
                hasExpectation = true
                if let expectation = checker.expectation(line) {
                    test.expectations.append(expectation)
                }
            } else if let kind = checker.line(line) {
                test.lines.append(.init(kind: kind, span: line.span))
            }
        }
        if !hasExpectation, !hasUnexpected {
            report(
                .noExpectation, "this case expects nothing, so it proves nothing",
                at: syntax.name.span, label: "write `expect alert { … }` or `expect none`")
        }
        checkContradictions(syntax)
        tests.append(test)
    }

    /// `0s`: the earliest date in the case, or a fixed instant.
    private func startTime(_ syntax: TestCaseSyntax) -> StreamTime {
        let dates = syntax.lines.flatMap(\.kind.times).compactMap { time -> StreamTime? in
            if case .absolute(let date) = time { date } else { nil }
        }
        return dates.min() ?? CheckedTest.zero
    }

    /// `expect none` beside an alert that is expected.
    private func checkContradictions(_ syntax: TestCaseSyntax) {
        let none = syntax.lines.first { if case .expectNone = $0.kind { true } else { false } }
        let some = syntax.lines.first {
            switch $0.kind {
            case .expectAlert: true
            case .expectCount(let count): count.value > 0
            default: false
            }
        }
        guard let none, let some else { return }
        report(
            .contradictingExpectations, "this case expects no alert and an alert", at: none.span,
            label: "no alert here", notes: [.init("but one here", at: some.span.firstLine)])
    }
}

extension TestLineSyntax.Kind {
    fileprivate var isExpectation: Bool {
        switch self {
        case .expectNone, .expectAlert, .expectCount: true
        case .given, .at, .replay, .restart, .until, .unexpected: false
        }
    }

    fileprivate var times: [TestTimeSyntax] {
        switch self {
        case .at(let time, _, _, _, _, let arriving):
            [time.value] + (arriving.map { [$0.value] } ?? [])
        case .restart(let time), .until(let time): [time.value]
        case .expectAlert(let time, _, _): time.map { [$0.value] } ?? []
        case .given, .replay, .expectNone, .expectCount, .unexpected: []
        }
    }
}

/// Checks the lines of one case.
struct TestCaseChecker {
    let checker: RulesetChecker
    let rules: [RuleOutline]
    let start: StreamTime
    /// Every rule of the block was found.
    let areKnown: Bool

    func time(_ syntax: Spanned<TestTimeSyntax>) -> StreamTime {
        switch syntax.value {
        case .offset(let span): start + span
        case .absolute(let date): date
        }
    }

    // MARK: lines

    func line(_ syntax: TestLineSyntax) -> CheckedTest.Line.Kind? {
        switch syntax.kind {
        case .at(let time, let count, let event, let every, let fields, let arriving):
            let repetitions = self.count(count)
            if let every { checker.checkDuration(every, "an interval", allowsZero: true) }
            guard let type = eventType(event) else { return nil }
            let values = fields.compactMap { eventField($0, type) }
            return .events(
                type, time: self.time(time), count: repetitions,
                interval: every?.value ?? .zero, fields: values,
                arriving: arriving.map(self.time))
        case .replay(let path): return .replay(path.value)
        case .restart(let time): return .restart(at: self.time(time))
        case .until(let time): return .until(self.time(time))
        case .given, .expectNone, .expectAlert, .expectCount, .unexpected: return nil
        }
    }

    private func count(_ syntax: Spanned<Int64>?) -> Int {
        guard let syntax else { return 1 }
        guard (1...RulesetChecker.countCap).contains(syntax.value) else {
            checker.report(
                .testNumber, "a line can't send \(syntax.value) events", at: syntax.span,
                label: "1 to \(RulesetChecker.countCap)")
            return 1
        }
        return Int(syntax.value)
    }

    private func eventType(_ name: Name) -> EventTypeID? {
        checker.note(.symbol(name.text), at: name.span)
        switch checker.symbols[name.text]?.kind {
        case .rule?:
            if let type = checker.alertTypes[name.text] { return type }
            if !areKnown { return nil }
            checker.report(
                .unknownEvent, "no rule reads the alerts of `\(name.text)`", at: name.span,
                label: "there is nothing to send them to")
            return nil
        case .table?, .constant?:
            checker.reportNotAnEvent(name)
            return nil
        case .event?: return checker.typeIDs[name.text]
        case nil: break
        }
        if let known = checker.typeIDs[name.text] { return known }
        let takesAny = rules.contains { rule in
            rule.steps.contains { if case .anyEvent = $0.subject { true } else { false } }
        }
        if takesAny || !areKnown { return checker.undeclaredType(name) }
        checker.reportUnknown(
            .unknownEvent, "no rule knows an event type `\(name.text)`", name,
            among: checker.types.map(\.name))
        return nil
    }

    private func eventField(_ syntax: FieldSyntax, _ type: EventTypeID)
        -> (name: String, value: Value)?
    {
        let name = syntax.name.text
        guard let value = constant(syntax.value) else { return nil }
        let wanted: FieldType
        if let index = checker.types[type.index].fieldIndices[name] {
            wanted = checker.types[type.index].fields[index].type
            checker.note(.field(FieldRef(type: type, field: index)), at: syntax.name.span)
        } else if name == "id" {
            wanted = .known(.string)
        } else if checker.types[type.index].isOpen, name != "time", name != "type" {
            wanted = .known(.any)  // noise: no rule reads it
        } else {
            switch checker.field(name, of: type, at: syntax.name.span) {
            case .field(let ref):
                wanted = checker.field(ref).type
                checker.note(.field(ref), at: syntax.name.span)
            case .refused, .computedLater: return nil
            case .builtIn:
                checker.report(
                    .unknownField, "`\(name)` can't be given as a field", at: syntax.name.span,
                    label: "`at` gives the time, the name of the event its type")
                return nil
            case .unknown:
                checker.reportUnknownField(name, syntax.name.span, of: type)
                return nil
            }
        }
        return fitted(value, wanted, syntax).map { (name, $0) }
    }

    // MARK: values

    /// A constant, with its type and place; nil, reported, where it is none.
    func constant(_ syntax: ExprSyntax) -> Typed? {
        let value = checker.check(syntax, Scope(place: .test))
        if value.isErroneous { return nil }
        guard let constant = value.expr.constantValue else {
            checker.report(
                .notConstant, "a test gives constant values", at: syntax.span,
                label: "write the value out")
            return nil
        }
        return Typed(.constant(constant), value.type, value.span)
    }

    /// A constant as a value of the field's type; nil, reported, where it is not one.
    private func fitted(_ value: Typed, _ type: FieldType, _ syntax: FieldSyntax) -> Value? {
        guard case .constant(let constant) = value.expr else { return nil }
        let wanted = checker.fieldTypes.resolve(type)
        if let fitted = constant.fitted(to: wanted) { return fitted }
        if case .enumeration(let cases) = wanted, case .string(let text) = constant {
            let near = Spelling.closest(to: text, among: cases)
            checker.report(
                .unknownCase, "`\(syntax.name.text)` is never \"\(text)\"", at: value.span,
                label: near.map { "did you mean \"\($0)\"?" } ?? "",
                notes: [.init("`\(syntax.name.text)` is one of \(wanted)")],
                fix: near.map { "\"\($0)\"" })
            return nil
        }
        checker.report(
            .testValue, "`\(syntax.name.text)` is \(wanted.article)", at: value.span,
            label: "this is \(constant.literalType.article)")
        return nil
    }

    // MARK: expectations

    func expectation(_ syntax: TestLineSyntax) -> CheckedTest.Expectation? {
        switch syntax.kind {
        case .expectNone: return .init(kind: .none, span: syntax.span)
        case .expectCount(let count):
            guard (0...RulesetChecker.countCap).contains(count.value) else {
                checker.report(
                    .testNumber, "a case can't expect \(count.value) alerts", at: count.span)
                return nil
            }
            return .init(kind: .count(Int(count.value)), span: syntax.span)
        case .expectAlert(let time, let name, let fields):
            var candidates = rules
            if let name {
                guard let rule = expectedRule(name) else { return nil }
                candidates = [rule]
            }
            let values = fields.compactMap { alertField($0, candidates) }
            return .init(
                kind: .alert(at: time.map(self.time), rule: name?.text, fields: values),
                span: syntax.span)
        case .given, .at, .replay, .restart, .until, .unexpected: return nil
        }
    }

    private func expectedRule(_ name: Name) -> RuleOutline? {
        checker.note(.symbol(name.text), at: name.span)
        if let rule = rules.first(where: { $0.name == name.text }) { return rule }
        if !areKnown { return nil }
        checker.reportUnknown(
            .ruleNotUnderTest, "`\(name.text)` is not under test here", name,
            among: rules.map(\.name),
            otherwise: "this block tests " + rules.map { "`\($0.name)`" }.joined(separator: ", "))
        return nil
    }

    private static let commonFields: [(name: String, type: ValueType)] = [
        ("rule", .string), ("severity", .enumeration(RulesetChecker.severities)),
        ("title", .string), ("start", .time), ("end", .time), ("count", .int), ("id", .string),
        ("status", .enumeration(["open", "resolved"])), ("suppressed", .int), ("limited", .int),
        ("excepted", .int),
    ]

    /// What of an alert is given as a word, without quotes.
    private static let words = [
        "severity": RulesetChecker.severities, "status": ["open", "resolved"],
    ]

    private func alertField(_ syntax: FieldSyntax, _ candidates: [RuleOutline])
        -> (name: String, value: Value)?
    {
        let name = syntax.name.text
        noteAlertField(syntax.name, candidates)
        if let words = TestCaseChecker.words[name], case .path(let path) = syntax.value.kind,
            checker.symbols[path.text] == nil
        {
            let word = Typed(.constant(.string(path.text)), .string, path.span)
            return fitted(word, .known(.enumeration(words)), syntax).map { (name, $0) }
        }
        guard let value = constant(syntax.value) else { return nil }
        guard let type = alertFieldType(name, candidates) else {
            if areKnown, !candidates.contains(where: \.isBroken) {
                let known = candidates.flatMap(alertFieldNames)
                checker.reportUnknown(
                    .unknownAlertField, "the alert has no field `\(name)`",
                    Name(name, syntax.name.span), among: known,
                    notes: [.init("it has: " + known.joined(separator: ", "))])
            }
            return nil
        }
        if case .known(.time) = type, case .constant(.duration(let offset)) = value.expr {
            return (name, .time(start + offset))
        }
        return fitted(value, type, syntax).map { (name, $0) }
    }

    /// What an alert's field is of each rule that may have made the alert.
    private func noteAlertField(_ name: Path, _ candidates: [RuleOutline]) {
        for rule in candidates {
            if rule.alertFieldTypes[name.text] != nil {
                checker.note(.alertField(rule: rule.number, name.text), at: name.span)
            } else if let key = rule.keys.firstIndex(where: { $0.name == name.text }) {
                checker.note(.key(rule: rule.number, key), at: name.span)
            }
        }
    }

    private func alertFieldNames(_ rule: RuleOutline) -> [String] {
        rule.keys.map(\.name) + rule.alertFields.map(\.name)
            + TestCaseChecker.commonFields.map(\.name)
    }

    private func alertFieldType(_ name: String, _ candidates: [RuleOutline]) -> FieldType? {
        for rule in candidates {
            if let type = rule.alertFieldTypes[name] { return type }
            if let key = rule.keys.first(where: { $0.name == name }) { return key.type }
            if rule.labels.contains(where: { $0.name == name }) { return .known(.any) }
        }
        return TestCaseChecker.commonFields.first { $0.name == name }.map { .known($0.type) }
    }
}

extension Value {
    /// The value as one of a type; nil where it is not one. Texts stand for addresses, and ints
    /// for floats, as they do in events.
    func fitted(to type: ValueType) -> Value? {
        switch (type, self) {
        case (.any, _), (.erroneous, _), (.bool, .bool), (.int, .int), (.float, .float),
            (.number, .int), (.number, .float), (.string, .string), (.time, .time),
            (.duration, .duration), (.ip, .ip), (.network, .network):
            return self
        case (.float, .int(let number)): return .float(Double(number))
        case (.ip, .string(let text)): return IPAddress(text).map(Value.ip)
        case (.network, .ip): return self
        case (.network, .string(let text)): return IPNetwork(text).map(Value.network)
        case (.enumeration(let cases), .string(let text)): return cases.contains(text) ? self : nil
        case (.list(let element), .list(let values)):
            let fitted = values.compactMap { $0.fitted(to: element) }
            return fitted.count == values.count ? .list(fitted) : nil
        default: return nil
        }
    }
}
