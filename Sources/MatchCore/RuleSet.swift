// SPDX-License-Identifier: Apache-2.0

/// Rules found in any order, each counted once, to be read out in their own order.
///
/// - Shape: a bit a rule, and a bit for each 64 of them: inserting is O(1), reading out O(rules in
///   it + all rules / 4,096).
struct RuleSet: ~Copyable {
    private var words: RowArray<UInt64>
    private var summary: RowArray<UInt64>
    private(set) var isEmpty = true
    /// The rule, if there is just one; -1: there are none, or several.
    private(set) var only: Int32 = -1

    init(ruleCount: Int) {
        words = RowArray(repeating: 0, count: (ruleCount + 63) / 64)
        summary = RowArray(repeating: 0, count: (words.count + 63) / 64)
    }

    @inline(__always)
    mutating func insert(_ rule: Int32) {
        // Most events find one rule at most, for which no bit is set.
        if isEmpty {
            isEmpty = false
            only = rule
        } else if only != rule {
            insertAnother(rule)
        }
    }

    private mutating func insertAnother(_ rule: Int32) {
        if only >= 0 { mark(only) }
        only = -1
        mark(rule)
    }

    @inline(__always)
    private mutating func mark(_ rule: Int32) {
        let word = Int(rule) >> 6
        words[word] |= 1 << UInt64(rule & 63)
        summary[word >> 6] |= 1 << UInt64(word & 63)
    }

    /// Takes out the only rule.
    @inline(__always)
    mutating func removeOnly() {
        isEmpty = true
        only = -1
    }

    /// Moves the rules behind those in `list`, in their order.
    mutating func drain(into list: inout RowArray<Int32>) {
        if isEmpty { return }
        isEmpty = true
        if only >= 0 {
            list.append(only)
            only = -1
            return
        }
        var part = 0
        while part < summary.count {
            var marks = summary[part]
            summary[part] = 0
            while marks != 0 {
                let word = part << 6 | marks.trailingZeroBitCount
                marks &= marks - 1
                var bits = words[word]
                words[word] = 0
                while bits != 0 {
                    list.append(Int32(word << 6 | bits.trailingZeroBitCount))
                    bits &= bits - 1
                }
            }
            part += 1
        }
    }
}
