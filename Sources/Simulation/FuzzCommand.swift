// SPDX-License-Identifier: Apache-2.0
// Each target runs in a process of its own, which keeps the input at hand in a file: a trap, a hang
// or a memory bomb ends that process, and the file is what the report names.
// Exercised by FuzzTests.

/// `martlet-fuzz`, from its arguments to its exit code.
package struct FuzzCommand: Sendable {
    package static let usage = """
        usage: martlet-fuzz TARGET [--seed N] [--seconds S | --rounds R] [--corpus DIR]
                                   [--output DIR]
               martlet-fuzz all --seconds S       every target for S seconds
               martlet-fuzz TARGET --input FILE   one input

        targets:

        """ + (FuzzTarget.all + FuzzTarget.canaries).map { "  \($0.name): \($0.law)\n" }.joined()

    private var targets: [FuzzTarget] = []
    private var seed: UInt64 = 1
    private var limit = FuzzRun.Limit.seconds(10)
    private var corpusFolder: String?
    /// Where failing inputs go; in the build folder, as it is not under version control.
    private var outputFolder = ".build/fuzz"
    private var inputPath: String?
    /// In a worker: the file that holds the input at hand.
    private var scratchPath: String?

    /// Nil where the arguments make no sense.
    package init?(_ arguments: [String]) {
        var rest = arguments[...]
        guard let name = rest.popFirst() else { return nil }
        let known = FuzzTarget.all + FuzzTarget.canaries
        targets = name == "all" ? FuzzTarget.all : known.filter { $0.name == name }
        guard !targets.isEmpty else { return nil }
        while let option = rest.popFirst() {
            guard let value = rest.popFirst() else { return nil }
            switch option {
            case "--seed":
                guard let number = UInt64(value) else { return nil }
                seed = number
            case "--seconds", "--rounds":
                guard let number = Int(value), number > 0, number < 1 << 32 else { return nil }
                limit = option == "--rounds" ? .rounds(number) : .seconds(number)
            case "--corpus": corpusFolder = value
            case "--output": outputFolder = value
            case "--input": inputPath = value
            case "--worker": scratchPath = value
            default: return nil
            }
        }
    }

    /// Runs what was asked for, with each line of the report as it comes.
    ///
    /// - Returns: the exit code: 0 clean, 1 findings, 3 where the machine is in the way.
    package func run(_ report: (String) -> Void) -> Int32 {
        if let inputPath { return tryInput(inputPath, report) }
        if let scratchPath { return work(scratchPath, report) }
        ScratchFiles.makeFolder(outputFolder)
        return targets.map { supervise($0, report) }.max() ?? 0
    }

    private func tryInput(_ path: String, _ report: (String) -> Void) -> Int32 {
        guard let input = ScratchFiles.read(path) else {
            report("cannot read `\(path)`")
            return 3
        }
        for target in targets {
            if let failure = target.body(input).failure {
                report("\(target.name): \(failure)")
                return 1
            }
        }
        report("\(path): nothing is wrong")
        return 0
    }

    /// One target in this process.
    private func work(_ scratchPath: String, _ report: (String) -> Void) -> Int32 {
        let target = targets[0]
        let folders = corpusFolder.map { [$0] } ?? target.corpus
        let corpus = folders.flatMap { ScratchFiles.contents(ofFolder: $0) }
        if corpus.isEmpty, !folders.isEmpty {
            report("\(target.name): no corpus in \(folders.joined(separator: ", "))")
        }
        FuzzBounds.boundMemory()
        var run = FuzzRun(target, seed: seed, limit: limit, corpus: corpus)
        let result = run.run(scratchPath: scratchPath)
        ScratchFiles.removeScratchFolder()
        let seconds = result.cpuNanoseconds / 1_000_000_000
        report(
            "\(target.name): \(result.rounds) rounds, \(seconds) s of CPU, seed \(seed), "
                + "\(result.features) features, \(result.kept) inputs kept")
        if let failure = result.failure { report("\(target.name): \(failure.reason)") }
        return result.failure == nil ? 0 : 1
    }

    /// One target in a process of its own.
    private func supervise(_ target: FuzzTarget, _ report: (String) -> Void) -> Int32 {
        let scratch = "\(outputFolder)/\(target.name)-\(seed).at-hand"
        var arguments = [
            ScratchFiles.ownPath, target.name, "--worker", scratch, "--seed", "\(seed)",
        ]
        switch limit {
        case .rounds(let count): arguments += ["--rounds", "\(count)"]
        case .seconds(let count): arguments += ["--seconds", "\(count)"]
        }
        if let corpusFolder { arguments += ["--corpus", corpusFolder] }
        let end = ChildProcess.run(arguments).end
        switch end {
        case .exited(0):
            ScratchFiles.remove(scratch)
            return 0
        case .exited(1): break
        case .killed(let signal): report("\(target.name): \(FuzzCommand.describe(signal))")
        case .exited(let status):
            report("\(target.name): the worker ended with \(status)")
            return 3
        case .notStarted(let errno):
            report("\(target.name): cannot start a worker (error \(errno))")
            return 3
        }
        let hash = FuzzVerdict.hash(ScratchFiles.read(scratch) ?? [])
        let kept = "\(outputFolder)/\(target.name)-\(String(hash, radix: 16))"
        guard ScratchFiles.move(scratch, to: kept) else {
            report("\(target.name): the input is in \(scratch)")
            return 1
        }
        report("\(target.name): the input is in \(kept)")
        return 1
    }

    private static func describe(_ signal: Int32) -> String {
        switch signal {
        case 14: "one input took more than \(FuzzBounds.secondsCap) seconds"
        case 4, 5: "trapped (signal \(signal))"
        case 6: "aborted (signal 6)"
        case 11: "bad memory access or stack overflow (signal 11)"
        default: "ended by signal \(signal)"
        }
    }
}
