// SPDX-License-Identifier: Apache-2.0
// Exercised by AdminServerTests.

internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes

/// Closes connections that are held without use: whose request does not come, whose answer nobody
/// reads, or that bring more than any request needs.
///
/// A deadline runs from the moment at which the server waits for the caller, whatever trickles in
/// meanwhile: a caller that sends a byte now and then gains nothing by it.
final class ConnectionLimits: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    struct Spans: Sendable {
        /// A whole request, from the moment at which the connection was made.
        var request = TimeAmount.seconds(10)
        /// From an answer to the end of the next request.
        var idle = TimeAmount.seconds(60)
        /// An answer of which nothing is taken.
        var stall = TimeAmount.seconds(15)
    }

    static let bodyByteCap = 64 * 1024
    /// Of a request that brings something: more than any route takes, so that it is answered.
    static let putByteCap = 2 * AdminRoutes.rulesByteCap

    private let spans: Spans
    private let connections: OpenConnections
    private var request: Scheduled<Void>?
    private var stall: Scheduled<Void>?
    private var bodyByteCount = 0
    private var bodyByteCap = ConnectionLimits.bodyByteCap
    /// Requests that have begun and are not answered yet.
    private var requestCount = 0

    init(_ spans: Spans, _ connections: OpenConnections) {
        self.spans = spans
        self.connections = connections
    }

    func handlerAdded(context: ChannelHandlerContext) {
        connections.add(context.channel)
        if context.channel.isActive { awaitRequest(context, spans.request) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { cancel() }

    func channelActive(context: ChannelHandlerContext) {
        awaitRequest(context, spans.request)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        cancel()
        connections.remove(context.channel)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            requestCount += 1
            bodyByteCap =
                head.method == .put ? ConnectionLimits.putByteCap : ConnectionLimits.bodyByteCap
            bodyByteCount = 0
            awaitRequest(context, spans.request)
        case .body(let bytes):
            bodyByteCount += bytes.readableBytes
            if bodyByteCount > bodyByteCap {
                return context.close(promise: nil)
            }
        case .end:
            request?.cancel()
            request = nil
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            requestCount -= 1
            // Of a request whose body goes on to come the deadline stays as it is.
            if requestCount == 0, request == nil { awaitRequest(context, spans.idle) }
        }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stall?.cancel()
        stall = nil
        if !context.channel.isWritable { stall = close(context, in: spans.stall) }
        context.fireChannelWritabilityChanged()
    }

    private func awaitRequest(_ context: ChannelHandlerContext, _ span: TimeAmount) {
        request?.cancel()
        request = close(context, in: span)
    }

    private func close(
        _ context: ChannelHandlerContext, in span: TimeAmount
    ) -> Scheduled<Void> {
        let channel = context.channel
        return context.eventLoop.scheduleTask(in: span) { channel.close(promise: nil) }
    }

    private func cancel() {
        request?.cancel()
        stall?.cancel()
        (request, stall) = (nil, nil)
    }
}
