// SPDX-License-Identifier: Apache-2.0
// Exercised by SimulationCommandTests.

/// `martlet-sim`, from its arguments to its exit code.
package struct SimulationCommand: Sendable {
    package static let usage = """
        usage: martlet-sim --seed N       one seed of everything below but `small` and `streams`
               martlet-sim small          all small patterns on all short streams
               martlet-sim differential [SEED [CASES [RULES]]] [--policies] [--chains]
                                          [--keys-from] [--trace]
                                          random rules: the engine against the reference matcher
               martlet-sim windows [SEED [CASES]] [--policies]
                                          the same with windows
               martlet-sim live [SEED [COUNT]]
                                          pipelines that crash, disks and receivers that fail
               martlet-sim network [SEED [COUNT]]
                                          senders over a bad network, to a node that crashes
               martlet-sim week [--seed N] [--days D]
                                          days of operation in fast forward
               martlet-sim streams FOLDER [SEED]
                                          writes the recorded streams

        The same seed does the same. The exit code is 0 where nothing was found, 1 where something
        was, 2 for a command that makes no sense, 3 where the machine is in the way.

        """

    private enum Work: Sendable {
        case everything
        case small
        case differential(cases: Int, rules: Int)
        case windows(cases: Int)
        case live(count: Int)
        case network(count: Int)
        case week(days: Int)
        case streams(folder: String)
        case help
    }

    /// Takes each rule that is tried, where that is asked for.
    package var trace: @Sendable (String) -> Void = { _ in }
    private var work = Work.everything
    private var seed: UInt64 = 1
    private var flags: Set<String> = []

    private static let flagNames: Set = ["--policies", "--chains", "--keys-from", "--trace"]

    /// Nil where the arguments make no sense.
    package init?(_ arguments: [String]) {
        var rest = arguments[...]
        var days = 7
        guard let first = rest.first else { return nil }
        let name = first.hasPrefix("-") ? "" : first
        if !name.isEmpty { rest.removeFirst() }
        var words: [String] = []
        var hasSeed = false
        while let word = rest.popFirst() {
            switch word {
            case "--seed", "--days":
                guard let number = rest.popFirst().flatMap({ UInt64($0) }) else { return nil }
                if word == "--seed" {
                    (seed, hasSeed) = (number, true)
                } else {
                    guard name == "week", (1...1000).contains(number) else { return nil }
                    days = Int(number)
                }
            case "--help", "-h":
                work = .help
                return
            case _ where SimulationCommand.flagNames.contains(word):
                guard name == "differential" || name == "windows" && word == "--policies"
                else { return nil }
                flags.insert(word)
            case _ where word.hasPrefix("-"): return nil
            default: words.append(word)
            }
        }
        if name.isEmpty, hasSeed, words.isEmpty { return }
        guard take(name, words, days: days) else { return nil }
    }

    /// False: the words do not belong behind the name.
    private mutating func take(_ name: String, _ words: [String], days: Int) -> Bool {
        if name == "streams" {
            guard let folder = words.first, words.count <= 2 else { return false }
            work = .streams(folder: folder)
            seed = RecordedStream.committedSeed
            if words.count == 1 { return true }
            guard let number = UInt64(words[1]) else { return false }
            seed = number
            return true
        }
        let numbers = words.compactMap { UInt64($0) }
        guard numbers.count == words.count else { return false }
        if let first = numbers.first { seed = first }
        let count = numbers.count > 1 ? Int(clamping: numbers[1]) : nil
        let most: Int
        switch name {
        case "small": (work, most) = (.small, 0)
        case "differential":
            let rules = numbers.count > 2 ? Int(clamping: numbers[2]) : 1
            (work, most) = (.differential(cases: count ?? 10_000, rules: rules), 3)
        case "windows": (work, most) = (.windows(cases: count ?? 10_000), 2)
        case "live": (work, most) = (.live(count: count ?? 1000), 2)
        case "network": (work, most) = (.network(count: count ?? 1000), 2)
        case "week": (work, most) = (.week(days: days), 1)
        default: return false
        }
        return numbers.count <= most
    }

    /// Does it, with each line of the report as it comes.
    ///
    /// - Returns: the exit code.
    package func run(_ report: (String) -> Void) -> Int32 {
        switch work {
        case .help:
            report(String(SimulationCommand.usage.dropLast()))
            return 0
        case .everything: return everything(report)
        case .small: return small(report)
        case .differential(let cases, let rules):
            var run = DifferentialRun(seed: seed, cases: cases, of: .patterns)
            run.rulesPerCase = rules
            return differential(run, report)
        case .windows(let cases):
            return differential(DifferentialRun(seed: seed, cases: cases, of: .windows), report)
        case .live(let count):
            return LiveTrials(seed: seed, count: count).run(telling: report) ? 0 : 1
        case .network(let count):
            return NetworkTrials(seed: seed, count: count).run(telling: report) ? 0 : 1
        case .week(let days): return week(days: days, report)
        case .streams(let folder): return streams(folder, report)
        }
    }

    /// As much of everything as goes into a minute or so.
    private func everything(_ report: (String) -> Void) -> Int32 {
        let parts = [
            ["differential", "\(seed)", "500"], ["differential", "\(seed)", "500", "--policies"],
            ["differential", "\(seed)", "500", "--chains"], ["windows", "\(seed)", "500"],
            ["differential", "\(seed)", "50", "12"], ["live", "\(seed)", "20"],
            ["network", "\(seed)", "20"], ["week", "--seed", "\(seed)", "--days", "1"],
        ]
        for part in parts {
            report("\(part.joined(separator: " ")):")
            let status = SimulationCommand(part)?.run { report("  \($0)") } ?? 70
            if status != 0 { return status }
        }
        return 0
    }

    private func differential(_ run: DifferentialRun, _ report: (String) -> Void) -> Int32 {
        var run = run
        run.hasPolicies = flags.contains("--policies")
        run.hasChains = flags.contains("--chains")
        run.prefersKeysFrom = flags.contains("--keys-from")
        if flags.contains("--trace") {
            let trace = trace
            run.trace = { trace("rule \($0):\n\($1)") }
        }
        let result = run.run()
        report(
            "\(result.rules) rules, \(result.cases) cases, \(result.casesWithMatches) with matches,"
                + " \(result.casesOnSets) on compact sets too")
        guard let failure = result.failure else { return 0 }
        report("seed \(failure.seed):\n\(failure.difference)\n\(failure.shrunk.scenario)")
        return 1
    }

    private func small(_ report: (String) -> Void) -> Int32 {
        let result = SmallPatterns().run()
        report("\(result.patterns) patterns, \(result.cases) cases, \(result.matches) matches")
        guard let failure = result.failure else { return 0 }
        report("\(failure.difference)\n\(failure.rules)")
        return 1
    }

    private func week(days: Int, _ report: (String) -> Void) -> Int32 {
        let result = WeekTrial(seed: seed, days: days).run()
        ScratchFiles.removeScratchFolder()
        for day in result.days { report(day) }
        report(
            "\(days) days: \(result.events) events, \(result.alerts) alerts, \(result.crashes) "
                + "crashes, \(result.restarts) restarts, \(result.changes) changes of rules, "
                + "\(result.rotations) rotations, \(result.checkpoints) checkpoints, "
                + "\(result.removedAlerts) alerts and \(result.removedLetters) dead letters "
                + "removed, absences at most \(result.slowestAbsence) after they were due")
        guard let difference = result.difference else { return 0 }
        report("seed \(seed): \(difference)")
        return 1
    }

    private func streams(_ folder: String, _ report: (String) -> Void) -> Int32 {
        do {
            try WriteStreams.write(to: folder, seed: seed)
            return 0
        } catch {
            report("\(error)")
            return 3
        }
    }
}
