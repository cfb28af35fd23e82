// SPDX-License-Identifier: Apache-2.0
// Trees as text, one node a line and expressions in prefix form: what golden tests compare.

import Diagnostics
import EventModel

extension SyntaxTree {
    /// The declarations with the places of all that spans lines, indented by nesting.
    package func dump(showsPlaces: Bool = true) -> String {
        var dump = SyntaxDump()
        dump.showsPlaces = showsPlaces
        for declaration in declarations { dump.add(declaration) }
        return dump.text
    }

    /// One line a token: place, kind and text.
    package func dumpTokens() -> String {
        tokens.map { token in
            let start = token.range.lowerBound
            let place = "\(file.line(at: start)):\(file.column(at: start))"
            let mark = token.startsLine ? "*" : " "
            let text = file.text(token.range).debugDescription
            return "\(mark) \(place) \(token.kind.description) \(text)\n"
        }.joined()
    }
}

extension TokenKind: CustomStringConvertible {
    package var description: String {
        switch self {
        case .word: "word"
        case .quotedName(let name): "name \(name.debugDescription)"
        case .integer(let value): "integer \(value)"
        case .float(let value): "float \(value)"
        case .text(let form, let isTerminated): "\(form)\(isTerminated ? "" : " unterminated")"
        case .regex(let literal): "regex \(literal.pattern.debugDescription) \(literal.flags)"
        case .duration(let span): "duration \(span)"
        case .time(let time): "time \(time)"
        case .address(let address): "address \(address)"
        case .network(let network): "network \(network)"
        case .mark: "mark"
        case .invalid: "invalid"
        case .endOfFile: "end"
        }
    }
}

private struct SyntaxDump {
    var text = ""
    var showsPlaces = true
    private var depth = 0

    private mutating func line(_ content: String, _ span: SourceSpan? = nil) {
        text += String(repeating: "  ", count: depth) + content
        if let span, showsPlaces {
            let (file, end) = (span.file, span.range.upperBound)
            text += " @\(span.line):\(span.column)"
            text += "-\(file.line(at: end)):\(file.column(at: end))"
        }
        text += "\n"
    }

    private mutating func indented(_ body: (inout SyntaxDump) -> Void) {
        depth += 1
        body(&self)
        depth -= 1
    }

    // MARK: declarations

    mutating func add(_ declaration: Declaration) {
        switch declaration {
        case .event(let event): add(event)
        case .table(let table): add(table)
        case .letConstant(let constant):
            line("let \(constant.name.text) = \(constant.value)", constant.span)
        case .rule(let rule):
            line("rule \(rule.name.text)" + quoted(rule.title, after: " "), rule.span)
            indented { dump in for clause in rule.clauses { dump.add(clause) } }
        case .test(let test):
            line("test \(test.rules.map(\.text).joined(separator: ", "))", test.span)
            indented { dump in for testCase in test.cases { dump.add(testCase) } }
        case .unexpected(let span): line("unexpected", span)
        }
    }

    private mutating func add(_ event: EventDeclaration) {
        var header = "event \(event.name.text)"
        if !event.sources.isEmpty {
            header += " from \(event.sources.map(\.text).joined(separator: ", "))"
        }
        if let filter = event.filter { header += " where \(filter)" }
        line(header, event.span)
        indented { dump in for item in event.items { dump.add(item) } }
    }

    private mutating func add(_ item: EventItem) {
        switch item {
        case .field(let name, let type, let optional, let computed, let span):
            let value = computed.map { " = \($0)" } ?? ""
            line("field \(name.text): \(show(type))\(optional ? "?" : "")\(value)", span)
        case .matches(let path, let regex, let span):
            line("matches \(path.text) \(regexText(regex.value))", span)
        case .time(let path, let format, let span):
            line("time \(path.text)" + quoted(format, after: " "), span)
        case .id(let path, let span): line("id \(path.text)", span)
        }
    }

    private func show(_ type: TypeSyntax) -> String {
        switch type {
        case .named(let name): name.text
        case .enumeration(let choices, _):
            choices.map(\.value.debugDescription).joined(separator: " | ")
        case .list(let element, _): "[\(show(element))]"
        case .invalid: "invalid"
        }
    }

    private mutating func add(_ table: TableDeclaration) {
        switch table.source {
        case .inline(let values): line("table \(table.name.text) = \(show(values))", table.span)
        case .rows(let rows, let key):
            let key = key.map { " key \($0.text)" } ?? ""
            line("table \(table.name.text)\(key)", table.span)
            for row in rows { indented { $0.line("row \($0.show(row))") } }
        case .file(let path, let key):
            let key = key.map { " key \($0.text)" } ?? ""
            line("table \(table.name.text) from \(path.value.debugDescription)\(key)", table.span)
        case .invalid: line("table \(table.name.text) invalid", table.span)
        }
    }

    // MARK: clauses

