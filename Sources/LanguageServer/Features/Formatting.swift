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
