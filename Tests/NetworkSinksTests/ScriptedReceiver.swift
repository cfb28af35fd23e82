// SPDX-License-Identifier: Apache-2.0

import Foundation
import Live
import NIOCore
import NIOHTTP1
import NIOPosix

/// An HTTP server on this machine that answers as it is told, and remembers what came.
final class ScriptedReceiver: Sendable {
    enum Answer: Sendable {
        case status(Int, headers: [(String, String)] = [], text: String = "")
        /// Nothing ever comes.
        case silence
        /// The connection ends.
        case hangUp
    }

    struct Request: Sendable {
        var method: String
        var path: String
        var headers: HTTPHeaders
        var body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    private struct State {
        var answers: [Answer] = []
        var otherwise = Answer.status(200)
        var requests: [Request] = []
    }

    private let state = Guarded(State())
    private let channel: any Channel
    let port: Int
    var url: String { "http://127.0.0.1:\(port)" }

    /// - Parameters:
    ///   - answers: to the first requests, in order.
    ///   - otherwise: to all behind them.
    init(_ answers: [Answer] = [], otherwise: Answer = .status(200)) throws {
        let state = state
        state.with { $0 = State(answers: answers, otherwise: otherwise) }
        channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        Handler { request in
                            state.with { state in
                                state.requests.append(request)
                                return state.answers.isEmpty
                                    ? state.otherwise : state.answers.removeFirst()
                            }
                        })
                }
            }.bind(host: "127.0.0.1", port: 0).wait()
        port = channel.localAddress?.port ?? 0
    }

    deinit { channel.close(promise: nil) }

    var requests: [Request] { state.with { $0.requests } }

    /// Waits until so many requests have come.
    func waitForRequests(_ count: Int) -> [Request] {
        _ = state.wait(upTo: 10_000_000_000) { $0.requests.count >= count ? true : nil }
        return requests
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let answer: @Sendable (Request) -> Answer
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(_ answer: @escaping @Sendable (Request) -> Answer) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = []
            case .body(let buffer): body += Array(buffer.readableBytesView)
            case .end:
                guard let head else { return }
                let request = Request(
                    method: head.method.rawValue, path: head.uri, headers: head.headers, body: body)
                switch answer(request) {
                case .silence: break
                case .hangUp: context.close(promise: nil)
                case .status(let code, let headers, let text):
                    var fields = HTTPHeaders(headers)
                    fields.add(name: "Content-Length", value: "\(text.utf8.count)")
                    let status = HTTPResponseStatus(statusCode: code)
                    context.write(
                        wrapOutboundOut(
                            .head(.init(version: .http1_1, status: status, headers: fields))),
                        promise: nil)
                    let buffer = ByteBuffer(string: text)
                    context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
                    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
                }
            }
        }
    }
}

/// A folder that goes away with its owner.
final class ScratchFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "martlet-sinks-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func text(of name: String) -> String {
        (try? SystemDisk().read("\(path)/\(name)")).map { String(decoding: $0, as: UTF8.self) }
            ?? ""
    }
}

extension Interruption {
    static let never = Interruption { false }
}

func alert(_ number: Int64, _ more: String = "", user: String = "ann") -> StoredAlert {
    StoredAlert(
        number: number,
        json: """
            {"id":"id\(number)","rule":"guessed","severity":"high","tags":["T1110"],\
            "labels":{"team":"blue"},"key":{"user":"\(user)"},\
            "start":"2027-01-15T08:00:00.000Z","end":"2027-01-15T08:00:20.500Z"\(more),\
            "title":"\(user): <2> \\"failures\\"","fields":{"n":2,"none":null},\
            "events":{"_1":[{"type":"login","user":"\(user)"}]},"event_ids":["a:1"]}
            """)
}
