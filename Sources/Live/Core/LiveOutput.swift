// SPDX-License-Identifier: Apache-2.0

/// Numbered records on their way to sinks: alerts or dead letters, each a JSON line.
package struct NumberedLines: Sendable {
    /// The number of the first one.
    package private(set) var firstNumber: Int64
    package var bytes: [UInt8] = []
    /// Where each ends in `bytes`, behind its newline.
    package private(set) var ends: [Int] = []

    package init(firstNumber: Int64) { self.firstNumber = firstNumber }

    package var isEmpty: Bool { ends.isEmpty }
    package var count: Int { ends.count }
    package var nextNumber: Int64 { firstNumber + Int64(ends.count) }

    /// Ends the record that was appended to `bytes` since the last one.
    package mutating func endLine() { ends.append(bytes.count) }

    package func range(_ index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    /// Empties it and keeps its memory; the numbers go on.
    package mutating func removeAll() {
        firstNumber = nextNumber
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }

    /// Has the next record be called `number`.
    ///
    /// - Precondition: there is none.
    package mutating func goOn(at number: Int64) {
        precondition(isEmpty, "records keep their numbers")
        firstNumber = number
    }
}
