// SPDX-License-Identifier: Apache-2.0
// Rulesets of thousands of rules repeat a few. What stands from one `rule` in the first column to
// the next is read sign by sign once; where the same bytes come again, but for the rule's name and
// for texts without escapes and braces, the tokens are those read before, moved. What kind a token
// is depends on nothing else: not on the name, nor on what stands before `rule`. Exercised by
// RuleFamilyTests.

/// Tokens that are the same as earlier ones of the file, but for the name behind the first of them,
/// and for plain texts.
struct RepeatedTokens {
    var tokens: Range<Int>
    /// Those were read.
    var original: Range<Int>
}

/// What has been read from one `rule` in the first column to the next.
struct LexedPiece {
    let tokens: Range<Int>
    /// The tokens that may differ where it is repeated: the name, and plain texts.
    let holes: [Int]
}

extension Lexer {
    /// How many pieces are kept, those that were repeated last.
    private static let piecesCap = 4

    /// Whether a rule begins here, in the first column.
    var atRuleInFirstColumn: Bool {
        guard isWhole, position < end, bytes[position] == ascii("r"), looking(at: "rule "),
            position == 0 || bytes[position - 1] == ascii("\n")
        else { return false }
        return templateDepth == 0 && diagnostics.isEmpty
    }

    /// Takes over the tokens of what begins here, if it stands before in the file too.
    ///
    /// - Precondition: a rule begins in the first column.
    mutating func repeatsPiece() -> Bool {
        if let start = pieceStart, let piece = piece(start..<tokens.count) {
            if pieces.count == Lexer.piecesCap { pieces.removeLast() }
            pieces.insert(piece, at: 0)
        }
        pieceStart = nil
        for number in pieces.indices {
            guard let ends = endsOfHoles(pieces[number]) else { continue }
            take(pieces[number], ends)
            if number > 0 { pieces.insert(pieces.remove(at: number), at: 0) }
            return true
        }
        pieceStart = tokens.count
        return false
    }

    /// The tokens, if it is certain that where they are repeated the lexer would read the same.
    private func piece(_ range: Range<Int>) -> LexedPiece? {
        guard range.count > 2, case .mark(.rightBrace) = tokens[range.upperBound - 1].kind,
            case .word = tokens[range.lowerBound + 1].kind
        else { return nil }
        let name = tokens[range.lowerBound + 1].range
        guard !isSpecialName(name), [ascii(" "), ascii("{")].contains(bytes[name.upperBound]) else {
            return nil
        }
        var holes = [range.lowerBound + 1]
        for index in range {
            guard case .text(.quoted, isTerminated: true) = tokens[index].kind,
                plainTextEnd(tokens[index].range.lowerBound) == tokens[index].range.upperBound
            else { continue }
            // With `""` before it, another quote would begin a text of several lines.
            if bytes[tokens[index].range.upperBound] == ascii("\"") { return nil }
            holes.append(index)
        }
        return LexedPiece(tokens: range, holes: holes)
    }

    /// Whether the word is looked at where it stands as a name.
    private func isSpecialName(_ range: Range<Int>) -> Bool {
        range.count == 3 && bytes.holds("not", at: range.lowerBound)
            || range.count == 4 && bytes.holds("rule", at: range.lowerBound)
    }

    /// The end of the text in quotes that begins here; nil if there is none, or something in it is
    /// read in a way of its own.
    private func plainTextEnd(_ start: Int) -> Int? {
        guard start < end, bytes[start] == ascii("\"") else { return nil }
        var place = start + 1
        while place < end {
            switch bytes[place] {
            case ascii("\""): return place + 1
            case ascii("\\"), ascii("{"), ascii("}"), ascii("\n"): return nil
            default: place += 1
            }
        }
        return nil
    }

    private func nameEnd(_ start: Int) -> Int? {
        guard start < end, isWordStart(bytes[start]) else { return nil }
        var place = start + 1
        while place < end, isWordPart(bytes[place]) { place += 1 }
        return isSpecialName(start..<place) ? nil : place
    }

    /// Where the name and the texts end, if the piece stands here too.
    private func endsOfHoles(_ piece: LexedPiece) -> [Int]? {
        var ends: [Int] = []
        ends.reserveCapacity(piece.holes.count)
        var old = tokens[piece.tokens.lowerBound].range.lowerBound
        var new = position
        for hole in piece.holes {
            let range = tokens[hole].range
            guard areSame(old..<range.lowerBound, new) else { return nil }
            new += range.lowerBound - old
            guard let end = ends.isEmpty ? nameEnd(new) : plainTextEnd(new) else { return nil }
            ends.append(end)
            (old, new) = (range.upperBound, end)
        }
        let last = old..<tokens[piece.tokens.upperBound - 1].range.upperBound
        return areSame(last, new) ? ends : nil
    }

    /// Whether the bytes of `range` stand at `start` too.
    private func areSame(_ range: Range<Int>, _ start: Int) -> Bool {
        guard start + range.count <= end else { return false }
        var place = start
        for old in range {
            if bytes[old] != bytes[place] { return false }
            place += 1
        }
        return true
    }

    private mutating func take(_ piece: LexedPiece, _ ends: [Int]) {
        let first = tokens.count
        var shift = position - tokens[piece.tokens.lowerBound].range.lowerBound
        var hole = 0
        for index in piece.tokens {
            let token = tokens[index]
            let start = token.range.lowerBound + shift
            if hole < ends.count, piece.holes[hole] == index {
                shift = ends[hole] - token.range.upperBound
                hole += 1
            }
            position = token.range.upperBound + shift
            tokens.append(
                Token(
                    kind: token.kind, trivia: triviaStart..<start, range: start..<position,
                    startsLine: token.startsLine))
            triviaStart = position
        }
        startsLine = false
        repetitions.append(RepeatedTokens(tokens: first..<tokens.count, original: piece.tokens))
    }
}
