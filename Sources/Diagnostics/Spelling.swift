// SPDX-License-Identifier: Apache-2.0
// Optimal string alignment: Levenshtein's distance with swaps of neighbours (Damerau 1964), no
// letter edited twice. Exercised by SpellingTests.

/// Finds the name that an author probably meant.
package enum Spelling {
    /// The candidate nearest to `word` within a distance that grows with length, or nil.
    ///
    /// Case is ignored in the comparison; `word` itself is never the answer. Among equals one that
    /// begins with the same letter is preferred, then the alphabetically first, so that the order
    /// of `candidates` has no influence.
    ///
    /// - Shape: O(n · m) for each candidate of similar length; words over 64 letters find nothing.
    package static func closest(to word: String, among candidates: [String]) -> String? {
        let wanted = Array(word.lowercased().unicodeScalars)
        guard !wanted.isEmpty, wanted.count <= longestWord else { return nil }
        var best: (rank: Int, text: String)?
        for candidate in candidates where candidate != word {
            let letters = Array(candidate.lowercased().unicodeScalars)
            let limit = tolerance(max(wanted.count, letters.count))
            guard letters.count <= longestWord, abs(letters.count - wanted.count) <= limit else {
                continue
            }
            let edits = distance(wanted, letters)
            guard edits <= limit else { continue }
            let rank = edits * 2 + (letters.first == wanted.first ? 0 : 1)
            if best.map({ (rank, candidate) < $0 }) ?? true { best = (rank, candidate) }
        }
        return best?.text
    }

    private static let longestWord = 64

    /// The edits under which two words of at most `length` letters still look like each other.
    private static func tolerance(_ length: Int) -> Int {
        switch length {
        case ...2: 0
        case ...5: 1
        case ...8: 2
        default: 3
        }
    }

    private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                let replaced = last[j] + (a[i] == b[j] ? 0 : 1)
                var edits = min(replaced, last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    edits = min(edits, beforeLast[j - 1] + 1)
                }
                row.append(edits)
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
