// SPDX-License-Identifier: Apache-2.0
// Exercised by ConfigurationTests.

internal import Connectors
package import Diagnostics
package import EventModel
package import MatchCore
internal import Yams

/// When what a feed accepted is there for good.
package enum SyncPolicy: String, Hashable, Sendable {
    /// Before it is acknowledged.
    case always
    /// A moment later, at most.
    case interval
    /// When the system sees to it.
    case never
}

/// Where a feed's records come from.
package enum FeedSource: Hashable, Sendable {
    case standardInput
    case files(pattern: String, fromEnd: Bool, pollSpan: TimeSpan)
    case http(HTTPFeedOptions)
    case tcp(TCPFeedOptions)
    case udp(UDPFeedOptions)
}

/// A feed as it is configured.
package struct FeedConfiguration: Sendable {
    package var options: LiveFeedOptions
    package var source: FeedSource
    package var sync: SyncPolicy
    /// Files or sockets that it may have open at once.
    package var descriptorCap = Int.max
    /// The longest line that is accepted.
    package var maxLineByteCount: Int { options.reading.maxLineBytes }
    /// What is between the cells of a feed of CSV.
    var delimiter: UInt8? { options.reading.format == .csv ? options.reading.delimiter : nil }

    package init(
        options: LiveFeedOptions, source: FeedSource, sync: SyncPolicy = .interval
    ) {
        self.options = options
        self.source = source
        self.sync = sync
    }
}

/// A sink as it is configured.
package struct SinkConfiguration: Hashable, Sendable {
    package enum Target: Hashable, Sendable {
        case standardOutput(StandardOutputForm)
        case file(FileSinkOptions)
        case webhook(WebhookOptions)
        case alertmanager(AlertmanagerOptions)
        case mail(MailOptions)
    }

    package var name: String
    package var target: Target
    package var delivery: DeliveryOptions

    package init(name: String, target: Target, delivery: DeliveryOptions = .local) {
        self.name = name
        self.target = target
        self.delivery = delivery
    }
}

/// What `martlet run` does.
package struct LiveConfiguration: Sendable {
    package var rules: [String] = []
    package var feeds: [FeedConfiguration] = []
    package var sinks: [SinkConfiguration] = []
    package var routes = AlertRoutes()
    package var stateFolder = "state"
    package var checkpointSpan = TimeSpan(seconds: 60)
    package var checkpointCount = 3
    package var syncSpan = TimeSpan(milliseconds: 100)
    package var deadLetterPath: String?
    package var retention = RetentionOptions()
    /// What rules are run under.
    package var limits = Caps()
    /// How long it may take to end cleanly.
    package var shutdownSpan = TimeSpan(seconds: 30)
    package var admin = AdminConfiguration()
    package var log = LogConfiguration()

    package init() {}

    /// Reads a configuration file.
    ///
    /// - Parameter variable: the variables of the environment.
    /// - Returns: nil with at least one error.
    package static func read(
        _ file: SourceFile, variable: @escaping (String) -> String?
    ) -> (configuration: LiveConfiguration?, diagnostics: [Diagnostic]) {
        var reader = ConfigurationReader(file, variable: variable)
        guard let document = reader.document() else { return (nil, reader.diagnostics) }
        let configuration = reader.configuration(document)
        // Those of one place stay in the order in which they were found.
        let diagnostics = reader.diagnostics.enumerated().sorted { one, other in
            (one.element.span.range.lowerBound, one.offset)
                < (other.element.span.range.lowerBound, other.offset)
        }.map(\.element)
        return (diagnostics.isEmpty ? configuration : nil, diagnostics)
    }
}

extension ConfigurationReader {
    fileprivate mutating func configuration(_ document: Node) -> LiveConfiguration {
        var result = LiveConfiguration()
        let values = section(
            document, ConfigurationSections.topLevel, "the configuration",
            others: ConfigurationSections.named.map(\.name) + ["feeds", "sinks", "routes"])
        result.rules = values.texts("rules").map(besideFile)
        result.deadLetterPath = values.text("dead_letters").map(besideFile)
        result.shutdownSpan = values.span("shutdown_timeout")
        var state = SectionValues(ConfigurationSections.state)
        for (key, _, node) in members(of: document, "the configuration") {
            switch key {
            case "state": state = section(node, ConfigurationSections.state, "`state`")
            case "limits":
                result.limits = RuleLimits.caps(
                    section(node, ConfigurationSections.limits, "`limits`"))
            case "admin": result.admin = admin(node)
            case "log": result.log = log(node)
            case "feeds": result.feeds = feeds(node)
            case "sinks": result.sinks = sinks(node)
            default: break
            }
        }
        if let node = document.mapping?["routes"] {
            result.routes = routes(node, to: result.sinks.map(\.name))
        }
        result.stateFolder = besideFile(state.text("folder") ?? "state")
        result.checkpointSpan = state.span("checkpoint_every")
        result.checkpointCount = state.integer("checkpoints")
        result.syncSpan = state.span("sync_every")
        result.retention = retention(state)
        if result.feeds.isEmpty, diagnostics.isEmpty {
            report("C004", "the configuration has no feed: add one under `feeds`", at: nil)
        }
        refuseWhatCollides(result, at: document)
        if result.sinks.isEmpty {
            result.sinks = [SinkConfiguration(name: "stdout", target: .standardOutput(.automatic))]
        }
        return result
    }

