// SPDX-License-Identifier: Apache-2.0
// Exercised by HTTPFeedTests.

internal import Connectors
internal import HTTPTypes
internal import Hummingbird
internal import Live
internal import NIOCore

/// What a request is looked at with: nothing beside itself.
struct HTTPFeedContext: InitializableFromSource {
    init(source: ApplicationRequestContextSource) {}
}

/// Requests to records, and the answers to them.
struct HTTPFeedResponder: HTTPResponder {
    let connections: HTTPConnections
    let inlet: FeedInlet
    let token: BearerToken?

    private var options: HTTPFeedOptions { connections.options }

    func respond(to request: Request, context: HTTPFeedContext) async -> Response {
        let answer: HTTPAnswer
        do {
            answer = try await accept(request)
        } catch {
            answer = error
            inlet.counters.add {
                $0.refusedCount += 1
                if error.status == .tooManyRequests { $0.overloadCount += 1 }
            }
        }
        return Response(
            status: answer.status, headers: answer.fields,
            body: ResponseBody(byteBuffer: answer.body))
    }

    private func accept(_ request: Request) async throws(HTTPAnswer) -> HTTPAnswer {
        try admit(request)
        let packing = try packing(of: request)
        let content = try content(of: request)
        let body = try await body(of: request, packing)
        let (lines, count) = try content.lines(of: body)
        if count == 0 { return .accepted(0) }
        switch await handOver(lines) {
        case .accepted: return .accepted(count)
        case .refused(.full):
            throw .overload("there is more than can be worked in: send it again", closes: false)
        case .refused: throw .stopping
        }
    }

    // MARK: The head

    /// Whoever may not come in learns nothing else.
    private func admit(_ request: Request) throws(HTTPAnswer) {
        if let token, !token.isIn(request.headers[.authorization]) {
            throw .refused(
                .unauthorized, "send the token as `Authorization: Bearer TOKEN`",
                [.wwwAuthenticate: "Bearer"])
        }
        let path = (request.head.path ?? "").prefix { $0 != "?" }
        guard path == options.path else {
            throw .refused(.notFound, "events are posted to `\(options.path)`")
        }
        guard request.method == .post else {
            throw .refused(.methodNotAllowed, "events are sent with POST", [.allow: "POST"])
        }
        if inlet.isClosed { throw .stopping }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }),
            length > options.maxBodyByteCount
        {
            throw HTTPBody.tooLarge("is", byteCap: options.maxBodyByteCount)
        }
    }

    private func packing(of request: Request) throws(HTTPAnswer) -> HTTPBody.Packing {
        guard let packing = HTTPBody.Packing(request.headers[.contentEncoding]) else {
            throw .refused(
                .unsupportedMediaType, "a body is sent as it is or with `Content-Encoding: gzip`")
        }
        return packing
    }

    private func content(of request: Request) throws(HTTPAnswer) -> HTTPContent {
        let type = request.headers[.contentType]
        let format = inlet.configuration.options.reading.format ?? .jsonLines
        guard let content = HTTPContent(contentType: type, format) else {
            let wanted =
                switch format {
                case .jsonLines: "`Content-Type: application/x-ndjson` or `application/json`"
                case .csv: "`Content-Type: text/csv`"
                case .lines: "`Content-Type: text/plain`"
                }
            throw .refused(
                .unsupportedMediaType, "`\(type ?? "")` is not taken: send \(wanted)")
        }
        return content
    }

    // MARK: The body

    private func body(
        of request: Request, _ packing: HTTPBody.Packing
    ) async throws(HTTPAnswer) -> [UInt8] {
        var body = HTTPBody(packing, byteCap: options.maxBodyByteCount)
        var held = 0
        defer { connections.release(held) }
        var parts = request.body.makeAsyncIterator()
        while true {
            let part: ByteBuffer?
            do {
                part = try await parts.next()
            } catch {
                throw .refused(.badRequest, "the body broke off")
            }
            guard let part else { break }
            try body.take(part.readableBytesView)
            let more = body.heldByteCount - held
            guard connections.hold(more) else {
                throw .overload("there are too many bodies at once: send it again", closes: true)
            }
            held += more
        }
        // A connection that ends early looks like the end of the body.
        if let length = request.headers[.contentLength].flatMap({ Int($0) }),
            length != body.receivedByteCount
        {
            throw .refused(.badRequest, "the body broke off")
        }
        try body.finish()
        return body.bytes
    }

    private enum HandOver {
        case accepted
        case refused(AcceptQueue.Offer)
    }

    /// Comes back when the lines are in the journal.
    private func handOver(_ lines: [UInt8]) async -> HandOver {
        await withCheckedContinuation { continuation in
            let offer = inlet.offer(lines) { isAccepted in
                continuation.resume(returning: isAccepted ? .accepted : .refused(.closed))
            }
            if offer != .taken { continuation.resume(returning: .refused(offer)) }
        }
    }
}