    private mutating func add(_ clause: Clause) {
        let span = clause.span
        switch clause.kind {
        case .severity(let value): line("severity \(value)", span)
        case .tags(let tags):
            line("tags [\(tags.map(\.value.debugDescription).joined(separator: ", "))]", span)
        case .labels(let fields): block("labels", fields, span)
        case .disabled: line("disabled", span)
        case .by(let keys):
            let shown = keys.map { $0.map(\.text).joined(separator: " = ") }
            line("by \(shown.joined(separator: ", "))", span)
        case .keysFrom(let table): line("keys from \(table.text)", span)
        case .when(let when):
            let limit = when.within.map { " within \($0.value)" } ?? ""
            line("when\(limit)\(when.window.map { " over \(show($0.kind))" } ?? "")", span)
            indented { dump in dump.add(when.sequence) }
        case .having(let condition): line("having \(condition)", span)
        case .resetOn(let filter): line("reset on \(show(filter))", span)
        case .skip(let skip): line("skip \(show(skip))", span)
        case .attempts(let latest): line("attempts \(latest ? "latest" : "all")", span)
        case .suppress(let duration, let per):
            line("suppress \(duration.value)\(per.isEmpty ? "" : " per \(show(per))")", span)
        case .limit(let count, let per): line("limit \(count.value) per \(per.value)", span)
        case .resolveOn(let filter, let duration):
            let time = duration.map { " for \($0.value)" } ?? ""
            line("resolve on \(show(filter))\(time)", span)
        case .except(let reason, let end, let condition):
            let end = end.map { " until \($0.value)" } ?? ""
            line("except \(reason.value.debugDescription)\(end) where \(condition)", span)
        case .alert(let title, let fields): block("alert \(title)", fields, span)
        case .emit(let fields): block("emit", fields, span)
        case .unexpected: line("unexpected", span)
        }
    }

    private mutating func block(_ header: String, _ fields: [FieldSyntax], _ span: SourceSpan) {
        line(header, span)
        indented { dump in
            for field in fields { dump.line("\(field.name.text): \(field.value)") }
        }
    }

    private func show(_ skip: SkipSyntax) -> String {
        switch skip {
        case .pastLast: "past last"
        case .toNext: "to next"
        case .toFirst(let name): "to first \(name.text)"
        case .toLast(let name): "to last \(name.text)"
        case .none: "none"
        }
    }

    private func show(_ window: WindowSyntax.Kind) -> String {
        switch window {
        case .sliding(let span): "sliding \(span)"
        case .tumbling(let span): "tumbling \(span)"
        case .hopping(let span, let every): "hopping \(span) every \(every)"
        case .session(let span): "session \(span)"
        case .last(let count): "last \(count)"
        }
    }

    // MARK: sequences

    private mutating func add(_ sequence: SequenceSyntax) {
        for line in sequence.lines { add(line) }
    }

    private mutating func add(_ line: LineSyntax) {
        let span = line.span
        switch line.kind {
        case .step(let connector, let step): self.line(show(connector) + show(step), span)
        case .group(let connector, let group):
            let spread = group.spread.map { " in \($0.value)" } ?? ""
            let header = "group \(show(group.count))\(spread)\(show(group.gap))"
            self.line(show(connector) + header, span)
            indented { dump in dump.add(group.body) }
        case .allOf(let connector, let branches): add("all of", connector, branches, span)
        case .anyOf(let connector, let branches): add("any of", connector, branches, span)
        case .absence(let connector, let absence):
            let time = absence.duration.map { " for \($0.value)" } ?? ""
            self.line(show(connector) + "no \(show(absence.filter))\(time)", span)
        case .butNo(let filter): self.line("but no \(show(filter))", span)
        case .butNotNext(let filter): self.line("but not next \(show(filter))", span)
        case .until(let filter): self.line("until \(show(filter))", span)
        case .unexpected: self.line("unexpected", span)
        }
    }

    private mutating func add(
        _ word: String, _ connector: ConnectorSyntax, _ branches: BranchesSyntax,
        _ span: SourceSpan
    ) {
        line(show(connector) + word + show(branches.gap), span)
        indented { dump in
            for branch in branches.branches {
                dump.line("branch", branch.span)
                dump.indented { $0.add(branch) }
            }
        }
    }

    private func show(_ connector: ConnectorSyntax) -> String {
        switch connector {
        case .first: ""
        case .then: "then "
        case .thenNext: "then next "
        case .thenEach: "then each "
        }
    }

    private func show(_ step: StepSyntax) -> String {
        var text = step.count.map { show($0) + " " } ?? ""
        text += show(step.event)
        if let spread = step.spread { text += " in \(spread.value)" }
        if let name = step.name { text += " as \(name.text)" }
        text += show(by: step.by) + show(step.gap)
        if let condition = step.condition { text += " where \(condition)" }
        return text
    }

    private func show(_ count: CountSyntax) -> String {
        let consecutive = count.consecutive == nil ? "" : " consecutive"
        switch count.kind {
        case .exactly(let number): return "\(number)\(consecutive)"
        case .range(let low, let high): return "\(low) to \(high)\(consecutive)"
        case .atLeast(let number): return "at least \(number)\(consecutive)"
        case .optional: return "optional"
        case .atLeastDistinct(let number, let path):
            return "at least \(number) distinct \(path.text) of"
        }
    }

