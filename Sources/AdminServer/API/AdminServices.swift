// SPDX-License-Identifier: Apache-2.0

internal import Automata
package import Live
internal import RuleLanguage
internal import Synchronization

/// What the admin server has done.
struct AdminFigures: Sendable {
    var requests = 0
    var refused = 0
    var streams = 0
    var openConnections = 0
    var refusedConnections = 0
    var cutOffConnections = 0
}

/// What the routes answer from.
package final class AdminServices: Sendable {
    let control: LiveControl
    let rules: RulesInbox
    /// Where rules that callers send have their places.
    let folder: UploadFolder
    let disk: any Disk
    let version: String
    let broadcast: EventBroadcast
    private let stateFolder: String
    private let log: LiveLog
    private let state: Mutex<State>

    private struct State {
        var catalog = RuleCatalog.empty
        var figures = AdminFigures()
        var history: AlertHistory?
        var registry: SQLiteRulesRegistry?
        var connections: OpenConnections?
    }

    /// - Parameter version: the program's.
    package init(_ service: LiveService, version: String) {
        control = service.control
        rules = service.rulesInbox
        disk = service.disk
        log = service.log
        stateFolder = service.configuration.stateFolder
        folder = UploadFolder(
            ofRulesAt: service.configuration.rules, files: service.rules.texts.files.map(\.name))
        self.version = version
        broadcast = EventBroadcast(tap: service.control.tap)
        state = Mutex(State())
        rules.observe { [weak self] rules in
            let catalog = RuleCatalog(rules.active, rules.program, files: rules.files)
            self?.state.withLock { $0.catalog = catalog }
        }
    }

    /// The rules that run; none, before the service has begun.
    var catalog: RuleCatalog { state.withLock { $0.catalog } }

    var figures: AdminFigures {
        var figures = state.withLock { $0.figures }
        figures.streams = broadcast.followerCount
        if let counts = connections?.counts {
            figures.openConnections = counts.open
            figures.refusedConnections = counts.refused
            figures.cutOffConnections = counts.cutOff
        }
        return figures
    }

    /// Those of the server that answers from here.
    var connections: OpenConnections? {
        get { state.withLock { $0.connections } }
        set { state.withLock { $0.connections = newValue } }
    }

    /// The stored alerts; nil: there are none yet.
    var history: AlertHistory? {
        // Before that nobody has made the database.
        guard control.status != nil else { return nil }
        return state.withLock { state in
            if state.history == nil {
                state.history = try? AlertHistory(path: "\(stateFolder)/alerts.sqlite")
            }
            return state.history
        }
    }

    /// The rules in force as they are written, and the change that put them there.
    ///
    /// - Precondition: the service has begun.
    func rulesInForce() throws(StateError) -> (change: RulesChange, texts: RulesTexts) {
        let registry = try registry()
        let number = rules.status.change
        guard let change = try registry.changes().last(where: { $0.number == number }),
            let texts = try registry.texts(ofVersion: change.version)
        else {
            throw .unusable(path: stateFolder, reason: "it lacks the rules in force")
        }
        return (change, texts)
    }

    /// Every change of the rules, the first one first.
    ///
    /// - Precondition: the service has begun.
    func rulesHistory() throws(StateError) -> [RulesChange] { try registry().changes() }

    private func registry() throws(StateError) -> SQLiteRulesRegistry {
        if let known = state.withLock({ $0.registry }) { return known }
        let registry = try SQLiteRulesRegistry(path: SQLiteRulesRegistry.path(in: stateFolder))
        state.withLock { $0.registry = registry }
        return registry
    }

    /// Counts and logs rules that were refused before the service had to do with them.
    func refuse(_ refusal: RulesRefusal) {
        rules.note(refusal: "\(refusal)", at: control.clock.now)
        log.write(.error, "the rules stay as they are: \(refusal)")
    }

    func count(isRefused: Bool) {
        state.withLock { state in
            state.figures.requests += 1
            if isRefused { state.figures.refused += 1 }
        }
    }
}
