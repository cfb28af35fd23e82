// SPDX-License-Identifier: Apache-2.0

import Diagnostics

extension RulesetChecker {
    /// Lints what is declared and never used, and rules that no test names.
    func reportUnused() {
        var tested: Set<String> = []
        for case .test(let test) in declarations { tested.formUnion(test.rules.map(\.text)) }
        let disabled = Set(checkedRules.lazy.filter { $0.isDisabled }.map(\.name))
        for name in symbolOrder {
            guard let symbol = symbols[name] else { continue }
            switch symbol.kind {
            case .constant where !usedNames.contains(name):
                report(.unusedConstant, "nothing uses the constant `\(name)`", at: symbol.name.span)
            case .table where !usedNames.contains(name) && tableIDs[name] != nil:
                report(.unusedTable, "nothing looks into the table `\(name)`", at: symbol.name.span)
            case .event where !usedNames.contains(name):
                report(.unusedEvent, "no rule uses the event type `\(name)`", at: symbol.name.span)
            case .rule where !tested.contains(name) && !disabled.contains(name):
                report(
                    .untestedRule, "the rule `\(name)` has no test", at: symbol.name.span,
                    label: "write `test \(name) { … }`")
            default: break
            }
        }
    }
}
