// SPDX-License-Identifier: Apache-2.0

package import Live
internal import Synchronization

/// What the admin server has done.
struct AdminFigures: Sendable {
    var requests = 0
    var refused = 0
    var streams = 0
}

/// What the routes answer from.
package final class AdminServices: Sendable {
    let control: LiveControl
    let version: String
    let broadcast: EventBroadcast
    private let alertsPath: String
    private let state: Mutex<State>

    private struct State {
        var catalog: RuleCatalog
        var figures = AdminFigures()
        var history: AlertHistory?
    }

    /// - Parameters:
    ///   - alertsPath: the database of alerts, which the service makes.
    ///   - version: the program's.
    package init(
        _ control: LiveControl, catalog: RuleCatalog, alertsPath: String, version: String
    ) {
        self.control = control
        self.version = version
        self.alertsPath = alertsPath
        broadcast = EventBroadcast(tap: control.tap)
        state = Mutex(State(catalog: catalog))
    }

    /// The rules that run.
    package var catalog: RuleCatalog {
        get { state.withLock { $0.catalog } }
        set { state.withLock { $0.catalog = newValue } }
    }

    var figures: AdminFigures {
        var figures = state.withLock { $0.figures }
        figures.streams = broadcast.followerCount
        return figures
    }

    /// The stored alerts; nil: there are none yet.
    var history: AlertHistory? {
        // Before that nobody has made the database.
        guard control.status != nil else { return nil }
        return state.withLock { state in
            if state.history == nil { state.history = try? AlertHistory(path: alertsPath) }
            return state.history
        }
    }

    func count(isRefused: Bool) {
        state.withLock { state in
            state.figures.requests += 1
            if isRefused { state.figures.refused += 1 }
        }
    }
}
