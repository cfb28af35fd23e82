// SPDX-License-Identifier: Apache-2.0
// Exercised by ConfigurationReferenceTests.

internal import Connectors

/// What a configuration may hold, for people and for editors; both made from the declarations.
package enum ConfigurationReference {
    // MARK: For people

    /// The tables of the page of the reference.
    package static var markdown: String {
        var text = section(ConfigurationSections.topLevel, "## The top level")
        for declaration in ConfigurationSections.named {
            text += section(declaration, "## `\(declaration.name)`")
        }
        text += "## Feeds\n\nUnder `feeds` each feed has a name, a `type` and its options.\n\n"
        for feed in ConfigurationSections.feeds {
            text += section(feed, "### `type: \(feed.name)`")
        }
        text += "## Sinks\n\nUnder `sinks` each sink has a name, a `type` and its options; "
        text += "without any, alerts go to\nstandard output.\n\n"
        for sink in ConfigurationSections.sinks {
            text += section(sink, "### `type: \(sink.name)`")
        }
        text += section(ConfigurationSections.route, "## Routes")
        return text
    }

    private static func section(_ section: SectionDeclaration, _ heading: String) -> String {
        var text = "\(heading)\n\n\(section.summary).\n\n"
        if section.options.isEmpty { return text }
        text += "| Option | Value | Default | |\n|---|---|---|---|\n"
        for option in section.options {
            let standard = option.isRequired ? "required" : option.defaultText.map { "`\($0)`" }
            text += "| `\(option.name)` | \(option.kind.expectation) | \(standard ?? "") "
            text += "| \(option.summary) |\n"
        }
        return text + "\n"
    }

    // MARK: For editors

    /// A JSON Schema (draft 2020-12) of a configuration.
    package static var schema: String {
        var json = JSONWriter()
        json.beginObject()
        json.pair("$schema", "https://json-schema.org/draft/2020-12/schema")
        json.pair("title", "Martlet configuration")
        json.pair("description", ConfigurationSections.topLevel.summary)
        json.pair("type", "object")
        json.key("properties")
        json.beginObject()
        for option in ConfigurationSections.topLevel.options { property(option, to: &json) }
        for declaration in ConfigurationSections.named {
            json.key(declaration.name)
            object(declaration, type: nil, to: &json)
        }
        connectors("feeds", ConfigurationSections.feeds, to: &json)
        connectors("sinks", ConfigurationSections.sinks, to: &json)
        json.key("routes")
        json.beginObject()
        json.pair("type", "array")
        json.key("items")
        object(ConfigurationSections.route, type: nil, to: &json)
        json.endObject()
        json.endObject()
        end(ConfigurationSections.topLevel, ["feeds"], to: &json)
        return String(decoding: json.bytes, as: UTF8.self) + "\n"
    }

    private static func connectors(
        _ name: String, _ declarations: [SectionDeclaration], to json: inout JSONWriter
    ) {
        json.key(name)
        json.beginObject()
        json.pair("type", "object")
        json.key("additionalProperties")
        json.beginObject()
        json.key("oneOf")
        json.beginArray()
        for declaration in declarations {
            object(declaration, type: declaration.name, to: &json)
        }
        json.endArray()
        json.endObject()
        json.endObject()
    }

    private static func object(
        _ section: SectionDeclaration, type: String?, to json: inout JSONWriter
    ) {
        json.beginObject()
        json.pair("description", section.summary)
        json.pair("type", "object")
        json.key("properties")
        json.beginObject()
        if let type {
            json.key("type")
            json.beginObject()
            json.pair("const", type)
            json.endObject()
        }
        for option in section.options { property(option, to: &json) }
        json.endObject()
        end(section, type == nil ? [] : ["type"], to: &json)
    }

    /// Ends an object that has no other options than its declared ones.
    private static func end(
        _ section: SectionDeclaration, _ more: [String], to json: inout JSONWriter
    ) {
        json.key("required")
        json.beginArray()
        for name in more + section.options.filter(\.isRequired).map(\.name) { json.string(name) }
        json.endArray()
        json.key("additionalProperties")
        json.bool(false)
        json.endObject()
    }

    private static func property(_ option: OptionDeclaration, to json: inout JSONWriter) {
        json.key(option.name)
        json.beginObject()
        json.pair("description", option.summary)
        switch option.kind {
        case .text, .secret, .path, .duration, .size, .address: json.pair("type", "string")
        case .namedTexts:
            json.pair("type", "object")
            json.key("additionalProperties")
            json.beginObject()
            json.pair("type", "string")
            json.endObject()
        case .paths, .texts:
            json.key("type")
            json.beginArray()
            json.string("string")
            json.string("array")
            json.endArray()
            json.key("items")
            json.beginObject()
            json.pair("type", "string")
            json.endObject()
        case .boolean: json.pair("type", "boolean")
        case .integer(let range):
            json.pair("type", "integer")
            json.key("minimum")
            json.int(Int64(range.lowerBound))
            json.key("maximum")
            json.int(Int64(range.upperBound))
        case .choice(let words):
            json.key("enum")
            json.beginArray()
            for word in words { json.string(word) }
            json.endArray()
        }
        if let text = option.defaultText {
            switch OptionValue(text, as: option.kind) {
            case .boolean(let flag):
                json.key("default")
                json.bool(flag)
            case .integer(let number) where option.kind.isCount:
                json.key("default")
                json.int(Int64(number))
            default: json.pair("default", text)
            }
        }
        json.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func pair(_ key: String, _ text: String) {
        self.key(key)
        string(text)
    }
}
