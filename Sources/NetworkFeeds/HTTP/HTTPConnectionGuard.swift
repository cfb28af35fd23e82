// SPDX-License-Identifier: Apache-2.0
// Exercised by HTTPHardeningTests.

internal import EventModel
internal import HTTPTypes
internal import Live
internal import NIOCore
internal import NIOHTTPTypes
internal import NIOSSL

/// Holds one connection to its time and its place: refuses those that are too many, closes those
/// that are too slow, and lets those go that were answered with an error.
final class HTTPConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How long a caller has to read its answer and close, while what it still sends is passed
    /// over: closing at once would have its system throw the answer away.
    private static let lingerSpan = TimeAmount.seconds(1)
    /// How long a connection that is one too many may be without its request.
    private static let refusalSpan = TimeAmount.seconds(5)

    private let connections: HTTPConnections
    private var isServed = true
    private var isAdmitted = false
    /// A request has begun, and is not here to its end.
    private var isReading = false
    /// Requests that have begun and are not answered.
    private var openRequestCount = 0
    private var closesWithAnswer = false
    /// Nothing is taken or sent any more; what still comes is passed over.
    private var isClosing = false
    private var deadline: Scheduled<Void>?
    /// A request has begun at some time.
    private var hasAsked = false
    private var hasFailed = false

    init(_ connections: HTTPConnections) { self.connections = connections }

    // MARK: The connection

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        endRequests()
        connections.remove(context.channel)
        context.fireChannelInactive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        if isAdmitted { return }
        isAdmitted = true
        isServed = connections.admit(context.channel)
        schedule(context, after: idleSpan) { context in
            // Nothing has come of it: a proper client asks. Half of a head is no further fault.
            self.hasFailed = true
            self.connections.counters.add {
                $0.refusedCount += 1
                if self.isServed { $0.timeoutCount += 1 } else { $0.overloadCount += 1 }
            }
            context.close(promise: nil)
        }
    }

    /// What is no HTTP or no TLS is counted, as far as nobody who reads a body does so.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isAnEnd =
            error is IOError || error is ChannelError || (hasAsked && error is NIOSSLError)
        if !isAnEnd, !isClosing, !isReading, !hasFailed {
            hasFailed = true
            connections.counters.add { $0.refusedCount += 1 }
        }
        context.fireErrorCaught(error)
    }

    private var idleSpan: TimeAmount {
        let idleTimeout = TimeAmount(connections.options.idleTimeout)
        return isServed ? idleTimeout : min(idleTimeout, HTTPConnectionGuard.refusalSpan)
    }

    private func awaitRequest(_ context: ChannelHandlerContext) {
        close(context, after: idleSpan)
    }

    private func close(_ context: ChannelHandlerContext, after span: TimeAmount) {
        schedule(context, after: span) { $0.close(promise: nil) }
    }

    private func schedule(
        _ context: ChannelHandlerContext, after span: TimeAmount,
        _ body: @escaping (ChannelHandlerContext) -> Void
    ) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: span) { body(context) }
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isClosing { return }
        switch unwrapInboundIn(data) {
        case .head(let head): if !beginRequest(head, context) { return }
        case .body: break
        case .end:
            isReading = false
            deadline?.cancel()
            if openRequestCount == 0 { awaitRequest(context) }
        }
        context.fireChannelRead(data)
    }

    /// False: it was answered here.
    private func beginRequest(_ head: HTTPRequest, _ context: ChannelHandlerContext) -> Bool {
        connections.counters.add { $0.requestCount += 1 }
        hasAsked = true
        guard isServed else {
            let count = connections.options.maxConnectionCount
            connections.counters.add { $0.overloadCount += 1 }
            answer(context, .overload("there are more than \(count) connections", closes: true))
            return false
        }
        guard connections.beginRequest() else {
            answer(context, .stopping)
            return false
        }
        openRequestCount += 1
        isReading = true
        schedule(context, after: TimeAmount(connections.options.requestTimeout)) { context in
            self.giveUp(context)
        }
        if head.headerFields[.expect]?.lowercased() == "100-continue" {
            let goOn = HTTPResponsePart.head(HTTPResponse(status: .continue))
            context.writeAndFlush(wrapOutboundOut(goOn), promise: nil)
        }
        return true
    }

    private func giveUp(_ context: ChannelHandlerContext) {
        connections.counters.add { $0.timeoutCount += 1 }
        // Where an earlier one has no answer yet, this would be taken for that.
        if openRequestCount == 1 {
            // Whoever reads the body counts that it broke off.
            answer(
                context,
                .refused(.requestTimeout, "the request took too long to come: send less at once"),
                counts: false)
        }
        context.close(promise: nil)
    }

    private func endRequests() {
        for _ in 0..<openRequestCount { connections.endRequest() }
        openRequestCount = 0
    }

    // MARK: Answers

    /// Answers in place of whoever answers requests.
    private func answer(
        _ context: ChannelHandlerContext, _ answer: HTTPAnswer, counts: Bool = true
    ) {
        if counts { connections.counters.add { $0.refusedCount += 1 } }
        context.write(wrapOutboundOut(.head(answer.head)), promise: nil)
        context.write(wrapOutboundOut(.body(answer.body)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        linger(context)
    }

    private func linger(_ context: ChannelHandlerContext) {
        isClosing = true
        endRequests()
        close(context, after: HTTPConnectionGuard.lingerSpan)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if isClosing {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let head): closesWithAnswer = head.headerFields[.connection] == "close"
        case .body: break
        case .end:
            context.writeAndFlush(data, promise: promise)
            finishAnswer(context)
            return
        }
        context.write(data, promise: promise)
    }

    private func finishAnswer(_ context: ChannelHandlerContext) {
        if closesWithAnswer {
            linger(context)
            return
        }
        if openRequestCount > 0 {
            openRequestCount -= 1
            connections.endRequest()
        }
        if openRequestCount == 0, !isReading { awaitRequest(context) }
    }
}

extension TimeAmount {
    init(_ span: TimeSpan) { self = .nanoseconds(span.nanoseconds) }
}
