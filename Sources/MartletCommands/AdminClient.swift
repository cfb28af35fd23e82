// SPDX-License-Identifier: Apache-2.0
// Exercised by RunAdminTests.

package import ArgumentParser
internal import AsyncHTTPClient
internal import Connectors
internal import Glibc
internal import Live
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// How a running `martlet run` is reached.
package struct AdminClientOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Where its admin server is.", valueName: "url"))
    package var url = "http://127.0.0.1:9464"

    @Option(
        help: ArgumentHelp(
            "A file with the token; the variable MARTLET_TOKEN otherwise.", valueName: "path"))
    package var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "Certificates, as PEM, of which the server's has to be signed by one.",
            valueName: "path"))
    package var ca: String?

    package init() {}

    package mutating func validate() throws {
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw ValidationError("`--url \(url)`: write one such as http://127.0.0.1:9464")
        }
        while url.hasSuffix("/") { url.removeLast() }
    }
}

extension AdminClientOptions {
    /// What comes of asking the server.
    ///
    /// The end of the connections is waited for, but not for long.
    func outcome(
        _ body: (AdminClient) throws(AdminClientError) -> CommandOutcome
    ) -> CommandOutcome {
        do throws(AdminClientError) {
            let client = try AdminClient(self)
            defer { Waiting.end(upTo: 2_000_000_000) { await client.end() } }
            return try body(client)
        } catch {
            return .failed("\(error)", .environment)
        }
    }
}

/// What keeps a command from its admin server.
struct AdminClientError: Error, CustomStringConvertible {
    var description: String
}

/// Asks the admin server of a running `martlet run`.
final class AdminClient: Sendable {
    private static let answerByteCap = 256 << 20

    private let url: String
    private let token: String?
    private let client: HTTPClient

    init(_ options: AdminClientOptions) throws(AdminClientError) {
        url = options.url
        token = try AdminClient.token(options)
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(5)
        // Whether to try again is for the command to say.
        configuration.connectionPool.retryConnectionEstablishment = false
        if let ca = options.ca {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(ca)
            configuration.tlsConfiguration = tls
        }
        client = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    private static func token(_ options: AdminClientOptions) throws(AdminClientError) -> String? {
        guard let path = options.tokenFile else { return Surroundings.variable("MARTLET_TOKEN") }
        do throws(StateError) {
            let text = String(decoding: try SystemDisk().read(path), as: UTF8.self)
            return text.split(whereSeparator: \.isWhitespace).first.map(String.init)
        } catch {
            throw AdminClientError(description: "\(error)")
        }
    }

    func end() async { try? await client.shutdown() }

    /// The JSON document at a path.
    func json(
        _ path: String, within limit: TimeAmount = .seconds(30)
    ) async throws(AdminClientError) -> JSONValue {
        let bytes: [UInt8]
        do {
            let response = try await client.execute(request(path), timeout: limit)
            let body = try await response.body.collect(upTo: AdminClient.answerByteCap)
            bytes = Array(body.readableBytesView)
            try AdminClient.check(Int(response.status.code), bytes)
        } catch let error as AdminClientError {
            throw error
        } catch {
            throw AdminClient.unreachable(url, error)
        }
        guard let value = JSONValue(bytes) else {
            throw AdminClientError(description: "`\(url)\(path)` gave no JSON")
        }
        return value
    }

    /// What is said at a path, whatever it is.
    func answer(_ path: String) async throws(AdminClientError) -> (status: Int, text: String) {
        do {
            let response = try await client.execute(request(path), timeout: .seconds(5))
            let body = try await response.body.collect(upTo: 1 << 16)
            let text = String(decoding: body.readableBytesView, as: UTF8.self)
            return (Int(response.status.code), text)
        } catch {
            throw AdminClient.unreachable(url, error)
        }
    }

    private static func unreachable(_ url: String, _ error: any Error) -> AdminClientError {
        var reason = TLSFailureText.reason("\(error)", of: "the server's certificate")
        if let error = error as? HTTPClientError,
            [.connectTimeout, .deadlineExceeded, .readTimeout].contains(error)
        {
            reason = "there is no answer"
        }
        // The errors of the attempts stand in its text.
        if reason.contains("errno: \(ECONNREFUSED)") { reason = "nothing listens there" }
        return AdminClientError(description: "`\(url)` cannot be reached: \(reason)")
    }

    /// Follows server-sent events until `take` wants no more, or the server ends.
    func follow(
        _ path: String, _ take: @Sendable (_ name: String, _ data: [UInt8]) -> Bool
    ) async throws(AdminClientError) {
        do {
            let response = try await client.execute(
                request(path), deadline: .distantFuture)
            if response.status != .ok {
                let body = try await response.body.collect(upTo: 1 << 20)
                try AdminClient.check(
                    Int(response.status.code), Array(body.readableBytesView))
            }
            var lines = ServerSentLines()
            for try await part in response.body {
                for event in lines.take(Array(part.readableBytesView)) {
                    if !take(event.name, event.data) { return }
                }
            }
        } catch let error as AdminClientError {
            throw error
        } catch {
            throw AdminClientError(description: "`\(url)` cannot be followed: \(error)")
        }
    }

    private func request(_ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url + path)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        return request
    }

    /// Throws what a server has to say that does not answer.
    private static func check(_ status: Int, _ bytes: [UInt8]) throws(AdminClientError) {
        guard status != 200 else { return }
        let detail = JSONValue(bytes)?["detail"]?.string ?? "it answered with \(status)"
        let hint = status == 401 ? " (see `--token-file`)" : ""
        throw AdminClientError(description: "the admin server: \(detail)\(hint)")
    }

    /// A text as a part of a path or query.
    static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            let isPlain =
                byte < 0x80
                && (Character(Unicode.Scalar(byte)).isLetter
                    || Character(Unicode.Scalar(byte)).isNumber || "-._~".utf8.contains(byte))
            if isPlain {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += byte < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }
}

/// Takes server-sent events apart, however they are cut.
struct ServerSentLines {
    /// A line that is longer ends the stream: no server of ours sends such.
    private static let lineByteCap = 64 << 20

    private var rest: [UInt8] = []
    private var name = ""
    private var data: [UInt8] = []

    mutating func take(_ bytes: [UInt8]) -> [(name: String, data: [UInt8])] {
        var events: [(name: String, data: [UInt8])] = []
        var start = 0
        for (place, byte) in bytes.enumerated() where byte == 0x0a {
            rest += bytes[start..<place]
            start = place + 1
            if rest.isEmpty {
                if !name.isEmpty { events.append((name, data)) }
                (name, data) = ("", [])
            } else if rest.starts(with: "event: ".utf8) {
                name = String(decoding: rest.dropFirst(7), as: UTF8.self)
            } else if rest.starts(with: "data: ".utf8) {
                data = Array(rest.dropFirst(6))
            }
            rest.removeAll(keepingCapacity: true)
        }
        rest += bytes[start...]
        if rest.count > ServerSentLines.lineByteCap { rest = [] }
        return events
    }
}
