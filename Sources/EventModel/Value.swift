// SPDX-License-Identifier: Apache-2.0

/// A value of the rule language, off the hot path: constants, test fields, alert fields.
///
/// The engine holds the same values in 16 bytes, as `Slot`.
package indirect enum Value: Hashable, Sendable {
    /// No value: a field that is absent or null, or the result of an operation on one.
    case missing
    case bool(Bool)
    case int(Int64)
    case float(Double)
    case string(String)
    case time(StreamTime)
    case duration(TimeSpan)
    case ip(IPAddress)
    case network(IPNetwork)
    case list([Value])

    package var isMissing: Bool { self == .missing }
}

/// The type of a value, as `event` declarations write it and as the checker infers it.
package indirect enum ValueType: Hashable, Sendable {
    /// Not known before run time: a field of an undeclared event type with no typing use.
    case any
    case bool
    case int
    case float
    /// An int or a float: a field of an undeclared event type that is used as a number.
    case number
    case string
    /// One of a closed set of strings, in order of declaration.
    case enumeration([String])
    case time
    case duration
    case ip
    case network
    case list(ValueType)
    /// The type of an expression that had an error: silences what follows from it.
    case erroneous
}

extension ValueType: CustomStringConvertible {
    package var description: String {
        switch self {
        case .any: "any"
        case .bool: "bool"
        case .int: "int"
        case .float: "float"
        case .number: "number"
        case .string: "string"
        case .enumeration(let cases): cases.map { "\"\($0)\"" }.joined(separator: " | ")
        case .time: "time"
        case .duration: "duration"
        case .ip: "ip"
        case .network: "network"
        case .list(let element): "[\(element)]"
        case .erroneous: "unknown"
        }
    }
}
