// SPDX-License-Identifier: Apache-2.0
// Where lines end. A block that the author wrote on one line stays there if it fits, and if it
// holds no more than one step; a statement that is too long goes on behind the loosest joint that
// helps: `where`, then `or` and `and`, then commas and operators. Breaks before `where` and the
// like that the author made are kept. Every choice depends on the tokens and these breaks alone,
// so that what has been laid out is laid out the same again. Exercised by FormatTests and the fuzz
// target `format`.

import Diagnostics

/// Lays out a tree without mistakes.
struct FormatLayout {
    /// The length of a line that is not exceeded where it can be helped.
    static let columns = 100
    static let step = 2

    let outline: FormatOutline
    let marks: FormatMarks
    var printer = FormatPrinter()
    private let source: FormatTokens

    init(_ tree: SyntaxTree) {
        outline = FormatOutline(tree)
        marks = FormatMarks(outline)
        source = FormatTokens(tree, marks)
    }

    mutating func run() -> String {
        var previous: FormatStatement?
        for (index, declaration) in zip(outline.declarations.indices, outline.declarations) {
            var line = FormatLine.entry(0, isFirst: index == 0)
            if let previous {
                line.needsBlank = isSpread(previous) || isSpread(declaration)
            }
            put(declaration, indent: 0, .line(line))
            previous = declaration
        }
        let end = source.count - 1
        put(end, .line(.closing(0, commentIndent: 0, isEmpty: previous == nil)), 0)
        return printer.text.isEmpty ? "" : printer.text + "\n"
    }

    private func isSpread(_ declaration: FormatStatement) -> Bool {
        declaration.block != nil && !isFlat(declaration, from: 0, behind: 0)
    }

    // MARK: blocks

    /// - Parameter behind: how many characters follow on the line: 1 for a comma.
    private mutating func put(
        _ statement: FormatStatement, indent: Int, _ gap: FormatGap, behind: Int = 0
    ) {
        guard let block = statement.block, !isFlat(statement, from: indent, behind: behind) else {
            return put(statement.range, indent: indent, gap, behind: behind)
        }
        put(statement.range.lowerBound..<block.open + 1, indent: indent, gap)
        put(block, indent: indent)
        let end = FormatLine.closing(
            indent, commentIndent: indent + Self.step, isEmpty: block.entries.isEmpty)
        put(block.close..<statement.range.upperBound, indent: indent, .line(end), behind: behind)
    }

    private mutating func put(_ block: FormatBlock, indent: Int) {
        if block.kind == .packed { return putPacked(block, indent: indent + Self.step) }
        var next = block.open + 1
        for (number, entry) in block.entries.enumerated() {
            drop(next..<entry.range.lowerBound)
            put(
                entry, indent: indent + Self.step, isFirst: number == 0,
                behind: block.kind == .branches ? 1 : 0)
            if block.kind == .branches { printer.comma() }
            next = entry.range.upperBound
        }
        drop(next..<block.close)
    }

    private mutating func put(
        _ entry: FormatEntry, indent: Int, isFirst: Bool, behind: Int
    ) {
        let first = FormatGap.line(.entry(indent, isFirst: isFirst))
        if entry.lines.count > 1, isOneLine(entry, from: indent, behind: behind) {
            return put(entry.range, indent: indent, first, behind: behind)
        }
        for (number, line) in entry.lines.enumerated() {
            let isLast = number == entry.lines.count - 1
            let further = indent + Self.step
            put(
                line, indent: number == 0 ? indent : further,
                number == 0 ? first : .line(.entry(further, isFirst: false)),
                behind: isLast ? behind : 0)
        }
    }

    /// Entries side by side, with the author's breaks between them and those that length demands.
    private mutating func putPacked(_ block: FormatBlock, indent: Int) {
        var next = block.open + 1
        var mustBreak = true
        for (number, entry) in block.entries.enumerated() {
            let isLast = number == block.entries.count - 1
            var authorBreaks = false
            for index in next...max(next, entry.range.lowerBound) {
                authorBreaks =
                    authorBreaks || source.startsLine(index)
                    || source.hasComments(index)
            }
            drop(next..<entry.range.lowerBound)
            let width = source.width(entry.range) + (isLast ? 0 : 1)
            let fits = printer.column + 1 + width <= Self.columns
            let breaks = mustBreak || authorBreaks || !fits
            let gap: FormatGap =
                breaks ? .line(.entry(indent, isFirst: number == 0)) : .space
            put(entry.range, indent: indent, gap, behind: isLast ? 0 : 1)
            if !isLast { printer.comma() }
            mustBreak = indent + width > Self.columns
            next = entry.range.upperBound
        }
        drop(next..<block.close)
    }

    /// Leaves out separators, but not the comments before them.
    private mutating func drop(_ range: Range<Int>) {
        for index in range { printer.hold(source.comments(index)) }
    }

    // MARK: one line or several

    private func isFlat(_ statement: FormatStatement, from column: Int, behind: Int) -> Bool {
        guard let block = statement.block else { return true }
        return mayBeFlat(block)
            && column + source.width(statement.range) + behind <= Self.columns
            && !source.hasLongToken(statement.range)
    }

    /// Whether the author wrote it on one line, and it may stand there.
    private func mayBeFlat(_ block: FormatBlock) -> Bool {
        if block.entries.isEmpty {
            return !(block.open + 1...block.close).contains { source.hasComments($0) }
        }
        guard block.kind != .members, block.kind != .lines || block.entries.count == 1 else {
            return false
        }
        return isUnbroken(block.open + 1..<block.close + 1)
            && block.entries.allSatisfy { entry in
                entry.lines.allSatisfy { $0.block.map(mayBeFlat) ?? true }
            }
    }

    private func isOneLine(_ entry: FormatEntry, from column: Int, behind: Int) -> Bool {
        isUnbroken(entry.range.lowerBound + 1..<entry.range.upperBound)
            && entry.lines.allSatisfy { $0.block.map(mayBeFlat) ?? true }
            && column + source.width(entry.range) + behind <= Self.columns
    }

    private func isUnbroken(_ range: Range<Int>) -> Bool {
        !source.hasLongToken(range)
            && range.allSatisfy { !source.startsLine($0) && !source.hasComments($0) }
    }

    // MARK: tokens

    private mutating func put(
        _ range: Range<Int>, indent: Int, _ gap: FormatGap, behind: Int = 0
    ) {
        let breaks = FormatBreaks(
            source, marks, range, indent: indent, behind: behind)
        for index in range {
            if index > range.lowerBound, source.isSpare(index) {
                printer.hold(source.comments(index))
            } else if index == range.lowerBound {
                put(index, gap, indent + 2 * Self.step)
            } else if let column = breaks.indents[index] {
                put(index, .line(.continuation(column)), column)
            } else {
                put(index, source.isTight(index) ? .none : .space, indent + 2 * Self.step)
            }
        }
    }

    private mutating func put(_ index: Int, _ gap: FormatGap, _ continuation: Int) {
        printer.token(
            source.text(index), gap, source.comments(index),
            blankBefore: source.blankBefore(index), continuation: continuation)
    }
}
