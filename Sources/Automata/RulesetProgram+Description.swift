// SPDX-License-Identifier: Apache-2.0
// Programs as text: what golden files hold, and what a reader of the compiler wants to see. Numbers
// are those that the program uses; names stand beside them.

internal import EventModel

extension RulesetProgram: CustomStringConvertible {
    package var description: String {
        var lines = typeLines()
        lines += rules.flatMap { [""] + ruleLines($0) }
        return lines.map { $0 + "\n" }.joined()
    }

    // MARK: types

    private func typeLines() -> [String] {
        decodePlan.types.enumerated().flatMap { index, type in
            var lines = ["type \(index) \(type.name)"]
            for field in type.fields {
                let targets = field.targets.map { "slot \($0.slot) as \($0.type)" }
                lines.append("  in \(field.path) -> \(targets.joined(separator: ", "))")
            }
            for field in derivedFields[index] {
                lines.append("  made \(field.name) slot \(field.slot)")
            }
            let members = memberships[index].given.map { typeNames[Int($0)] }
            lines.append("  is \(members.isEmpty ? "-" : members.joined(separator: ", "))")
            lines += memberships[index].derivations.flatMap(derivationLines)
            return lines
        }
    }

    private func derivationLines(_ derivation: MembershipProgram.Derivation) -> [String] {
        let sources = derivation.sources.map { typeNames[Int($0)] }
        var lines = [
            "  may be \(typeNames[Int(derivation.type)])"
                + (sources.isEmpty ? "" : " from \(sources.joined(separator: ", "))")
        ]
        for copy in derivation.copies { lines.append("    slot \(copy.from) -> slot \(copy.to)") }
        for pattern in derivation.patterns {
            let source = regexes[Int(pattern.regex)]
            lines.append(
                "    slot \(pattern.subject) matches r\"\(source.pattern)\"\(source.flags)")
            for capture in pattern.captures {
                lines.append("      group \(capture.group) -> slot \(capture.slot)")
            }
        }
        for computed in derivation.computed {
            lines.append("    slot \(computed.slot) =")
            lines += listing(computed.code, indent: "      ")
        }
        if let filter = derivation.filter {
            lines += ["    where"] + listing(filter, indent: "      ")
        }
        return lines
    }

    private func typeName(_ index: Int32) -> String {
        index < 0 ? "any event" : typeNames[Int(index)]
    }

    /// A field by its number and, where it has them, its slots: one for each type it comes in by.
    func fieldText(_ number: Int32) -> String {
        let width = fieldCount
        var slots: [String] = []
        for incoming in decodePlan.types.indices {
            let slot = slotTable[incoming * width + Int(number)]
            if slot >= 0 { slots.append("\(typeNames[incoming])[\(slot)]") }
        }
        return "field \(number)" + (slots.isEmpty ? "" : " (\(slots.joined(separator: ", ")))")
    }

    // MARK: rules

    private func ruleLines(_ rule: RuleProgram) -> [String] {
        let limit = rule.within.map { " within \($0)" } ?? ""
        let key = rule.keyNames.isEmpty ? "" : " by \(rule.keyNames.joined(separator: ", "))"
        var lines = ["rule \(rule.index) \(rule.name)\(key)\(limit)"]
        for (index, route) in rule.routes.enumerated() {
            let fields = route.fields.map { number in
                route.type < 0 ? "`\(fieldNames[Int(number)])`" : fieldText(number)
            }
            let text = [
                "  route \(index): \(typeName(route.type))", fields.joined(separator: ", "),
            ]
            lines.append(text.filter { !$0.isEmpty }.joined(separator: " "))
        }
        for (index, filter) in rule.filters.enumerated() {
            let word = filter.isStatic ? "" : " of the attempt"
            lines.append(
                "  filter \(index): \(typeName(filter.type)) route \(filter.route)\(word)")
            if filter.condition >= 0 {
                lines += conditions[Int(filter.condition)].flatMap { predicateLines(Int($0)) }
            }
            if let code = filter.code { lines += listing(code, indent: "    ") }
        }
        lines += sequenceLines(0, of: rule, indent: "  ")
        if let window = rule.window { lines += windowLines(window) }
        lines += endLines(rule)
        lines.append("  record \(rule.recordWords) words, chains at \(rule.chainWords)")
        return lines
    }

