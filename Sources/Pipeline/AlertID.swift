// SPDX-License-Identifier: Apache-2.0
// FNV-1a, 128 bits wide. Source: Fowler, Noll, Vo, Eastlake, "The FNV Non-Cryptographic Hash
// Algorithm". What is hashed is fixed by docs/reference/alert-json.md. Exercised by AlertIDTests.

internal import EventModel

/// The id of an alert: the same for the same rule, key and bound events, in every process.
///
/// - Shape: 128 bits, written as 32 hexadecimal digits.
struct AlertID: Sendable {
    private(set) var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

    mutating func add(_ bytes: Span<UInt8>) {
        var hash = hash
        for i in bytes.indices {
            hash = (hash ^ UInt128(bytes[i])) &* 0x100_0000_0000_0000_0000_013b
        }
        self.hash = hash
    }

    /// Appends the digits.
    func append(to bytes: inout [UInt8]) {
        for shift in stride(from: 120, through: 0, by: -8) {
            bytes.append(hexadecimal: UInt8(truncatingIfNeeded: hash >> shift))
        }
    }
}
