// SPDX-License-Identifier: Apache-2.0

import Live
import NIOCore
import NIOPosix
import NIOSSL
import SampleCertificates

/// A mail server on this machine that answers as it is told, and remembers what it was told.
final class ScriptedMailServer: Sendable {
    struct Script: Sendable {
        /// What is offered behind EHLO.
        var offers = ["STARTTLS", "AUTH PLAIN LOGIN", "8BITMIME"]
        /// Answers to lines that begin so, in the place of the usual ones; an empty one: none.
        var answers: [(start: String, answer: String)] = []
        /// Speaks TLS from the beginning.
        var beginsWithTLS = false
        /// Sent behind the answer to STARTTLS, before TLS.
        var injection = ""
    }

    private struct State {
        var lines: [String] = []
        var mails: [String] = []
    }

    private let state = Guarded(State())
    private let channel: any Channel
    let port: Int

    init(_ script: Script = Script()) throws {
        let state = state
        let certificates = try NIOSSLCertificate.fromPEMBytes(
            Array(SelfSignedCertificate.certificate.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(SelfSignedCertificate.key.utf8), format: .pem)
        let tls = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: certificates.map { .certificate($0) },
                privateKey: .privateKey(key)))
        channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if script.beginsWithTLS {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLServerHandler(context: tls))
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        Handler(script, tls, state))
                }
            }.bind(host: "127.0.0.1", port: 0).wait()
        port = channel.localAddress?.port ?? 0
    }

    deinit { channel.close(promise: nil) }

    /// Every line but those of mails.
    var lines: [String] { state.with { $0.lines } }
    var mails: [String] { state.with { $0.mails } }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let script: Script
        private let tls: NIOSSLContext
        private let state: Guarded<State>
        private var line: [UInt8] = []
        /// Nil: outside a mail.
        private var mail: String?
        private var isAwaitingSecrets = 0

        init(_ script: Script, _ tls: NIOSSLContext, _ state: Guarded<State>) {
            self.script = script
            self.tls = tls
            self.state = state
        }

        func channelActive(context: ChannelHandlerContext) {
            say(script.answers.first { $0.start == "greeting" }?.answer ?? "220 ready", context)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            for byte in unwrapInboundIn(data).readableBytesView {
                guard byte == 0x0a else {
                    line.append(byte)
                    continue
                }
                let text = String(decoding: line.dropLast(), as: UTF8.self)
                line = []
                take(text, context)
            }
        }

        private func take(_ text: String, _ context: ChannelHandlerContext) {
            if let content = mail {
                if text != "." {
                    mail = content + (text.hasPrefix(".") ? String(text.dropFirst()) : text) + "\n"
                    return
                }
                mail = nil
                state.with { $0.mails.append(content) }
                say(script.answers.first { $0.start == "." }?.answer ?? "250 taken", context)
                return
            }
            state.with { $0.lines.append(text) }
            if let answer = script.answers.first(where: { text.hasPrefix($0.start) })?.answer {
                if !answer.isEmpty { say(answer, context) }
                return
            }
            switch text.split(separator: " ").first {
            case "EHLO":
                let lines = ["localhost at your service"] + script.offers
                for (k, line) in lines.enumerated() {
                    say("250\(k == lines.count - 1 ? " " : "-")\(line)", context)
                }
            case "STARTTLS":
                say("220 go on\(script.injection)", context)
                guard script.injection.isEmpty else { return }
                try? context.pipeline.syncOperations.addHandler(
                    NIOSSLServerHandler(context: tls), position: .first)
            case "AUTH":
                let isLogin = text == "AUTH LOGIN"
                isAwaitingSecrets = isLogin ? 2 : 0
                say(isLogin ? "334 VXNlcm5hbWU6" : "235 welcome", context)
            case "DATA":
                mail = ""
                say("354 go on", context)
            case "QUIT":
                say("221 bye", context)
                context.close(promise: nil)
            default:
                if isAwaitingSecrets > 0 {
                    isAwaitingSecrets -= 1
                    say(isAwaitingSecrets > 0 ? "334 UGFzc3dvcmQ6" : "235 welcome", context)
                } else {
                    say("250 fine", context)
                }
            }
        }

        private func say(_ text: String, _ context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text + "\r\n")), promise: nil)
        }
    }
}
