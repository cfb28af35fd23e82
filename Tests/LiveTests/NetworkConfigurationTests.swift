// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Testing

@testable import Live

@Suite struct NetworkConfigurationTests {
    private func read(_ feeds: String) -> (feeds: [FeedConfiguration], errors: [String]) {
        let text = "rules: r\nfeeds:\n" + feeds
        let (configuration, diagnostics) = LiveConfiguration.read(
            SourceFile(name: "conf/martlet.yaml", text: text)
        ) { $0 == "TOKEN" ? "t" : nil }
        return (configuration?.feeds ?? [], diagnostics.map { "\($0.code) \($0.message)" })
    }

    @Test func optionsOfFeedsThatListenAreRead() throws {
        let (feeds, errors) = read(
            """
              web:
                type: http
                listen: "0.0.0.0:8443"
                path: /in
                token: "${TOKEN}"
                tls_certificate: c.pem
                tls_key: /k.pem
                max_body: 1MB
                max_connections: 9
                request_timeout: 5s
                idle_timeout: 6s
              net:
                type: tcp
                listen: "[::]:6514"
                framing: octet-counted
                tls_certificate: c.pem
                tls_key: k.pem
                tls_client_ca: a.pem
                idle_timeout: 1h
                format: lines
              dat: { type: udp, listen: "localhost:514", max_line: 2KB }
              plain: { type: http }
            """)
        #expect(errors == [])
        var web = HTTPFeedOptions(listen: ListenAddress(host: "0.0.0.0", port: 8443))
        web.path = "/in"
        web.token = .text("t")
        web.tls = ServerTLSFiles(certificate: "conf/c.pem", key: "/k.pem")
        web.maxBodyByteCount = 1 << 20
        web.maxConnectionCount = 9
        web.requestTimeout = TimeSpan(seconds: 5)
        web.idleTimeout = TimeSpan(seconds: 6)
        var net = TCPFeedOptions(listen: ListenAddress(host: "::", port: 6514))
        net.framing = .octetCounted
        net.tls = ServerTLSFiles(
            certificate: "conf/c.pem", key: "conf/k.pem", clientAuthorities: "conf/a.pem")
        net.idleTimeout = TimeSpan(seconds: 3600)
        let dat = UDPFeedOptions(listen: ListenAddress(host: "localhost", port: 514))
        let plain = HTTPFeedOptions(listen: ListenAddress(port: 8080))
        #expect(feeds.map(\.source) == [.http(web), .tcp(net), .udp(dat), .http(plain)])
        #expect(feeds.map(\.maxLineByteCount) == [1 << 20, 256 << 10, 2 << 10, 1 << 20])
    }

    @Test(arguments: [
        (
            "a: { type: http, listen: \"0.0.0.0:80\" }",
            "C004 the feed `a` listens on 0.0.0.0:80, which others can reach, and has no token: "
                + "add `token_file`, or listen on `127.0.0.1:80`"
        ),
        (
            "a: { type: http, listen: here }",
            "C003 `listen` is `here`, and not an address and a port, such as `127.0.0.1:8080` or "
                + "`[::1]:8080`"
        ),
        (
            "a: { type: http, token: x, token_file: y }",
            "C003 the feed `a` has both a `token` and a `token_file`"
        ),
        ("a: { type: http, token: \"\" }", "C003 the `token` of the feed `a` is empty"),
        (
            "a: { type: http, path: events }",
            "C003 the `path` of the feed `a` is `events`, and not a path such as `/events`"
        ),
        (
            "a: { type: http, tls_key: k }",
            "C004 the feed `a` has no `tls_certificate`, and TLS takes both"
        ),
        (
            "a: { type: tcp, tls_certificate: k }",
            "C004 the feed `a` has no `tls_key`, and TLS takes both"
        ),
        (
            "a: { type: tcp, tls_client_ca: k }",
            "C004 the feed `a` has a `tls_client_ca` and no `tls_certificate`"
        ),
        ("a: { type: http, idle_timeout: 0s }", "C003 the feed `a` has a time-out of nothing"),
        (
            "a: { type: http }\n  b: { type: tcp, listen: \"127.0.0.1:8080\" }",
            "C003 the feeds `a` and `b` both listen on 127.0.0.1:8080"
        ),
    ]) func aMistakeIsNamed(feeds: String, error: String) {
        #expect(read("  \(feeds)\n").errors.first == error)
    }

    @Test func portsOfTCPAndUDPAreNotTheSame() {
        #expect(read("  a: { type: tcp }\n  b: { type: udp }\n").errors == [])
    }

    @Test(arguments: [
        ("127.0.0.1:1", "127.0.0.1", 1, true), ("127.1.2.3:1", "127.1.2.3", 1, true),
        ("localhost:65535", "localhost", 65_535, true), ("[::1]:0", "::1", 0, true),
        ("[::]:1", "::", 1, false), ("0.0.0.0:1", "0.0.0.0", 1, false),
        ("127.0.0.1.example.org:1", "127.0.0.1.example.org", 1, false),
        ("127.0.0.x:1", "127.0.0.x", 1, false),
    ])
    func anAddressIsAHostAndAPort(text: String, host: String, port: Int, isLoopback: Bool) throws {
        let address = try #require(ListenAddress(text))
        #expect(address == ListenAddress(host: host, port: port))
        #expect(address.isLoopback == isLoopback)
        #expect(address.description == text)
    }

    @Test(arguments: [
        "", ":", ":80", "h", "h:", "h:65536", "h:-1", "h:+1", "::1:80", "[::1]", "[h]:1", "a b:1",
        "h:８",
    ])
    func anythingElseIsNone(text: String) { #expect(ListenAddress(text) == nil) }
}
