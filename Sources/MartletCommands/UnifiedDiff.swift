// SPDX-License-Identifier: Apache-2.0
// Differences between two texts in the unified form that `patch` and people read. The edit script
// is that of `CollectionDifference` (Myers, "An O(ND) Difference Algorithm", 1986), on what is
// left when the lines that both have at either end are taken off.

struct UnifiedDiff {
    /// Unchanged lines that are shown around changes.
    static let contextLineCount = 3
    /// Of more lines than this between the equal ends, all count as changed: the search for the
    /// shortest script grows with the square of its length.
    static let searchedLineCap = 8_000

    private enum Edit { case keep, remove, insert }
    private var edits: [(edit: Edit, line: Substring)] = []
    private let header: String

    /// - Parameter name: of the file, as in the header.
    init(_ old: String, _ new: String, name: String) {
        header = "--- \(name)\n+++ \(name)\n"
        let (a, b) = (UnifiedDiff.lines(old), UnifiedDiff.lines(new))
        let prefix = zip(a, b).prefix { $0 == $1 }.count
        let suffix = zip(a.dropFirst(prefix).reversed(), b.dropFirst(prefix).reversed())
            .prefix { $0 == $1 }.count
        edits = a[..<prefix].map { (.keep, $0) }
        compare(
            Array(a[prefix..<a.count - suffix]), Array(b[prefix..<b.count - suffix]))
        edits += a[(a.count - suffix)...].map { (.keep, $0) }
    }

    /// Lines with their ends; the last may have none.
    private static func lines(_ text: String) -> [Substring] {
        var lines: [Substring] = []
        var rest = text[...]
        while let end = rest.utf8.firstIndex(of: UInt8(ascii: "\n")) {
            let next = rest.utf8.index(after: end)
            lines.append(rest[..<next])
            rest = rest[next...]
        }
        if !rest.isEmpty { lines.append(rest) }
        return lines
    }

    private mutating func compare(_ a: [Substring], _ b: [Substring]) {
        guard a.count + b.count <= UnifiedDiff.searchedLineCap else {
            edits += a.map { (.remove, $0) } + b.map { (.insert, $0) }
            return
        }
        let difference = b.difference(from: a)
        var removed = [Bool](repeating: false, count: a.count)
        var inserted = [Bool](repeating: false, count: b.count)
        for case .remove(let offset, _, _) in difference { removed[offset] = true }
        for case .insert(let offset, _, _) in difference { inserted[offset] = true }
        var (i, j) = (0, 0)
        while i < a.count || j < b.count {
            if i < a.count, removed[i] {
                edits.append((.remove, a[i]))
                i += 1
            } else if j < b.count, inserted[j] {
                edits.append((.insert, b[j]))
                j += 1
            } else {
                edits.append((.keep, a[i]))
                i += 1
                j += 1
            }
        }
    }

    /// Empty where nothing differs.
    var text: String {
        let hunks = hunks
        guard !hunks.isEmpty else { return "" }
        return header + hunks.map(show).joined()
    }

    private var hunks: [Range<Int>] {
        var hunks: [Range<Int>] = []
        for (index, entry) in edits.enumerated() where entry.edit != .keep {
            let start = max(0, index - UnifiedDiff.contextLineCount)
            let end = min(edits.count, index + 1 + UnifiedDiff.contextLineCount)
            if let last = hunks.last, start <= last.upperBound {
                hunks[hunks.count - 1] = last.lowerBound..<end
            } else {
                hunks.append(start..<end)
            }
        }
        return hunks
    }

    private func show(_ hunk: Range<Int>) -> String {
        let before = edits[..<hunk.lowerBound]
        let old = range(before.count { $0.edit != .insert }, edits[hunk], without: .insert)
        let new = range(before.count { $0.edit != .remove }, edits[hunk], without: .remove)
        return "@@ -\(old) +\(new) @@\n" + edits[hunk].map(show).joined()
    }

    private func range(
        _ before: Int, _ hunk: ArraySlice<(edit: Edit, line: Substring)>, without edit: Edit
    ) -> String {
        let count = hunk.count { $0.edit != edit }
        let start = count == 0 ? before : before + 1
        return count == 1 ? "\(start)" : "\(start),\(count)"
    }

    private func show(_ entry: (edit: Edit, line: Substring)) -> String {
        let mark =
            switch entry.edit {
            case .keep: " "
            case .remove: "-"
            case .insert: "+"
            }
        let end =
            entry.line.utf8.last == UInt8(ascii: "\n") ? "" : "\n\\ No newline at end of file\n"
        return mark + entry.line + end
    }
}
