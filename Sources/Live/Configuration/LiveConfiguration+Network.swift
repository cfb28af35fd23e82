// SPDX-License-Identifier: Apache-2.0
// Exercised by NetworkConfigurationTests.

internal import EventModel
internal import Yams

extension SectionValues {
    /// - Precondition: the option is an address and has a default.
    func address(_ name: String) -> ListenAddress {
        text(name).flatMap(ListenAddress.init) ?? ListenAddress(port: 0)
    }
}

extension ConfigurationReader {
    mutating func httpOptions(
        _ values: SectionValues, _ what: String, at node: Node
    ) -> HTTPFeedOptions {
        var options = HTTPFeedOptions(listen: values.address("listen"))
        options.path = values.text("path") ?? options.path
        options.token = token(values, what, at: node)
        options.tls = tls(values, what, at: node)
        options.maxBodyByteCount = values.integer("max_body")
        options.maxConnectionCount = values.integer("max_connections")
        options.requestTimeout = values.span("request_timeout")
        options.idleTimeout = values.span("idle_timeout")
        let isPath = options.path.hasPrefix("/") && options.path.utf8.allSatisfy { isPathByte($0) }
        if !isPath {
            report(
                "C003",
                "the `path` of \(what) is `\(options.path)`, and not a path such as `/events`",
                at: node.mark)
        }
        if options.requestTimeout == .zero || options.idleTimeout == .zero {
            report("C003", "\(what) has a time-out of nothing", at: node.mark)
        }
        if !options.listen.isLoopback, options.token == nil {
            report(
                "C004",
                "\(what) listens on \(options.listen), which others can reach, and has no token: "
                    + "add `token_file`, or listen on `127.0.0.1:\(options.listen.port)`",
                at: node.mark)
        }
        return options
    }

    mutating func tcpOptions(
        _ values: SectionValues, _ what: String, at node: Node
    ) -> TCPFeedOptions {
        var options = TCPFeedOptions(listen: values.address("listen"))
        options.framing = MessageFraming(rawValue: values.text("framing") ?? "") ?? .auto
        options.tls = tls(values, what, at: node)
        if let authorities = values.text("tls_client_ca") {
            if options.tls == nil {
                report(
                    "C004", "\(what) has a `tls_client_ca` and no `tls_certificate`", at: node.mark)
            }
            options.tls?.clientAuthorities = besideFile(authorities)
        }
        options.maxConnectionCount = values.integer("max_connections")
        options.idleTimeout = values.span("idle_timeout")
        return options
    }

    private func isPathByte(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "?") && byte != UInt8(ascii: "#")
    }

    private mutating func token(
        _ values: SectionValues, _ what: String, at node: Node
    ) -> HTTPFeedOptions.Token? {
        let (text, path) = (values.text("token"), values.text("token_file"))
        if text != nil, path != nil {
            report("C003", "\(what) has both a `token` and a `token_file`", at: node.mark)
        }
        if text == "" { report("C003", "the `token` of \(what) is empty", at: node.mark) }
        return text.map { .text($0) } ?? path.map { .file(path: besideFile($0)) }
    }

    private mutating func tls(
        _ values: SectionValues, _ what: String, at node: Node
    ) -> ServerTLSFiles? {
        let (certificate, key) = (values.text("tls_certificate"), values.text("tls_key"))
        guard let certificate, let key else {
            if certificate != nil || key != nil {
                let lacking = key == nil ? "tls_key" : "tls_certificate"
                report(
                    "C004", "\(what) has no `\(lacking)`, and TLS takes both", at: node.mark)
            }
            return nil
        }
        return ServerTLSFiles(certificate: besideFile(certificate), key: besideFile(key))
    }

    /// An address has one feed; TCP and UDP have ports of their own.
    mutating func refuseSharedAddresses(_ feeds: [FeedConfiguration], at node: Node) {
        var owners: [String: String] = [:]
        for feed in feeds {
            let listening: (protocol: String, address: ListenAddress)? =
                switch feed.source {
                case .http(let options): ("tcp", options.listen)
                case .tcp(let options): ("tcp", options.listen)
                case .udp(let options): ("udp", options.listen)
                case .standardInput, .files: nil
                }
            guard let (kind, address) = listening, address.port != 0 else { continue }
            if let other = owners.updateValue(feed.options.name, forKey: "\(kind) \(address)") {
                report(
                    "C003",
                    "the feeds `\(other)` and `\(feed.options.name)` both listen on \(address)",
                    at: node.mark)
            }
        }
    }
}
