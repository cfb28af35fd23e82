// SPDX-License-Identifier: Apache-2.0

internal import RuleLanguage

/// Reads the beginning of a statement, as far as it goes.
struct StatementReader {
    typealias Word = CursorContext.Word

    /// What may come next on a line that names an event.
    enum Expected: Hashable {
        /// `then`, `but`, a count or an event: the line is empty.
        case line
        /// A count or an event: behind a connector.
        case element
        /// The same, or `next` or `each`: behind `then`.
        case elementOrContiguity
        /// An event: behind a count.
        case event
        /// The name that a step is given, or a number: nothing is known of it.
        case free
        /// A part of a step, behind its event.
        case part
        /// A field of the event that holds a key.
        case keyField
        /// A condition on the event.
        case condition
        /// A field of which the values are to differ: the event comes later.
        case distinctField
        /// One of these words.
        case words([String])
    }

    private let words: [Word]

    /// A line of a pattern may have others before it: `a as x then b`.
    init(_ words: [Word]) {
        let start = words.indices.last { StatementReader.joins(words, $0) } ?? 0
        self.words = Array(words[start...])
    }

    /// Whether `then`, `but` or `until` stands there, and no name that is spelled so.
    private static func joins(_ words: [Word], _ i: Int) -> Bool {
        guard i > 0, words[i].kind == .word, LanguageWords.links.contains(words[i].text) else {
            return false
        }
        let before = words[i - 1]
        return before.isMark(.rightBrace) || before.endsOperand && !before.isWord("as")
    }

    /// Whether the line says what does not come: `then no payment for 30m`, `but no logout`.
    var isAbsence: Bool {
        var rest = words.prefix(3)
        if rest.first?.isWord("then") == true || rest.first?.isWord("but") == true {
            rest.removeFirst()
        } else if rest.first?.isWord("until") == true {
            return true
        }
        return rest.first?.isWord("no") == true || rest.first?.isWord("not") == true
    }

    /// The event of a line of a pattern, and what may come next.
    func line(isFilter: Bool = false) -> (event: String?, expected: Expected) {
        var i = 0
        if words.isEmpty { return (nil, isFilter ? .event : .line) }
        if words.last?.isMark(.rightBrace) == true { return (nil, .part) }
        if !isFilter, let stop = connector(&i) { return (nil, stop) }
        if let stop = count(&i) { return (nil, stop) }
        guard i < words.count else { return (nil, i == 0 ? .line : .event) }
        if words[i].isWord("any") || words[i].isWord("all") {
            if i + 1 == words.count {
                return (nil, .words(words[i].text == "any" ? ["of", "event"] : ["of"]))
            }
            if words[i + 1].isWord("event") { return ("any event", part(from: i + 2)) }
            if words[i + 1].isWord("of") { return (nil, .words([])) }
        }
        guard let event = words[i].name else { return (nil, .words([])) }
        return (event, part(from: i + 1))
    }

    /// Passes over `then next`, `but no`, `until`…; gives what may come next where the line ends.
    private func connector(_ i: inout Int) -> Expected? {
        if words[i].isWord("then") {
            i += 1
            if i == words.count { return .elementOrContiguity }
            if words[i].isWord("next") || words[i].isWord("each") { i += 1 }
        } else if words[i].isWord("but") {
            i += 1
            if i == words.count { return .words(["no", "not next"]) }
            if words[i].isWord("not") {
                i += 1
                if i == words.count { return .words(["next"]) }
            }
            i += 1
            return i >= words.count ? .event : nil
        } else if words[i].isWord("until") {
            i += 1
            return i == words.count ? .event : nil
        }
        return i == words.count ? .element : nil
    }

    private func count(_ i: inout Int) -> Expected? {
        guard i < words.count else { return .event }
        if words[i].isWord("no") || words[i].isWord("optional") {
            i += 1
            return i == words.count ? .event : nil
        }
        if words[i].isWord("at") {
            i += 1
            if i == words.count { return .words(["least"]) }
            if words[i].isWord("least") { i += 1 }
            if i == words.count { return .free }
        }
        guard case .integer = words[i].kind else { return nil }
        i += 1
        if i + 1 < words.count, words[i].isWord("to") { i += 2 }
        if i < words.count, words[i].isWord("consecutive") { i += 1 }
        if i < words.count, words[i].isWord("distinct") {
            i += 1
            if i == words.count { return .distinctField }
            while i < words.count, !words[i].isWord("of") { i += 1 }
            if i == words.count { return .words(["of"]) }
            i += 1
        }
        return i == words.count ? .event : nil
    }

    /// What may come next behind an event.
    private func part(from start: Int) -> Expected {
        var expected = Expected.part
        var brackets = 0
        for (index, word) in words.enumerated().dropFirst(start) {
            if word.isMark(.leftParen) { brackets += 1 }
            if word.isMark(.rightParen) { brackets -= 1 }
            if expected == .condition {
                // A condition goes to the line's end, but for limits behind it.
                let isLimit = word.isWord("within") || word.isWord("after")
                if isLimit, brackets == 0 { expected = .free }
                continue
            }
            switch word.text {
            case "where" where word.kind == .word: expected = .condition
            case "as" where word.kind == .word: expected = .free
            case "by" where word.kind == .word: expected = .keyField
            case "in", "within", "after", "for": expected = .free
            default:
                let isPath =
                    word.isMark(.dot) || word.isMark(.comma) || brackets > 0
                    || index > 0 && words[index - 1].isMark(.dot)
                if expected == .free || (expected == .keyField && !isPath) { expected = .part }
            }
        }
        return expected
    }

    /// The event that a line of a test sends: `at 3m 5 login`.
    var sentEvent: String? {
        words.dropFirst().first { word in
            guard word.name != nil else { return false }
            return !["every", "arriving"].contains(word.text)
        }?.name
    }
}
