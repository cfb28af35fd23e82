// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import Connectors
internal import Glibc
internal import Pipeline

/// One replay from its files to its exit code.
struct ReplayRun {
    let program: RulesetProgram
    let inputs: [ReplayInput]
    let options: ReplayOptions
    let isQuiet: Bool
    let failsOnAlert: Bool

    func outcome() -> CommandOutcome {
        do throws(FeedError) {
            return try run()
        } catch {
            return ReplayRun.failure(error)
        }
    }

    static func failure(_ error: FeedError) -> CommandOutcome {
        switch error {
        // Whoever reads the alerts has seen enough (`| head`).
        case .readerGone: CommandOutcome()
        case .cannotWrite("-", let errno):
            .failed("\(FeedError.cannotWrite(path: "standard output", errno: errno))", .environment)
        default: .failed("\(error)", .environment)
        }
    }

    private func run() throws(FeedError) -> CommandOutcome {
        var session = try ReplaySession(program, inputs: inputs, options: options)
        Interruption.watch(standardInputIsRead: inputs.contains { $0.path == "-" })
        var line = ReplayProgressLine(isShown: !isQuiet && isatty(STDERR_FILENO) == 1)
        while Interruption.signal == 0 {
            guard try session.step() else { break }
            line.update(session)
        }
        let interruption = Interruption.signal
        line.clear()
        if interruption == 0 { try session.runOut() }
        let feedErrors = session.feedErrors
        let report = try session.finish()
        return outcome(report, feedErrors, interruption)
    }

    private func outcome(
        _ report: ReplayReport, _ feedErrors: [FeedError], _ interruption: CInt
    ) -> CommandOutcome {
        var outcome = CommandOutcome()
        if interruption != 0, !isQuiet { outcome.errors += "interrupted: what follows is a part\n" }
        if !isQuiet { outcome.errors += report.text }
        if failsOnAlert, report.matchCount > 0 { outcome.status = .findings }
        for error in feedErrors {
            outcome.errors += "error: \(error)\n"
            outcome.status = .environment
        }
        if interruption != 0 { outcome.status = .interrupted }
        return outcome
    }
}
