// SPDX-License-Identifier: Apache-2.0

package import Live
internal import NIOCore
internal import NIOPosix

/// Opens HTTP, TCP and UDP feeds.
package struct NetworkFeedServers: NetworkFeedOpener {
    package init() {}

    package func open(_ inlet: FeedInlet) throws(StateError) -> any OpenFeed {
        // Here and no earlier: its threads take signals that nobody has blocked before.
        let group = MultiThreadedEventLoopGroup.singleton
        switch inlet.configuration.source {
        case .http(let options): return try HTTPFeedServer(options, inlet, group)
        case .tcp(let options): return try TCPFeedServer(options, inlet, group)
        case .udp(let options): return try UDPFeedServer(options, inlet, group)
        case .standardInput, .files:
            throw .unusable(path: inlet.name, reason: "it is no feed that listens")
        }
    }
}

extension StateError {
    /// What stands in the way of listening.
    init(_ error: any Error, listeningOn address: ListenAddress) {
        if let error = error as? IOError {
            self = .system("listen on", "\(address)", errno: error.errnoCode)
        } else {
            self = .unusable(path: "\(address)", reason: "\(error)")
        }
    }
}

extension SocketAddress {
    /// As `ListenAddress` writes it.
    var listenText: String {
        ListenAddress(host: ipAddress ?? "", port: port ?? 0).description
    }
}
