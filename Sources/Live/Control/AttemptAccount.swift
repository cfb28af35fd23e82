// SPDX-License-Identifier: Apache-2.0
// Exercised by WorkRouteTests.

internal import Automata
internal import Engine
package import EventModel
internal import MatchCore

/// What a rule holds of a key, in its own words.
package struct KeyAccount: Sendable {
    package struct Bound: Sendable {
        /// The name of the step.
        package var step: String
        package var time: StreamTime
        /// A JSON object.
        package var event: [UInt8]
    }

    package struct Attempt: Sendable {
        package var startedAt: StreamTime
        /// What takes it on: lines of the pattern.
        package var waitsFor: [String]
        /// When an absence that it waits for holds.
        package var deadline: StreamTime?
        /// When the rule's limit ends it.
        package var expiresAt: StreamTime?
        package var boundCount: Int
        /// The newest first; not all, where there are many.
        package var bound: [Bound]
    }

    /// The parts in the order of `by`.
    package var key: [(name: String, value: Value)]
    /// `attempts`, `sets`, `counters` or `window`.
    package var form: String
    package var count: Int?
    package var attempts: [Attempt]
}

extension LivePipeline {
    /// What a rule holds of a key, or of some keys; nil: there is no rule of that name.
    ///
    /// - Parameter texts: the parts of the key; nil: any.
    package func accounts(
        ofRule name: String, key texts: [String]?, atMost wanted: Int
    ) -> [KeyAccount]? {
        guard let index = program.rules.firstIndex(where: { $0.name == name }) else { return nil }
        let rule = program.rules[index]
        return engine.heldKeys(ofRule: index, texts, atMost: wanted).map { held in
            KeyAccount(
                key: zip(rule.keyNames, held.key).map { ($0, $1) }, form: held.form.rawValue,
                count: held.count, attempts: held.attempts.map { account($0, of: rule) })
        }
    }

    private func account(_ attempt: HeldAttempt, of rule: RuleProgram) -> KeyAccount.Attempt {
        KeyAccount.Attempt(
            startedAt: attempt.startedAt, waitsFor: waitsFor(attempt, rule),
            deadline: attempt.deadline, expiresAt: attempt.expiresAt,
            boundCount: attempt.boundCount,
            bound: attempt.bound.map { bound in
                KeyAccount.Bound(
                    step: rule.stepNames.indices.contains(bound.step)
                        ? rule.stepNames[bound.step] : "", time: bound.time, event: bound.text)
            })
    }

    private func waitsFor(_ attempt: HeldAttempt, _ rule: RuleProgram) -> [String] {
        if let step = attempt.awaitedStep, rule.stepLabels.indices.contains(step) {
            return [rule.stepLabels[step]]
        }
        guard let line = attempt.line, rule.lines.indices.contains(line) else { return [] }
        guard attempt.isOpen else { return [words(rule.lines[line], rule)] }
        var awaited = rule.lines[line].followers
        let absence = rule.lines[line].pendingAbsence
        if absence >= 0, !awaited.contains(absence) { awaited.append(absence) }
        return awaited.filter { rule.lines.indices.contains($0) }.map {
            words(rule.lines[$0], rule)
        }
    }

    /// A line of a pattern, for people.
    private func words(_ line: RuleProgram.Line, _ rule: RuleProgram) -> String {
        switch line.kind {
        case .step(let index): return rule.stepLabels[rule.steps[index].id]
        case .group: return "the group"
        case .allOf: return "all of …"
        case .anyOf: return "any of …"
        case .absence(let index):
            let absence = rule.absences[index]
            let type = rule.filters[absence.filter].type
            let name = type < 0 ? "any event" : program.typeNames[Int(type)]
            if absence.duration < 0 { return "no \(name)" }
            return "no \(name) for \(TimeSpan(nanoseconds: absence.duration))"
        case .start: return ""
        }
    }
}
