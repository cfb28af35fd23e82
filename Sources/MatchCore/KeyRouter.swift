// SPDX-License-Identifier: Apache-2.0

package import Automata
package import EventModel

/// Tells ahead which key group an event belongs to, where one of its slots says so.
///
/// Shards look for themselves at the events of which it does not.
package struct KeyRouter: Sendable {
    /// The group of an event that may belong to several, or of which only its shard can tell.
    package static let anyGroup: UInt8 = 255

    /// For each incoming type the slot that is the whole key of the only input that takes such
    /// events; -1: it is more involved.
    private let slots: [Int32]

    package init(_ program: RulesetProgram) {
        slots = program.decodePlan.types.indices.map { KeyRouter.slot(ofType: $0, program) }
    }

    private static func slot(ofType row: Int, _ program: RulesetProgram) -> Int32 {
        let membership = program.memberships[row]
        guard membership.derivations.isEmpty, program.inputsOfAny.isEmpty else { return -1 }
        let takers = membership.given.flatMap { program.inputsByType[Int($0)] }
        guard let first = takers.first, takers.allSatisfy({ $0 == first }) else { return -1 }
        return PlainKey(of: program.inputs[Int(first)], inRow: row, of: program).slot
    }

    /// Finds the groups of the events of `batch`, in place of what `groups` held.
    package func route(
        _ batch: borrowing EventBatch, _ symbols: borrowing SymbolTable, _ groups: inout [UInt8]
    ) {
        groups.removeAll(keepingCapacity: true)
        for index in 0..<batch.count {
            let type = Int(batch.events[index].type)
            let slot = type >= 0 ? Int(slots[type]) : -1
            guard slot >= 0 else {
                groups.append(KeyRouter.anyGroup)
                continue
            }
            let value = batch.slots[index * batch.slotCount + slot]
            groups.append(
                value.isMissing || value.tag == .list
                    ? KeyRouter.anyGroup : KeyGroup.of(value.identity, symbols))
        }
    }
}

/// The group of a key, by content: the same in every process.
struct KeyGroup {
    private var hash: UInt64 = 0x9e37_79b9_7f4a_7c15

    /// The group of the parts added.
    var value: Int { Int(hash % UInt64(MatchShard.keyGroupCount)) }

    @inline(__always)
    mutating func add(_ slot: Slot, _ symbols: borrowing SymbolTable) {
        let content = slot.holdsSymbol ? UInt64(symbols.hash(of: slot.symbol)) : slot.bits
        hash = (hash ^ content ^ UInt64(slot.tag.rawValue) << 56) &* 0xff51_afd7_ed55_8ccd
        hash ^= hash >> 32
    }

    @inline(__always)
    static func of(_ part: Slot, _ symbols: borrowing SymbolTable) -> UInt8 {
        var group = KeyGroup()
        group.add(part, symbols)
        return UInt8(group.value)
    }
}
