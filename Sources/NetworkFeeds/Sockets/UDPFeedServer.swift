// SPDX-License-Identifier: Apache-2.0
// Exercised by UDPFeedTests.

internal import Connectors
internal import Live
internal import NIOCore
internal import NIOPosix

/// A UDP socket that datagrams are sent to.
final class UDPFeedServer: OpenFeed {
    /// The largest datagram.
    private static let datagramByteCap = 65_536
    private static let datagramsAtOnce = 32
    /// What the system is asked to keep while the feed does something else.
    private static let systemByteCount: SocketOptionValue = 8 << 20

    let address: String
    private let channel: any Channel

    init(
        _ options: UDPFeedOptions, _ inlet: FeedInlet, _ group: any EventLoopGroup
    ) throws(StateError) {
        let bootstrap = DatagramBootstrap(group: group)
            .channelOption(.socketOption(.so_rcvbuf), value: UDPFeedServer.systemByteCount)
            .channelOption(
                .recvAllocator,
                value: FixedSizeRecvByteBufferAllocator(
                    capacity: UDPFeedServer.datagramByteCap * UDPFeedServer.datagramsAtOnce)
            )
            .channelOption(
                .datagramVectorReadMessageCount, value: UDPFeedServer.datagramsAtOnce
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(UDPFeedHandler(inlet))
                }
            }
        do {
            channel = try bootstrap.bind(host: options.listen.host, port: options.listen.port)
                .wait()
        } catch {
            throw StateError(error, listeningOn: options.listen)
        }
        address = channel.localAddress?.listenText ?? "\(options.listen)"
    }

    func close() { try? channel.close().wait() }
}

/// Datagrams to records; what finds no room is lost, and counted.
private final class UDPFeedHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let inlet: FeedInlet
    private let complaints: Complaints
    private let isText: Bool
    private var lines: [UInt8] = []

    init(_ inlet: FeedInlet) {
        self.inlet = inlet
        complaints = Complaints(inlet)
        isText = inlet.configuration.options.reading.format == .lines
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(unwrapInboundIn(data).data.readableBytesView)
        if isText, bytes.first == UInt8(ascii: "<") {
            // RFC 5426, 3.1: a datagram of syslog is one message.
            MessageCutter.append(bytes[...], newlineText: inlet.newlineText, to: &lines)
        } else {
            for line in bytes.split(separator: 0x0a) {
                MessageCutter.append(line, newlineText: [], to: &lines)
            }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if lines.isEmpty { return }
        let offer = inlet.offer(lines)
        if offer != .taken {
            let count = lines.count { $0 == 0x0a }
            inlet.counters.add { $0.droppedCount += count }
            // What comes while the process ends is lost as what comes behind its end is.
            if offer == .full {
                complaints.write("\(count) messages were lost: there is more than can be worked in")
            }
        }
        lines.removeAll(keepingCapacity: true)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        complaints.write("\(error)")
    }
}
