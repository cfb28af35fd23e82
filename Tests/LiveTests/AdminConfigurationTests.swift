// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Testing

@testable import Live

@Suite struct AdminConfigurationTests {
    private func read(_ admin: String) -> (configuration: LiveConfiguration?, errors: [String]) {
        let text = "rules: r\nfeeds: { a: { type: stdin } }\n" + admin + "\n"
        let (configuration, diagnostics) = LiveConfiguration.read(
            SourceFile(name: "conf/martlet.yaml", text: text)
        ) { _ in nil }
        return (configuration, diagnostics.map { "\($0.span.line) \($0.code) \($0.message)" })
    }

    @Test func theServerIsOnTheMachineItselfUnlessItSaysOtherwise() throws {
        let plain = try #require(read("").configuration).admin
        #expect(plain.listen == ListenAddress(host: "127.0.0.1", port: 9464))
        #expect(!plain.isAskedFor)
        let off = try #require(read("admin: { listen: off }").configuration).admin
        #expect(off.listen == nil)
        let given = try #require(
            read("admin: { listen: \"0.0.0.0:80\", token_file: t, tls_key: k, tls_certificate: c }")
                .configuration
        ).admin
        #expect(given.listen == ListenAddress(host: "0.0.0.0", port: 80))
        #expect(given.isAskedFor)
        #expect(given.tokenFile == "conf/t")
        #expect(given.keyFile == "conf/k" && given.certificateFile == "conf/c")
    }

    @Test(arguments: [
        (
            "admin: { listen: \"0.0.0.0:80\" }",
            "3 C004 `admin` listens beyond the machine itself and has no `token` or `token_file`"
        ),
        (
            "admin: { listen: \"localhost\" }",
            "3 C003 `listen` is `localhost`, and not an address with a port, such as "
                + "`127.0.0.1:9464`"
        ),
        ("admin: { token: short }", "3 C003 `token` has fewer than 16 characters"),
        ("admin: { tls_key: k }", "3 C004 `admin` has no `tls_certificate`"),
        (
            "admin: { token: 0123456789abcdef, token_file: t }",
            "3 C003 `admin` has a `token` and a `token_file`"
        ),
        (
            "admin: { lisen: off }", "3 C002 `admin` has no option `lisen`; did you mean `listen`?"
        ),
        (
            "log: { level: loud }",
            "3 C003 `level` is `loud`, and not one of `debug`, `info`, `warning`, `error`"
        ),
    ])
    func whatCannotBeIsAnError(text: String, error: String) {
        #expect(read(text).errors == [error])
    }

    @Test func theLogIsForPeopleUnlessItSaysOtherwise() throws {
        let plain = try #require(read("").configuration).log
        #expect(!plain.isJSON && plain.level == "info")
        let json = try #require(read("log: { format: json, level: warning }").configuration).log
        #expect(json.isJSON && json.level == "warning")
    }

    @Test(arguments: [
        ("127.0.0.1:0", "127.0.0.1", 0, true), ("127.8.9.1:1", "127.8.9.1", 1, true),
        ("[::1]:9464", "::1", 9464, true), ("localhost:80", "localhost", 80, true),
        ("10.0.0.1:65535", "10.0.0.1", 65535, false), ("[::]:1", "::", 1, false),
        ("127.0.0.1.example.com:1", "127.0.0.1.example.com", 1, false),
        ("127.0.0.256:1", "127.0.0.256", 1, false),
    ])
    func addressesAreRead(text: String, host: String, port: Int, isLoopback: Bool) throws {
        let address = try #require(ListenAddress(text))
        #expect(address == ListenAddress(host: host, port: port))
        #expect(address.isLoopback == isLoopback)
        #expect("\(address)" == text)
    }

    @Test(arguments: [
        "", ":", ":80", "a", "a:", "a:b", "a:-1", "a:65536", "::1:80", "[a]:1", "a b:1",
        "[::1]", "a/b:1",
    ])
    func whatIsNoAddressIsNotRead(text: String) { #expect(ListenAddress(text) == nil) }
}
