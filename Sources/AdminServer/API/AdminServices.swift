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
    private let state: Mutex<State>

    private struct State {
        var catalog: RuleCatalog
        var figures = AdminFigures()
    }

    /// - Parameter version: the program's.
    package init(_ control: LiveControl, catalog: RuleCatalog, version: String) {
        self.control = control
        self.version = version
        state = Mutex(State(catalog: catalog))
    }

    /// The rules that run.
    package var catalog: RuleCatalog {
        get { state.withLock { $0.catalog } }
        set { state.withLock { $0.catalog = newValue } }
    }

    var figures: AdminFigures {
        state.withLock { $0.figures }
    }

    func count(isRefused: Bool) {
        state.withLock { state in
            state.figures.requests += 1
            if isRefused { state.figures.refused += 1 }
        }
    }
}
