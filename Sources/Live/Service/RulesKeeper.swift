// SPDX-License-Identifier: Apache-2.0
// Exercised by RulesKeeperTests and RulesCommandTests.

internal import EventModel
internal import Pipeline
internal import RuleLanguage

/// Looks after the files of the rules and what `martlet rules` leaves in the registry, on a thread
/// of its own: reading and checking rules holds up no event.
final class RulesKeeper: Sendable {
    private static let second: Int64 = 1_000_000_000

    private let paths: [String]
    /// The rules files as they were when the process read them.
    private let filesAtStart: [RulesTexts.File]
    /// Whether rules files are read when they have changed; tables always are.
    private let watchesRules: Bool
    private let disk: any Disk
    private let registry: SQLiteRulesRegistry
    private let inbox: RulesInbox
    private let clock: any WallClock
    private let log: LiveLog

    init(
        _ paths: [String], filesAtStart: [RulesTexts.File], watchesRules: Bool, _ disk: any Disk,
        _ registry: SQLiteRulesRegistry,
        _ inbox: RulesInbox, _ clock: any WallClock, _ log: LiveLog
    ) {
        self.paths = paths
        self.filesAtStart = filesAtStart
        self.watchesRules = watchesRules
        self.disk = disk
        self.registry = registry
        self.inbox = inbox
        self.clock = clock
        self.log = log
    }

    /// Works until the inbox is closed.
    func run() {
        var ruleFiles = FileWatch(RulesKeeper.stamps(of: rulesPaths))
        // They may have been written since they were read.
        if watchesRules, let texts = try? RulesTexts.read(paths, disk), texts.files != filesAtStart
        {
            pass(texts, from: .watch)
        }
        var tables = TableWatch()
        tables.look(at: texts(ofVersion: inbox.status.version), inbox.status.version)
        while let isWanted = inbox.takeReload(waitingUpTo: RulesKeeper.second) {
            passOnRequests()
            let stamps = RulesKeeper.stamps(of: rulesPaths)
            let haveRulesChanged = ruleFiles.hasSettled(stamps)
            if isWanted || haveRulesChanged {
                // What is written while they are read is found at the next look.
                ruleFiles = FileWatch(stamps)
                readFiles(from: isWanted ? .sighup : .watch)
            }
            let version = inbox.status.version
            if version != tables.version { tables.look(at: texts(ofVersion: version), version) }
            if tables.haveChanged() { readTables(tables) }
        }
    }

    private var rulesPaths: [String] {
        guard watchesRules else { return [] }
        return ((try? RulesetLoader.paths(paths)) ?? []).sorted()
    }

    static func stamps(of paths: [String]) -> [FileStamp] { paths.map { FileStamp($0) } }

    private func texts(ofVersion version: Int64) -> RulesTexts? {
        version == 0 ? nil : try? registry.texts(ofVersion: version)
    }

    // MARK: Files

    private func readFiles(from source: RulesSource) {
        do throws(RulesetLoadError) {
            pass(try RulesTexts.read(paths, disk), from: source)
        } catch {
            refuse(.unreadable("\(error)"))
        }
    }

    /// The rules in force with the tables as they are now.
    private func readTables(_ tables: TableWatch) {
        guard let texts = tables.texts else { return }
        let read = RulesTexts(files: texts.files, tablesFrom: disk)
        if read.tables != texts.tables { pass(read, from: .table) }
    }

    private func pass(_ texts: RulesTexts, from source: RulesSource) {
        do throws(RulesRefusal) {
            let rules = try ConfiguredRules(checking: texts)
            inbox.ask(RulesRequest(.rules(rules), at: clock.now, from: source))
        } catch {
            refuse(error)
        }
    }

    private func refuse(_ refusal: RulesRefusal) {
        inbox.note(refusal: "\(refusal)", at: clock.now)
        log.write(.error, "the rules stay as they are: \(refusal)")
    }

    // MARK: Requests

    private func passOnRequests() {
        let asked: [RegisteredRequest]
        do throws(StateError) {
            asked = try registry.takeRequests()
        } catch {
            log.write(.error, "\(error)")
            return
        }
        for request in asked {
            guard let wish = request.wish else {
                answer(request.number, .failure(.unreadable("`\(request.action)` is no action")))
                continue
            }
            let (registry, log) = (registry, log)
            inbox.ask(
                RulesRequest(
                    wish, at: clock.now, from: .command, author: request.author,
                    note: request.note)
            ) { result in
                RulesKeeper.answer(request.number, result, registry, log)
            }
        }
    }

    private func answer(_ number: Int64, _ result: Result<RulesReport, RulesRefusal>) {
        RulesKeeper.answer(number, result, registry, log)
    }

    private static func answer(
        _ number: Int64, _ result: Result<RulesReport, RulesRefusal>,
        _ registry: SQLiteRulesRegistry, _ log: LiveLog
    ) {
        do throws(StateError) {
            switch result {
            case .success(let report):
                try registry.answer(request: number, report.summary, isRefused: false)
            case .failure(let refusal):
                try registry.answer(request: number, "\(refusal)", isRefused: true)
            }
        } catch {
            log.write(.error, "\(error)")
        }
    }
}

/// The tables of the rules in force, as far as they are files.
private struct TableWatch {
    private(set) var version: Int64 = 0
    private(set) var texts: RulesTexts?
    private var watch = FileWatch([])
    private var paths: [String] = []

    mutating func look(at texts: RulesTexts?, _ version: Int64) {
        self.version = version
        self.texts = texts
        let wanted = (texts?.tables ?? []).map {
            RulesetLoader.beside($0.place.rulesFile, $0.place.path)
        }
        // What was written since they were read is found at the next look.
        if wanted == paths { return }
        paths = wanted
        // They may have been written since: the first look that finds them settled reads them.
        watch = FileWatch([])
    }

    mutating func haveChanged() -> Bool {
        !paths.isEmpty && watch.hasSettled(RulesKeeper.stamps(of: paths))
    }
}

/// Files that are looked at now and then.
struct FileWatch {
    private var known: [FileStamp]
    /// As they were at the last look, if that was otherwise.
    private var seen: [FileStamp]?

    init(_ known: [FileStamp]) { self.known = known }

    /// Whether the files are others than those known, and were so at the last look too: whoever
    /// writes them has come to an end. They are known then.
    mutating func hasSettled(_ stamps: [FileStamp]) -> Bool {
        guard stamps != known else {
            seen = nil
            return false
        }
        guard stamps == seen else {
            seen = stamps
            return false
        }
        known = stamps
        seen = nil
        return true
    }
}
