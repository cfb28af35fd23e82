// SPDX-License-Identifier: Apache-2.0
// Exercised by RulesCommandTests.

internal import RuleLanguage

extension LiveService {
    func startRulesKeeper(_ registry: SQLiteRulesRegistry) throws(StateError) -> WorkerThread {
        let keeper = RulesKeeper(
            configuration.rules, filesAtStart: rules.texts.files, watchesRules: watchesRules, disk,
            registry, rulesInbox, clock, log)
        return try WorkerThread { keeper.run() }
    }

    /// Does what is wished of the rules.
    ///
    /// - Throws: where the node cannot go on.
    func changeRules(
        of node: inout LiveNode, _ monitor: inout LiveMonitor
    ) throws(StateError) {
        for waiting in rulesInbox.take() {
            do throws(RulesRefusal) {
                let report = try node.change(waiting.request)
                if report.change > 0 {
                    rulesInbox.note(node.pipeline.rules, isChange: true)
                    tell(report, waiting.request)
                    // Whoever wished it may look at once.
                    publish(node, &monitor)
                } else if waiting.request.source == .sighup {
                    log.write(.info, "the rules were read again: nothing has changed")
                }
                waiting.reply?(.success(report))
            } catch {
                rulesInbox.note(refusal: "\(error)", at: clock.now)
                log.write(.error, "the rules stay as they are: \(error)")
                waiting.reply?(.failure(error))
                if let fatal = error.fatal { throw fatal }
            }
        }
    }

    private func tell(_ report: RulesReport, _ request: RulesRequest) {
        let author = request.author.isEmpty ? "" : " by \(request.author)"
        let note = request.note.isEmpty ? "" : " (\(request.note))"
        log.write(
            .info,
            "version \(report.version) of the rules is in force, from "
                + "\(request.source.rawValue)\(author)\(note): \(report.summary)")
    }
}

extension ConfiguredRules {
    /// - Throws: `mistakes`.
    package init(checking texts: RulesTexts) throws(RulesRefusal) {
        let check = texts.check()
        guard let ruleset = check.ruleset else { throw .mistakes(check.diagnostics) }
        self.init(texts, ruleset)
    }
}
