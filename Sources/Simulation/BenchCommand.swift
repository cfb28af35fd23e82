// SPDX-License-Identifier: Apache-2.0

/// `martlet-bench`, from its arguments to its exit code.
package struct BenchCommand: Sendable {
    package static let usage = """
        usage: martlet-bench [--events N] [--runs R] [--seed N] [--binary PATH] [--only NAME]
               martlet-bench --decode [--only NAME]  file to batches alone
               martlet-bench --budgets            allocations an event against fixtures/budgets
               martlet-bench --renew-budgets      writes what was counted into fixtures/budgets

        """

    private enum Mode { case speed, decoding, budgets, renewal }

    private var mode = Mode.speed
    private var eventCount = BenchWorkload.knownEventCount
    private var runs = 5
    private var seed = 7
    private var binary = ScratchFiles.ownFolder + "/martlet"
    private var only: String?
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
            case "--decode": mode = .decoding
            case "--binary", "--only":
                guard let value = rest.popFirst() else { return nil }
                if option == "--only" { only = value } else { binary = value }
            case "--events", "--runs", "--seed":
                guard let value = rest.popFirst().flatMap({ Int($0) }), value > 0,
                    value < 1 << 32
                else { return nil }
                switch option {
                case "--events": eventCount = value
                case "--runs": runs = value
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
            case .decoding:
                let data = BenchData(folder: folder, eventCount: eventCount, seed: seed)
                return try measureDecoding(data, report)
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
        report("\(eventCount) events, seed \(seed), medians of \(runs), load \(ScratchFiles.load)")
        let columns = [
            ("workload", 9), ("events/s", 11), ("a CPU s", 11), ("CPU s", 7), ("peak MB", 8),
            ("alerts", 13),
        ]
        report(row(columns.map { ($0.0, $0.1) }))
        var status: Int32 = 0
        for workload in BenchWorkload.all where only == nil || only == workload.name {
            let result = try BenchMeasurement.of(workload, data, binary: binary, runs: runs)
            let wall = Double(BenchMeasurement.median(result.wallNanoseconds)) / 1e9
            let cpu = Double(BenchMeasurement.median(result.cpuNanoseconds)) / 1e9
            let peak = Double(BenchMeasurement.median(result.peakBytes)) / 1_048_576
            let cells = [
                workload.name, "\(Int(Double(eventCount) / max(wall, 1e-9)))",
                "\(Int(Double(eventCount) / max(cpu, 1e-9)))", decimals(cpu, 2),
                decimals(peak, 1), "\(result.alerts)",
            ]
            report(row(Array(zip(cells, columns.map(\.1)))))
            if let known = workload.knownAlerts, eventCount == BenchWorkload.knownEventCount,
                seed == 7, known != result.alerts
            {
                report("\(workload.name): \(known) alerts are right")
                status = 1
            }
        }
        report("load \(ScratchFiles.load) at the end")
        return status
    }

    private func measureDecoding(
        _ data: BenchData, _ report: (String) -> Void
    ) throws(BenchProblem) -> Int32 {
        report("file to batches, medians of \(runs), load \(ScratchFiles.load)")
        let widths = [9, 11, 16, 9]
        report(row(Array(zip(["workload", "ns an event", "allocs an event", "events"], widths))))
        for workload in BenchWorkload.all where only == nil || only == workload.name {
            let result = try BenchDecoding.of(workload, data, runs: runs, allocationCount)
            let times = result.nanosecondsPerEvent.sorted()
            let cells = [
                workload.name, decimals(times[times.count / 2], 1),
                decimals(result.allocationsPerEvent, 4), "\(result.events)",
            ]
            report(row(Array(zip(cells, widths))))
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
        var budgets = BenchBudgets.read()
        var status: Int32 = 0
        for workload in BenchWorkload.all {
            let counted = try BenchAllocations.perEvent(workload, data, allocationCount)
            let text = "\(workload.name): \(decimals(counted, 4)) allocations an event"
            if mode == .renewal {
                budgets[workload.name] = decimals(counted, 4)
                report(text)
                continue
            }
            guard let budget = budgets[workload.name].flatMap({ Double($0) }) else {
                report("\(text), and no budget")
                status = 1
                continue
            }
            let isOver = counted > budget * BenchBudgets.tolerance + 0.0005
            report("\(text), of \(budget)\(isOver ? ": too many" : "")")
            if isOver { status = 1 }
        }
        if mode == .renewal, !BenchBudgets.write(budgets) {
            throw BenchProblem("cannot write \(BenchBudgets.path)")
        }
        return status
    }
}

/// `fixtures/budgets/allocations.json`: an object of numbers, one a line.
enum BenchBudgets {
    static let path = "fixtures/budgets/allocations.json"
    static let eventCount = 100_000
    /// What hash seeds may add or take.
    static let tolerance = 1.05

    /// The numbers by the workloads' names; empty where there is no such file.
    static func read() -> [String: String] {
        let text = String(decoding: ScratchFiles.read(path) ?? [], as: UTF8.self)
        var budgets: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            budgets[String(parts[1])] = parts[2].filter { $0.isNumber || $0 == "." }
        }
        return budgets
    }

    static func write(_ budgets: [String: String]) -> Bool {
        let lines = BenchWorkload.all.compactMap { workload in
            budgets[workload.name].map { "  \"\(workload.name)\": \($0)" }
        }
        let text = "{\n" + lines.joined(separator: ",\n") + "\n}\n"
        return ScratchFiles.write(Array(text.utf8), to: path)
    }
}
