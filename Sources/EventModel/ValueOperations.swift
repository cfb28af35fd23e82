// SPDX-License-Identifier: Apache-2.0
// What the operators of the language mean on values. The engine computes the same on its slots.
// Truth is three-valued: `nil` is unknown. Exercised by ValueOperationsTests.

/// The comparisons of the language.
package enum ValueOperations {
    package enum Order: Hashable, Sendable { case less, equal, greater }

    /// The order of two values; nil (unknown) where one is missing or they have no common order:
    /// values of different types, except int with float; bools, networks and lists.
    ///
    /// Numbers compare by their exact values, strings by their UTF-8 bytes, IPv4 addresses come
    /// before IPv6.
    package static func order(_ a: Value, _ b: Value) -> Order? {
        switch (a, b) {
        case (.int(let a), .int(let b)): order(a, b)
        case (.float(let a), .float(let b)): a.isNaN || b.isNaN ? nil : order(a, b)
        case (.int(let a), .float(let b)): order(int: a, float: b)
        case (.float(let a), .int(let b)): order(int: b, float: a).map(reversed)
        case (.string(let a), .string(let b)): order(bytes: a, b)
        case (.time(let a), .time(let b)): order(a, b)
        case (.duration(let a), .duration(let b)): order(a, b)
        case (.ip(let a), .ip(let b)): order(a, b)
        default: nil
        }
    }

    /// `a == b`; unknown where one is missing or their types cannot be compared. Lists are equal
    /// element by element.
    package static func equal(_ a: Value, _ b: Value) -> Bool? {
        switch (a, b) {
        case (.bool(let a), .bool(let b)): a == b
        case (.network(let a), .network(let b)): a == b
        case (.list(let a), .list(let b)): equal(lists: a, b)
        default: order(a, b).map { $0 == .equal }
        }
    }

    /// `a ~= b`: equal texts after Unicode's lower-casing; unknown for anything but two texts.
    package static func equalIgnoringCase(_ a: Value, _ b: Value) -> Bool? {
        guard case .string(let a) = a, case .string(let b) = b else { return nil }
        return order(bytes: a.lowercased(), b.lowercased()) == .equal
    }

    /// `value in collection`: true if some element equals the value or is a network that holds
    /// it; otherwise unknown if a comparison with some element was; otherwise false. The
    /// collection may also be one network.
    package static func isIn(_ value: Value, _ collection: Value) -> Bool? {
        if value.isMissing { return nil }
        switch (value, collection) {
        case (.ip(let address), .network(let network)): return network.contains(address)
        case (_, .list(let elements)):
            var isUnknown = false
            for element in elements {
                switch isElement(value, element) {
                case true?: return true
                case false?: continue
                case nil: isUnknown = true
                }
            }
            return isUnknown ? nil : false
        default: return nil
        }
    }

    /// `whole contains part`: a text within a text by bytes, an element in a list, an address in
    /// a network.
    package static func contains(_ whole: Value, _ part: Value) -> Bool? {
        if case .string(let whole) = whole {
            guard case .string(let part) = part else { return nil }
            return find(Array(part.utf8), in: Array(whole.utf8), from: 0) != nil
        }
        return isIn(part, whole)
    }
}

extension ValueOperations {
    private static func isElement(_ value: Value, _ element: Value) -> Bool? {
        if case .ip(let address) = value, case .network(let network) = element {
            return network.contains(address)
        }
        return equal(value, element)
    }

    private static func equal(lists a: [Value], _ b: [Value]) -> Bool? {
        if a.count != b.count { return false }
        var isUnknown = false
        for (x, y) in zip(a, b) {
            switch equal(x, y) {
            case true?: continue
            case false?: return false
            case nil: isUnknown = true
            }
        }
        return isUnknown ? nil : true
    }

    private static func order<T: Comparable>(_ a: T, _ b: T) -> Order {
        a < b ? .less : a == b ? .equal : .greater
    }

    private static func order(bytes a: String, _ b: String) -> Order {
        if a.utf8.elementsEqual(b.utf8) { return .equal }
        return a.utf8.lexicographicallyPrecedes(b.utf8) ? .less : .greater
    }

    private static func reversed(_ order: Order) -> Order {
        switch order {
        case .less: .greater
        case .equal: .equal
        case .greater: .less
        }
    }

    /// Compares without rounding: 2^53 + 1 is greater than 2.0^53.
    package static func order(int a: Int64, float b: Double) -> Order? {
        if b.isNaN { return nil }
        if b >= 0x1p63 { return .less }
        if b < -0x1p63 { return .greater }
        let whole = b.rounded(.towardZero)
        let wholeInt = Int64(whole)
        if a != wholeInt { return a < wholeInt ? .less : .greater }
        return order(whole, b)
    }

    /// The first place at or after `start` where `part` stands in `whole`.
    static func find(_ part: [UInt8], in whole: [UInt8], from start: Int) -> Int? {
        guard part.count <= whole.count, start <= whole.count - part.count else { return nil }
        return (start...(whole.count - part.count)).first { at in
            (0..<part.count).allSatisfy { whole[at + $0] == part[$0] }
        }
    }
}
