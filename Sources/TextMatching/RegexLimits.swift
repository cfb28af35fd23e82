// SPDX-License-Identifier: Apache-2.0

/// What one search may cost. A step is about a nanosecond: a pattern that explodes is given up
/// after a millisecond on a usual line, and after seconds on the longest text at the very worst
/// (RegexTests: "a pattern that explodes is given up").
package enum RegexLimits {
    /// Backtracking steps a search may spend over all places it starts from; each start gets the
    /// share that the text's length leaves it.
    package static let backtrackingStepsCap = 20_000_000
    /// The share of one start is held between these two. The lower one lets `a.*b` try every
    /// place of the longest text.
    package static let stepsPerStartRange = 100_000...1_000_000
    /// Kilobytes of heap for backtracking where there is no JIT.
    package static let heapKilobytesCap = 20_000
    /// A longer text is searched in its first this many bytes only: scanning without backtracking
    /// is not counted by PCRE2 and can take time in the square of the length. Nothing found there
    /// is `limitReached`, not `noMatch`.
    package static let subjectByteCap = 65_536

    static func stepsPerStart(subjectByteCount count: Int) -> UInt32 {
        let share = backtrackingStepsCap / max(1, count)
        return UInt32(
            min(max(share, stepsPerStartRange.lowerBound), stepsPerStartRange.upperBound))
    }
}
