// SPDX-License-Identifier: Apache-2.0
// Checked rules, patterns, event types and tests as text: the form that golden files hold.

import EventModel

extension CheckedRuleset: CustomStringConvertible {
    /// Everything that was checked, in the language's own words where it has them.
    package var description: String {
        let text = CheckedText(self)
        var parts = eventTypes.map(text.lines)
        parts += rules.map { CheckedText(self, rule: $0).ruleLines() }
        parts += tests.map(text.lines)
        return parts.map { $0.map { $0 + "\n" }.joined() }.joined(separator: "\n")
    }
}

extension CheckedRuleset {
    /// All that a rule says but its name: the same for rules that differ in that alone.
    ///
    /// - Precondition: it is a rule of this ruleset.
    package func textWithoutName(of rule: CheckedRule) -> String {
        var nameless = rule
        nameless.name = ""
        return CheckedText(self, rule: nameless).ruleLines().joined(separator: "\n")
    }
}

extension CheckedText {
    // MARK: event types

    func lines(_ type: EventType) -> [String] {
        let (head, tail) = (headLines(type), tailLines(type))
        return head + type.fields.map { "  \(text($0))" } + tail
    }

    /// What an event type says but its fields.
    func headAndTailLines(_ type: EventType) -> [String] { headLines(type) + tailLines(type) }

    /// What is said of a field where its type is told of.
    func line(_ field: FieldRef) -> String { "  \(text(ruleset[field.type].fields[field.field]))" }

    private func headLines(_ type: EventType) -> [String] {
        var head = "event \(type.name)"
        if !type.isDeclared { head += " (undeclared)" }
        if !type.sources.isEmpty {
            head += " from " + type.sources.map { ruleset[$0].name }.joined(separator: ", ")
        }
        if let filter = type.filter { head += " where \(text(filter))" }
        var lines = [head]
        for pattern in type.patterns {
            lines.append("  \(name(pattern.subject)) matches \(text(pattern.regex))")
        }
        return lines
    }

    private func tailLines(_ type: EventType) -> [String] {
        var lines: [String] = []
        if let path = type.timePath {
            lines.append("  time \(path)" + (type.timeFormat.map { " \"\($0)\"" } ?? ""))
        }
        if let path = type.idPath { lines.append("  id \(path)") }
        return lines
    }

    private func text(_ field: EventType.Field) -> String {
        let head = "\(field.name): \(field.type)\(field.isOptional ? "?" : "")"
        switch field.origin {
        case .incoming: return head
        case .captured(let pattern, let group):
            return "\(head) captured by pattern \(pattern) as \(group)"
        case .computed(let expr): return "\(head) = \(text(expr))"
        case .inherited(let refs):
            let sources = refs.map { "\(ruleset[$0.type].name).\(name($0))" }
            return "\(head) from \(sources.joined(separator: ", "))"
        case .builtIn(let builtIn): return "\(head) is the event's \(builtIn.rawValue)"
        }
    }

    // MARK: rules

    /// The lines of the rule that this text was made for.
    func ruleLines() -> [String] {
        guard let rule else { return [] }
        var lines = ["rule \(rule.name)" + (rule.title.map { " \(text(Value.string($0)))" } ?? "")]
        lines.append("  severity \(text(rule.severity))")
        if !rule.tags.isEmpty {
            lines.append("  tags \(text(.list(rule.tags.map(Value.string))))")
        }
        for label in rule.labels { lines.append("  label \(label.name): \(text(label.value))") }
        if !rule.key.isEmpty {
            let parts = rule.key.map { "\($0.name): \($0.type)" }
            lines.append("  by \(parts.joined(separator: ", "))")
        }
        for (index, route) in rule.routes.enumerated() {
            let type = route.eventType.map { ruleset[$0].name } ?? "any event"
            let fields = route.fields.map(name) + route.fieldNames
            lines.append("  route \(index): \(type)(\(fields.joined(separator: ", ")))")
        }
        let limit = rule.within.map { " within \($0)" } ?? ""
        lines.append("  when" + limit + (rule.window.map { " over \($0)" } ?? ""))
        lines += patternLines(rule.pattern).map { "    " + $0 }
        if let table = rule.keysFrom { lines.append("  keys from \(name(table))") }
        for reset in rule.resets { lines.append("  reset on \(text(reset))") }
        if let having = rule.having { lines.append("  having \(text(having))") }
        if rule.skip != .pastLast { lines.append("  skip \(text(rule.skip))") }
        if rule.keepsLatestAttemptOnly { lines.append("  attempts latest") }
        lines.append(rule.onlyEmits ? "  emit" : "  alert \(text(rule.alertTitle))")
        for field in rule.alertFields { lines.append("    \(field.name): \(text(field.value))") }
        return lines + policyLines(rule.policy)
    }

