// SPDX-License-Identifier: Apache-2.0

import Foundation

/// As much of the way in which TextMate reads a text as the grammar needs: rules with `match`, or
/// `begin` and `end`, the earliest first, line by line.
final class GrammarTokenizer {
    private struct Context {
        var patterns: [[String: Any]]
        var end: NSRegularExpression?
        var endCaptures: [String: Any]
        var name: String?
    }

    let grammar: [String: Any]
    private var expressions: [String: NSRegularExpression] = [:]
    private var stack: [Context] = []
    /// The innermost scope of each UTF-16 unit.
    private var scopes: [String?] = []

    init(_ grammar: [String: Any]) { self.grammar = grammar }

    private var repository: [String: Any] { grammar["repository"] as? [String: Any] ?? [:] }

    /// The innermost scope of each UTF-16 unit of a text.
    func scopes(of text: String) throws -> [String?] {
        scopes = []
        let patterns = grammar["patterns"] as? [[String: Any]] ?? []
        stack = [Context(patterns: patterns, end: nil, endCaptures: [:], name: nil)]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let start = scopes.count
            scopes += [String?](repeating: nil, count: line.utf16.count + 1)
            try read(String(line), from: start)
        }
        return scopes
    }

    private func read(_ line: String, from start: Int) throws {
        let length = (line as NSString).length
        var position = 0
        while position <= length {
            let top = stack[stack.count - 1]
            guard let (match, rule) = try earliest(line, position) else { break }
            mark(start + position..<start + match.range.location, top.name)
            let range = start + match.range.location..<start + match.range.upperBound
            if let rule {
                mark(range, rule["name"] as? String ?? top.name)
                let isBlock = rule["begin"] != nil
                let captures = rule[isBlock ? "beginCaptures" : "captures"] as? [String: Any]
                mark(captures ?? [:], match, start)
                if isBlock { try push(rule, above: top) }
            } else {
                mark(range, top.name)
                mark(top.endCaptures, match, start)
                stack.removeLast()
            }
            let isStill = match.range.length == 0 && rule != nil
            position = match.range.upperBound + (isStill ? 1 : 0)
            if match.range.length == 0, rule == nil, position == length { break }
        }
        if position <= length {
            mark(start + position..<start + length, stack[stack.count - 1].name)
        }
    }

    private func push(_ rule: [String: Any], above top: Context) throws {
        stack.append(
            Context(
                patterns: rule["patterns"] as? [[String: Any]] ?? [],
                end: try expression(rule["end"] as? String ?? "$"),
                endCaptures: rule["endCaptures"] as? [String: Any] ?? [:],
                name: rule["name"] as? String ?? top.name))
    }

    /// The match that begins first; of those the end of the block, then the rule written first.
    private func earliest(_ line: String, _ position: Int) throws
        -> (NSTextCheckingResult, [String: Any]?)?
    {
        let top = stack[stack.count - 1]
        var best: (NSTextCheckingResult, [String: Any]?)?
        func consider(_ expression: NSRegularExpression, _ rule: [String: Any]?) {
            let range = NSRange(location: position, length: (line as NSString).length - position)
            let options: NSRegularExpression.MatchingOptions = [
                .withTransparentBounds, .withoutAnchoringBounds,
            ]
            guard let match = expression.firstMatch(in: line, options: options, range: range)
            else { return }
            if best.map({ match.range.location < $0.0.range.location }) ?? true {
                best = (match, rule)
            }
        }
        if let end = top.end { consider(end, nil) }
        for rule in flattened(top.patterns) {
            guard let text = (rule["match"] ?? rule["begin"]) as? String else { continue }
            consider(try expression(text), rule)
        }
        return best
    }

    private func flattened(_ patterns: [[String: Any]]) -> [[String: Any]] {
        patterns.flatMap { pattern -> [[String: Any]] in
            guard let include = pattern["include"] as? String else {
                let isGroup = pattern["match"] == nil && pattern["begin"] == nil
                return isGroup
                    ? flattened(pattern["patterns"] as? [[String: Any]] ?? []) : [pattern]
            }
            let rule = repository[String(include.dropFirst())] as? [String: Any]
            return rule.map { flattened([$0]) } ?? []
        }
    }

    private func expression(_ text: String) throws -> NSRegularExpression {
        if let known = expressions[text] { return known }
        let made = try NSRegularExpression(pattern: text)
        expressions[text] = made
        return made
    }

    private func mark(_ range: Range<Int>, _ scope: String?) {
        for unit in range where unit < scopes.count { scopes[unit] = scope }
    }

    private func mark(_ captures: [String: Any], _ match: NSTextCheckingResult, _ start: Int) {
        for (key, value) in captures {
            guard let number = Int(key), number < match.numberOfRanges,
                let name = (value as? [String: Any])?["name"] as? String
            else { continue }
            let range = match.range(at: number)
            if range.location == NSNotFound { continue }
            mark(start + range.location..<start + range.upperBound, name)
        }
    }
}
