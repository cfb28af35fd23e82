// SPDX-License-Identifier: Apache-2.0
// Exercised by OpenAPITests.

internal import Connectors

/// The document that describes the API to programs, made from its routes.
enum OpenAPI {
    static func document(_ routes: [AdminRoute], version: String) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.pair("openapi", "3.1.0")
        json.key("info")
        json.beginObject()
        json.pair("title", "Martlet admin API")
        json.pair("summary", "How a running service stands, what it found, and what it holds.")
        json.pair("version", version)
        json.key("license")
        json.beginObject()
        json.pair("name", "Apache-2.0")
        json.pair("identifier", "Apache-2.0")
        json.endObject()
        json.endObject()
        json.key("paths")
        json.beginObject()
        for pattern in patterns(routes) {
            json.key(pattern)
            json.beginObject()
            for route in routes where route.pattern == pattern { operation(route, to: &json) }
            json.endObject()
        }
        json.endObject()
        json.key("components")
        json.beginObject()
        json.key("securitySchemes")
        json.raw(json: #"{"token":{"type":"http","scheme":"bearer"}}"#.utf8.span)
        json.key("schemas")
        json.raw(json: OpenAPISchemas.text.utf8.span)
        json.endObject()
        json.endObject()
        return json.bytes + [0x0a]
    }

    /// Each once, in the order of the routes.
    private static func patterns(_ routes: [AdminRoute]) -> [String] {
        var patterns: [String] = []
        for route in routes where !patterns.contains(route.pattern) {
            patterns.append(route.pattern)
        }
        return patterns
    }

    private static func operation(_ route: AdminRoute, to json: inout JSONWriter) {
        json.key(route.method.rawValue)
        json.beginObject()
        json.pair("operationId", route.operation)
        json.pair("summary", route.summary)
        if route.need != .nothing {
            json.key("security")
            json.beginArray()
            // On the machine itself who looks needs none.
            if route.need == .look { json.raw(json: "{}".utf8.span) }
            json.raw(json: #"{"token":[]}"#.utf8.span)
            json.endArray()
        }
        parameters(route, to: &json)
        if let body = route.body { self.body(body, to: &json) }
        json.key("responses")
        json.beginObject()
        json.key("200")
        json.beginObject()
        json.pair("description", "All is well.")
        json.key("content")
        json.beginObject()
        content(route.content, to: &json)
        json.endObject()
        json.endObject()
        json.key("default")
        json.raw(
            json: """
                {"description":"What stands in the way.","content":{"application/problem+json":\
                {"schema":{"$ref":"#/components/schemas/Problem"}}}}
                """.utf8.span)
        json.endObject()
        json.endObject()
    }

    private static func body(_ body: AdminRoute.Body, to json: inout JSONWriter) {
        json.key("requestBody")
        json.beginObject()
        json.pair("description", body.summary)
        json.key("required")
        json.bool(true)
        json.key("content")
        json.beginObject()
        content(body.content, to: &json)
        json.endObject()
        json.endObject()
    }

    private static func parameters(_ route: AdminRoute, to json: inout JSONWriter) {
        if route.places.isEmpty, route.parameters.isEmpty { return }
        json.key("parameters")
        json.beginArray()
        for place in route.places {
            json.beginObject()
            json.pair("name", place.name)
            json.pair("in", "path")
            json.key("required")
            json.bool(true)
            json.pair("description", place.summary)
            json.key("schema")
            json.raw(json: #"{"type":"string"}"#.utf8.span)
            json.endObject()
        }
        for parameter in route.parameters {
            json.beginObject()
            json.pair("name", parameter.name)
            json.pair("in", "query")
            json.key("required")
            json.bool(parameter.isRequired)
            json.pair("description", parameter.summary)
            json.key("schema")
            schema(parameter, to: &json)
            json.endObject()
        }
        json.endArray()
    }

    private static func schema(_ parameter: AdminRoute.Parameter, to json: inout JSONWriter) {
        if parameter.isRepeated {
            json.beginObject()
            json.pair("type", "array")
            json.key("items")
        }
        json.beginObject()
        switch parameter.kind {
        case .text: json.pair("type", "string")
        case .integer(let range):
            json.pair("type", "integer")
            json.pair("minimum", range.lowerBound)
            json.pair("maximum", range.upperBound)
        case .word(let words):
            json.pair("type", "string")
            json.key("enum")
            json.beginArray()
            for word in words { json.string(word) }
            json.endArray()
        }
        json.endObject()
        if parameter.isRepeated { json.endObject() }
    }

    private static func content(_ content: AdminRoute.Content, to json: inout JSONWriter) {
        json.key(content.type)
        json.beginObject()
        json.key("schema")
        if case .json(let name) = content {
            json.beginObject()
            json.pair("$ref", "#/components/schemas/\(name)")
            json.endObject()
        } else {
            json.raw(json: #"{"type":"string"}"#.utf8.span)
        }
        json.endObject()
    }
}

extension AdminRoute.Content {
    /// The type by which it goes.
    var type: String {
        switch self {
        case .text, .metrics: "text/plain"
        case .html: "text/html"
        case .css: "text/css"
        case .script: "text/javascript"
        case .svg: "image/svg+xml"
        case .json: "application/json"
        case .events: "text/event-stream"
        }
    }
}

extension AdminRoute {
    /// `get_api_v1_rules_name`.
    var operation: String {
        let words = pattern.split(separator: "/").map { part in
            String(part.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        }
        return ([method.rawValue] + words).joined(separator: "_")
    }
}
