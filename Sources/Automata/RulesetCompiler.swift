// SPDX-License-Identifier: Apache-2.0

internal import EventModel
package import RuleLanguage
internal import TextMatching

/// Checked rules to the program that the engine runs.
package enum RulesetCompiler {
    /// Compiles every rule of `ruleset`; the program is validated before it is handed out.
    package static func compile(_ ruleset: CheckedRuleset) -> RulesetProgram {
        var builder = CodeBuilder(ruleset)
        var rules: [RuleProgram] = []
        rules.reserveCapacity(ruleset.rules.count)
        /// By the position of the rule that others are like.
        var compilers: [Int: AlikeRuleCompiler] = [:]
        for index in ruleset.rules.indices {
            if let rule = ruleset.rules.alike(index) {
                let compiler =
                    compilers[rule.model]
                    ?? AlikeRuleCompiler(
                        rules[rule.model], of: ruleset.rules[rule.model], rule, &builder)
                compilers[rule.model] = compiler
                rules.append(compiler.compile(rule, index: index, &builder))
                continue
            }
            // The builder is handed on, not copied: it grows with every rule.
            var compiler = PatternCompiler(
                ruleset.rules[index], index: index, ruleset: ruleset, builder: consume builder)
            rules.append(compiler.compile())
            builder = compiler.builder
        }
        let slotted = slotted(rules, ruleset, builder)
        var layouts = ruleset.eventTypes.indices.map {
            SlotLayout(ruleset, incoming: EventTypeID($0), slotted: slotted)
        }
        link(&rules, ruleset, layouts)
        let names = builder.fieldNames
        var other = OtherLayout()
        let nameTable =
            layouts.indices.flatMap { index in
                names.map { Int16(layouts[index].slot(named: $0)) }
            } + names.map { Int16(other.slot(named: $0)) }
        let inputs = InputProgram.inputs(of: rules, builder)
        let inputsByType = ruleset.eventTypes.indices.map { type in
            takers(of: Int32(type), inputs)
        }
        let inputsOfAny = takers(of: -1, inputs)
        var program = RulesetProgram(
            decodePlan: plan(ruleset, layouts, other, wantsOther: !inputsOfAny.isEmpty),
            typeNames: ruleset.eventTypes.map(\.name),
            memberships: memberships(layouts, other, &builder),
            derivedFields: layouts.map(derivedFields),
            fieldCount: builder.fieldCount,
            fields: ruleset.eventTypes.flatMap { type in
                type.fields.map { .init(type: type.name, field: $0.name) }
            },
            slotTable: slotTable(ruleset, layouts, builder),
            fieldNames: names,
            nameTable: nameTable,
            constants: builder.constants,
            regexes: builder.regexes,
            likePatterns: builder.likes,
            previousTables: builder.previousTables,
            tables: ruleset.tables.map { .init(name: $0.name, contents: $0.contents) },
            code: builder.code,
            predicates: builder.predicates,
            conditions: builder.conditions,
            totalCount: builder.totalCount,
            rules: rules,
            inputs: inputs,
            inputsByType: inputsByType,
            inputsOfAny: inputsOfAny)
        program.markExcerpts()
        program.validate()
        return program
    }

    /// Notes which rules feed others.
    private static func link(
        _ rules: inout [RuleProgram], _ ruleset: CheckedRuleset, _ layouts: [SlotLayout]
    ) {
        var read: Set<Int32> = []
        for index in rules.indices where rules[index].model < 0 {
            for route in rules[index].routes { read.insert(route.type) }
        }
        for index in rules.indices {
            rules[index].chain.rank = ruleset.rules.rank(of: index)
            rules[index].chain.onlyEmits = ruleset.rules.onlyEmits(index)
            guard let type = ruleset.rules.alertType(of: index) else { continue }
            rules[index].chain.alertType = Int32(type.index)
            rules[index].chain.feeds = layouts[type.index].reachable.contains {
                read.contains(Int32($0.index))
            }
        }
    }

    /// The fields that are read out of slots and nowhere else, so that they need one although they
    /// may be built in: those of keys and of `distinct`, subjects of patterns, and what derived
    /// types inherit.
    private static func slotted(
        _ rules: [RuleProgram], _ ruleset: CheckedRuleset, _ builder: CodeBuilder
    ) -> Set<FieldRef> {
        var numbers: Set<Int32> = []
        for index in rules.indices where rules[index].model < 0 {
            for route in rules[index].routes where route.type >= 0 {
                numbers.formUnion(route.fields)
            }
            numbers.formUnion(rules[index].steps.map(\.distinct))
        }
        var result: Set<FieldRef> = []
        for (index, type) in ruleset.eventTypes.enumerated() {
            result.formUnion(type.patterns.map(\.subject))
            for (number, field) in type.fields.enumerated() {
                let ref = FieldRef(type: EventTypeID(index), field: number)
                if numbers.contains(builder.number(of: ref)) { result.insert(ref) }
                if case .inherited(let sources) = field.origin { result.formUnion(sources) }
            }
        }
        return result
    }

    /// The slots of events of types that no rule names, for rules on any event.
    private struct OtherLayout {
        var fields: [DecodePlan.Field] = []
        var builtIns: [BuiltInSlot] = []
        var slotCount: Int { fields.count + builtIns.count }

        mutating func slot(named name: String) -> Int {
            let slot = slotCount
            if let builtIn = EventType.BuiltInField(rawValue: name) {
                builtIns.append(BuiltInSlot(field: builtIn, slot: slot))
            } else {
                fields.append(
                    DecodePlan.Field(
                        path: name, targets: [DecodePlan.Target(slot: slot, type: .any)]))
            }
            return slot
        }
    }

    private static func plan(
        _ ruleset: CheckedRuleset, _ layouts: [SlotLayout], _ other: OtherLayout, wantsOther: Bool
    ) -> DecodePlan {
        let types = zip(ruleset.eventTypes, layouts).map { type, layout in
            DecodePlan.IncomingType(
                name: type.name, fields: layout.fields, timePath: type.timePath,
                timeFormat: type.timeFormat, idPath: type.idPath)
        }
        let widest = layouts.map(\.slotCount).max() ?? 0
        return DecodePlan(
            types: types, otherFields: wantsOther ? other.fields : nil,
            slotCount: max(widest, other.slotCount))
    }

    private static func slotTable(
        _ ruleset: CheckedRuleset, _ layouts: [SlotLayout], _ builder: CodeBuilder
    ) -> [Int16] {
        let width = builder.fieldCount
        var table = [Int16](repeating: -1, count: (layouts.count + 1) * width)
        for (incoming, layout) in layouts.enumerated() {
            for (ref, slot) in layout.slots {
                table[incoming * width + Int(builder.number(of: ref))] = Int16(slot)
            }
        }
        return table
    }

    private static func derivedFields(_ layout: SlotLayout) -> [RulesetProgram.DerivedField] {
        var result: [RulesetProgram.DerivedField] = []
        for type in layout.reachable where !layout.isVouchedFor(type) {
            for (index, field) in layout.ruleset[type].fields.enumerated() {
                switch field.origin {
                case .captured, .computed: break
                case .incoming, .inherited, .builtIn: continue
                }
                guard let slot = layout.slots[FieldRef(type: type, field: index)],
                    !result.contains(where: { $0.name == field.name })
                else { continue }
                result.append(.init(name: field.name, slot: Int16(slot)))
            }
        }
        return result
    }

    /// The inputs with a route for the type.
    private static func takers(of type: Int32, _ inputs: [InputProgram]) -> [Int32] {
        inputs.indices.filter { inputs[$0].routes.contains { $0.type == type } }.map(Int32.init)
    }

    /// - Precondition: names have their slots.
    private static func memberships(
        _ layouts: [SlotLayout], _ other: OtherLayout, _ builder: inout CodeBuilder
    ) -> [MembershipProgram] {
        let ofOthers = filling(other.builtIns, ofType: -1, &builder)
        return layouts.map { membership($0, &builder) }
            + [MembershipProgram(given: [], derivations: ofOthers)]
    }

    private static func membership(
        _ layout: SlotLayout, _ builder: inout CodeBuilder
    ) -> MembershipProgram {
        var program = MembershipProgram(
            given: layout.vouchedFor.map { Int32($0.index) },
            derivations: filling(layout.builtIns, ofType: Int32(layout.incoming.index), &builder))
        for type in layout.reachable {
            let derivation = derivation(of: type, layout, &builder)
            let isPlain =
                derivation.sources.isEmpty && derivation.filter == nil
                && derivation.patterns.isEmpty && derivation.computed.isEmpty
            if !layout.isVouchedFor(type), isPlain {
                program.given.append(Int32(type.index))
            } else if !layout.isVouchedFor(type) || !derivation.computed.isEmpty {
                program.derivations.append(derivation)
            }
        }
        return program
    }

    /// Puts what every event has into slots, ahead of all that may read them.
    private static func filling(
        _ builtIns: [BuiltInSlot], ofType type: Int32, _ builder: inout CodeBuilder
    ) -> [MembershipProgram.Derivation] {
        if builtIns.isEmpty { return [] }
        let computed = builtIns.map {
            MembershipProgram.Computed(
                slot: Int16($0.slot), code: builder.compile(.builtIn($0.field)))
        }
        return [
            .init(
                type: type, sources: [], copies: [], patterns: [], computed: computed,
                filter: nil, isVouchedFor: true)
        ]
    }

    private static func derivation(
        of id: EventTypeID, _ layout: SlotLayout, _ builder: inout CodeBuilder
    ) -> MembershipProgram.Derivation {
        let type = layout.ruleset[id]
        let vouched = layout.isVouchedFor(id)
        var result = MembershipProgram.Derivation(
            type: Int32(id.index),
            sources: id == layout.incoming ? [] : type.sources.map { Int32($0.index) },
            copies: [], patterns: [], computed: [], filter: nil, isVouchedFor: vouched)
        for (index, field) in type.fields.enumerated() {
            let ref = FieldRef(type: id, field: index)
            if let copies = layout.copies[ref] {
                result.copies += copies.map {
                    .init(source: Int32($0.source.index), from: Int16($0.from), to: Int16($0.to))
                }
            }
            if case .computed(let expr) = field.origin, let slot = layout.slots[ref] {
                result.computed.append(.init(slot: Int16(slot), code: builder.compile(expr)))
            }
        }
        guard !vouched else { return result }
        result.filter = type.filter.map { builder.compile($0) }
        for (index, pattern) in type.patterns.enumerated() {
            result.patterns.append(
                .init(
                    subject: Int16(layout.slots[pattern.subject] ?? -1),
                    regex: builder.regex(pattern.regex),
                    captures: captures(of: index, in: id, layout)))
        }
        return result
    }

    private static func captures(
        of pattern: Int, in id: EventTypeID, _ layout: SlotLayout
    ) -> [MembershipProgram.Capture] {
        let literal = layout.ruleset[id].patterns[pattern].regex
        // The checker has refused expressions that do not compile.
        let regex = try? Regex(pattern: literal.pattern, flags: literal.flags)
        return layout.ruleset[id].fields.enumerated().compactMap { index, field in
            guard case .captured(pattern, let group) = field.origin,
                let slot = layout.slots[FieldRef(type: id, field: index)],
                let number = regex?.captureIndex(named: group)
            else { return nil }
            return MembershipProgram.Capture(
                group: Int32(number), slot: Int16(slot), type: field.type)
        }
    }
}