    private func windowLines(_ window: WindowProgram) -> [String] {
        window.lines.map { "  " + $0 }
            + window.columns.enumerated().flatMap { index, column in
                ["    column \(index)"] + listing(column, indent: "      ")
            }
            + window.probes.enumerated().flatMap { index, probe in
                ["    probe \(index)"] + listing(probe, indent: "      ")
            }
    }

    private func predicateLines(_ number: Int) -> [String] {
        switch predicates[number].test {
        case .atom(let atom):
            let constant = text(constants[Int(atom.constant)])
            return ["    \(fieldText(atom.field)) \(atom.comparison) \(constant)"]
        case .oneOf(let field, let numbers):
            let list = numbers.map { text(constants[Int($0)]) }.joined(separator: ", ")
            return ["    \(fieldText(field)) in [\(list)]"]
        case .code(let code): return listing(code, indent: "    ")
        }
    }

    private func endLines(_ rule: RuleProgram) -> [String] {
        var lines: [String] = []
        if let absence = rule.leadingAbsence {
            lines.append("  before it: \(text(absence))")
        }
        if rule.keysFrom >= 0 {
            lines.append("  keys from \(tables[Int(rule.keysFrom)].name)")
        }
        if !rule.resets.isEmpty { lines.append("  reset on filters \(rule.resets)") }
        if let having = rule.having { lines += ["  having"] + listing(having, indent: "    ") }
        switch rule.skip {
        case .pastLast: lines.append("  skip past last")
        case .toNext: lines.append("  skip to next")
        case .toFirst(let step): lines.append("  skip to first \(rule.stepNames[step])")
        case .toLast(let step): lines.append("  skip to last \(rule.stepNames[step])")
        case .none: lines.append("  skip none")
        }
        if rule.keepsLatestAttemptOnly { lines.append("  attempts latest") }
        let alert = rule.alert
        lines += ["  severity"] + listing(alert.severity, indent: "    ")
        lines += ["  title"] + listing(alert.title, indent: "    ")
        for label in alert.labels {
            lines += ["  label \(label.name)"] + listing(label.code, indent: "    ")
        }
        for field in alert.fields {
            lines += ["  alert field \(field.name)"] + listing(field.code, indent: "    ")
        }
        return lines + policyLines(alert.policy) + chainLines(rule)
    }

    private func chainLines(_ rule: RuleProgram) -> [String] {
        let chain = rule.chain
        var lines: [String] = []
        if chain.rank > 0 { lines.append("  rank \(chain.rank)") }
        if chain.feeds { lines.append("  feeds \(typeNames[Int(chain.alertType)])") }
        if chain.onlyEmits { lines.append("  emits only") }
        return lines
    }

    private func policyLines(_ policy: AlertPolicyProgram) -> [String] {
        var lines: [String] = []
        for exception in policy.exceptions {
            let end = exception.until == .max ? "" : " until \(exception.until) ns"
            lines += ["  except\(end)"] + listing(exception.condition, indent: "    ")
        }
        if let resolution = policy.resolution {
            let quiet = resolution.quiet < 0 ? "" : " or after \(resolution.quiet) ns"
            lines.append("  resolve on filter \(resolution.filter)\(quiet)")
        }
        if let suppression = policy.suppression {
            let per = suppression.isPer ? " per \(suppression.values.count) values" : ""
            lines.append("  suppress \(suppression.duration) ns\(per)")
            for value in suppression.values { lines += listing(value, indent: "    ") }
        }
        if let limit = policy.limit {
            lines.append("  limit \(limit.count) per \(limit.duration) ns")
        }
        return lines
    }

