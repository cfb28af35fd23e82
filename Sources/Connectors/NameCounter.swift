// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Counts by name, for names that come from outside: the number of names is bounded.
package struct NameCounter: Sendable {
    /// Names told apart; events of any further name are counted together.
    package static let nameCap = 100

    private var table = KeyTable()
    private var names: [[UInt8]] = []
    private var counts: [Int] = []
    /// Counts of the names beyond the cap.
    package private(set) var otherCount = 0
    package private(set) var total = 0

    package init() {}

    package mutating func count(_ name: Span<UInt8>, by amount: Int = 1) {
        count(at: counter(name), by: amount)
    }

    /// Where `name` is counted: valid as long as this value is, made if need be.
    mutating func counter(_ name: Span<UInt8>) -> Int {
        let known = table.find(name, scope: 0)
        if known >= 0 { return known }
        guard names.count < NameCounter.nameCap else { return NameCounter.nameCap }
        names.append(Array(copying: name))
        counts.append(0)
        return table.insert(name, scope: 0)
    }

    mutating func count(at counter: Int, by amount: Int = 1) {
        total += amount
        if counter < counts.count { counts[counter] += amount } else { otherCount += amount }
    }

    /// In the order in which the names first came.
    package var byName: [(name: String, count: Int)] {
        zip(names, counts).map { (String(decoding: $0, as: UTF8.self), $1) }
    }
}
