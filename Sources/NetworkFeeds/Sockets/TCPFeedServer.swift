// SPDX-License-Identifier: Apache-2.0
// Exercised by TCPFeedTests.

internal import Glibc
internal import Live
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// A TCP server that messages are sent to.
final class TCPFeedServer: OpenFeed {
    private static let backlog: CInt = 1024

    let address: String
    private let channel: any Channel
    private let connections: TCPConnections

    init(
        _ options: TCPFeedOptions, _ inlet: FeedInlet, _ group: any EventLoopGroup
    ) throws(StateError) {
        let connections = TCPConnections(
            cap: DescriptorShares.served(
                options.maxConnectionCount, of: inlet.configuration.descriptorCap), inlet)
        let context: NIOSSLContext? =
            if let tls = options.tls { try ServerTLS.context(tls) } else { nil }
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: TCPFeedServer.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Those that have gone without a word are found out.
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPIDLE)), value: 60)
            .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPINTVL)), value: 15)
            .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPCNT)), value: 4)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLServerHandler(context: context))
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        TCPFeedHandler(options, inlet, connections))
                }
            }
        do {
            channel = try bootstrap.bind(host: options.listen.host, port: options.listen.port)
                .wait()
        } catch {
            throw StateError(error, listeningOn: options.listen)
        }
        self.connections = connections
        address = channel.localAddress?.listenText ?? "\(options.listen)"
    }

    func close() {
        try? channel.close().wait()
        connections.close()
    }
}
