// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import BasicContainers
internal import EventModel

/// How the member types of events are found, as the hot path reads it: like `RulePlan`, rows
/// without references in arrays that are never copied.
struct MembershipPlan: ~Copyable {
    private let inPlace = InPlace()
    /// Of one incoming type: ranges of the arrays below.
    struct Row {
        var given: Range<Int>
        var derivations: Range<Int>
        var excerpts: Range<Int>
    }

    struct Derivation {
        var type: Int32
        var isVouchedFor: Bool
        var sources: Range<Int>
        var copies: Range<Int>
        var patterns: Range<Int>
        var computed: Range<Int>
        var filter: CodeRange?
    }

    struct Pattern {
        var subject: Int
        var regex: Int
        var captures: Range<Int>
    }

    private(set) var rows = UniqueArray<Row>()
    private(set) var derivations = UniqueArray<Derivation>()
    /// Given types and sources.
    private(set) var types = UniqueArray<Int32>()
    private(set) var copies = UniqueArray<MembershipProgram.Copy>()
    private(set) var patterns = UniqueArray<Pattern>()
    private(set) var captures = UniqueArray<MembershipProgram.Capture>()
    private(set) var computed = UniqueArray<MembershipProgram.Computed>()
    /// Slots.
    private(set) var excerpts = UniqueArray<Int16>()

    init(_ programs: [MembershipProgram]) {
        for program in programs {
            let firstDerivation = derivations.count
            for derivation in program.derivations { add(derivation) }
            rows.append(
                Row(
                    given: MembershipPlan.add(program.given, to: &types),
                    derivations: firstDerivation..<derivations.count,
                    excerpts: MembershipPlan.add(program.excerpts, to: &excerpts)))
        }
    }

    private mutating func add(_ derivation: MembershipProgram.Derivation) {
        let firstPattern = patterns.count
        for pattern in derivation.patterns {
            patterns.append(
                Pattern(
                    subject: Int(pattern.subject), regex: Int(pattern.regex),
                    captures: MembershipPlan.add(pattern.captures, to: &captures)))
        }
        derivations.append(
            Derivation(
                type: derivation.type, isVouchedFor: derivation.isVouchedFor,
                sources: MembershipPlan.add(derivation.sources, to: &types),
                copies: MembershipPlan.add(derivation.copies, to: &copies),
                patterns: firstPattern..<patterns.count,
                computed: MembershipPlan.add(derivation.computed, to: &computed),
                filter: derivation.filter))
    }

    private static func add<Item>(
        _ items: [Item], to all: inout UniqueArray<Item>
    ) -> Range<Int> {
        let start = all.count
        for item in items { all.append(item) }
        return start..<all.count
    }
}
