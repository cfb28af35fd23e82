// SPDX-License-Identifier: Apache-2.0
// Exercised by TCPFeedTests.

internal import Live
internal import NIOCore
internal import NIOTLS

/// One connection of a TCP feed: reads messages, and stops reading while there is no room.
final class TCPFeedHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// How long it waits until it asks for room again.
    private static let retrySpan = TimeAmount.milliseconds(10)
    /// How long TLS may take to begin.
    private static let handshakeSpan = TimeAmount.seconds(10)

    private let inlet: FeedInlet
    private let connections: TCPConnections
    private let isEncrypted: Bool
    private let idleTimeout: TimeAmount
    private var cutter: MessageCutter
    /// Messages that have not been handed over.
    private var lines: [UInt8] = []
    private var isPaused = false
    /// Whether what comes is read: there is room for the connection, and it is understood.
    private var isAdmitted = false
    private var isCounted = false
    private var deadline: Scheduled<Void>?
    private var retry: Scheduled<Void>?

    init(
        _ options: TCPFeedOptions, _ inlet: FeedInlet, _ connections: TCPConnections
    ) {
        self.inlet = inlet
        self.connections = connections
        isEncrypted = options.tls != nil
        idleTimeout = TimeAmount(options.idleTimeout)
        cutter = MessageCutter(
            options.framing, maxByteCount: inlet.configuration.maxLineByteCount,
            newlineText: inlet.newlineText)
    }

    func channelActive(context: ChannelHandlerContext) {
        guard connections.admit(context.channel) else {
            context.close(promise: nil)
            return
        }
        (isAdmitted, isCounted) = (true, true)
        if isEncrypted {
            close(context, after: TCPFeedHandler.handshakeSpan)
        } else {
            awaitBytes(context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent { awaitBytes(context) }
        context.fireUserInboundEventTriggered(event)
    }

    private func awaitBytes(_ context: ChannelHandlerContext) {
        if idleTimeout > .zero {
            close(context, after: idleTimeout)
        } else {
            deadline?.cancel()
        }
    }

    private func close(_ context: ChannelHandlerContext, after span: TimeAmount) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: span) {
            self.inlet.counters.add {
                $0.refusedCount += 1
                $0.timeoutCount += 1
            }
            context.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !isAdmitted { return }
        do throws(MessageCutter.FramingError) {
            try cutter.take(unwrapInboundIn(data).readableBytesView, into: &lines)
        } catch {
            connections.complain("a connection was closed that brought no length before a message")
            inlet.counters.add { $0.refusedCount += 1 }
            isAdmitted = false
            context.close(promise: nil)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if idleTimeout > .zero, isAdmitted, !isPaused { awaitBytes(context) }
        handOver(context)
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        if isAdmitted { cutter.finish(into: &lines) }
        handOver(context)
        if isCounted { connections.remove(context.channel) }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A handshake that failed, or a connection that was torn down.
        if isEncrypted, !(error is IOError) {
            inlet.counters.add { $0.refusedCount += 1 }
            let reason = TLSFailureText.reason("\(error)", of: "its certificate")
            connections.complain("a connection was closed: \(reason)")
        }
        context.close(promise: nil)
    }

    /// Hands over what is whole; where there is no room, reads no more and tries again.
    private func handOver(_ context: ChannelHandlerContext) {
        if lines.isEmpty || retry != nil { return }
        switch inlet.offer(lines) {
        case .taken:
            lines = []
            if isPaused {
                isPaused = false
                if isAdmitted, context.channel.isActive { awaitBytes(context) }
                setReading(context, true)
            }
        case .full:
            if !isPaused {
                isPaused = true
                // What it sends is not read: it is not quiet.
                deadline?.cancel()
                inlet.counters.add { $0.pauseCount += 1 }
                setReading(context, false)
            }
            retry = context.eventLoop.assumeIsolated().scheduleTask(in: TCPFeedHandler.retrySpan) {
                self.retry = nil
                self.handOver(context)
            }
        case .closed:
            lines = []
            context.close(promise: nil)
        }
    }

    private func setReading(_ context: ChannelHandlerContext, _ isOn: Bool) {
        if !context.channel.isActive { return }
        context.channel.setOption(.autoRead, value: isOn).whenFailure { _ in }
    }
}
