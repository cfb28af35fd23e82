// SPDX-License-Identifier: Apache-2.0

/// Instructions of the built program, counted by valgrind: unlike time they are the same on a busy
/// machine.
enum BenchInstructions {
    /// What an event costs beyond loading the rules and starting: the difference between two runs.
    ///
    /// - Returns: nil where valgrind is not installed.
    static func perEvent(
        _ workload: BenchWorkload, folder: String, binary: String
    ) throws(BenchProblem) -> Double? {
        let few = BenchData(folder: folder, eventCount: fewEvents, seed: 7)
        let more = BenchData(folder: folder, eventCount: moreEvents, seed: 7)
        guard let first = try count(workload, few, binary),
            let second = try count(workload, more, binary)
        else { return nil }
        return Double(second - first) / Double(moreEvents - fewEvents)
    }

    private static let fewEvents = 20_000
    private static let moreEvents = 60_000

    private static func count(
        _ workload: BenchWorkload, _ data: BenchData, _ binary: String
    ) throws(BenchProblem) -> Int? {
        let log = "\(data.folder)/callgrind.log"
        let child = ChildProcess.run(
            [
                "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                "--log-file=\(log)", binary,
            ]
                + BenchMeasurement.arguments(
                    workload, rules: try data.rules(workload),
                    events: try data.events(workload.stream), output: "/dev/null", threads: 1))
        switch child.end {
        case .notStarted(2), .exited(127): return nil
        case .exited(0): break
        default: throw BenchProblem("valgrind failed on \(workload.name): \(child.end)")
        }
        let text = String(decoding: ScratchFiles.read(log) ?? [], as: UTF8.self)
        for line in text.split(separator: "\n") where line.contains("Collected :") {
            if let number = line.split(separator: " ").last.flatMap({ Int($0) }) { return number }
        }
        throw BenchProblem("valgrind did not say how many instructions \(workload.name) took")
    }
}
