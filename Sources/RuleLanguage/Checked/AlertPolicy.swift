// SPDX-License-Identifier: Apache-2.0

package import EventModel

/// What stands between a rule's matches and its alerts: `except`, `resolve on`, `suppress` and
/// `limit`, asked in this order.
package struct AlertPolicy: Sendable {
    /// `suppress D per exprs`.
    package struct Suppression: Sendable {
        package var duration: TimeSpan
        /// Over the finished match; nil: the rule's key.
        package var per: [Expr]?

        package init(duration: TimeSpan, per: [Expr]?) {
            self.duration = duration
            self.per = per
        }
    }

    /// `limit N per D`: over all keys of the rule.
    package struct Limit: Sendable {
        package var count: Int
        package var duration: TimeSpan

        package init(count: Int, duration: TimeSpan) {
            self.count = count
            self.duration = duration
        }
    }

    /// `resolve on F for D`.
    package struct Resolution: Sendable {
        package var filter: Filter
        /// Without a further match for this long the alert is resolved too; nil: only by F.
        package var quiet: TimeSpan?

        package init(filter: Filter, quiet: TimeSpan?) {
            self.filter = filter
            self.quiet = quiet
        }
    }

    /// `except "why" until T where condition`.
    package struct Exception: Sendable {
        package var reason: String
        /// It holds for matches that end before this; nil: for all.
        package var until: StreamTime?
        /// Over the finished match.
        package var condition: Expr

        package init(reason: String, until: StreamTime?, condition: Expr) {
            self.reason = reason
            self.until = until
            self.condition = condition
        }
    }

    package var exceptions: [Exception] = []
    package var resolution: Resolution?
    package var suppression: Suppression?
    package var limit: Limit?

    package init() {}
}
