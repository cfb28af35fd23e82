// SPDX-License-Identifier: Apache-2.0

package import EventModel

/// A host and a port to listen on.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    /// 0: one that is free.
    package let port: Int

    package init(host: String = "127.0.0.1", port: Int) {
        self.host = host
        self.port = port
    }

    /// Nil: the text is no address: `HOST:PORT`, with an IPv6 address in brackets.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
            let port = Int(digits), port <= 65_535
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || $0 == "/" }) else {
            return nil
        }
        (self.host, self.port) = (String(host), port)
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether only the machine itself can reach it.
    package var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

/// The files that a server's TLS is made of.
package struct ServerTLSFiles: Hashable, Sendable {
    package var certificate: String
    package var key: String
    /// Certificates of which a client's has to be signed by one; nil: clients need none.
    package var clientAuthorities: String?

    package init(certificate: String, key: String, clientAuthorities: String? = nil) {
        self.certificate = certificate
        self.key = key
        self.clientAuthorities = clientAuthorities
    }
}

/// A feed that events are posted to.
package struct HTTPFeedOptions: Hashable, Sendable {
    package enum Token: Hashable, Sendable {
        case text(String)
        case file(path: String)
    }

    package var listen: ListenAddress
    package var path = "/events"
    /// What callers have to have; nil: anybody may.
    package var token: Token?
    package var tls: ServerTLSFiles?
    /// The largest body, before and after it is unpacked.
    package var maxBodyByteCount = 16 << 20
    package var maxConnectionCount = 256
    /// How long a request may take to come.
    package var requestTimeout = TimeSpan(seconds: 30)
    /// How long a connection may be without a request.
    package var idleTimeout = TimeSpan(seconds: 60)

    package init(listen: ListenAddress) { self.listen = listen }
}

/// Where a message ends in a stream of bytes.
package enum MessageFraming: String, Hashable, Sendable {
    /// As each message shows: `octetCounted` where a length and `<` stand first, else `lines`.
    case auto
    /// With its line (RFC 6587, 3.4.2).
    case lines
    /// After as many bytes as a number before it says (RFC 6587, 3.4.1).
    case octetCounted = "octet-counted"
}

/// A feed of messages over TCP connections.
package struct TCPFeedOptions: Hashable, Sendable {
    package var listen: ListenAddress
    package var framing = MessageFraming.auto
    package var tls: ServerTLSFiles?
    package var maxConnectionCount = 256
    /// How long a connection may bring nothing; zero: for ever.
    package var idleTimeout = TimeSpan.zero

    package init(listen: ListenAddress) { self.listen = listen }
}

/// A feed of datagrams.
package struct UDPFeedOptions: Hashable, Sendable {
    package var listen: ListenAddress

    package init(listen: ListenAddress) { self.listen = listen }
}
