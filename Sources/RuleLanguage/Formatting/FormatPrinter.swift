// SPDX-License-Identifier: Apache-2.0

/// A comment before a token.
struct FormatComment {
    var text: String
    /// It stands on the line of what comes before it.
    var isTrailing: Bool
    var blankBefore: Bool
}

/// What is written before a token.
enum FormatGap {
    case none
    case space
    case line(FormatLine)
}

/// A line's beginning.
struct FormatLine {
    var indent: Int
    /// How far comments before the token are indented.
    var commentIndent: Int
    /// An empty line before the first comment, or the token, is kept.
    var keepsBlank: Bool
    /// An empty line between the last comment and the token is kept.
    var keepsBlankBehindComment: Bool
    /// An empty line stands there whatever the author wrote.
    var needsBlank = false

    /// The first or a further entry of a block, or a declaration.
    static func entry(_ indent: Int, isFirst: Bool) -> FormatLine {
        FormatLine(
            indent: indent, commentIndent: indent, keepsBlank: !isFirst,
            keepsBlankBehindComment: true)
    }

    /// A statement that goes on.
    static func continuation(_ indent: Int) -> FormatLine {
        FormatLine(
            indent: indent, commentIndent: indent, keepsBlank: false,
            keepsBlankBehindComment: false)
    }

    /// The bracket that closes a block.
    static func closing(_ indent: Int, commentIndent: Int, isEmpty: Bool) -> FormatLine {
        FormatLine(
            indent: indent, commentIndent: commentIndent, keepsBlank: !isEmpty,
            keepsBlankBehindComment: false)
    }
}

/// Writes tokens and the comments between them.
struct FormatPrinter {
    private(set) var text = ""
    /// Characters in the line being written.
    private(set) var column = 0
    /// Comments before commas that are not written.
    private var held: [FormatComment] = []

    /// Writes a comma right behind what was written last.
    mutating func comma() {
        text += ","
        column += 1
    }

    /// Keeps the comments before a token that is not written for the next one.
    mutating func hold(_ comments: [FormatComment]) { held += comments }

    /// Writes a token with the comments before it.
    ///
    /// - Parameter blankBefore: whether an empty line stood right before the token.
    mutating func token(
        _ token: String, _ gap: FormatGap, _ comments: [FormatComment], blankBefore: Bool,
        continuation: Int
    ) {
        let all = held + comments
        held = []
        guard case .line(let line) = breaking(gap, all, continuation) else {
            if case .space = gap { write(" ") }
            write(token)
            return
        }
        var isFirst = true
        for comment in all {
            if comment.isTrailing, isFirst, !text.isEmpty {
                write("  \(comment.text)")
            } else {
                let keeps = isFirst ? line.keepsBlank : true
                start(line.commentIndent, blank: comment.blankBefore && keeps || needs(line))
                write(comment.text)
                isFirst = false
            }
        }
        let keeps = isFirst ? line.keepsBlank : line.keepsBlankBehindComment
        if !token.isEmpty {
            start(line.indent, blank: blankBefore && keeps || isFirst && needs(line))
        }
        write(token)

        func needs(_ line: FormatLine) -> Bool { isFirst && line.needsBlank }
    }

    /// A comment ends its line, whatever was to follow on it.
    private func breaking(
        _ gap: FormatGap, _ comments: [FormatComment], _ continuation: Int
    ) -> FormatGap {
        if case .line = gap { return gap }
        return comments.isEmpty ? gap : .line(.continuation(continuation))
    }

    private mutating func start(_ indent: Int, blank: Bool) {
        guard !text.isEmpty else { return }
        text += blank ? "\n\n" : "\n"
        column = 0
        write(String(repeating: " ", count: indent))
    }

    private mutating func write(_ part: String) {
        text += part
        if let end = part.utf8.lastIndex(of: UInt8(ascii: "\n")) {
            column = part[end...].count - 1
        } else {
            column += part.count
        }
    }
}
