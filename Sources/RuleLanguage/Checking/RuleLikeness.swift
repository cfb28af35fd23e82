// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// How rules that are alike differ: which of their texts may be others, and where these stand. One
/// value serves all rules that took over from one model (RuleModel).
final class RuleLikeness: Sendable {
    /// A text in quotes, the title of the rule apart.
    private struct Text {
        /// Its token, counted from the rule's first.
        let token: Int
        /// Its number among the texts that may be others; -1: it has to be the same.
        let number: Int
    }

    /// A text that may be another one, wherever it stands.
    private struct Replaceable {
        let text: String
        /// The first token that holds it.
        let token: Int
        /// Whether it is compared elsewhere too, as a constant: then it has to stay what it is.
        let isFixed: Bool
    }

    let family: RuleFamily
    /// The model's among the tokens of the family.
    private let firstToken: Int
    /// Whether its `alert` has a title; else that is the rule's own, or its name.
    let hasTitle: Bool
    private let texts: [Text]
    private let replaceable: [Replaceable]

    init(_ family: RuleFamily, _ model: RuleDeclaration, _ uses: TextUses, hasTitle: Bool) {
        self.family = family
        self.hasTitle = hasTitle
        firstToken = model.firstToken
        var texts: [Text] = []
        var replaceable: [Replaceable] = []
        // The name and, where there is one, the title come first: they are the declaration's.
        for token in (model.title == nil ? 2 : 3)..<family.first.count {
            guard case .text = family.tokens[firstToken + token].kind else { continue }
            let range = family.tokens[firstToken + token].range
            guard uses.compared.contains(range.lowerBound) else {
                texts.append(Text(token: token, number: -1))
                continue
            }
            let text = family.file.text(range.lowerBound + 1..<range.upperBound - 1)
            let known = replaceable.firstIndex { $0.text == text }
            texts.append(Text(token: token, number: known ?? replaceable.count))
            if known == nil {
                replaceable.append(
                    Replaceable(text: text, token: token, isFixed: uses.others.contains(text)))
            }
        }
        self.texts = texts
        self.replaceable = replaceable
    }

    // MARK: comparing

    /// Whether the rule, of the same family, differs from the model in nothing else: a text that
    /// stands twice in the model is one in the other rule too.
    func holds(for rule: RuleDeclaration) -> Bool {
        for text in texts {
            let own = family.tokens[rule.firstToken + text.token].range
            let isSame = areSame(family.tokens[firstToken + text.token].range, own)
            guard text.number >= 0 else {
                if isSame { continue }
                return false
            }
            let other = replaceable[text.number]
            if !isSame, other.isFixed { return false }
            guard
                other.token == text.token
                    || areSame(family.tokens[rule.firstToken + other.token].range, own)
            else { return false }
        }
        return true
    }

    /// The places among the texts of those in a range of the model that may be others.
    func comparedTexts(in range: Range<Int>) -> [Int] {
        texts.indices.filter { place in
            texts[place].number >= 0
                && range.contains(family.tokens[firstToken + texts[place].token].range.lowerBound)
        }
    }

    /// Whether the text at a place among all is the same in the rule.
    func isSame(_ place: Int, in rule: RuleDeclaration) -> Bool {
        let token = texts[place].token
        return areSame(
            family.tokens[firstToken + token].range, family.tokens[rule.firstToken + token].range)
    }

    private func areSame(_ a: Range<Int>, _ b: Range<Int>) -> Bool {
        guard a.count == b.count else { return false }
        for offset in 0..<a.count
        where family.file.bytes[a.lowerBound + offset] != family.file.bytes[b.lowerBound + offset] {
            return false
        }
        return true
    }

    // MARK: replacing

    /// The number of a text of the model that may be another one.
    func number(of text: String) -> Int? { replaceable.firstIndex { $0.text == text } }

    /// Whether the text of this number is another one in a rule.
    func isReplaced(_ number: Int, in rule: RuleDeclaration) -> Bool {
        let token = replaceable[number].token
        return !areSame(
            family.tokens[firstToken + token].range, family.tokens[rule.firstToken + token].range)
    }

    /// What stands in a rule where the model has the text of this number.
    func text(_ number: Int, in rule: RuleDeclaration) -> String {
        let range = family.tokens[rule.firstToken + replaceable[number].token].range
        return family.file.text(range.lowerBound + 1..<range.upperBound - 1)
    }

    func places(in rule: RuleDeclaration) -> RulePlaces {
        RulePlaces(family, from: firstToken, to: rule.firstToken)
    }
}

/// Places in a rule, by those in the rule that it is like: they begin and end with tokens.
struct RulePlaces {
    private let family: RuleFamily
    private let from: Int
    private let to: Int

    init(_ family: RuleFamily, from: Int, to: Int) {
        self.family = family
        self.from = from
        self.to = to
    }

    func moved(_ span: SourceSpan) -> SourceSpan {
        let start = place(span.range.lowerBound, isEnd: false)
        let end = place(span.range.upperBound, isEnd: true)
        guard span.file === family.file, let start, let end, start <= end else { return span }
        return SourceSpan(span.file, start..<end)
    }

    /// Nil outside the rule.
    private func place(_ offset: Int, isEnd: Bool) -> Int? {
        var low = from
        var high = from + family.first.count
        while low < high {
            let middle = (low + high) / 2
            let range = family.tokens[middle].range
            if isEnd ? range.upperBound < offset : range.upperBound <= offset {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < from + family.first.count else { return nil }
        let (old, new) = (family.tokens[low].range, family.tokens[low - from + to].range)
        guard old.lowerBound <= offset else { return nil }
        if offset == old.upperBound { return new.upperBound }
        return new.lowerBound + offset - old.lowerBound
    }
}
