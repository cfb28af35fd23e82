// SPDX-License-Identifier: Apache-2.0
// `// martlet: VERB NAME, NAME why`: about the line where it ends or, alone on its line, about the
// next line of code. Exercised by LintTests and MutationTests.

package import Diagnostics

/// A comment that says something to Martlet, and not to readers alone.
package struct CommentInstruction: Sendable {
    /// Such as `allow`; nil where nothing follows `martlet:`.
    package var verb: Name?
    package var names: [Name]
    /// `martlet:`.
    package var span: SourceSpan
    /// The line of code that it is about.
    package var line: Int
}

extension SyntaxTree {
    /// All comments that begin with `martlet:`, in order.
    package var instructions: [CommentInstruction] {
        var found: [CommentInstruction] = []
        // Shorter trivia hold no `//martlet:`.
        for token in tokens where token.trivia.count >= 10 {
            var position = token.trivia.lowerBound
            var isBehindCode = position > 0
            while position < token.trivia.upperBound {
                let byte = file.bytes[position]
                if byte == ascii("\n") { isBehindCode = false }
                guard byte == ascii("/") else {
                    position += 1
                    continue
                }
                let end =
                    file.bytes[position..<token.trivia.upperBound]
                    .firstIndex(of: ascii("\n")) ?? token.trivia.upperBound
                let line = file.line(at: isBehindCode ? position : token.range.lowerBound)
                if let instruction = instruction(in: position..<end, line: line) {
                    found.append(instruction)
                }
                position = end
            }
        }
        return found
    }

    private func instruction(in comment: Range<Int>, line: Int) -> CommentInstruction? {
        var words = CommentWords(file, comment)
        guard let head = words.next(), file.text(head) == "martlet:" else { return nil }
        var instruction = CommentInstruction(
            verb: words.next().map(name), names: [], span: SourceSpan(file, head), line: line)
        while let word = words.next() {
            let isLast = file.bytes[word.upperBound - 1] != ascii(",")
            instruction.names.append(
                name(word.lowerBound..<word.upperBound - (isLast ? 0 : 1)))
            // What follows is why.
            if isLast { break }
        }
        return instruction
    }

    private func name(_ range: Range<Int>) -> Name {
        Name(file.text(range), SourceSpan(file, range))
    }
}

/// The words of a comment, one after the other.
private struct CommentWords {
    private let file: SourceFile
    private var rest: Range<Int>

    init(_ file: SourceFile, _ comment: Range<Int>) {
        self.file = file
        let text = file.bytes[comment]
        rest = (text.firstIndex { $0 != ascii("/") } ?? comment.upperBound)..<comment.upperBound
    }

    mutating func next() -> Range<Int>? {
        let bytes = file.bytes[rest]
        guard let start = bytes.firstIndex(where: { !isBlank($0) }) else { return nil }
        let end = bytes[start...].firstIndex(where: isBlank) ?? rest.upperBound
        rest = end..<rest.upperBound
        return start..<end
    }

    private func isBlank(_ byte: UInt8) -> Bool {
        byte == ascii(" ") || byte == ascii("\t") || byte == ascii("\r")
    }
}
