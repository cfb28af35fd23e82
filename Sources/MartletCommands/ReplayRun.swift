// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import Connectors
internal import Glibc
internal import Pipeline
internal import Reporting

/// One replay from its files to its exit code.
struct ReplayRun {
    let program: RulesetProgram
    let inputs: [ReplayInput]
    let options: ReplayOptions
    let isQuiet: Bool
    let failsOnAlert: Bool
    /// The page to be made of it; nil: none.
    var page: ReplayPage?

    init(
        program: RulesetProgram, inputs: [ReplayInput], options: ReplayOptions, isQuiet: Bool,
        failsOnAlert: Bool
    ) {
        self.program = program
        self.inputs = inputs
        self.options = options
        self.isQuiet = isQuiet
        self.failsOnAlert = failsOnAlert
    }

    func outcome() -> CommandOutcome {
        do throws(FeedError) {
            guard let page else {
                return run(try ReplaySession(program, inputs: inputs, options: options), nil)
            }
            let recorder = BacktestRecorder(
                program, feedNames: ReplaySession.feedNames(of: inputs), shownCap: page.shownCap)
            let session = try ReplaySession(
                program, inputs: inputs, options: options,
                alertObserver: { recorder.take($0, $1) })
            // An input that is missing leaves an old page alone; a page that cannot be written is
            // found out before the work is done.
            return run(session, PageInWork(page, recorder, file: try FileSink(path: page.path)))
        } catch {
            return ReplayRun.failure(error)
        }
    }

    static func failure(_ error: FeedError) -> CommandOutcome {
        .failed(message(error), .environment)
    }

    private static func message(_ error: FeedError) -> String {
        guard case .cannotWrite("-", let errno) = error else { return "\(error)" }
        return "\(FeedError.cannotWrite(path: "standard output", errno: errno))"
    }

    private func run(
        _ session: consuming ReplaySession, _ page: consuming PageInWork?
    ) -> CommandOutcome {
        var failures: [FeedError] = []
        var interruption: CInt = 0
        do throws(FeedError) {
            interruption = try work(&session)
        } catch {
            failures.append(error)
        }
        let isPart = interruption != 0 || !failures.isEmpty
        let report = session.report
        let feedErrors = session.feedErrors
        let span = session.begun.map { $0...max($0, session.reached) }
        do throws(FeedError) {
            _ = try session.finish()
        } catch {
            if !failures.contains(error) { failures.append(error) }
        }
        do throws(FeedError) {
            try page?.write(report, span, isPart: isPart)
        } catch {
            failures.append(error)
        }
        let told = failures.filter { if case .readerGone = $0 { false } else { true } }
        // Whoever reads the alerts has seen enough (`| head`).
        if told.isEmpty, !failures.isEmpty { return CommandOutcome() }
        var outcome = outcome(report, isPart: isPart, feedErrors + told)
        if interruption != 0 { outcome.status = .interrupted }
        return outcome
    }

    /// Takes all events through the rules; gives the signal that ended this early, or 0.
    private func work(_ session: inout ReplaySession) throws(FeedError) -> CInt {
        Interruption.watch(standardInputIsRead: inputs.contains { $0.path == "-" })
        var line = ReplayProgressLine(isShown: !isQuiet && isatty(STDERR_FILENO) == 1)
        defer { line.clear() }
        while Interruption.signal == 0 {
            guard try session.step() else { break }
            line.update(session)
        }
        let interruption = Interruption.signal
        line.clear()
        if interruption == 0 { try session.runOut() }
        return interruption
    }

    private func outcome(
        _ report: ReplayReport, isPart: Bool, _ errors: [FeedError]
    ) -> CommandOutcome {
        var outcome = CommandOutcome()
        if isPart, !isQuiet { outcome.errors += "interrupted: what follows is a part\n" }
        if !isQuiet { outcome.errors += report.text }
        if failsOnAlert, report.alertCount > 0 { outcome.status = .findings }
        for error in errors {
            outcome.errors += "error: \(ReplayRun.message(error))\n"
            outcome.status = .environment
        }
        return outcome
    }
}
