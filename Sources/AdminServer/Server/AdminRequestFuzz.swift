// SPDX-License-Identifier: Apache-2.0

/// Targets of requests as a function over any text, for fuzzers.
package enum AdminRequestFuzz {
    /// What a target gives.
    package struct Summary: Sendable {
        /// The parts of the path.
        package var path: [String] = []
        package var queryNames: [String] = []
        /// The pattern of the route that takes it; empty: none does.
        package var pattern = ""
        /// What the route has against the query; nil: nothing.
        package var problem: String?
    }

    /// Nil: the target is refused.
    package static func take(_ target: String) -> Summary? {
        guard let request = AdminRequest(target: target) else { return nil }
        var summary = Summary()
        summary.path = request.path
        summary.queryNames = request.names
        for route in AdminRoutes.all where route.match(request.path) != nil {
            summary.pattern = route.pattern
            summary.problem = route.problem(request)
            break
        }
        return summary
    }
}
