// SPDX-License-Identifier: Apache-2.0
// Exercised by RulesChangeTests, and by simulated crashes.

internal import Automata
internal import Diagnostics
internal import EventModel
internal import MatchCore
internal import RuleLanguage

extension LiveNode {
    /// Puts other rules in force, all of them or none.
    ///
    /// They are compiled, and have taken over what goes on, before anything is written down; the
    /// registry has them before the journal says that they are in force.
    ///
    /// - Returns: what became of each rule; `change` is 0 where they are those in force.
    /// - Throws: where the rules stay as they were.
    package mutating func change(
        _ request: RulesRequest
    ) throws(RulesRefusal) -> RulesReport {
        if let base = request.base, base != pipeline.rules.version {
            throw .notOfVersion(pipeline.rules.version)
        }
        let wanted = try wanted(request.wish)
        let isSame = wanted.version == pipeline.rules.version
        if isSame, wanted.rules.disabled == pipeline.rules.disabled,
            wanted.rules.limits == pipeline.rules.limits
        {
            var report = RulesReport()
            report.version = wanted.rules.version
            return report
        }
        do throws(StateError) {
            try deliver()
        } catch {
            throw .state(error)
        }
        let number = pipeline.rules.change + 1
        var prepared = try prepare(wanted.rules)
        do throws(StateError) {
            var version = wanted.version
            if case .rules(let rules) = request.wish, version == nil {
                version = try registry.add(rules.texts, rules: rules.registered)
            }
            (prepared.rules.change, prepared.rules.version) = (number, version ?? 0)
            try registry.forgetChanges(after: number - 1)
            try registry.add(
                RulesChange(
                    number: number, time: request.time, source: request.source,
                    author: request.author, note: request.note, version: version ?? 0,
                    disabled: wanted.rules.disabled, limits: wanted.rules.limits,
                    summary: prepared.report.told))
            return try enter(prepared)
        } catch {
            throw .state(error)
        }
    }

    private struct Wanted {
        /// Nil: the registry does not know it yet.
        var version: Int64?
        var rules: LiveRules
    }

    private func wanted(_ wish: RulesRequest.Wish) throws(RulesRefusal) -> Wanted {
        let now = pipeline.rules
        switch wish {
        case .rules(let rules):
            let known = try refusing { () throws(StateError) in
                try registry.version(ofHash: rules.hash)
            }
            // What is compiled already is not compiled again.
            if known == now.version { return Wanted(version: known, rules: now) }
            return Wanted(
                version: known,
                rules: LiveRules(
                    rules.ruleset, change: 0, version: known ?? 0, disabled: now.disabled,
                    limits: now.limits))
        case .version(let number):
            if number == now.version { return Wanted(version: number, rules: now) }
            let ruleset = try refusing { () throws(StateError) -> CheckedRuleset? in
                guard try registry.hash(ofVersion: number) != nil else { return nil }
                var library = try RulesLibrary(registry, folder: folder, configured: nil)
                return try library.ruleset(ofVersion: number)
            }
            guard let ruleset else { throw .noVersion(number) }
            return Wanted(
                version: number,
                rules: LiveRules(
                    ruleset, change: 0, version: number, disabled: now.disabled,
                    limits: now.limits))
        case .enable(let name): return try with(name, isDisabled: false)
        case .disable(let name): return try with(name, isDisabled: true)
        case .limits(let limits):
            var rules = now
            rules.limits = limits
            return Wanted(version: now.version, rules: rules)
        }
    }

    private func with(_ name: String, isDisabled: Bool) throws(RulesRefusal) -> Wanted {
        let now = pipeline.rules
        guard now.ruleset.rules.contains(where: { $0.name == name }) else {
            if now.ruleset.disabledRules.contains(where: { $0.name == name }) {
                throw .disabledInText(name)
            }
            throw .noRule(name, among: now.ruleset.rules.map(\.name))
        }
        var disabled = now.disabled.filter { $0 != name }
        if isDisabled { disabled.append(name) }
        if disabled.count == now.disabled.count {
            return Wanted(version: now.version, rules: now)
        }
        return Wanted(
            version: now.version,
            rules: LiveRules(
                now.ruleset, change: 0, version: now.version, disabled: disabled,
                limits: now.limits))
    }

    private func refusing<Result>(
        _ body: () throws(StateError) -> Result
    ) throws(RulesRefusal) -> Result {
        do throws(StateError) {
            return try body()
        } catch {
            throw .state(error)
        }
    }

    private func prepare(_ rules: LiveRules) throws(RulesRefusal) -> PreparedRules {
        do throws(SnapshotError) {
            return try pipeline.prepare(rules)
        } catch {
            throw .cannotTakeOver("\(error)")
        }
    }

    /// Has the rules be run under the configured limits.
    mutating func begin(under limits: Caps, at time: StreamTime) throws(StateError) {
        if limits == pipeline.rules.limits { return }
        do throws(RulesRefusal) {
            recovery.limits = try change(RulesRequest(.limits(limits), at: time, from: .limits))
        } catch {
            throw .unusable(path: folder, reason: "\(error)")
        }
    }

    /// Puts the configured rules in force unless their files are as they were when they were read
    /// last: then what has been in force since stays, with the tables as they are now.
    mutating func begin(
        _ configured: ConfiguredRules, at time: StreamTime, _ disk: any Disk
    ) throws(StateError) {
        let current = pipeline.rules
        let last = try registry.changes().last {
            $0.number <= current.change && $0.source.isOfFiles
        }
        let lastFiles = try last.flatMap { change throws(StateError) in
            try registry.texts(ofVersion: change.version)?.files
        }
        let files = try registry.texts(ofVersion: current.version)?.files
        var (rules, source) = (configured, RulesSource.start)
        if let files, files != configured.texts.files, lastFiles == configured.texts.files {
            recovery.standing = try registry.changes().last {
                $0.number <= current.change && $0.source.isOfPeople
            }
            let texts = RulesTexts(files: files, tablesFrom: disk)
            if texts.hash == (try registry.hash(ofVersion: current.version)) { return }
            // A table that cannot be read leaves the rows that were known.
            guard let ruleset = texts.check().ruleset else { return }
            (rules, source) = (ConfiguredRules(texts, ruleset), .table)
        }
        do throws(RulesRefusal) {
            let report = try change(RulesRequest(.rules(rules), at: time, from: source))
            if report.change > 0 { recovery.rules = report }
        } catch {
            throw .unusable(path: folder, reason: "\(error)")
        }
    }
}
