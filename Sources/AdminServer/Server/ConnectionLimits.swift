// SPDX-License-Identifier: Apache-2.0
// Exercised by AdminServerTests.

internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes
internal import NIOSSL

/// Closes connections that are held without use: whose request does not come, whose answer nobody
/// reads, or that bring more than any request needs; and refuses those that are too many.
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
        /// From a refusal to the end of the connection: closing at once would have the caller's
        /// system throw the answer away.
        var linger = TimeAmount.seconds(1)
    }

    static let bodyByteCap = 64 * 1024
    /// Of a request that brings something: more than any route takes, so that it is answered.
    static let putByteCap = 2 * AdminRoutes.rulesByteCap

    private let spans: Spans
    private let connections: OpenConnections
    private var isServed = true
    private var hasRefused = false
    /// A request has begun at some time.
    private var hasAsked = false
    private var hasFailed = false
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
        isServed = connections.add(context.channel)
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
        if hasRefused { return }
        switch unwrapInboundIn(data) {
        case .head where !isServed: return refuse(context)
        case .head(let head):
            requestCount += 1
            hasAsked = true
            bodyByteCap =
                head.method == .put ? ConnectionLimits.putByteCap : ConnectionLimits.bodyByteCap
            bodyByteCount = 0
            awaitRequest(context, spans.request)
        case .body(let bytes):
            bodyByteCount += bytes.readableBytes
            if bodyByteCount > bodyByteCap {
                cutOff()
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
            if requestCount == 0, request == nil {
                awaitRequest(context, spans.idle, isIdle: true)
            }
        }
        context.write(data, promise: promise)
    }

    /// What is no HTTP or no TLS is counted.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isAnEnd =
            error is IOError || error is ChannelError || (hasAsked && error is NIOSSLError)
        if !isAnEnd, !hasRefused { cutOff() }
        context.fireErrorCaught(error)
    }

    /// Counts the connection, once: what was cut off is often no HTTP any more.
    private func cutOff() {
        if hasFailed { return }
        hasFailed = true
        connections.countCutOff()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stall?.cancel()
        stall = nil
        if !context.channel.isWritable { stall = close(context, in: spans.stall) }
        context.fireChannelWritabilityChanged()
    }

    /// - Parameter isIdle: whether a caller who says nothing more may do so.
    private func awaitRequest(
        _ context: ChannelHandlerContext, _ span: TimeAmount, isIdle: Bool = false
    ) {
        request?.cancel()
        request = close(context, in: span, counts: !isIdle)
    }

    private func close(
        _ context: ChannelHandlerContext, in span: TimeAmount, counts: Bool = true
    ) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: span) {
            if counts { self.cutOff() }
            context.close(promise: nil)
        }
    }

    /// Answers in place of whoever answers requests: there are too many connections.
    private func refuse(_ context: ChannelHandlerContext) {
        hasRefused = true
        connections.countRefusal()
        let answer = AdminAnswer.problem(
            429, "there are more than \(connections.cap) connections", [("Retry-After", "1")])
        guard case .bytes(let bytes) = answer.body else { return }
        var head = HTTPResponse(status: .tooManyRequests)
        head.headerFields[.contentType] = answer.contentType
        head.headerFields[.contentLength] = "\(bytes.count)"
        head.headerFields[.retryAfter] = "1"
        head.headerFields[.connection] = "close"
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(ByteBuffer(bytes: bytes))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        request?.cancel()
        request = close(context, in: spans.linger, counts: false)
    }

    private func cancel() {
        request?.cancel()
        stall?.cancel()
        (request, stall) = (nil, nil)
    }
}
