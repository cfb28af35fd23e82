// SPDX-License-Identifier: Apache-2.0

/// What an event of each workload may cost: an object of numbers, one a line, in a file of its own.
enum BenchBudgets: String {
    case allocations, instructions

    var name: String { rawValue }
    var path: String { "fixtures/budgets/\(rawValue).json" }
    /// Events that allocations are counted over.
    static let eventCount = 100_000

    /// Decimal places of the numbers.
    var places: Int { self == .allocations ? 4 : 0 }

    /// What hash seeds, and other versions of the C library, may add or take.
    private var tolerance: Double { self == .allocations ? 1.05 : 1.1 }
    private var slack: Double { self == .allocations ? 0.0005 : 10 }

    /// Whether what was counted is within the budget, and says so.
    func holds(
        _ counted: Double, _ known: String?, _ text: String, _ report: (String) -> Void
    ) -> Bool {
        guard let budget = known.flatMap({ Double($0) }) else {
            report("\(text), and no budget")
            return false
        }
        let isOver = counted > budget * tolerance + slack
        report("\(text), of \(known ?? "")\(isOver ? ": too many" : "")")
        return !isOver
    }

    /// The numbers by the workloads' names; empty where there is no such file.
    func read() -> [String: String] {
        let text = String(decoding: ScratchFiles.read(path) ?? [], as: UTF8.self)
        var budgets: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            budgets[String(parts[1])] = parts[2].filter { $0.isNumber || $0 == "." }
        }
        return budgets
    }

    func write(_ budgets: [String: String]) -> Bool {
        let lines = BenchWorkload.all.compactMap { workload in
            budgets[workload.name].map { "  \"\(workload.name)\": \($0)" }
        }
        let text = "{\n" + lines.joined(separator: ",\n") + "\n}\n"
        return ScratchFiles.write(Array(text.utf8), to: path)
    }
}
