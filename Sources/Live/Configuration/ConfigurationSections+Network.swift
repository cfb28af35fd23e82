// SPDX-License-Identifier: Apache-2.0
// A table: the options of feeds that listen.

extension ConfigurationSections {
    static let httpOptions =
        [
            OptionDeclaration(
                "listen", .address, default: "127.0.0.1:8080",
                "Where it listens; beyond the machine itself only with a token"),
            OptionDeclaration("path", .text, default: "/events", "The path that takes events"),
            OptionDeclaration(
                "token", .secret, "What a caller has to send as `Authorization: Bearer TOKEN`"),
            OptionDeclaration(
                "token_file", .path, "A file that has the token; read when the feed is opened"),
        ] + tlsOptions + [
            OptionDeclaration(
                "max_body", recordSize, default: "16MB",
                "The largest body of a request, before and after it is unpacked"),
            OptionDeclaration(
                "max_connections", .integer(1...100_000), default: "256",
                "Connections that are served; one more is answered with 429"),
            OptionDeclaration(
                "request_timeout", .duration, default: "30s",
                "How long a request may take from its first line to its end"),
            OptionDeclaration(
                "idle_timeout", .duration, default: "60s",
                "How long a connection may be without a request"),
        ]

    static let tcpOptions =
        [
            OptionDeclaration("listen", .address, default: "127.0.0.1:5140", "Where it listens"),
            OptionDeclaration(
                "framing", .choice(["auto", "lines", "octet-counted"]), default: "auto",
                "Whether a message ends with its line or has its length before it; `auto` sees it"
            ),
        ] + tlsOptions + [
            OptionDeclaration(
                "tls_client_ca", .path,
                "Certificates (PEM) of which a client's has to be signed by one"),
            OptionDeclaration(
                "max_connections", .integer(1...100_000), default: "256",
                "Connections that are served; one more is closed at once"),
            OptionDeclaration(
                "idle_timeout", .duration, default: "0s",
                "How long a connection may bring nothing; `0s`: any time"),
        ]

    private static let tlsOptions = [
        OptionDeclaration(
            "tls_certificate", .path, "The certificate (PEM), with those that it depends on"),
        OptionDeclaration("tls_key", .path, "The private key (PEM) of the certificate"),
    ]
}
