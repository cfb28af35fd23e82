// SPDX-License-Identifier: Apache-2.0
// Exercised by AdminConfigurationTests.

internal import Diagnostics
internal import Yams

/// The admin server as it is configured.
package struct AdminConfiguration: Sendable {
    /// A port that is known for metrics.
    static let standardListen = "127.0.0.1:9464"
    package static let leastTokenLength = 16

    /// Nil: there is none.
    package var listen = ListenAddress(AdminConfiguration.standardListen)
    /// Whether somebody asked for it: then it is an error that the address cannot be used.
    package var isAskedFor = false
    package var token: String?
    package var tokenFile: String?
    package var certificateFile: String?
    package var keyFile: String?

    package init() {}
}

/// The log as it is configured.
package struct LogConfiguration: Sendable {
    package static let levels = ["debug", "info", "warning", "error"]

    package var isJSON = false
    /// One of `levels`.
    package var level = "info"

    package init() {}
}

extension ConfigurationReader {
    mutating func admin(_ node: Node) -> AdminConfiguration {
        var result = AdminConfiguration()
        let values = section(node, ConfigurationSections.admin, "`admin`")
        let nodes = Dictionary(
            members(of: node, "`admin`").map { ($0.key, $0.2) }, uniquingKeysWith: { $1 })
        let listen = values.text("listen") ?? AdminConfiguration.standardListen
        result.isAskedFor = nodes["listen"] != nil
        result.listen = listen == "off" ? nil : ListenAddress(listen)
        if listen != "off", result.listen == nil {
            report(
                "C003",
                "`listen` is `\(listen)`, and not an address with a port, such as "
                    + "`\(AdminConfiguration.standardListen)`", at: nodes["listen"]?.mark)
        }
        result.token = values.text("token")
        result.tokenFile = values.text("token_file").map(besideFile)
        result.certificateFile = values.text("tls_certificate").map(besideFile)
        result.keyFile = values.text("tls_key").map(besideFile)
        checkAdmin(result, node, nodes)
        return result
    }

    private mutating func checkAdmin(
        _ admin: AdminConfiguration, _ node: Node, _ nodes: [String: Node]
    ) {
        if let token = admin.token, token.utf8.count < AdminConfiguration.leastTokenLength {
            report(
                "C003", "`token` has fewer than \(AdminConfiguration.leastTokenLength) characters",
                at: nodes["token"]?.mark)
        }
        if admin.token != nil, admin.tokenFile != nil {
            report("C003", "`admin` has a `token` and a `token_file`", at: node.mark)
        }
        if let listen = admin.listen, !listen.isLoopback, admin.token == nil,
            admin.tokenFile == nil
        {
            report(
                "C004",
                "`admin` listens beyond the machine itself and has no `token` or `token_file`",
                at: nodes["listen"]?.mark)
        }
        if (admin.certificateFile == nil) != (admin.keyFile == nil) {
            let missing = admin.keyFile == nil ? "tls_key" : "tls_certificate"
            report("C004", "`admin` has no `\(missing)`", at: node.mark)
        }
    }

    mutating func log(_ node: Node) -> LogConfiguration {
        let values = section(node, ConfigurationSections.log, "`log`")
        var result = LogConfiguration()
        result.isJSON = values.text("format") == "json"
        result.level = values.text("level") ?? "info"
        return result
    }
}
