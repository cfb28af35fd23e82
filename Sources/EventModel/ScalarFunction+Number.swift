// SPDX-License-Identifier: Apache-2.0
// Functions on numbers, and conversions. A float that is not finite never leaves them.

import Glibc

enum NumberFunctions {
    static func abs(_ value: Value) -> Value {
        switch value {
        case .int(let number): number < 0 ? ValueOperations.negate(value) : value
        case .float(let number): .float(Swift.abs(number))
        case .duration(let span): span < .zero ? ValueOperations.negate(value) : value
        default: .missing
        }
    }

    /// The least or greatest of two or more values that can be ordered; of equal ones the first.
    static func extreme(_ arguments: [Value], keeping wanted: ValueOperations.Order) -> Value {
        guard arguments.count >= 2 else { return .missing }
        var best = arguments[0]
        for value in arguments.dropFirst() {
            guard let order = ValueOperations.order(value, best) else { return .missing }
            if order == wanted { best = value }
        }
        return best
    }

    /// An int for one argument; with a number of digits a float stays a float. Halves go away
    /// from zero.
    static func round(_ arguments: [Value]) -> Value {
        guard arguments.count == 2 else { return whole(arguments, .toNearestOrAwayFromZero) }
        guard let digits = arguments.int(1) else { return .missing }
        switch arguments[0] {
        case .int(let number): return round(number, digits)
        case .float(let number): return ValueOperations.finite(round(number, digits))
        default: return .missing
        }
    }

    private static func round(_ number: Int64, _ digits: Int64) -> Value {
        if digits >= 0 { return .int(number) }
        guard digits >= -18 else { return .int(0) }
        let unit = (0 ..< -digits).reduce(Int64(1)) { product, _ in product * 10 }
        let rest = number % unit
        let base = number - rest
        guard rest.magnitude * 2 >= unit.magnitude else { return .int(base) }
        return ValueOperations.add(.int(base), .int(number < 0 ? -unit : unit))
    }

    private static func round(_ number: Double, _ digits: Int64) -> Double {
        guard digits >= -308 else { return 0 }
        // From 2^52 on a float has no fraction, and beyond 22 digits no power of ten is exact.
        guard digits <= 22 else { return number }
        let unit = Glibc.pow(10, Double(Swift.abs(digits)))
        if digits < 0 { return (number / unit).rounded() * unit }
        let scaled = number * unit
        return Swift.abs(scaled) < 0x1p52 ? scaled.rounded() / unit : number
    }

    static func whole(_ arguments: [Value], _ rule: FloatingPointRoundingRule) -> Value {
        switch arguments.only {
        case .int(let number)?: .int(number)
        case .float(let number)?:
            Int64(exactly: number.rounded(rule)).map(Value.int) ?? .missing
        default: .missing
        }
    }

    /// Floats, missing outside their domain: sqrt below 0, log at or below 0 or to a base that
    /// is not positive or is 1.
    static func power(_ function: ScalarFunction, _ arguments: [Value]) -> Value {
        guard let x = arguments.number(0) else { return .missing }
        switch (function, arguments.count, arguments.number(1)) {
        case (.sqrt, 1, _): return ValueOperations.finite(x.squareRoot())
        case (.log, 1, _): return ValueOperations.finite(Glibc.log(x))
        // Their own functions give whole results where the quotient of logarithms does not.
        case (.log, 2, 2?): return ValueOperations.finite(Glibc.log2(x))
        case (.log, 2, 10?): return ValueOperations.finite(Glibc.log10(x))
        case (.log, 2, let base?):
            return base > 0 ? ValueOperations.finite(Glibc.log(x) / Glibc.log(base)) : .missing
        case (.pow, 2, let exponent?): return ValueOperations.finite(Glibc.pow(x, exponent))
        default: return .missing
        }
    }

    /// `distance_km(lat, lon, lat, lon)`: the great circle by the haversine formula, on a sphere
    /// of the Earth's mean radius.
    static func distance(_ arguments: [Value]) -> Value {
        let degrees = (0..<4).compactMap(arguments.number)
        guard arguments.count == 4, degrees.count == 4, Swift.abs(degrees[0]) <= 90,
            Swift.abs(degrees[2]) <= 90, Swift.abs(degrees[1]) <= 360, Swift.abs(degrees[3]) <= 360
        else { return .missing }
        let r = degrees.map { $0 * .pi / 180 }
        let a = Glibc.sin((r[2] - r[0]) / 2)
        let b = Glibc.sin((r[3] - r[1]) / 2)
        let h = a * a + Glibc.cos(r[0]) * Glibc.cos(r[2]) * b * b
        let earthRadius = 6371.0088
        return .float(2 * earthRadius * Glibc.asin(Swift.min(1, h.squareRoot())))
    }
}

enum Conversions {
    /// A float is cut towards zero; a text must be a whole decimal number.
    static func int(_ value: Value) -> Value {
        switch value {
        case .int: value
        case .float(let number):
            Int64(exactly: number.rounded(.towardZero)).map(Value.int) ?? .missing
        case .bool(let truth): .int(truth ? 1 : 0)
        case .string(let text): Int64(TextFunctions.trim(text)).map(Value.int) ?? .missing
        default: .missing
        }
    }

    static func float(_ value: Value) -> Value {
        switch value {
        case .int(let number): return .float(Double(number))
        case .float(let number): return ValueOperations.finite(number)
        case .bool(let truth): return .float(truth ? 1 : 0)
        case .string(let text):
            let trimmed = TextFunctions.trim(text)
            // The library also reads hexadecimal floats, `nan` and `inf`.
            guard trimmed.utf8.allSatisfy({ isDecimal($0) }) else { return .missing }
            return Double(trimmed).map(ValueOperations.finite) ?? .missing
        default: return .missing
        }
    }

    /// `cidr(ip, length)`: the network of that many leading bits around the address.
    static func network(_ arguments: [Value]) -> Value {
        guard arguments.count == 2, case .ip(let address) = arguments[0],
            let length = arguments.int(1), let bits = Int(exactly: length)
        else { return .missing }
        return IPNetwork(address, prefixLength: bits).map(Value.network) ?? .missing
    }

    private static func isDecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }
}
