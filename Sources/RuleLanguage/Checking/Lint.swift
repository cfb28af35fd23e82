// SPDX-License-Identifier: Apache-2.0

package import Diagnostics

/// A finding that is no mistake, with the name by which it is silenced.
package struct Lint: Sendable {
    package let name: String
    package let code: String
    package let level: Severity
    package let title: String

    /// All of them, in order of their codes.
    package static let all: [Lint] = DiagnosticCode.allCases.compactMap { code in
        code.lintName.map {
            Lint(name: $0, code: code.rawValue, level: code.severity, title: code.title)
        }
    }
}

extension DiagnosticCode {
    /// How much a finding of this code matters.
    package var severity: Severity {
        switch self {
        case .redundantCondition, .idleAllow: .note
        default: isWarning ? .warning : .error
        }
    }

    /// The name that `// martlet: allow …` takes; nil for errors.
    package var lintName: String? {
        switch self {
        case .noTimeLimit: "no-time-limit"
        case .keyFieldLacking: "key-field-lacking"
        case .constantCondition: "constant-condition"
        case .unequalOptional: "unequal-optional"
        case .unusedConstant: "unused-constant"
        case .unusedEvent: "unused-event"
        case .untestedRule: "untested-rule"
        case .unreachableStep: "unreachable-step"
        case .eachWithoutLimit: "each-without-limit"
        case .readsLaterStep: "reads-later-step"
        case .skipEndsNothing: "skip-ends-nothing"
        case .idleKeysFrom: "idle-keys-from"
        case .neverFinishes: "never-finishes"
        case .unusedStep: "unused-step"
        case .expiredException: "expired-exception"
        case .unreachableBranch: "unreachable-branch"
        case .idleGuard: "idle-guard"
        case .comparedWithNull: "compared-with-null"
        case .redundantCondition: "redundant-condition"
        case .unknownLint: "unknown-lint"
        case .idleAllow: "idle-allow"
        case .unproducedEvent: "unproduced-event"
        case .eachMeant: "each-meant"
        case .unusedTable: "unused-table"
        case .hiddenRow: "hidden-row"
        default: nil
        }
    }
}
