// SPDX-License-Identifier: Apache-2.0
// Exercised by SinkConfigurationTests.

internal import Diagnostics
internal import EventModel
internal import RuleLanguage
internal import Yams

extension ConfigurationReader {
    /// - Parameter node: where mistakes are reported.
    mutating func sink(_ name: String, _ values: SectionValues, at node: Node) -> SinkConfiguration
    {
        switch values.declaration.name {
        case "file":
            return SinkConfiguration(name: name, target: .file(fileOptions(values)))
        case "webhook":
            return SinkConfiguration(
                name: name, target: .webhook(webhookOptions(name, values, at: node)),
                delivery: delivery(values))
        case "alertmanager":
            return SinkConfiguration(
                name: name, target: .alertmanager(alertmanagerOptions(name, values, at: node)),
                delivery: delivery(values))
        case "smtp":
            return SinkConfiguration(
                name: name, target: .mail(mailOptions(name, values, at: node)),
                delivery: delivery(values))
        default:
            let form = StandardOutputForm(rawValue: values.text("format") ?? "") ?? .automatic
            return SinkConfiguration(name: name, target: .standardOutput(form))
        }
    }

    private func delivery(_ values: SectionValues) -> DeliveryOptions {
        var options = DeliveryOptions()
        options.timeout = values.span("timeout")
        options.retrySpan = values.span("retry")
        options.breakerFailureCount = values.integer("breaker")
        options.probeSpan = values.span("probe_every")
        let limit = values.span("give_up_after")
        options.giveUpSpan = limit == .zero ? nil : limit
        return options
    }

    private func fileOptions(_ values: SectionValues) -> FileSinkOptions {
        var options = FileSinkOptions(path: besideFile(values.text("path") ?? ""))
        let (size, span) = (values.integer("rotate_size"), values.span("rotate_every"))
        options.rotateByteCount = size == 0 ? nil : Int64(size)
        options.rotateSpan = span == .zero ? nil : span
        options.keptCount = values.value("keep") == nil ? nil : values.integer("keep")
        options.sync = SyncPolicy(rawValue: values.text("sync") ?? "") ?? .interval
        return options
    }

    private mutating func webhookOptions(
        _ name: String, _ values: SectionValues, at node: Node
    ) -> WebhookOptions {
        let preset = WebhookOptions.Preset(rawValue: values.text("preset") ?? "") ?? .json
        var url = address(name, values, at: node)
        if url == nil, preset == .pagerduty {
            url = .text("https://events.pagerduty.com/v2/enqueue")
        }
        var options = WebhookOptions(url: required(url, "url", name, at: node))
        options.preset = preset
        options.template = template(values, "template", at: node)
        options.contentType = values.text("content_type") ?? options.contentType
        options.method = values.text("method") ?? options.method
        options.headers = headers(name, values, at: node)
        options.routingKey = secret("routing_key", values, at: node)
        options.signingSecret = secret("signing_secret", values, at: node)
        options.batchCount = values.integer("batch")
        options.trustPath = values.text("ca_file").map(besideFile)
        if preset == .pagerduty, options.routingKey == nil {
            _ = required(nil, "routing_key", name, at: node)
        }
        if options.batchCount > 1, preset != .json || options.template != nil {
            report(
                "C003", "the sink `\(name)` has a `batch`, which goes with `preset: json` only",
                at: node.mark)
        }
        if options.template != nil, preset != .json {
            report(
                "C003",
                "the sink `\(name)` has a `template` and a `preset`: one of them is the "
                    + "body", at: node.mark)
        }
        return options
    }

    private mutating func alertmanagerOptions(
        _ name: String, _ values: SectionValues, at node: Node
    ) -> AlertmanagerOptions {
        var options = AlertmanagerOptions(
            url: required(address(name, values, at: node), "url", name, at: node))
        options.repeatSpan = max(values.span("repost_every"), TimeSpan(seconds: 1))
        options.resolveSpan = max(values.span("resolve_after"), TimeSpan(seconds: 1))
        options.headers = headers(name, values, at: node)
        options.generatorURL = values.text("generator_url")
        options.trustPath = values.text("ca_file").map(besideFile)
        return options
    }

    private mutating func mailOptions(
        _ name: String, _ values: SectionValues, at node: Node
    ) -> MailOptions {
        var options = MailOptions(
            host: values.text("host") ?? "", sender: values.text("from") ?? "",
            recipients: values.texts("to"))
        options.port = values.integer("port")
        options.encryption =
            MailOptions.Encryption(rawValue: values.text("encryption") ?? "") ?? .startTLS
        options.user = values.text("user")
        options.password = secret("password", values, at: node)
        options.subject = values.text("subject")
        options.template = template(values, "template", at: node)
        options.trustPath = values.text("ca_file").map(besideFile)
        // One that is missing has been reported.
        let addresses = (values.text("from").map { [$0] } ?? []) + options.recipients
        for address in addresses where !MailOptions.isAddress(address) {
            report("C003", "`\(address)` is no address of the form `name@host`", at: node.mark)
        }
        if (options.user == nil) != (options.password == nil) {
            report(
                "C004", "the sink `\(name)` has one of `user` and `password`, and needs both",
                at: node.mark)
        }
        if options.user != nil, options.encryption == .none {
            report(
                "C003",
                "the sink `\(name)` would send its password over a connection that is not "
                    + "encrypted", at: node.mark)
        }
        return options
    }

    // MARK: Parts