    /// What is between matches and alerts, and what of an alert is kept for a notice.
    func policyAndShownLines() -> [String] {
        guard let rule else { return [] }
        return rule.labels.map { "\($0.name): \(text($0.value))" }
            + rule.alertFields.map { "\($0.name): \(text($0.value))" } + policyLines(rule.policy)
    }

    private func policyLines(_ policy: AlertPolicy) -> [String] {
        var lines = policy.exceptions.map { exception in
            let end = exception.until.map { " until \($0)" } ?? ""
            return "  except \(text(Value.string(exception.reason)))\(end) where "
                + text(exception.condition)
        }
        if let resolution = policy.resolution {
            lines.append(
                "  resolve on \(text(resolution.filter))"
                    + (resolution.quiet.map { " for \($0)" } ?? ""))
        }
        if let suppression = policy.suppression {
            let per = suppression.per.map { " per " + $0.map(text).joined(separator: ", ") }
            lines.append("  suppress \(suppression.duration)\(per ?? "")")
        }
        if let limit = policy.limit {
            lines.append("  limit \(limit.count) per \(limit.duration)")
        }
        return lines
    }

    private func text(_ skip: CheckedRule.Skip) -> String {
        switch skip {
        case .pastLast: "past last"
        case .toNext: "to next"
        case .toFirst(let step): "to first \(name(step))"
        case .toLast(let step): "to last \(name(step))"
        case .none: "none"
        }
    }

    // MARK: patterns

    func patternLines(_ pattern: Pattern) -> [String] {
        guard let absence = pattern.leadingAbsence, !pattern.leadsInGroup else {
            return sequenceLines(pattern.body)
        }
        return [text(absence)] + sequenceLines(pattern.body, isFirst: false)
    }

    private func sequenceLines(_ sequence: Pattern.Sequence, isFirst: Bool = true) -> [String] {
        sequence.lines.enumerated().flatMap { index, line in
            self.lines(line, isFirst: isFirst && index == 0)
        }
    }

    private func lines(_ line: Pattern.Line, isFirst: Bool) -> [String] {
        var connector = ""
        switch line.connector {
        case .then: connector = isFirst ? "" : "then "
        case .next: connector = "then next "
        case .each: connector = "then each "
        }
        var gap = line.after.map { " after \($0)" } ?? ""
        gap += line.within.map { " within \($0)" } ?? ""
        var lines: [String]
        switch line.element {
        case .step(let step): lines = [connector + text(step, gap)]
        case .absence(let absence): lines = [connector + text(absence) + gap]
        case .group(let group):
            let isOptional = group.count == .init(minimum: 0, maximum: 1)
            let consecutive = group.isConsecutive ? " consecutive" : ""
            let head = isOptional ? "optional" : "\(text(group.count))\(consecutive) times"
            lines = ["\(connector)\(head)\(group.spread.map { " in \($0)" } ?? "") {"]
            lines += sequenceLines(group.body).map { "  " + $0 } + ["}\(gap)"]
        case .allOf(let branches): lines = block(connector + "all of {", branches, gap)
        case .anyOf(let branches): lines = block(connector + "any of {", branches, gap)
        }
        lines += line.butNo.map { "but no \(text($0))" }
        lines += line.butNotNext.map { "but not next \(text($0))" }
        lines += line.until.map { "until \(text($0))" }
        return lines
    }