    // MARK: patterns

    private func sequenceLines(_ id: Int, of rule: RuleProgram, indent: String) -> [String] {
        let sequence = rule.sequences[id]
        let chain = sequence.ownsChain ? "" : ", chain at \(sequence.chain)"
        var lines = ["\(indent)sequence \(id) at word \(sequence.block)\(chain)"]
        for index in sequence.lines {
            let line = rule.lines[index]
            lines.append("\(indent)  line \(index): \(head(line, of: rule))")
            let facts = facts(line)
            if !facts.isEmpty { lines.append("\(indent)    \(facts.joined(separator: ", "))") }
            for inner in innerSequences(line, of: rule) {
                lines += sequenceLines(inner, of: rule, indent: indent + "    ")
            }
        }
        return lines
    }

    private func innerSequences(_ line: RuleProgram.Line, of rule: RuleProgram) -> [Int] {
        switch line.kind {
        case .step, .absence, .start: []
        case .group(let group): [rule.groups[group].body]
        case .allOf(let item), .anyOf(let item): rule.branches[item].sequences
        }
    }

    private func head(_ line: RuleProgram.Line, of rule: RuleProgram) -> String {
        switch line.kind {
        case .step(let index):
            let step = rule.steps[index]
            var text = "\(line.connector) step \(rule.stepNames[step.id])"
            text += " \(range(step.minimum, step.maximum)) of filter \(step.filter)"
            if step.isConsecutive { text += " consecutive" }
            if step.distinct >= 0 { text += " distinct \(fieldText(step.distinct))" }
            if step.spread >= 0 { text += " in \(span(step.spread))" }
            return text + (step.readsItself ? " reads itself" : "")
        case .group(let index):
            let group = rule.groups[index]
            return "\(line.connector) group \(range(group.minimum, group.maximum))"
                + (group.isConsecutive ? " consecutive" : "")
                + (group.spread >= 0 ? " in \(span(group.spread))" : "")
        case .allOf: return "\(line.connector) all of"
        case .anyOf: return "\(line.connector) any of"
        case .start: return "start"
        case .absence(let index): return text(rule.absences[index])
        }
    }

    private func text(_ absence: RuleProgram.Absence) -> String {
        "no filter \(absence.filter) for "
            + (absence.duration < 0 ? "the rest of the limit" : span(absence.duration))
    }

    private func facts(_ line: RuleProgram.Line) -> [String] {
        var facts: [String] = []
        if line.after >= 0 { facts.append("after \(span(line.after))") }
        if line.within >= 0 { facts.append("within \(span(line.within))") }
        if line.isSkippable { facts.append("skippable") }
        if line.endsSequence { facts.append("ends the sequence") }
        if !line.followers.isEmpty { facts.append("then tries lines \(line.followers)") }
        if line.pendingAbsence >= 0 { facts.append("arms line \(line.pendingAbsence)") }
        if line.entersNext >= 0 { facts.append("enters line \(line.entersNext)") }
        if !line.butNo.isEmpty { facts.append("but no filters \(line.butNo)") }
        if !line.butNotNext.isEmpty { facts.append("but not next filters \(line.butNotNext)") }
        if !line.until.isEmpty { facts.append("until filters \(line.until)") }
        return facts
    }

    private func range(_ minimum: Int64, _ maximum: Int64) -> String {
        maximum == .max
            ? "\(minimum)…" : minimum == maximum ? "\(minimum)" : "\(minimum)…\(maximum)"
    }

    private func span(_ nanoseconds: Int64) -> String {
        TimeSpan(nanoseconds: nanoseconds).description
    }

    func text(_ value: Value) -> String {
        if case .string = value { return value.json }
        return value.isMissing ? "missing" : value.displayText
    }
}
