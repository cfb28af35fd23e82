// SPDX-License-Identifier: Apache-2.0
// The types of fields of undeclared event types, inferred from their uses: union-find over type
// variables, one a field, each with the first use that fixed its type. Exercised by
// CheckingTypesTests.

import Diagnostics
import EventModel

/// The type of a field or expression while checking: known, or a variable that uses will fix.
enum FieldType {
    case known(ValueType)
    case variable(Int)
}

/// What is known of the fields of undeclared event types.
///
/// - Shape: variables are joined where fields are compared with each other; near O(1) a call.
struct FieldTypes {
    /// A use that fixed a type.
    struct Use {
        let type: ValueType
        let span: SourceSpan
    }

    /// The two uses that can't both be right.
    struct Contradiction {
        let first: Use
        let second: Use
    }

    private struct Entry {
        var parent: Int
        /// The number of variables below a root.
        var size = 1
        var use: Use?
        /// Declarations disagree about the field: any use goes.
        var isFree = false
    }

    private var entries: [Entry] = []
    /// How often anything new has been learned.
    private(set) var changes = 0

    mutating func makeVariable() -> FieldType {
        changes += 1
        entries.append(Entry(parent: entries.count, use: nil))
        return .variable(entries.count - 1)
    }

    /// What is known of `type` so far; `.any` for a variable that nothing has fixed.
    func resolve(_ type: FieldType) -> ValueType {
        switch type {
        case .known(let known): known
        case .variable(let variable): entries[root(variable)].use?.type ?? .any
        }
    }

    /// Takes a use of a field into account.
    mutating func constrain(_ variable: Int, to type: ValueType, at span: SourceSpan)
        -> Contradiction?
    {
        let new = Use(type: FieldTypes.implied(by: type), span: span)
        let root = root(variable)
        if new.type == .any || new.type == .erroneous || entries[root].isFree { return nil }
        guard let old = entries[root].use else {
            entries[root].use = new
            changes += 1
            return nil
        }
        guard let merged = FieldTypes.merge(old.type, new.type) else {
            return Contradiction(first: old, second: new)
        }
        if merged != old.type {
            entries[root].use = Use(type: merged, span: span)
            changes += 1
        }
        return nil
    }

    /// Takes a declaration's word for a feed's field; where two declarations differ, any type goes.
    mutating func suggest(_ variable: Int, _ type: ValueType, at span: SourceSpan) {
        if constrain(variable, to: type, at: span) != nil {
            let root = root(variable)
            changes += 1
            entries[root].isFree = true
            entries[root].use = nil
        }
    }

    /// Makes two fields have one type, as a comparison of them implies.
    mutating func join(_ a: Int, _ b: Int) -> Contradiction? {
        let (a, b) = (root(a), root(b))
        if a == b || entries[a].isFree || entries[b].isFree { return nil }
        changes += 1
        let uses = (entries[a].use, entries[b].use)
        if let first = uses.0, let second = uses.1 {
            guard let merged = FieldTypes.merge(first.type, second.type) else {
                return Contradiction(first: first, second: second)
            }
            entries[a].use = Use(type: merged, span: first.span)
        } else {
            entries[a].use = uses.0 ?? uses.1
        }
        // The smaller under the larger: then no way to a root is longer than log n.
        let (low, high) = entries[a].size < entries[b].size ? (a, b) : (b, a)
        entries[high].use = entries[a].use
        entries[high].size += entries[low].size
        entries[low].parent = high
        return nil
    }

    private func root(_ variable: Int) -> Int {
        var index = variable
        while entries[index].parent != index { index = entries[index].parent }
        return index
    }

    /// A number of any kind implies `number`: the next event may hold the other kind.
    private static func implied(by type: ValueType) -> ValueType {
        switch type {
        case .int, .float, .number: .number
        case .enumeration: .string
        case .list(let element): .list(implied(by: element))
        default: type
        }
    }

    private static func merge(_ a: ValueType, _ b: ValueType) -> ValueType? {
        switch (a, b) {
        case (.any, _): b
        case (_, .any): a
        case (.list(let x), .list(let y)): merge(x, y).map(ValueType.list)
        default: a == b ? a : nil
        }
    }
}

extension ValueType {
    var isNumeric: Bool {
        switch self {
        case .int, .float, .number: true
        default: false
        }
    }

    var isText: Bool {
        switch self {
        case .string, .enumeration: true
        default: false
        }
    }

    /// Nothing to check against: not known, or already diagnosed.
    var isOpen: Bool { self == .any || self == .erroneous }

    /// The one type that holds values of both, or nil where they have nothing in common.
    func joined(with other: ValueType) -> ValueType? {
        if self == other { return self }
        switch (self, other) {
        case (.erroneous, _), (_, .erroneous): return .erroneous
        case (.any, _), (_, .any): return .any
        case (.int, .float), (.float, .int): return .float
        case (.ip, .network), (.network, .ip): return .network
        case (.list(let a), .list(let b)): return a.joined(with: b).map(ValueType.list)
        case (.enumeration(let a), .enumeration(let b)):
            return .enumeration(a + b.filter { !a.contains($0) })
        default:
            if isNumeric && other.isNumeric { return .number }
            if isText && other.isText { return .string }
            return nil
        }
    }
}
