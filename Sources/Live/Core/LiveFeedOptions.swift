// SPDX-License-Identifier: Apache-2.0

package import Connectors
package import EventModel

/// A feed as the pipeline knows it: how its records become events, and when it counts as quiet.
package struct LiveFeedOptions: Sendable {
    package static let defaultIdleSpan = TimeSpan(seconds: 10)

    /// What its events, journal entries and metrics are called after.
    package var name: String
    package var reading: FeedOptions
    /// How long it may be quiet until the wall clock moves time on in its place.
    package var idleAfter: TimeSpan

    package init(
        name: String, reading: FeedOptions = FeedOptions(),
        idleAfter: TimeSpan = LiveFeedOptions.defaultIdleSpan
    ) {
        self.name = name
        self.reading = reading
        self.idleAfter = idleAfter
    }

    /// A feed that is no longer configured, whose events may be bound still.
    init(retired name: String) { self.init(name: name, idleAfter: .zero) }
}
