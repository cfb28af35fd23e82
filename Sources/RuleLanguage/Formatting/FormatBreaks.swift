// SPDX-License-Identifier: Apache-2.0

/// The lines' ends inside a run of tokens, and how far what follows each is indented.
struct FormatBreaks {
    private(set) var indents: [Int: Int] = [:]
    private let source: FormatTokens
    private let marks: FormatMarks
    private let range: Range<Int>
    private let indent: Int
    private let behind: Int

    init(
        _ source: FormatTokens, _ marks: FormatMarks, _ range: Range<Int>, indent: Int,
        behind: Int
    ) {
        self.source = source
        self.marks = marks
        self.range = range
        self.indent = indent
        self.behind = behind
        var start = range.lowerBound
        for index in range.dropFirst() {
            let isJoint = mayBegin(index, in: range)
            guard source.hasComments(index) || isJoint && source.startsLine(index) else {
                continue
            }
            refine(start..<index)
            indents[index] = indent + (isJoint ? 1 : 2) * FormatLayout.step
            start = index
        }
        refine(start..<range.upperBound)
    }

    /// Whether a word stands there that goes on with the statement on a line of its own.
    private func mayBegin(_ index: Int, in piece: Range<Int>) -> Bool {
        source.depths[index] == source.depths[piece.lowerBound]
            && (marks.parts.contains(index) || marks.joints[index] != nil)
    }

    private func fits(_ piece: Range<Int>) -> Bool {
        let start = indents[piece.lowerBound] ?? indent
        let rest = piece.upperBound == range.upperBound ? behind : 0
        return start + source.width(piece) + rest <= FormatLayout.columns
            || source.hasLongToken(piece)
    }

    private mutating func refine(_ piece: Range<Int>) {
        guard !piece.isEmpty, !fits(piece) else { return }
        let joints = piece.dropFirst().filter { mayBegin($0, in: piece) }
        let parts = joints.filter { marks.parts.contains($0) }
        let conditions = parts.filter { source.text($0) == "where" }
        let either = joints.filter { marks.joints[$0] == .or }
        let loosest = [conditions, parts, either, joints].first { !$0.isEmpty } ?? []
        guard !loosest.isEmpty else { return fill(piece) }
        var start = piece.lowerBound
        for index in loosest {
            refine(start..<index)
            indents[index] = indent + FormatLayout.step
            start = index
        }
        refine(start..<piece.upperBound)
    }

    /// Ends each line behind the last and outermost comma or operator that leaves it short enough.
    private mutating func fill(_ piece: Range<Int>) {
        var start = piece.lowerBound
        while !fits(start..<piece.upperBound) {
            let places = (start + 1..<piece.upperBound).filter(mayBreak)
            let first = indents[start] ?? indent
            let short = places.filter {
                first + source.width(start..<$0) <= FormatLayout.columns
            }
            let outermost = short.map { source.depths[$0] }.min()
            guard let place = short.last(where: { source.depths[$0] == outermost }) ?? places.first
            else { return }
            indents[place] = indent + 2 * FormatLayout.step
            start = place
        }
    }

    /// A list or a sum in parentheses begins on the line of its operator.
    private func isOpener(_ index: Int) -> Bool {
        let kind = source.tokens[index].kind
        return kind == .mark(.leftBracket) || kind == .mark(.leftParen)
    }

    /// Whether a line may end before the token.
    private func mayBreak(_ index: Int) -> Bool {
        if source.isSpare(index) { return false }
        if marks.operators.contains(index - 1) { return !isOpener(index) }
        if source.tokens[index - 1].kind == .mark(.comma) {
            return !source.isSpare(index - 1)
        }
        return marks.joints[index] != nil && source.depths[index] > 0
    }
}
