// SPDX-License-Identifier: Apache-2.0

package import EventModel

/// A text that is never printed: as it stands in the configuration, or the content of a file.
package enum Secret: Hashable, Sendable, CustomStringConvertible {
    case text(String)
    case file(path: String)

    package var description: String { "(secret)" }

    /// The text; of a file without the end of its last line.
    package func read(_ disk: any Disk = SystemDisk()) throws(StateError) -> String {
        switch self {
        case .text(let text): return text
        case .file(let path):
            var bytes = try disk.read(path)
            while bytes.last == 0x0a || bytes.last == 0x0d { bytes.removeLast() }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}

/// What is done where an attempt to send fails.
package struct DeliveryOptions: Hashable, Sendable {
    /// How long an attempt may take.
    package var timeout = TimeSpan(seconds: 10)
    /// The wait after a failure; each further one doubles it.
    package var retrySpan = TimeSpan(seconds: 1)
    /// Failures in a row after which the receiver counts as down.
    package var breakerFailureCount = 5
    /// The longest wait, and the one while the receiver is down.
    package var probeSpan = TimeSpan(seconds: 60)
    /// How long an alert may wait; nil: for ever.
    package var giveUpSpan: TimeSpan? = TimeSpan(seconds: 86_400)
    /// How long it may still go on when the node stops; nil: until everything is sent.
    package var stopSpan: TimeSpan? = TimeSpan(seconds: 5)

    package init() {}

    /// Of sinks that are on this machine: nothing is ever given up.
    package static var local: DeliveryOptions {
        var options = DeliveryOptions()
        options.retrySpan = TimeSpan(milliseconds: 100)
        options.probeSpan = TimeSpan(seconds: 30)
        options.giveUpSpan = nil
        options.stopSpan = nil
        return options
    }
}

/// How standard output shows alerts.
package enum StandardOutputForm: String, CaseIterable, Sendable {
    /// For people on a terminal, and a JSON object a line elsewhere.
    case automatic = "auto"
    case human
    case jsonLines = "jsonl"
}

/// Standard output where it is a terminal.
package struct OutputTerminal: Hashable, Sendable {
    package var isColoured: Bool

    package init(isColoured: Bool) { self.isColoured = isColoured }
}

package struct FileSinkOptions: Hashable, Sendable {
    package var path: String
    /// The length at which a new file is begun; nil: none.
    package var rotateByteCount: Int64?
    /// The span, counted from 1970, after each of which a new file is begun; nil: none.
    package var rotateSpan: TimeSpan?
    /// Files before the present one that are kept; nil: all.
    package var keptCount: Int?
    package var sync = SyncPolicy.interval

    package init(path: String) { self.path = path }
}

package struct WebhookOptions: Hashable, Sendable {
    /// What the body of a request is.
    package enum Preset: String, CaseIterable, Sendable {
        /// The alert as it is.
        case json
        case slack
        case pagerduty
    }

    package struct Header: Hashable, Sendable, CustomStringConvertible {
        package var name: String
        /// Never printed: it may be a token.
        package var value: String

        package var description: String { "\(name): (secret)" }

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package var url: Secret
    package var method = "POST"
    package var preset = Preset.json
    /// A Mustache template of the body, in the place of a preset.
    package var template: String?
    package var contentType = "application/json"
    package var headers: [Header] = []
    /// What PagerDuty knows the service by.
    package var routingKey: Secret?
    /// The key of the signature; nil: requests are not signed.
    package var signingSecret: Secret?
    /// Alerts in one request; more than one are a JSON array.
    package var batchCount = 1
    /// Certificates to trust beside those of the system.
    package var trustPath: String?

    package init(url: Secret) { self.url = url }
}

package struct AlertmanagerOptions: Hashable, Sendable {
    package var url: Secret
    /// How often what is open is said again.
    package var repeatSpan = TimeSpan(seconds: 60)
    /// How long an alert that nothing resolves counts as open.
    package var resolveSpan = TimeSpan(seconds: 300)
    package var headers: [WebhookOptions.Header] = []
    package var generatorURL: String?
    package var trustPath: String?

    package init(url: Secret) { self.url = url }
}

package struct MailOptions: Hashable, Sendable {
    /// How the connection is encrypted.
    package enum Encryption: String, CaseIterable, Sendable {
        case startTLS = "starttls"
        case tls
        case none
    }

    package var host: String
    package var port = 587
    package var encryption = Encryption.startTLS
    package var user: String?
    package var password: Secret?
    package var sender: String
    package var recipients: [String]
    /// A Mustache template of the subject.
    package var subject: String?
    /// A Mustache template of the text.
    package var template: String?
    package var trustPath: String?

    package init(host: String, sender: String, recipients: [String]) {
        self.host = host
        self.sender = sender
        self.recipients = recipients
    }
}
