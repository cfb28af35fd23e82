// SPDX-License-Identifier: Apache-2.0

/// Why a regular expression was refused.
package struct RegexError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where in the pattern the trouble is; nil where it is in the flags.
    ///
    /// - Unit: bytes of UTF-8 from the start of the pattern; may be the pattern's length.
    package let offset: Int?
    /// What is wrong, in the words of PCRE2: lower case, no full stop.
    package let message: String

    package init(offset: Int?, message: String) {
        self.offset = offset
        self.message = message
    }

    package var description: String { message }
}

/// The outcome of one search.
package enum RegexResult: Hashable, Sendable {
    case match
    case noMatch
    /// The search was given up at one of the limits of `RegexLimits`; to a rule this is no match.
    case limitReached
}

/// What one search may cost. Chosen so that the worst pattern ends within a second or so, and a
/// usual one never notices (RegexTests: "a pattern that explodes is given up").
package enum RegexLimits {
    /// Backtracking steps a search may spend over all places it starts from; each start gets the
    /// share that the text's length leaves it.
    package static let backtrackingStepsCap = 20_000_000
    /// The share of one start is held between these two.
    package static let stepsPerStartRange = 2_000...1_000_000
    /// Kilobytes of heap for backtracking where there is no JIT.
    package static let heapKilobytesCap = 20_000
    /// A longer text is searched in its first this many bytes only: scanning without backtracking
    /// is not counted by PCRE2 and can take time in the square of the length.
    package static let subjectByteCap = 65_536

    static func stepsPerStart(subjectByteCount count: Int) -> UInt32 {
        let share = backtrackingStepsCap / Swift.max(1, count)
        return UInt32(
            Swift.min(
                Swift.max(share, stepsPerStartRange.lowerBound), stepsPerStartRange.upperBound))
    }
}
