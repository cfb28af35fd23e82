// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TextMatching

/// The compiled patterns of an evaluator: each literal is compiled once.
final class PatternCache: Sendable {
    private struct Like: Hashable {
        let pattern: String
        let ignoringCase: Bool
    }

    private struct Patterns {
        var regexes: [RegexLiteral: Regex?] = [:]
        var likes: [Like: LikePattern] = [:]
    }

    private let patterns = Mutex(Patterns())

    /// Nil for a pattern that cannot be compiled; the checker has refused those.
    func regex(_ literal: RegexLiteral) -> Regex? {
        patterns.withLock { patterns in
            if let known = patterns.regexes[literal] { return known }
            let regex = try? Regex(pattern: literal.pattern, flags: literal.flags)
            patterns.regexes[literal] = .some(regex)
            return regex
        }
    }

    func like(_ pattern: String, _ ignoringCase: Bool) -> LikePattern {
        let key = Like(pattern: pattern, ignoringCase: ignoringCase)
        return patterns.withLock { patterns in
            if let known = patterns.likes[key] { return known }
            let like = LikePattern(pattern, ignoringCase: ignoringCase)
            patterns.likes[key] = like
            return like
        }
    }
}
