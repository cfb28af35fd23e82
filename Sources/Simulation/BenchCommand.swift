// SPDX-License-Identifier: Apache-2.0

/// `martlet-bench`, from its arguments to its exit code.
package struct BenchCommand: Sendable {
    package static let usage = """
        usage: martlet-bench [--events N] [--runs R] [--seed N] [--binary PATH] [--only NAME]
                             [--threads N]
               martlet-bench --stages [--events N] [--runs R] [--seed N] [--only NAME]
                                  nanoseconds an event by stage, and allocations an event
               martlet-bench --budgets [--only NAME]
                                  allocations and instructions an event against fixtures/budgets
               martlet-bench --renew-budgets [--only NAME]
                                  writes what was counted into fixtures/budgets

        """

    private enum Mode { case speed, stages, budgets, renewal }

    private var mode = Mode.speed
    private var eventCount = BenchWorkload.knownEventCount
    private var runs = 5
    private var seed = 7
    private var binary = ScratchFiles.ownFolder + "/martlet"
    private var only: String?
    private var threads = 1
    /// Allocations of this process so far.
    private let allocationCount: @Sendable () -> Int64

    /// Nil where the arguments make no sense.
    package init?(_ arguments: [String], allocationCount: @escaping @Sendable () -> Int64) {
        self.allocationCount = allocationCount
        var rest = arguments[...]
        while let option = rest.popFirst() {
            switch option {
            case "--budgets": mode = .budgets
            case "--renew-budgets": mode = .renewal
            case "--stages": mode = .stages
            case "--binary", "--only":
                guard let value = rest.popFirst() else { return nil }
                if option == "--only" { only = value } else { binary = value }
            case "--events", "--runs", "--seed", "--threads":
                guard let value = rest.popFirst().flatMap({ Int($0) }), value > 0,
                    value < 1 << 32
                else { return nil }
                switch option {
                case "--events": eventCount = value
                case "--runs": runs = value
                case "--threads": threads = value
                default: seed = value
                }
            default: return nil
            }
        }
    }

    /// - Returns: the exit code: 0 clean, 1 other alerts or more allocations than there should be,
    ///   3 where something is missing.
    package func run(_ report: (String) -> Void) -> Int32 {
        let folder = ScratchFiles.temporaryFolder + "/martlet-bench"
        ScratchFiles.makeFolder(folder)
        do throws(BenchProblem) {
            switch mode {
            case .speed:
                let data = BenchData(folder: folder, eventCount: eventCount, seed: seed)
                return try measure(data, report)
            case .stages:
                let data = BenchData(folder: folder, eventCount: eventCount, seed: seed)
                return try measureStages(data, report)
            case .budgets, .renewal:
                let data = BenchData(folder: folder, eventCount: BenchBudgets.eventCount, seed: 7)
                return try compare(data, report)
            }
        } catch {
            report("martlet-bench: \(error)")
            return 3
        }
    }

    // MARK: Speed

    private func measure(
        _ data: BenchData, _ report: (String) -> Void
    ) throws(BenchProblem) -> Int32 {
        report(
            "\(eventCount) events, seed \(seed), threads \(threads), medians of \(runs), "
                + "load \(ScratchFiles.load)")
        let columns = [
            ("workload", 13), ("events/s", 11), ("a CPU s", 11), ("CPU s", 7), ("peak MB", 8),
            ("alerts", 13),
        ]
        report(row(columns.map { ($0.0, $0.1) }))
        var status: Int32 = 0
        for workload in BenchWorkload.all where only == nil || only == workload.name {
            let result = try BenchMeasurement.of(
                workload, data, binary: binary, runs: runs, threads: threads)
            let wall = Double(BenchMeasurement.median(result.wallNanoseconds)) / 1e9
            let cpu = Double(BenchMeasurement.median(result.cpuNanoseconds)) / 1e9
            let peak = Double(BenchMeasurement.median(result.peakBytes)) / 1_048_576
            let cells = [
                workload.name, "\(Int(Double(eventCount) / max(wall, 1e-9)))",
                "\(Int(Double(eventCount) / max(cpu, 1e-9)))", decimals(cpu, 2),
                decimals(peak, 1), "\(result.alerts)",
            ]
            report(row(Array(zip(cells, columns.map(\.1)))))
            if let known = knownAlerts(of: workload), known != result.alerts {
                report("\(workload.name): \(known) alerts are right")
                status = 1
            }
        }
        report("load \(ScratchFiles.load) at the end")
        return status
    }

    private func knownAlerts(of workload: BenchWorkload) -> Int? {
        guard eventCount == BenchWorkload.knownEventCount else { return nil }
        switch seed {
        case 7: return workload.knownAlerts
        case BenchWorkload.secondSeed: return workload.knownAlertsOfSecondSeed
        default: return nil
        }
    }

    private func measureStages(
        _ data: BenchData, _ report: (String) -> Void
    ) throws(BenchProblem) -> Int32 {
        report(
            "\(eventCount) events, seed \(seed), ns an event, in this process on one thread, "
                + "medians of \(runs), load \(ScratchFiles.load)")
        let columns = [
            ("workload", 13), ("decoding", 9), ("matching", 9), ("writing", 9), ("all", 9),
            ("allocations", 12), ("events read", 12),
        ]
        report(row(columns.map { ($0.0, $0.1) }))
        for workload in BenchWorkload.all where only == nil || only == workload.name {
            let result = try BenchStages.of(workload, data, runs: runs, allocationCount)
            let stages = BenchStages.Stage.allCases.map { result.nanoseconds(of: $0) }
            let cells =
                [workload.name] + (stages + [stages.reduce(0, +)]).map { decimals($0, 1) }
                + [decimals(result.allocationsPerEvent, 4), "\(result.events)"]
            report(row(Array(zip(cells, columns.map(\.1)))))
        }
        return 0
    }

    private func row(_ cells: [(text: String, width: Int)]) -> String {
        cells.enumerated().map { index, cell in
            let blanks = String(repeating: " ", count: max(0, cell.width - cell.text.count))
            return index == 0 ? cell.text + blanks : blanks + cell.text
        }.joined(separator: " ")
    }

    private func decimals(_ value: Double, _ places: Int) -> String {
        if places == 0 { return "\(Int(value.rounded()))" }
        var scale = 1
        for _ in 0..<places { scale *= 10 }
        let whole = Int((value * Double(scale)).rounded())
        let fraction = String(whole % scale)
        let zeros = String(repeating: "0", count: places - fraction.count)
        return "\(whole / scale).\(zeros)\(fraction)"
    }

    // MARK: Budgets

    private func compare(
        _ data: BenchData, _ report: (String) -> Void
    ) throws(BenchProblem) -> Int32 {
        var status: Int32 = 0
        for budget in [BenchBudgets.allocations, .instructions] {
            var numbers = budget.read()
            for workload in BenchWorkload.all where only == nil || only == workload.name {
                guard let counted = try count(budget, workload, data) else {
                    report("valgrind is missing: it counts instructions")
                    return 3
                }
                let text =
                    "\(workload.name): \(decimals(counted, budget.places)) \(budget.name) an event"
                if mode == .renewal {
                    numbers[workload.name] = decimals(counted, budget.places)
                    report(text)
                } else if !budget.holds(counted, numbers[workload.name], text, report) {
                    status = 1
                }
            }
            if mode == .renewal, !budget.write(numbers) {
                throw BenchProblem("cannot write \(budget.path)")
            }
        }
        return status
    }

    private func count(
        _ budget: BenchBudgets, _ workload: BenchWorkload, _ data: BenchData
    ) throws(BenchProblem) -> Double? {
        budget == .allocations
            ? try BenchAllocations.perEvent(workload, data, allocationCount)
            : try BenchInstructions.perEvent(workload, folder: data.folder, binary: binary)
    }
}
