// SPDX-License-Identifier: Apache-2.0

/// Why bytes are not one complete JSON object (RFC 8259).
struct JSONFailure: Error, Hashable {
    enum Kind: UInt8 {
        case notAnObject
        case notClosed
        case trailingText
        case unexpectedByte
        case controlCharacter
        case badEscape
        case loneSurrogate
        case invalidUTF8
        case badNumber
        case tooDeep
    }

    var kind: Kind
    /// The offset of the byte at fault, from 0.
    var offset: Int

    init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    /// The reason as a dead letter gives it; bytes count from 1.
    var reason: String {
        let place = " at byte \(offset + 1)"
        return switch kind {
        case .notAnObject: "not a JSON object"
        case .notClosed: "the JSON object is not closed"
        case .trailingText: "more text behind the JSON object" + place
        case .unexpectedByte: "not JSON" + place
        case .controlCharacter: "a raw control character in a string" + place
        case .badEscape: "not an escape" + place
        case .loneSurrogate: "half of a surrogate pair" + place
        case .invalidUTF8: "invalid UTF-8" + place
        case .badNumber: "not a number" + place
        case .tooDeep: "nested deeper than \(JSONScanner.depthCap) levels" + place
        }
    }
}

/// What a JSON value is, as far as its first pass tells.
enum JSONKind: UInt8 {
    case text
    /// A string with at least one escape in it.
    case escapedText
    case integer
    /// A number with a fraction or an exponent.
    case fraction
    case yes
    case no
    case null
    case object
    case array
}
