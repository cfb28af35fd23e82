// SPDX-License-Identifier: Apache-2.0

package import EventModel
internal import Synchronization

/// Everything the engine needs of a ruleset: immutable, printable, validated when built.
package struct RulesetProgram: Sendable {
    /// What decoders fill in.
    package var decodePlan: DecodePlan
    /// The names of the event types; index is the type's.
    package var typeNames: [String]
    /// For each incoming type (and, last, for all others): what the event is a member of.
    package var memberships: [MembershipProgram]
    /// For each incoming type: the fields that did not come in but were captured or computed.
    package var derivedFields: [[DerivedField]]
    /// The number of fields over all event types: the width of a row of `slotTable`.
    package var fieldCount: Int
    /// What the fields are called, by number.
    package var fields: [FieldName]
    /// slotTable[incoming * fieldCount + field]: the slot, or -1 where such events never have it.
    package var slotTable: [Int16]
    /// The names of `.fieldNamed`; nameTable[incoming * names + name] as in `slotTable`.
    package var fieldNames: [String]
    package var nameTable: [Int16]
    package var constants: [Value]
    package var regexes: [RegexSource]
    package var likePatterns: [LikeLiteral]
    package var previousTables: [PreviousTable]
    package var tables: [Table]
    package var code: [Instruction]
    /// What conditions ask of an event alone.
    package var predicates: [Predicate]
    /// The conditions of filters that read the event alone, by their predicates: all have to hold.
    package var conditions: [[Int32]]
    /// The most running totals that a rule has.
    package var totalCount: Int
    /// To go through their indices copies none of them, as going through themselves does.
    package var rules: [RuleProgram]
    /// The rules by what they take in.
    package var inputs: [InputProgram]
    /// For each event type: the inputs that take its events, ascending.
    package var inputsByType: [[Int32]]
    /// The inputs that take any event.
    package var inputsOfAny: [Int32]

    /// Whether rules read the alerts of others.
    package var hasChains: Bool { rules.indices.contains { rules[$0].chain.feeds } }
    package var hasEmits: Bool { rules.indices.contains { rules[$0].chain.onlyEmits } }

    private let fingerprintCache = FingerprintCache()

    /// A hash of what the rules do, to tell whether a snapshot belongs to them: FNV-1a over the
    /// program's text.
    ///
    /// - Shape: O(program) the first time; replays never ask.
    package var fingerprint: UInt64 { fingerprintCache.value(of: self) }

    /// A table that conditions look into. What a snapshot holds does not depend on its rows, so
    /// these are no part of the fingerprint.
    package struct Table: Sendable {
        package var name: String
        package var contents: LookupTable
    }

    /// A field by the names that it has in every program of a ruleset that has it.
    package struct FieldName: Hashable, Sendable {
        package var type: String
        package var field: String
    }

    package struct RegexSource: Hashable, Sendable {
        package var pattern: String
        package var flags: String
    }

    package struct DerivedField: Hashable, Sendable {
        package var name: String
        package var slot: Int16
    }

    package struct LikeLiteral: Hashable, Sendable {
        package var pattern: String
        package var ignoringCase: Bool

        package init(pattern: String, ignoringCase: Bool) {
            self.pattern = pattern
            self.ignoringCase = ignoringCase
        }
    }

    /// The field that `prev(name)` reads, by the step that bound the event; -1: none; below that
    /// what every event has.
    package struct PreviousTable: Hashable, Sendable {
        package var fieldByStep: [Int32]

        package static let time: Int32 = -2
        package static let id: Int32 = -3
        package static let type: Int32 = -4

        package init(fieldByStep: [Int32]) { self.fieldByStep = fieldByStep }
    }
}

/// Keeps the fingerprint of a program, which does not change once it is built.
private final class FingerprintCache: Sendable {
    private let known = Mutex<UInt64?>(nil)

    func value(of program: RulesetProgram) -> UInt64 {
        known.withLock { known in
            if let known { return known }
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            for byte in program.description.utf8 {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
            }
            known = hash
            return hash
        }
    }
}

/// How the member types of an event of one incoming type are found.
package struct MembershipProgram: Sendable {
    /// The types it is a member of without asking.
    package var given: [Int32]
    /// Asked in order; each may rest on the ones before.
    package var derivations: [Derivation]
    /// The slots of texts that only patterns read: see `RulesetProgram.markExcerpts`.
    package var excerpts: [Int16] = []

    package struct Derivation: Sendable {
        /// -1: none of those that rules name, to which nothing is added.
        package var type: Int32
        /// A member of one of these; empty: of the incoming type itself.
        package var sources: [Int32]
        /// Copies to make if the event is a member of `source`: the first source that is one wins.
        package var copies: [Copy]
        package var patterns: [Pattern]
        package var computed: [Computed]
        package var filter: CodeRange?
        /// The type has already been vouched for (its name came in): only `computed` is done, for
        /// fields that did not come in or that every event has.
        package var isVouchedFor: Bool

        package init(
            type: Int32, sources: [Int32], copies: [Copy], patterns: [Pattern],
            computed: [Computed], filter: CodeRange?, isVouchedFor: Bool
        ) {
            self.type = type
            self.sources = sources
            self.copies = copies
            self.patterns = patterns
            self.computed = computed
            self.filter = filter
            self.isVouchedFor = isVouchedFor
        }
    }

    package struct Copy: BitwiseCopyable, Sendable {
        package var source: Int32
        package var from: Int16
        package var to: Int16
    }

    package struct Pattern: Sendable {
        package var subject: Int16
        package var regex: Int32
        package var captures: [Capture]
    }

    package struct Capture: Sendable {
        /// The number of the group in the pattern.
        package var group: Int32
        package var slot: Int16
        package var type: ValueType
    }

    package struct Computed: BitwiseCopyable, Sendable {
        package var slot: Int16
        package var code: CodeRange
    }

    package init(given: [Int32], derivations: [Derivation]) {
        self.given = given
        self.derivations = derivations
    }
}
