// SPDX-License-Identifier: Apache-2.0
// Runs the stack code of expressions over slots. What the operators mean is defined by
// `ValueOperations`; numbers, times and texts are handled here without leaving the slots, the rest
// goes through `Value`. Exercised by the differential tests.

internal import Automata
internal import BasicContainers
internal import EventModel
internal import TextMatching

extension MatchMemory {
    /// The value of `code` in `frame`.
    ///
    /// - Shape: O(instructions), plus the bound events that aggregates look at.
    mutating func evaluate(_ code: CodeRange, _ frame: borrowing EvaluationFrame) -> Slot {
        evaluate(Int(code.start), Int(code.end), frame)
    }

    private mutating func evaluate(
        _ start: Int, _ end: Int, _ frame: borrowing EvaluationFrame
    ) -> Slot {
        let base = stack.count
        run(start, end, frame)
        assert(stack.count == base + 1, "an expression leaves one value")
        return pop()
    }

    /// Runs code and leaves its values on the stack.
    mutating func run(_ start: Int, _ end: Int, _ frame: borrowing EvaluationFrame) {
        var place = start
        while place < end {
            let instruction = code[place]
            place += 1
            switch instruction {
            case .constant(let i): stack.append(constants[Int(i)])
            case .field(let i): stack.append(field(Int(i), of: frame.event))
            case .fieldNamed(let i): stack.append(fieldNamed(Int(i), of: frame.event))
            case .eventTime: stack.append(.time(time(of: frame.event)))
            case .eventID: stack.append(idText(of: frame.event))
            case .eventType: stack.append(typeText(of: frame.event))
            case .key(let i): stack.append(key[Int(i)])
            case .bound(let step, let first, let length):
                let value = bound(Int(step), first, place, place + Int(length), frame)
                stack.append(value)
                place += Int(length)
            case .aggregate(let code, let step, let total, let length):
                let value = aggregate(
                    code, Int(step), total: Int(total), place, place + Int(length), frame)
                stack.append(value)
                place += Int(length)
            case .previous(let i): stack.append(previous(Int(i), frame.chain))
            case .windowReading(let i): stack.append(windowReadings[Int(i)])
            case .matchStart: stack.append(.time(frame.matchStart))
            case .matchEnd: stack.append(.time(frame.matchEnd))
            case .matchCount: stack.append(.int(frame.matchCount))
            case .not:
                let a = truth(pop())
                stack.append(a.isMissing ? a : .bool(!a.isTrue))
            case .jumpIfFalse(let n):
                let top = stack[stack.count - 1]
                if top.tag == .bool, top.bits == 0 { place += Int(n) }
            case .jumpIfTrue(let n):
                if stack[stack.count - 1].isTrue { place += Int(n) }
            case .and:
                let b = truth(pop())
                let a = truth(pop())
                stack.append(conjunction(a, b))
            case .or:
                let b = truth(pop())
                let a = truth(pop())
                stack.append(disjunction(a, b))
            case .compare(let comparison):
                let b = pop()
                let a = pop()
                stack.append(compare(comparison, a, b))
            case .isIn:
                let b = pop()
                let a = pop()
                stack.append(isIn(a, b))
            case .isInTable(let table): isIn(table: Int(table))
            case .lookUp(let table, let column): lookUp(Int(table), Int(column))
            case .contains: contains()
            case .like(let i): like(Int(i))
            case .matches(let i): matches(Int(i))
            case .isMissing: stack.append(.bool(pop().isMissing))
            case .jumpIfPresent(let n):
                if stack[stack.count - 1].isMissing { _ = pop() } else { place += Int(n) }
            case .arithmetic(let operation):
                let b = pop()
                let a = pop()
                let value = arithmetic(operation, a, b)
                stack.append(value)
            case .negate:
                let value = negate(pop())
                stack.append(value)
            case .jumpUnlessTrue(let n):
                if !pop().isTrue { place += Int(n) }
            case .jump(let n): place += Int(n)
            case .element: element()
            case .list(let n):
                let elements = popAll(Int(n))
                stack.append(symbols.encode(list: elements))
            case .call(let function, let n): call(function, Int(n))
            case .template(let n): template(Int(n))
            }
        }
    }

    @inline(__always)
    private mutating func pop() -> Slot {
        let top = stack[stack.count - 1]
        stack.removeLast(1)
        return top
    }

    /// The last `count` values, the last one last.
    private mutating func popAll(_ count: Int) -> [Slot] {
        let values = (stack.count - count..<stack.count).map { stack[$0] }
        stack.removeLast(count)
        return values
    }

    /// A value that is no truth is unknown.
    private func truth(_ value: Slot) -> Slot { value.tag == .bool ? value : .missing }

    private func conjunction(_ a: Slot, _ b: Slot) -> Slot {
        if !a.isMissing, !a.isTrue { return a }
        if !b.isMissing, !b.isTrue { return b }
        return a.isMissing ? a : b
    }