    private func show(_ event: EventRefSyntax) -> String {
        switch event.kind {
        case .named: event.name.text
        case .anyEvent: "<any event>"
        case .alert: "<alert>"
        }
    }

    private func show(by paths: [Path]) -> String {
        paths.isEmpty ? "" : " by (\(paths.map(\.text).joined(separator: ", ")))"
    }

    private func show(_ gap: GapSyntax) -> String {
        let after = gap.after.map { " after \($0.value)" } ?? ""
        return after + (gap.within.map { " within \($0.value)" } ?? "")
    }

    private func show(_ filter: FilterSyntax) -> String {
        let condition = filter.condition.map { " where \($0)" } ?? ""
        return show(filter.event) + show(by: filter.by) + condition
    }

    // MARK: tests

    private mutating func add(_ testCase: TestCaseSyntax) {
        line("case \(testCase.name.value.debugDescription)", testCase.span)
        indented { dump in for line in testCase.lines { dump.add(line) } }
    }

    private mutating func add(_ testLine: TestLineSyntax) {
        let span = testLine.span
        switch testLine.kind {
        case .given(let table, let values, let rows):
            line("given \(table.text) \(show(values))", span)
            for row in rows { indented { $0.line("row \($0.show(row))") } }
        case .at(let time, let count, let event, let every, let fields, let arriving):
            var header = "at \(show(time.value))\(count.map { " \($0.value)" } ?? "") \(event.text)"
            if let every { header += " every \(every.value)" }
            if let arriving { header += " arriving \(show(arriving.value))" }
            block(header, fields, span)
        case .replay(let path): line("replay \(path.value.debugDescription)", span)
        case .restart(let time): line("restart at \(show(time.value))", span)
        case .until(let time): line("until \(show(time.value))", span)
        case .expectNone: line("expect none", span)
        case .expectAlert(let time, let rule, let fields):
            let at = time.map { "at \(show($0.value)) " } ?? ""
            block("expect \(at)\(rule?.text ?? "<alert>")", fields, span)
        case .expectCount(let count): line("expect \(count.value) alerts", span)
        case .unexpected: line("unexpected", span)
        }
    }

    private func show(_ time: TestTimeSyntax) -> String {
        switch time {
        case .offset(let span): "\(span)"
        case .absolute(let time): "\(time)"
        }
    }

    private func show(_ fields: [FieldSyntax]) -> String {
        "{\(fields.map { "\($0.name.text): \($0.value)" }.joined(separator: ", "))}"
    }

    private func show(_ values: [ExprSyntax]) -> String {
        "[\(values.map(\.description).joined(separator: ", "))]"
    }

    private func quoted(_ text: Spanned<String>?, after blank: String) -> String {
        text.map { blank + $0.value.debugDescription } ?? ""
    }
}

private func regexText(_ regex: RegexLiteral) -> String {
    "r\(regex.pattern.debugDescription)\(regex.flags)"
}

extension ExprSyntax: CustomStringConvertible {
    /// The expression in prefix form: `(and (== a 1) (missing b))`.
    package var description: String {
        switch kind {
        case .literal(let value): describe(value)
        case .template(let parts): "(template \(join(parts.map(describe))))"
        case .regex(let literal): regexText(literal)
        case .path(let path): path.text
        case .call(let name, let arguments): "(\(join([name.text] + arguments.map(\.description))))"
        case .member(let base, let name): "(. \(base) \(name.text))"
        case .index(let base, let index): "([] \(base) \(index))"
        case .list(let elements): "[\(elements.map(\.description).joined(separator: ", "))]"
        case .not(let value): "(not \(value))"
        case .negate(let value): "(- \(value))"
        case .binary(let symbol, let left, let right): "(\(symbol.rawValue) \(left) \(right))"
        case .between(let value, let low, let high): "(between \(value) \(low) \(high))"
        case .isMissing(let value): "(missing \(value))"
        case .isPresent(let value): "(present \(value))"
        case .windowLast(let count): "(last \(count))"
        case .windowIn(let span): "(in \(span))"
        case .invalid: "<invalid>"
        }
    }

    private func join(_ parts: [String]) -> String { parts.joined(separator: " ") }

    private func describe(_ part: TemplatePartSyntax) -> String {
        switch part {
        case .text(let text): text.debugDescription
        case .hole(let value): "{\(value)}"
        }
    }

    private func describe(_ value: Value) -> String {
        switch value {
        case .missing: "missing"
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .float(let value): "\(value)"
        case .string(let text): text.debugDescription
        case .time(let time): "\(time)"
        case .duration(let span): "\(span)"
        case .ip(let address): "\(address)"
        case .network(let network): "\(network)"
        case .list(let values): "[\(values.map(describe).joined(separator: ", "))]"
        }
    }
}
