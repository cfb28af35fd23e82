// SPDX-License-Identifier: Apache-2.0
// Exercised by RoutedNamesTests.

internal import Diagnostics
internal import Live
internal import RuleLanguage

/// The names that alerts of some rules have, for routes that read them: a condition over a name
/// that no alert has never holds.
struct RoutedNames {
    /// What stands before a name that says of what it is.
    private enum Kind: String, CaseIterable { case fields, key, labels }

    private var names: [Kind: Set<String>] = [:]

    init(_ rules: some Sequence<CheckedRule>) {
        for rule in rules where !rule.onlyEmits {
            names[.fields, default: []].formUnion(rule.alertFields.map(\.name))
            names[.key, default: []].formUnion(rule.key.map(\.name))
            names[.labels, default: []].formUnion(rule.labels.map(\.name))
        }
    }

    /// A line for each name that no alert has.
    func warnings(about routes: AlertRoutes) -> String {
        var text = ""
        for (number, route) in routes.routes.enumerated() {
            for name in route.condition?.otherNames ?? [] where !isKnown(name) {
                let near = Spelling.closest(to: name, among: known)
                text +=
                    "warning: route \(number + 1) reads `\(name)`, which no rule's alerts have"
                    + (near.map { "; did you mean `\($0)`?" } ?? "") + "\n"
            }
        }
        return text
    }

    private func isKnown(_ path: String) -> Bool {
        let parts = path.split(separator: ".", maxSplits: 2).map(String.init)
        if let kind = parts.first.flatMap(Kind.init(rawValue:)), parts.count > 1 {
            if names[kind]?.contains(parts[1]) ?? false { return true }
        }
        // A field may have dots in its name, and hold an object.
        return names.values.contains { known in
            known.contains(path) || known.contains(parts.first ?? "")
        }
    }

    private var known: [String] {
        let common = ["id", "rule", "severity", "title", "tags", "start", "end", "status"]
        return common + names.values.reduce([], +).sorted()
    }
}
