// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// All of a rule but what it asks of events and what it says of matches. Rules that are equal in it
/// run on one automaton, which has a row of constants for each of them.
package struct RuleShape: Hashable, Sendable {
    private struct Filter: Hashable {
        var type: Int32
        var route: Int32
        var isStatic: Bool
    }

    private let keyPartCount: Int
    private let routes: [RuleProgram.Route]
    private let stepCount: Int
    private let filters: [Filter]
    private let sequences: [RuleProgram.Sequence]
    private let lines: [RuleProgram.Line]
    private let steps: [RuleProgram.Step]
    private let groups: [RuleProgram.Group]
    private let branches: [RuleProgram.Branches]
    private let absences: [RuleProgram.Absence]
    private let leadingAbsence: RuleProgram.Absence?
    private let resets: [Int]
    private let resolution: Int?
    private let within: TimeSpan?
    private let hasHaving: Bool
    private let skip: RuleProgram.Skip
    private let keepsLatestAttemptOnly: Bool
    private let chainWords: [Int]
    private let feedsRules: Bool
    private let takesKeysFromTable: Bool

    package init(_ rule: RuleProgram) {
        keyPartCount = rule.keyNames.count
        routes = rule.routes
        stepCount = rule.stepNames.count
        filters = rule.filters.map {
            Filter(type: $0.type, route: $0.route, isStatic: $0.isStatic)
        }
        sequences = rule.sequences
        lines = rule.lines
        steps = rule.steps
        groups = rule.groups
        branches = rule.branches
        absences = rule.absences
        leadingAbsence = rule.leadingAbsence
        resets = rule.resets
        resolution = rule.alert.policy.resolution?.filter
        within = rule.within
        hasHaving = rule.having != nil
        skip = rule.skip
        keepsLatestAttemptOnly = rule.keepsLatestAttemptOnly
        chainWords = rule.chainWords
        feedsRules = rule.chain.feeds
        takesKeysFromTable = rule.keysFrom >= 0
    }
}