    private mutating func headers(
        _ name: String, _ values: SectionValues, at node: Node
    ) -> [WebhookOptions.Header] {
        let headers = values.namedTexts("headers").map { WebhookOptions.Header($0.name, $0.text) }
        for header in headers {
            if !header.isSendable {
                report(
                    "C003",
                    "the header `\(header.name)` of the sink `\(name)` cannot be sent: a name has "
                        + "letters, digits and `-`, and a value stands in one line", at: node.mark)
            } else if header.isOfTheConnection {
                report(
                    "C003",
                    "the header `\(header.name)` of the sink `\(name)` is made with each request",
                    at: node.mark)
            }
        }
        return headers
    }

    /// A secret that stands in the option of that name, or in the file that `NAME_file` says.
    private mutating func secret(
        _ name: String, _ values: SectionValues, at node: Node
    ) -> Secret? {
        let (text, path) = (values.text(name), values.text("\(name)_file"))
        if text != nil, path != nil {
            report(
                "C003", "`\(name)` and `\(name)_file` are both there: one of them is meant",
                at: node.mark)
        }
        return text.map(Secret.text) ?? path.map { .file(path: besideFile($0)) }
    }

    private mutating func address(
        _ name: String, _ values: SectionValues, at node: Node
    ) -> Secret? {
        let url = secret("url", values, at: node)
        guard case .text(let text) = url else { return url }
        let scheme = ["http://", "https://"].first { text.hasPrefix($0) }
        if let scheme {
            let rest = text.dropFirst(scheme.count)
            let hasHost = !rest.prefix { !"/?#".contains($0) }.isEmpty
            if !hasHost || rest.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) {
                report(
                    "C003", "the `url` of the sink `\(name)` has no host, or a blank in it",
                    at: node.mark)
            }
        } else {
            report(
                "C003",
                "the `url` of the sink `\(name)` begins with neither `http://` nor "
                    + "`https://`", at: node.mark)
        }
        return url
    }

    private mutating func required(
        _ secret: Secret?, _ option: String, _ name: String, at node: Node
    ) -> Secret {
        if let secret { return secret }
        report("C004", "the sink `\(name)` has no `\(option)`", at: node.mark)
        return .text("")
    }

    private mutating func template(
        _ values: SectionValues, _ name: String, at node: Node
    ) -> String? {
        guard let path = values.text("\(name)_file").map(besideFile) else {
            return values.text(name)
        }
        do throws(StateError) {
            return String(decoding: try SystemDisk().read(path), as: UTF8.self)
        } catch {
            report("C003", "\(error)", at: node.mark)
            return nil
        }
    }

    // MARK: Routes

    mutating func routes(_ node: Node, to sinks: [String]) -> AlertRoutes {
        guard let sequence = node.sequence else {
            report("C003", "`routes` is not a list of routes", at: node.mark)
            return AlertRoutes()
        }
        var routes: [AlertRoute] = []
        for (number, node) in sequence.enumerated() {
            let what = "route \(number + 1)"
            let values = section(node, ConfigurationSections.route, what)
            var condition: AlertCondition?
            if let text = node.mapping?["if"], let source = values.text("if") {
                condition = self.condition(source, at: text)
            }
            for name in values.texts("to") where !sinks.contains(name) {
                let closest = Spelling.closest(to: name, among: sinks)
                report(
                    "C003",
                    "\(what) leads to the sink `\(name)`, which there is not"
                        + (closest.map { "; did you mean `\($0)`?" } ?? ""),
                    at: node.mapping?["to"]?.mark ?? node.mark, fix: nil)
            }
            routes.append(
                AlertRoute(
                    condition: condition, sinks: values.texts("to"),
                    goesOn: values.flag("continue")))
        }
        let led = routes.flatMap(\.sinks)
        for name in sinks where !led.contains(name) {
            report("C004", "no route leads to the sink `\(name)`", at: node.mark)
        }
        return AlertRoutes(routes)
    }

    private mutating func condition(_ text: String, at node: Node) -> AlertCondition? {
        let checked = AlertCondition.check(SourceFile(name: "if", text: text))
        for diagnostic in checked.diagnostics where diagnostic.severity == .error {
            let place = diagnostic.span.text.isEmpty ? "" : " (at `\(diagnostic.span.text)`)"
            let hint = diagnostic.label.isEmpty ? "" : ": \(diagnostic.label)"
            report("C006", "\(diagnostic.message)\(place)\(hint)", at: node.mark)
        }
        return checked.condition
    }
}

extension WebhookOptions.Header {
    /// RFC 9110, 5.1 and 5.5: what would end the header, and begin another one, is no part of it.
    fileprivate var isSendable: Bool {
        let signs = "!#$%&'*+-.^_`|~".utf8
        return !name.isEmpty
            && name.utf8.allSatisfy { byte in
                byte >= 0x30 && byte <= 0x39 || byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a
                    || signs.contains(byte)
            } && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
    }

    /// Whether whoever sends requests says it by himself.
    fileprivate var isOfTheConnection: Bool {
        ["content-length", "transfer-encoding", "connection", "host"].contains(name.lowercased())
    }
}

extension MailOptions {
    /// Whether a text is an address that can stand in a mail as it is.
    static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2
            && parts.allSatisfy { part in
                !part.isEmpty
                    && part.utf8.allSatisfy {
                        $0 > 0x20 && $0 < 0x7f && !"<>()[]:;,\\\"".utf8.contains($0)
                    }
            }
    }
}
