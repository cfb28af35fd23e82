// SPDX-License-Identifier: Apache-2.0

internal import Automata
package import EventModel
package import RuleLanguage

/// What became of one case.
package struct CaseResult: Sendable {
    package var test: CheckedTest
    /// In order: of the `expect` lines as written, then alerts that none names.
    package var failures: [TestFailure]
    /// All alerts of the rules under test, in order.
    package var alerts: [TestAlert]
    /// Events that came late and were dropped.
    package var lateEventCount: Int

    /// What was sent; nil where that is not known, or nothing failed.
    package var input: CaseInput?

    package var isPassed: Bool { failures.isEmpty }
}

/// What a case sends to the engine.
package struct CaseInput: Sendable {
    /// In order, without those that came late.
    package var events: [TestEvent] = []
    package var watchedFrom: StreamTime
    /// Where the clock stops; nil: when no deadline is pending.
    package var until: StreamTime?

    init(_ schedule: TestSchedule) {
        watchedFrom = schedule.watchedFrom
        until = schedule.until
        var now = schedule.watchedFrom
        for case .event(let event) in schedule.actions where event.time >= now {
            events.append(event)
            now = event.time
        }
    }
}

/// Runs the cases of `test` blocks: the engine itself under a clock that the case moves.
///
/// A case runs the rules under test alone, from a fresh engine that has watched since the case's
/// start. It runs a second time with a restart after the first and the last event of each line,
/// which must change nothing.
package struct TestRunner {
    /// Reads a recording of events for a `replay` line. The plan says which fields are wanted.
    package typealias RecordingReader = (
        _ line: CheckedTest.Line, _ path: String, _ plan: DecodePlan
    ) throws -> [TestEvent]

    let ruleset: CheckedRuleset
    private let reader: RecordingReader?
    /// Programs by the names of their rules.
    private var programs: [[String]: RulesetProgram] = [:]

    package init(_ ruleset: CheckedRuleset, reader: RecordingReader? = nil) {
        self.ruleset = ruleset
        self.reader = reader
    }

    package mutating func run(_ test: CheckedTest) -> CaseResult {
        let program = program(of: test)
        var result = CaseResult(test: test, failures: [], alerts: [], lateEventCount: 0)
        let recordings = recordings(of: test, program, &result.failures)
        guard result.failures.isEmpty else { return result }
        let schedule = TestSchedule(test, in: ruleset, recordings: recordings)
        var drive = TestDrive(program)
        drive.run(schedule, restartsEverywhere: false)
        result.alerts = drive.alerts
        result.lateEventCount = drive.lateEventCount
        result.failures =
            ExpectationMatching(test, drive.alerts, emitters: ruleset.emitters).failures
        if !result.isPassed { result.input = CaseInput(schedule) }

        var restarted = TestDrive(program)
        restarted.run(schedule, restartsEverywhere: true)
        if restarted.alerts != drive.alerts {
            let kind = TestFailure.Kind.restart(without: drive.alerts, with: restarted.alerts)
            result.failures.append(TestFailure(kind: kind, span: test.span))
        }
        return result
    }

    /// Whether a case fails, restarts apart.
    mutating func fails(_ test: CheckedTest) -> Bool {
        let program = program(of: test)
        var failures: [TestFailure] = []
        let recordings = recordings(of: test, program, &failures)
        guard failures.isEmpty else { return true }
        var drive = TestDrive(program)
        let schedule = TestSchedule(test, in: ruleset, recordings: recordings)
        drive.run(schedule, restartsEverywhere: false)
        let matching = ExpectationMatching(test, drive.alerts, emitters: ruleset.emitters)
        return !matching.failures.isEmpty
    }

    /// The events of each `replay` line, in order.
    func recordings(
        of test: CheckedTest, _ program: RulesetProgram, _ failures: inout [TestFailure]
    ) -> [[TestEvent]] {
        var recordings: [[TestEvent]] = []
        for line in test.lines {
            guard case .replay(let path) = line.kind else { continue }
            do {
                guard let reader else { throw RecordingProblem.unsupported }
                recordings.append(try reader(line, path, program.decodePlan))
            } catch {
                failures.append(
                    TestFailure(
                        kind: .recording(path: path, problem: "\(error)"), span: line.span))
            }
        }
        return recordings
    }

    /// The program of the rules under test, with the tables that the case gives.
    mutating func program(of test: CheckedTest) -> RulesetProgram {
        var program = program(of: test.rules)
        program.give(test.givenTables)
        program.showEmitted(in: test)
        return program
    }

    mutating func program(of names: [String]) -> RulesetProgram {
        if let program = programs[names] { return program }
        let tested = CheckedRuleset(
            eventTypes: ruleset.eventTypes, rules: ruleset.rules.filter { names.contains($0.name) },
            tests: [], tables: ruleset.tables)
        let program = RulesetCompiler.compile(tested)
        programs[names] = program
        return program
    }
}

extension RulesetProgram {
    /// Gives tables other rows.
    mutating func give(_ tables: [TableID: LookupTable]) {
        for (table, contents) in tables { self.tables[table.index].contents = contents }
    }

    /// Lets rules that only emit hand out their events as others do their alerts, where a case is
    /// about these events: it names the rule, or no rule under test gives alerts.
    fileprivate mutating func showEmitted(in test: CheckedTest) {
        let named = test.expectations.compactMap { expectation in
            if case .alert(_, let rule, _) = expectation.kind { rule } else { nil }
        }
        let areAll = rules.allSatisfy(\.chain.onlyEmits)
        for index in rules.indices where areAll || named.contains(rules[index].name) {
            rules[index].chain.onlyEmits = false
        }
    }
}

extension CheckedRuleset {
    /// The names of the rules that only emit.
    var emitters: Set<String> { Set(rules.lazy.filter(\.onlyEmits).map(\.name)) }
}

enum RecordingProblem: Error, CustomStringConvertible {
    case unsupported

    var description: String { "recordings are not supported here" }
}
