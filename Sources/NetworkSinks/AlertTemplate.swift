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

    /// Sections inside of each other, at most: each costs the parser a good piece of its stack.
    private static let sectionCap = 100

    private static let jsonName = "MARTLET_JSON"
    private static let registration: Void = MustacheContentTypes.register(
        JSONTextType(), named: jsonName)

    /// - Throws: `sink` where the template has mistakes.
    init(_ text: String, _ escaping: Escaping, ofSink name: String) throws(StateError) {
        AlertTemplate.registration
        if AlertTemplate.depth(text) > AlertTemplate.sectionCap {
            throw .sink(
                name,
                reason: "the template has more than \(AlertTemplate.sectionCap) sections inside of "
                    + "each other")
        }
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

    /// Sections that are open at once, at most. Where the template changes its delimiters every
    /// sign that may begin a section counts as one that stays open.
    private static func depth(_ text: String) -> Int {
        let bytes = Array(text.utf8)
        let signs = Set("#^$<".utf8)
        let changesDelimiters = zip(bytes, bytes.dropFirst()).contains {
            $0 == UInt8(ascii: "{") && $1 == UInt8(ascii: "=")
        }
        if changesDelimiters { return bytes.count { signs.contains($0) } }
        var (depth, deepest) = (0, 0)
        for (brace, sign) in zip(bytes, bytes.dropFirst()) where brace == UInt8(ascii: "{") {
            if signs.contains(sign) { depth += 1 }
            if sign == UInt8(ascii: "/") { depth -= 1 }
            deepest = max(deepest, depth)
        }
        return deepest
    }

    private static func context(_ alert: AlertContent) -> TemplateObject {
        var context = TemplateObject()
        for member in alert.root.members {
            if let value = plain(member.value) { context.add(member.name, value) }
        }
        context.add("key_text", alert.keyText)
        context.add("key_list", list(alert.key))
        context.add("label_list", list(alert.labels))
        context.add("field_list", list(alert.fields))
        context.add("is_resolved", alert.isResolved)
        context.add("is_open", alert.status == "open")
        return context
    }

    private static func list(_ members: [JSONValue.Member]) -> [TemplateObject] {
        members.map { member in
            var object = TemplateObject()
            object.add("name", member.name)
            object.add("value", member.value.displayText)
            return object
        }
    }

    /// Nil: there is nothing to show.
    private static func plain(_ value: JSONValue) -> Any? {
        switch value {
        case .null: return nil
        case .bool(let value): return value
        case .number(let text), .string(let text): return text
        case .array(let elements): return elements.compactMap(plain)
        case .object(let members):
            var object = TemplateObject()
            for member in members {
                if let value = plain(member.value) { object.add(member.name, value) }
            }
            return object
        }
    }
}

/// An object as templates see it: as a text too it is the same each time.
private struct TemplateObject: MustacheParent, CustomStringConvertible {
    private var members: [(name: String, value: Any)] = []

    mutating func add(_ name: String, _ value: Any) { members.append((name, value)) }

    /// The last one of a name counts.
    func child(named name: String) -> Any? { members.last { $0.name == name }?.value }

    var description: String {
        "[" + members.map { "\($0.name): \($0.value)" }.joined(separator: ", ") + "]"
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
