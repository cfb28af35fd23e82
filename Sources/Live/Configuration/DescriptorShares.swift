// SPDX-License-Identifier: Apache-2.0
// Exercised by DescriptorSharesTests.

/// How many of the files and sockets that the process may have open go to each feed and to the
/// admin server.
///
/// The process must never have none left: threads of the runtime itself end it then.
package struct DescriptorShares: Hashable, Sendable {
    /// For the state folder, the log and the threads.
    private static let reserve = 48
    /// For each sink: its connections, or its file.
    private static let sinkReserve = 4
    /// Of a share that is for connections, what is not served: some are closed, and some told that
    /// they are too many.
    private static let servedPart = 3

    /// What each may have open.
    package let each: Int
    private let limit: Int

    /// - Parameter limit: how many the system lets the process have.
    package init(of configuration: LiveConfiguration, limit: Int) {
        let feedCount = configuration.feeds.count { feed in
            switch feed.source {
            case .files, .http, .tcp: true
            case .standardInput, .udp: false
            }
        }
        let count = feedCount + (configuration.admin.listen == nil ? 0 : 1)
        let kept =
            DescriptorShares.reserve + DescriptorShares.sinkReserve * configuration.sinks.count
        each = max((limit - kept) / max(count, 1), 4)
        self.limit = limit
    }

    /// Connections that are served out of a share.
    package static func served(_ wanted: Int, of share: Int) -> Int {
        min(wanted, max(share / (servedPart + 1) * servedPart, 1))
    }

    /// Has everybody keep to his share.
    ///
    /// - Returns: what is less than was configured, in words.
    package func apply(to configuration: inout LiveConfiguration) -> [String] {
        var notes: [String] = []
        for index in configuration.feeds.indices {
            configuration.feeds[index].descriptorCap = each
            let wanted: Int
            switch configuration.feeds[index].source {
            case .http(let options): wanted = options.maxConnectionCount
            case .tcp(let options): wanted = options.maxConnectionCount
            case .standardInput, .files, .udp: continue
            }
            let served = DescriptorShares.served(wanted, of: each)
            if served == wanted { continue }
            notes.append(
                "the process may have \(limit) files and sockets open: the feed "
                    + "`\(configuration.feeds[index].options.name)` serves \(served) connections, "
                    + "and not \(wanted)")
        }
        return notes
    }
}
