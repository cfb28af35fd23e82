// SPDX-License-Identifier: Apache-2.0
// Exercised by SinkConfigurationTests.

package import RuleLanguage

/// Where some alerts go.
package struct AlertRoute: Sendable {
    /// Nil: every alert.
    package var condition: AlertCondition?
    package var sinks: [String]
    /// Whether routes below it are asked too.
    package var goesOn: Bool

    package init(condition: AlertCondition?, sinks: [String], goesOn: Bool = false) {
        self.condition = condition
        self.sinks = sinks
        self.goesOn = goesOn
    }
}

/// Which sinks get an alert: those of the first route that takes it.
package struct AlertRoutes: Sendable {
    package var routes: [AlertRoute]

    package init(_ routes: [AlertRoute] = []) { self.routes = routes }

    /// Without any, every alert goes to every sink.
    package var isEmpty: Bool { routes.isEmpty }

    package func sinks(for alert: AlertContent) -> [String] {
        var sinks: [String] = []
        for route in routes {
            if let condition = route.condition,
                !condition.holds(reading: { alert.value(named: $0) })
            {
                continue
            }
            sinks += route.sinks
            if !route.goesOn { break }
        }
        return sinks
    }
}
