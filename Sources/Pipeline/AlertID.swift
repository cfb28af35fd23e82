// SPDX-License-Identifier: Apache-2.0
// FNV-1a, 128 bits wide. Source: Fowler, Noll, Vo, Eastlake, "The FNV Non-Cryptographic Hash
// Algorithm". What is hashed is fixed by docs/reference/alert-json.md. Exercised by AlertIDTests.

internal import Connectors
package import EventModel

/// The id of an alert: the same for the same rule, key and bound events, in every process.
package enum AlertID {
    /// - Parameter eventIDs: for each step, in order, the ids of the events it bound.
    /// - Shape: 32 hexadecimal digits.
    package static func text(rule: String, key: [Value], eventIDs: [[String]]) -> String {
        var json = JSONWriter()
        json.beginArray()
        json.string(rule)
        json.beginArray()
        for value in key { json.value(value) }
        json.endArray()
        json.beginArray()
        for step in eventIDs {
            json.beginArray()
            for id in step { json.string(id) }
            json.endArray()
        }
        json.endArray()
        json.endArray()
        return hexadecimal(hash(json.bytes))
    }

    private static func hexadecimal(_ number: UInt128) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let text = (0..<32).map { digits[Int(truncatingIfNeeded: number >> (124 - 4 * $0)) & 15] }
        return String(decoding: text, as: UTF8.self)
    }

    static func hash(_ bytes: [UInt8]) -> UInt128 {
        var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
        for byte in bytes { hash = (hash ^ UInt128(byte)) &* 0x100_0000_0000_0000_0000_013b }
        return hash
    }
}