    private func disjunction(_ a: Slot, _ b: Slot) -> Slot {
        if a.isTrue { return a }
        if b.isTrue { return b }
        return a.isMissing ? a : b
    }

    private func slot(_ truth: Bool?) -> Slot { truth.map(Slot.bool) ?? .missing }

    // MARK: Comparing

    func compare(_ comparison: Instruction.Comparison, _ a: Slot, _ b: Slot) -> Slot {
        switch comparison {
        case .equal: return slot(equal(a, b))
        case .notEqual: return slot(equal(a, b).map { !$0 })
        case .equalIgnoringCase:
            return slot(
                ValueOperations.equalIgnoringCase(symbols.value(of: a), symbols.value(of: b)))
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard let order = order(a, b) else { return .missing }
            switch comparison {
            case .less: return .bool(order < 0)
            case .lessOrEqual: return .bool(order <= 0)
            case .greater: return .bool(order > 0)
            default: return .bool(order >= 0)
            }
        }
    }

    func equal(_ a: Slot, _ b: Slot) -> Bool? {
        if a.tag == b.tag {
            switch a.tag {
            case .missing: return nil
            case .float: return a.asFloat.isNaN || b.asFloat.isNaN ? nil : a.bits == b.bits
            case .list:
                if a.bits == b.bits { break }
                return ValueOperations.equal(symbols.value(of: a), symbols.value(of: b))
            default: return a.bits == b.bits
            }
            return ValueOperations.equal(symbols.value(of: a), symbols.value(of: b))
        }
        return order(a, b).map { $0 == 0 }
    }

    /// Negative, zero or positive; nil where the two have no order.
    private func order(_ a: Slot, _ b: Slot) -> Int? {
        switch (a.tag, b.tag) {
        case (.int, .int), (.time, .time), (.duration, .duration):
            return a.asInt < b.asInt ? -1 : a.asInt == b.asInt ? 0 : 1
        case (.float, .float):
            let (x, y) = (a.asFloat, b.asFloat)
            return x < y ? -1 : x == y ? 0 : x > y ? 1 : nil
        case (.string, .string): return symbols.compare(a.symbol, b.symbol)
        case (.ipv4, .ipv4): return a.bits < b.bits ? -1 : a.bits == b.bits ? 0 : 1
        case (.int, .float), (.float, .int), (.ipv4, .ipv6), (.ipv6, .ipv4), (.ipv6, .ipv6):
            switch ValueOperations.order(symbols.value(of: a), symbols.value(of: b)) {
            case .less?: return -1
            case .equal?: return 0
            case .greater?: return 1
            case nil: return nil
            }
        default: return nil
        }
    }

    private mutating func contains() {
        let part = symbols.value(of: pop())
        let whole = symbols.value(of: pop())
        stack.append(slot(ValueOperations.contains(whole, part)))
    }

    private mutating func isIn(table: Int) {
        let key = pop()
        guard !key.isMissing else { return stack.append(.missing) }
        stack.append(.bool(program.tables[table].contents.find(key, symbols) >= 0))
    }

    private mutating func lookUp(_ table: Int, _ column: Int) {
        let row = program.tables[table].contents.find(pop(), symbols)
        guard row >= 0 else { return stack.append(.missing) }
        stack.append(
            program.tables[table].contents.slot(row: row, column: column, in: &symbols))
    }

    private func isIn(_ value: Slot, _ collection: Slot) -> Slot {
        slot(ValueOperations.isIn(symbols.value(of: value), symbols.value(of: collection)))
    }

    func isIn(_ value: Slot, among elements: [Slot]) -> Slot {
        let list = elements.map { symbols.value(of: $0) }
        return slot(ValueOperations.isIn(symbols.value(of: value), .list(list)))
    }

    private mutating func like(_ index: Int) {
        let text = pop()
        guard text.tag == .string else { return stack.append(.missing) }
        let pattern = likes[index]
        stack.append(.bool(symbols.withBytes(of: text.symbol) { pattern.matches($0) }))
    }

    private mutating func matches(_ index: Int) {
        let text = pop()
        guard text.tag == .string, let matcher = matchers[index] else {
            return stack.append(.missing)
        }
        stack.append(.bool(symbols.withBytes(of: text.symbol) { matcher.matches($0) }))
    }

    // MARK: Computing

    mutating func arithmetic(
        _ operation: Instruction.Arithmetic, _ a: Slot, _ b: Slot
    ) -> Slot {
        switch (a.tag, b.tag) {
        case (.missing, _), (_, .missing): return .missing
        case (.int, .int):
            switch operation {
            case .add: return checked(a.asInt.addingReportingOverflow(b.asInt))
            case .subtract: return checked(a.asInt.subtractingReportingOverflow(b.asInt))
            case .multiply: return checked(a.asInt.multipliedReportingOverflow(by: b.asInt))
            case .divide: return finite(Double(a.asInt) / Double(b.asInt))
            case .remainder:
                return b.asInt == 0 ? .missing : .int(b.asInt == -1 ? 0 : a.asInt % b.asInt)
            }
        case (.float, .float): return floats(operation, a.asFloat, b.asFloat)
        case (.int, .float): return floats(operation, Double(a.asInt), b.asFloat)
        case (.float, .int): return floats(operation, a.asFloat, Double(b.asInt))
        default: return general(operation, a, b)
        }
    }

