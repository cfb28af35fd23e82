// SPDX-License-Identifier: Apache-2.0
// Makes a failing case small: words are taken out of the rules, events out of the stream, as long
// as
// the two sides still disagree. Source of the idea: A. Zeller, R. Hildebrandt, "Simplifying and
// Isolating Failure-Inducing Input", IEEE TSE 2002; ours only removes runs of words, largest first.

internal import EventModel
internal import Oracle

extension DifferentialCase {
    /// A smaller case that still disagrees.
    package func shrunk() -> DifferentialCase {
        var best = self
        var isSmaller = true
        while isSmaller {
            isSmaller = best.shrinkEvents()
            isSmaller = best.shrinkRules() || isSmaller
            isSmaller = best.shrinkFields() || isSmaller
        }
        return best
    }

    private mutating func shrinkEvents() -> Bool {
        var changed = false
        var index = 0
        while index < events.count {
            var candidate = self
            candidate.events.remove(at: index)
            if candidate.disagreement() != nil {
                self = candidate
                changed = true
            } else {
                index += 1
            }
        }
        return changed
    }

    private mutating func shrinkFields() -> Bool {
        var changed = false
        for index in events.indices {
            var field = 0
            while field < events[index].fields.count {
                var candidate = self
                candidate.events[index].fields.remove(at: field)
                if candidate.disagreement() != nil {
                    self = candidate
                    changed = true
                } else {
                    field += 1
                }
            }
        }
        return changed
    }

    private mutating func shrinkRules() -> Bool {
        var changed = false
        for run in [12, 8, 6, 4, 3, 2, 1] {
            var words = DifferentialCase.words(rules)
            var index = 0
            while index + run <= words.count {
                var fewer = words
                fewer.removeSubrange(index..<index + run)
                let candidate = DifferentialCase(rules: fewer.joined(), events: events)
                if candidate.disagreement() != nil {
                    words = fewer
                    rules = candidate.rules
                    changed = true
                } else {
                    index += 1
                }
            }
        }
        return changed
    }

    /// The text in pieces, each a word with the blanks behind it; a line end is a piece of its own.
    private static func words(_ text: String) -> [String] {
        var pieces: [String] = []
        var piece = ""
        for character in text {
            if character == "\n" {
                if !piece.isEmpty { pieces.append(piece) }
                pieces.append("\n")
                piece = ""
            } else {
                piece.append(character)
                if character == " " {
                    pieces.append(piece)
                    piece = ""
                }
            }
        }
        if !piece.isEmpty { pieces.append(piece) }
        return pieces
    }
}
