// SPDX-License-Identifier: Apache-2.0

import Testing

/// Exceptions from a rule, by file or the like, with how often each breaks it. They can only become
/// fewer: a number too high fails as one too low does.
func expectExceptions(
    _ found: [String: Int], are allowed: [String: Int], _ rule: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    for name in Set(found.keys).union(allowed.keys).sorted() {
        let (count, limit) = (found[name] ?? 0, allowed[name] ?? 0)
        if count > limit {
            Issue.record(
                "\(name): \(count) where \(limit) may be: \(rule)", sourceLocation: sourceLocation)
        } else if count < limit {
            Issue.record(
                "\(name): only \(count) are left of \(limit): lower the number here",
                sourceLocation: sourceLocation)
        }
    }
}
