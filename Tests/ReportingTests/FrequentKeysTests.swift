// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Reporting

@Suite struct FrequentKeysTests {
    @Test func fewKeysAreCountedExactly() {
        var keys = FrequentKeys(cap: 3)
        for key in ["b", "a", "c", "a", "c", "a"] { keys.add(key) }
        #expect(keys.isExact && keys.distinctCount == 3)
        #expect(
            keys.most(2) == [
                .init(key: "a", count: 3, error: 0), .init(key: "c", count: 2, error: 0),
            ])
        #expect(keys.most(9).map(\.key) == ["a", "c", "b"])
    }

    /// The law of the method: the true number is from count − error to count, and a key that
    /// comes more often than each of `cap` equal shares is there.
    @Test(arguments: [1, 2, 7, 50]) func manyKeysAreCountedWithABound(cap: Int) {
        var keys = FrequentKeys(cap: cap)
        var truth: [String: Int] = [:]
        var state: UInt64 = 88_172_645_463_325_252
        let total = 5_000
        for _ in 0..<total {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            // A few keys are far more frequent than the many others.
            let key = state % 3 == 0 ? "k\(state % 100_000)" : "often\(state % 5)"
            keys.add(key)
            truth[key, default: 0] += 1
        }
        #expect(!keys.isExact && keys.distinctCount == nil)
        let found = keys.most(cap)
        for entry in found {
            let count = truth[entry.key] ?? 0
            #expect(entry.count >= count && entry.count - entry.error <= count)
        }
        for (key, count) in truth where count > total / cap {
            #expect(found.contains { $0.key == key }, "\(key): \(count)")
        }
    }
}