    private func block(_ head: String, _ branches: [Pattern.Sequence], _ gap: String) -> [String] {
        let inner = branches.flatMap { branch in
            let lines = sequenceLines(branch)
            return lines.dropLast().map { "  " + $0 } + ["  \(lines.last ?? ""),"]
        }
        return [head] + inner + ["}\(gap)"]
    }

    private func text(_ step: Pattern.Step, _ gap: String) -> String {
        var words: [String] = []
        if step.count != .one { words.append(text(step.count)) }
        if step.isConsecutive { words.append("consecutive") }
        if let distinct = step.distinct { words.append("distinct \(name(distinct)) of") }
        words.append(eventText(step.filter))
        if let spread = step.spread { words.append("in \(spread)") }
        words.append("as \(name(step.id))")
        if let route = routeText(step.filter) { words.append(route) }
        return words.joined(separator: " ") + gap
            + (step.filter.condition.map { " where \(text($0))" } ?? "")
    }

    private func text(_ count: Pattern.Count) -> String {
        switch (count.minimum, count.maximum) {
        case (0, 1): "optional"
        case (let minimum, nil): "at least \(minimum)"
        case (let minimum, let maximum?) where minimum == maximum: "\(minimum)"
        case (let minimum, let maximum?): "\(minimum) to \(maximum)"
        }
    }

    private func text(_ absence: Pattern.Absence) -> String {
        let head = "no \(eventText(absence.filter))"
        let duration = absence.duration.map { " for \($0)" } ?? ""
        return head + duration + (routeText(absence.filter).map { " " + $0 } ?? "")
            + (absence.filter.condition.map { " where \(text($0))" } ?? "")
    }

    private func text(_ filter: Filter) -> String {
        eventText(filter) + (routeText(filter).map { " " + $0 } ?? "")
            + (filter.condition.map { " where \(text($0))" } ?? "")
    }

    private func eventText(_ filter: Filter) -> String {
        filter.eventType.map { ruleset[$0].name } ?? "any event"
    }

    /// `by` with the route's fields, where they are not called as the key is.
    private func routeText(_ filter: Filter) -> String? {
        guard let rule else { return nil }
        let route = rule.routes[filter.route]
        let names = route.fields.map(name) + route.fieldNames
        guard names != rule.key.map(\.name) else { return nil }
        return names.count == 1 ? "by \(names[0])" : "by (\(names.joined(separator: ", ")))"
    }

    // MARK: tests

    func lines(_ test: CheckedTest) -> [String] {
        func offset(_ time: StreamTime) -> String {
            let (span, isOver) = time.nanoseconds.subtractingReportingOverflow(
                test.start.nanoseconds)
            return isOver ? time.description : TimeSpan(nanoseconds: span).description
        }
        func fields(_ fields: [(name: String, value: Value)]) -> String {
            fields.isEmpty
                ? "{}"
                : "{ \(fields.map { "\($0.name): \(text($0.value))" }.joined(separator: ", ")) }"
        }
        var lines = ["test \(test.rules.joined(separator: ", ")) case \(text(.string(test.name)))"]
        if test.start != CheckedTest.zero { lines[0] += " from \(test.start)" }
        for line in test.lines {
            switch line.kind {
            case .events(let type, let time, let count, let interval, let values, let arriving):
                var words = ["at \(offset(time))", "\(count)", ruleset[type].name]
                if count > 1 { words.append("every \(interval)") }
                words.append(fields(values))
                if let arriving { words.append("arriving \(offset(arriving))") }
                lines.append("  " + words.joined(separator: " "))
            case .replay(let path): lines.append("  replay \(text(.string(path)))")
            case .restart(let time): lines.append("  restart at \(offset(time))")
            case .until(let time): lines.append("  until \(offset(time))")
            }
        }
        for expectation in test.expectations {
            switch expectation.kind {
            case .none: lines.append("  expect none")
            case .count(let count): lines.append("  expect \(count) alerts")
            case .alert(let time, let rule, let values):
                let at = time.map { "at \(offset($0)) " } ?? ""
                lines.append("  expect \(at)\(rule ?? "alert") \(fields(values))")
            }
        }
        return lines
    }
}
