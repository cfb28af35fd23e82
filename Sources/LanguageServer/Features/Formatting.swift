// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import RuleLanguage

extension LanguageServerSession {
    /// `textDocument/formatting`: the layout of `martlet fmt`, as edits of the lines that differ.
    /// Null where the file has mistakes of syntax: it is left alone.
    func formatting(_ file: SourceFile) -> JSON {
        guard case .formatted(let text) = RuleFormatter.format(file) else { return .null }
        let new = Array(text.utf8)
        if new == file.bytes { return [] }
        let (old, replacement) = LineDifference.between(file.bytes, new)
        let range = DocumentPlaces(file.bytes, client.encoding).range(old)
        let inserted = String(decoding: new[replacement], as: UTF8.self)
        return [["range": range, "newText": .string(inserted)]]
    }

    /// `textDocument/rangeFormatting`: of the file's layout what concerns the lines of a range.
    func rangeFormatting(_ file: SourceFile, _ range: JSON) -> JSON {
        let places = DocumentPlaces(file.bytes, client.encoding)
        guard let wanted = places.offsets(range),
            case .formatted(let text) = RuleFormatter.format(file)
        else { return .null }
        let new = SourceFile(name: file.name, text: text)
        let isToEnd = wanted.upperBound == file.bytes.count
        let edits = GapDifferences.between(file, new).filter { edit in
            // What is put in right behind the range is no matter of its lines.
            edit.range.lowerBound >= wanted.lowerBound && edit.range.upperBound <= wanted.upperBound
                && (isToEnd || edit.range.lowerBound < wanted.upperBound)
        }
        return .array(
            edits.map { edit in
                [
                    "range": places.range(edit.range),
                    "newText": .string(String(decoding: edit.bytes, as: UTF8.self)),
                ]
            })
    }
}

/// What differs between two layouts of the same tokens: blanks, line ends, comments' places, and
/// commas between entries.
enum GapDifferences {
    struct Edit {
        /// In the old layout.
        var range: Range<Int>
        var bytes: ArraySlice<UInt8>
    }

    static func between(_ old: SourceFile, _ new: SourceFile) -> [Edit] {
        let before = gaps(of: old)
        let after = gaps(of: new)
        guard before.count == after.count else { return [] }
        var edits: [Edit] = []
        for (gap, other) in zip(before, after) where !areSame(old, gap, new, other) {
            edits.append(edit(of: old, gap, to: new, other))
        }
        return edits
    }

    /// What stands before each token but commas.
    private static func gaps(of file: SourceFile) -> [Range<Int>] {
        var gaps: [Range<Int>] = []
        var end = 0
        for token in RuleSyntax.parse(file).tree.tokens where token.kind != .mark(.comma) {
            gaps.append(end..<token.range.lowerBound)
            end = token.range.upperBound
        }
        return gaps
    }

    private static func areSame(
        _ old: SourceFile, _ gap: Range<Int>, _ new: SourceFile, _ other: Range<Int>
    ) -> Bool {
        gap.count == other.count && old.bytes[gap].elementsEqual(new.bytes[other])
    }

    /// The part that differs alone: so an edit of the blanks before a line is one of that line.
    private static func edit(
        of old: SourceFile, _ gap: Range<Int>, to new: SourceFile, _ other: Range<Int>
    ) -> Edit {
        let shared = min(gap.count, other.count)
        var head = 0
        while head < shared,
            old.bytes[gap.lowerBound + head] == new.bytes[other.lowerBound + head]
        {
            head += 1
        }
        var tail = 0
        while tail < shared - head,
            old.bytes[gap.upperBound - 1 - tail] == new.bytes[other.upperBound - 1 - tail]
        {
            tail += 1
        }
        return Edit(
            range: gap.lowerBound + head..<gap.upperBound - tail,
            bytes: new.bytes[other.lowerBound + head..<other.upperBound - tail])
    }
}

/// The lines from the first to the last that differs.
enum LineDifference {
    static func between(_ old: [UInt8], _ new: [UInt8]) -> (old: Range<Int>, new: Range<Int>) {
        let shared = min(old.count, new.count)
        var head = 0
        var start = 0
        while head < shared, old[head] == new[head] {
            head += 1
            if old[head - 1] == UInt8(ascii: "\n") { start = head }
        }
        var tail = 0
        var end = 0
        while tail < shared - start, old[old.count - 1 - tail] == new[new.count - 1 - tail] {
            if old[old.count - 1 - tail] == UInt8(ascii: "\n") { end = tail }
            tail += 1
        }
        return (start..<old.count - end, start..<new.count - end)
    }
}
