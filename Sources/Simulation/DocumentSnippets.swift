// SPDX-License-Identifier: Apache-2.0
// Reads the parts of a Markdown page that can be wrong: fenced blocks, links and headings. What the
// words behind a fence mean is described in docs/explanation/testing.md, "Documents".

/// A Markdown page, as far as tests have to understand it.
package struct DocumentPage: Sendable {
    /// A fenced block.
    package struct Block: Sendable {
        /// The first word behind the fence: `martlet`, `console`, `timeline`…
        package var language: String
        /// The other words behind the fence.
        package var words: [String]
        /// The line of the opening fence, from 1.
        package var line: Int
        package var text: String

        /// The file that the block is to be saved as: `file:NAME`.
        package var fileName: String? {
            words.first { $0.hasPrefix("file:") }.map { String($0.dropFirst(5)) }
        }
    }

    /// A link as written, with its line.
    package struct Link: Sendable {
        package var target: String
        package var line: Int
    }

    package private(set) var blocks: [Block] = []
    package private(set) var links: [Link] = []
    /// What stands behind `#` in links to the page's headings.
    package private(set) var anchors: Set<String> = []
    /// Fences that nothing closes, by their lines.
    package private(set) var openFences: [Int] = []

    package init(_ text: String) {
        var fence: (indent: Substring, block: Block)?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let content = line.drop { $0 == " " }
            guard var open = fence else {
                if content.hasPrefix("```") {
                    let words = content.dropFirst(3).split(separator: " ").map(String.init)
                    fence = (
                        line[..<content.startIndex],
                        Block(
                            language: words.first ?? "", words: Array(words.dropFirst()),
                            line: index + 1, text: "")
                    )
                } else {
                    readProse(line, number: index + 1)
                }
                continue
            }
            if content == "```" {
                blocks.append(open.block)
                fence = nil
            } else {
                let isIndented = line.hasPrefix(open.indent)
                open.block.text += (isIndented ? line.dropFirst(open.indent.count) : content) + "\n"
                fence = open
            }
        }
        if let fence { openFences.append(fence.block.line) }
    }

    private mutating func readProse(_ line: Substring, number: Int) {
        if line.hasPrefix("#") {
            let heading = line.drop { $0 == "#" }
            if heading.hasPrefix(" ") { addAnchor(heading.dropFirst()) }
        }
        var rest = DocumentPage.withoutCode(line)[...]
        while let start = rest.firstRange(of: "](") {
            rest = rest[start.upperBound...]
            guard let end = rest.firstIndex(of: ")") else { return }
            links.append(Link(target: String(rest[..<end]), line: number))
            rest = rest[end...]
        }
    }

    /// As GitHub makes them: lower case, without punctuation, blanks as dashes, `-1` behind a
    /// second one.
    private mutating func addAnchor(_ heading: Substring) {
        var name = ""
        for sign in heading.lowercased() {
            if sign == " " { name += "-" }
            if sign.isLetter || sign.isNumber || sign == "-" || sign == "_" { name.append(sign) }
        }
        var (anchor, number) = (name, 0)
        while !anchors.insert(anchor).inserted {
            number += 1
            anchor = "\(name)-\(number)"
        }
    }

    /// The line with the insides of its code spans left out: brackets there are no links.
    private static func withoutCode(_ line: Substring) -> String {
        let parts = line.split(separator: "`", omittingEmptySubsequences: false)
        return parts.enumerated().filter { $0.offset.isMultiple(of: 2) }.map { String($0.element) }
            .joined(separator: "``")
    }
}

/// The commands of a `console` block, each with what it writes.
package struct DocumentSession: Sendable {
    package struct Step: Sendable {
        /// The words of the command, without `$`.
        package var command: [String]
        /// The lines that it writes; a line `…` stands for any lines.
        package var output: [String]
    }

    package private(set) var steps: [Step] = []

    /// Nil where the block has no command of `martlet`.
    package init?(_ block: DocumentPage.Block) {
        guard ["console", ""].contains(block.language), block.text.hasPrefix("$ "),
            block.text.contains("$ martlet ")
        else { return nil }
        for line in block.text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("$ ") {
                steps.append(
                    Step(command: DocumentSession.words(line.dropFirst(2)), output: []))
            } else {
                steps[steps.count - 1].output.append(String(line))
            }
        }
        for index in steps.indices {
            while steps[index].output.last == "" { steps[index].output.removeLast() }
        }
    }

    /// As a shell splits them where nothing but quotes is special.
    private static func words(_ line: Substring) -> [String] {
        var words: [String] = []
        var (word, quote) = (String?.none, Character?.none)
        for sign in line {
            if sign == quote {
                quote = nil
            } else if quote == nil, sign == "'" || sign == "\"" {
                quote = sign
                word = word ?? ""
            } else if sign == " ", quote == nil {
                if let word { words.append(word) }
                word = nil
            } else {
                word = (word ?? "") + String(sign)
            }
        }
        return words + (word.map { [$0] } ?? [])
    }

    /// Whether what a command wrote is what the page shows.
    package static func fits(_ lines: [String], _ shown: [String]) -> Bool {
        fits(lines[...], shown[...])
    }

    private static func fits(_ lines: ArraySlice<String>, _ shown: ArraySlice<String>) -> Bool {
        guard let first = shown.first else { return lines.isEmpty }
        if first == "…" {
            return (lines.startIndex...lines.endIndex).contains {
                fits(lines[$0...], shown.dropFirst())
            }
        }
        return lines.first == first && fits(lines.dropFirst(), shown.dropFirst())
    }
}
