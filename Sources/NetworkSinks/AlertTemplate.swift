// SPDX-License-Identifier: Apache-2.0
// Exercised by WebhookBodyTests.

internal import Connectors
internal import Live
internal import Mustache

/// A Mustache template over the members of an alert.
///
/// Beside them there are `key_text`, `key_list`, `label_list` and `field_list` (entries with `name`
/// and `value`), `is_resolved` and `is_open`.
struct AlertTemplate: Sendable {
    /// How values are written into the text.
    enum Escaping {
        /// Inside the quotes of a JSON text.
        case json
        /// As they are.
        case text
    }

    private let template: MustacheTemplate

    private static let jsonName = "MARTLET_JSON"
    private static let registration: Void = MustacheContentTypes.register(
        JSONTextType(), named: jsonName)

    /// - Throws: `sink` where the template has mistakes.
    init(_ text: String, _ escaping: Escaping, ofSink name: String) throws(StateError) {
        AlertTemplate.registration
        let type = escaping == .json ? AlertTemplate.jsonName : "TEXT"
        do {
            template = try MustacheTemplate(string: "{{% CONTENT_TYPE:\(type)}}\(text)")
        } catch let error as MustacheTemplate.ParserError {
            throw .sink(
                name,
                reason: "the template has a mistake in line \(error.context.lineNumber): "
                    + "\(error.error)")
        } catch {
            throw .sink(name, reason: "the template has a mistake: \(error)")
        }
    }

    func text(of alert: AlertContent) -> String { template.render(AlertTemplate.context(alert)) }

    private static func context(_ alert: AlertContent) -> [String: Any] {
        var context: [String: Any] = [:]
        for member in alert.root.members {
            if let value = plain(member.value) { context[member.name] = value }
        }
        context["key_text"] = alert.keyText
        context["key_list"] = list(alert.key)
        context["label_list"] = list(alert.labels)
        context["field_list"] = list(alert.fields)
        context["is_resolved"] = alert.isResolved
        context["is_open"] = alert.status == "open"
        return context
    }

    private static func list(_ members: [JSONValue.Member]) -> [[String: Any]] {
        members.map { ["name": $0.name, "value": $0.value.displayText] }
    }

    /// Nil: there is nothing to show.
    private static func plain(_ value: JSONValue) -> Any? {
        switch value {
        case .null: return nil
        case .bool(let value): return value
        case .number(let text), .string(let text): return text
        case .array(let elements): return elements.compactMap(plain)
        case .object(let members):
            var object: [String: Any] = [:]
            for member in members {
                if let value = plain(member.value) { object[member.name] = value }
            }
            return object
        }
    }
}

/// What may stand inside the quotes of a JSON text.
private struct JSONTextType: MustacheContentType {
    func escapeText(_ text: String) -> String {
        var bytes: [UInt8] = []
        JSONWriter.append(string: text.utf8.span, to: &bytes)
        return String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)
    }
}

extension AlertContent {
    /// An alert by which templates are tried before they are needed.
    static let sample = AlertContent(
        StoredAlert(
            number: 1,
            json: """
                {"id":"00000000000000000000000000000000","rule":"sample","severity":"high",\
                "tags":["T1110"],"labels":{"team":"blue"},"key":{"user":"ann"},\
                "start":"2027-01-31T12:00:00.000Z","end":"2027-01-31T12:00:20.500Z",\
                "status":"open","resolved_at":null,"suppressed":0,"title":"a \\"sample\\"",\
                "fields":{"n":5},"events":{"_1":[{"type":"login"}]},"event_ids":["in.jsonl:1"]}
                """), withEvents: true)
}