    private mutating func floats(
        _ operation: Instruction.Arithmetic, _ a: Double, _ b: Double
    ) -> Slot {
        switch operation {
        case .add: finite(a + b)
        case .subtract: finite(a - b)
        case .multiply: finite(a * b)
        case .divide: finite(a / b)
        case .remainder: finite(a.truncatingRemainder(dividingBy: b))
        }
    }

    private mutating func checked(_ result: (partialValue: Int64, overflow: Bool)) -> Slot {
        if result.overflow {
            overflows += 1
            return .missing
        }
        return .int(result.partialValue)
    }

    mutating func finite(_ value: Double) -> Slot {
        if value.isFinite { return .float(value) }
        // Not a number is no overflow: 0 / 0 has no value to lose.
        if value.isInfinite { overflows += 1 }
        return .missing
    }

    /// Times and durations; texts are joined by `template`, or here by way of a value.
    private func general(_ operation: Instruction.Arithmetic, _ a: Slot, _ b: Slot) -> Slot {
        let (x, y) = (symbols.value(of: a), symbols.value(of: b))
        let result =
            switch operation {
            case .add: ValueOperations.add(x, y)
            case .subtract: ValueOperations.subtract(x, y)
            case .multiply: ValueOperations.multiply(x, y)
            case .divide: ValueOperations.divide(x, y)
            case .remainder: ValueOperations.remainder(x, y)
            }
        switch result {
        case .time(let time): return .time(time)
        case .duration(let span): return .duration(span)
        case .float(let number): return .float(number)
        case .int(let number): return .int(number)
        default: return .missing
        }
    }

    private mutating func negate(_ a: Slot) -> Slot {
        switch a.tag {
        case .int: checked(Int64(0).subtractingReportingOverflow(a.asInt))
        case .float: finite(-a.asFloat)
        case .duration: a.asInt == .min ? .missing : Slot(tag: .duration, bits: 0 &- a.bits)
        default: .missing
        }
    }

    private mutating func element() {
        let index = pop()
        let list = pop()
        guard list.tag == .list, index.tag == .int else { return stack.append(.missing) }
        let elements = symbols.elements(of: list)
        let count = Int64(elements.count)
        guard index.asInt < count, index.asInt >= -count else { return stack.append(.missing) }
        stack.append(elements[Int(index.asInt < 0 ? index.asInt + count : index.asInt)])
    }

    private mutating func call(_ function: ScalarFunction, _ count: Int) {
        let arguments = popAll(count).map { symbols.value(of: $0) }
        let result = function.apply(arguments)
        stack.append(Slot(result, in: &symbols))
    }

    private mutating func template(_ count: Int) {
        var text: [UInt8] = []
        for part in popAll(count) { symbols.appendText(of: part, to: &text) }
        stack.append(.string(symbols.intern(text)))
    }

    private mutating func idText(of event: StoredEvent) -> Slot {
        let id = givenID(of: event)
        switch id.tag {
        case .string: return id
        case .int: return .string(symbols.intern(String(id.asInt)))
        default:
            let (feed, position) = origin(of: event)
            guard feedNames.indices.contains(feed) else { return .missing }
            return .string(symbols.intern("\(feedNames[feed]):\(position)"))
        }
    }

    // MARK: Bound events

    mutating func bound(
        _ step: Int, _ first: Bool, _ start: Int, _ end: Int, _ frame: borrowing EvaluationFrame
    ) -> Slot {
        let node =
            first
            ? bindings.first(of: step, in: frame.chain) : bindings.last(of: step, in: frame.chain)
        guard node != BindingStore.empty else { return .missing }
        return look(at: node, start, end, frame)
    }

    mutating func look(
        at node: Int64, _ start: Int, _ end: Int, _ frame: borrowing EvaluationFrame
    ) -> Slot {
        let event = bindings.event(of: node)
        // The usual case by itself: one field.
        if end - start == 1, case .field(let i) = code[start] {
            return field(Int(i), of: event)
        }
        var inner = copy frame
        inner.event = event
        return evaluate(start, end, inner)
    }

    mutating func previous(_ table: Int, _ chain: Int64) -> Slot {
        guard chain != BindingStore.empty else { return .missing }
        let event = bindings.event(of: chain)
        let field = previousFields[table * previousWidth + bindings.step(of: chain)]
        if field >= 0 { return self.field(Int(field), of: event) }
        switch field {
        case RulesetProgram.PreviousTable.time: return .time(time(of: event))
        case RulesetProgram.PreviousTable.id: return idText(of: event)
        case RulesetProgram.PreviousTable.type: return typeText(of: event)
        default: return .missing
        }
    }
}