    private func retention(_ state: SectionValues) -> RetentionOptions {
        var options = RetentionOptions()
        let span = state.span("keep_alerts")
        options.alertSpan = span == .zero ? nil : span
        options.alertByteCap = Int64(state.integer("keep_alerts_size"))
        options.letterFileByteCount = Int64(state.integer("rotate_dead_letters"))
        options.letterFileCount = state.integer("keep_dead_letters")
        return options
    }

    /// A relative path counts from the folder of the configuration file.
    func besideFile(_ path: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.name.lastIndex(of: "/") else { return path }
        return file.name[...slash] + path
    }

    private mutating func feeds(_ node: Node) -> [FeedConfiguration] {
        var feeds: [FeedConfiguration] = []
        for (name, keyNode, node) in members(of: node, "`feeds`") {
            guard isName(name, keyNode),
                let values = connector(
                    node, ConfigurationSections.feeds, "the feed `\(name)`")
            else { continue }
            feeds.append(feed(name, values, at: node))
        }
        refuseSharedAddresses(feeds, at: node)
        let readers = feeds.count { $0.source == .standardInput }
        if readers > 1 {
            report("C003", "standard input can be the source of one feed only", at: node.mark)
        }
        return feeds
    }

    private mutating func feed(
        _ name: String, _ values: SectionValues, at node: Node
    ) -> FeedConfiguration {
        var reading = FeedOptions()
        reading.format = FeedFormat(rawValue: values.text("format") ?? "")
        reading.fixedType = values.text("event_type")
        reading.typeField = values.text("type_field") ?? reading.typeField
        reading.timeField = values.text("time_field")
        reading.assumesArrivalTime = values.text("without_time") == "arrival"
        reading.idField = values.text("id_field") ?? reading.idField
        reading.lateness = values.span("lateness")
        reading.maxLineBytes = values.integer("max_line")
        if values.value("max_ahead") != nil { reading.maxAhead = values.span("max_ahead") }
        if values.value("remember_ids") != nil {
            reading.rememberedIDSpan = values.span("remember_ids")
        }
        if values.text("format") == "csv" {
            let delimiter = values.text("delimiter") ?? ","
            reading.delimiter = delimiter == "tab" ? 0x09 : delimiter.utf8.first ?? 0x2c
        }
        let source: FeedSource
        switch values.declaration.name {
        case "file":
            source = .files(
                pattern: besideFile(values.text("path") ?? ""),
                fromEnd: values.text("from") == "end", pollSpan: values.span("poll_every"))
        case "http": source = .http(httpOptions(values, "the feed `\(name)`", at: node))
        case "tcp": source = .tcp(tcpOptions(values, "the feed `\(name)`", at: node))
        case "udp": source = .udp(UDPFeedOptions(listen: values.address("listen")))
        default: source = .standardInput
        }
        return FeedConfiguration(
            options: LiveFeedOptions(
                name: name, reading: reading, idleAfter: values.span("idle_after")),
            source: source, sync: SyncPolicy(rawValue: values.text("sync") ?? "") ?? .interval)
    }

    private mutating func sinks(_ node: Node) -> [SinkConfiguration] {
        var sinks: [SinkConfiguration] = []
        for (name, keyNode, node) in members(of: node, "`sinks`") {
            guard isName(name, keyNode),
                let values = connector(
                    node, ConfigurationSections.sinks, "the sink `\(name)`")
            else { continue }
            sinks.append(sink(name, values, at: node))
        }
        return sinks
    }

    /// The options of a feed or sink, by its `type`.
    mutating func connector(
        _ node: Node, _ declarations: [SectionDeclaration], _ what: String
    ) -> SectionValues? {
        let found = members(of: node, what).first { $0.key == "type" }
        let names = declarations.map(\.name)
        guard let found, let type = text(found.2) else {
            if node.mapping != nil {
                report(
                    "C004",
                    "\(what) has no `type`: one of "
                        + names.map { "`\($0)`" }.joined(separator: ", "),
                    at: node.mark)
            }
            return nil
        }
        guard let declaration = declarations.first(where: { $0.name == type }) else {
            let closest = Spelling.closest(to: type, among: names)
            let hint =
                closest.map { "; did you mean `\($0)`?" }
                ?? "; there are \(names.map { "`\($0)`" }.joined(separator: ", "))"
            report("C003", "there is no type `\(type)`\(hint)", at: found.2.mark, fix: closest)
            return nil
        }
        return section(node, declaration, what, others: ["type"])
    }

    private mutating func isName(_ name: String, _ node: Node) -> Bool {
        let isRight =
            !name.isEmpty && name.utf8.count <= 100
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) }
        if !isRight {
            report(
                "C003", "`\(name)` is no name: letters, digits, `_`, `-` and `.` are", at: node.mark
            )
        }
        return isRight
    }
}
