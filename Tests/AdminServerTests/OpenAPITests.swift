// SPDX-License-Identifier: Apache-2.0

import Connectors
import Foundation
import Live
import Testing

@testable import AdminServer

@Suite struct OpenAPITests {
    /// What is wrong with a value by a schema of the document; nil: nothing is. Keywords that the
    /// document does not use are not known here.
    static func problem(
        _ value: JSONValue, _ schema: JSONValue, _ schemas: JSONValue, at place: String = "$"
    ) -> String? {
        if let reference = schema["$ref"]?.string {
            let name = String(reference.split(separator: "/").last ?? "")
            guard let target = schemas[name] else { return "\(place): no schema \(name)" }
            return problem(value, target, schemas, at: place)
        }
        let known: Set = [
            "type", "required", "properties", "additionalProperties", "items", "enum", "minimum",
            "format",
        ]
        for member in schema.members where !known.contains(member.name) {
            return "\(place): the keyword \(member.name) is not known"
        }
        if let type = schema["type"] {
            let types = type.string.map { [$0] } ?? type.elements.compactMap(\.string)
            if !types.contains(where: { isType(value, $0) }) { return "\(place) is no \(types)" }
        }
        if let words = schema["enum"]?.elements, !words.contains(value) {
            return "\(place) is \(value.json)"
        }
        if case .number(let text) = value, case .number(let least)? = schema["minimum"],
            (Double(text) ?? -.infinity) < (Double(least) ?? 0)
        {
            return "\(place) is \(text)"
        }
        for name in schema["required"]?.elements.compactMap(\.string) ?? []
        where value[name] == nil && isType(value, "object") {
            return "\(place) has no \(name)"
        }
        for member in value.members {
            if let inner = schema["properties"]?[member.name] {
                let place = "\(place).\(member.name)"
                if let problem = problem(member.value, inner, schemas, at: place) { return problem }
            } else if schema["additionalProperties"] == .bool(false) {
                return "\(place) has \(member.name)"
            }
        }
        guard let items = schema["items"] else { return nil }
        return value.elements.lazy.compactMap { problem($0, items, schemas, at: "\(place)[]") }
            .first
    }

    private static func isType(_ value: JSONValue, _ type: String) -> Bool {
        switch value {
        case .null: type == "null"
        case .bool: type == "boolean"
        case .number(let text): type == "number" || (type == "integer" && Int64(text) != nil)
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        }
    }

    /// Every route is in the document, and what it answers with is what the document says.
    @Test func everyAnswerIsAsTheDocumentSays() async throws {
        let running = try await RunningService.start()
        defer { running.end() }
        running.write(guesses(of: "ann", at: 0) + guesses(of: "bob", at: 5))
        running.write(
            line("login", 20, "\"user\":\"eve\",\"outcome\":\"fail\"")
                + line("beat", 21, "\"host\":\"h\""))
        try await running.wait { (running.service.control.status?.work.alerts ?? 0) == 2 }
        try await running.wait { (running.service.control.status?.feeds[0].lines ?? 0) == 8 }
        let text = try await running.ask("/api/v1/openapi.json").text
        let document = try #require(JSONValue(Array(text.utf8)))
        #expect(document["openapi"]?.string == "3.1.0")
        let schemas = try #require(document["components"]?["schemas"])
        var operations: Set<String> = []
        for path in try #require(document["paths"]).members {
            for operation in path.value.members {
                operations.insert("\(operation.name) \(path.name)")
            }
        }
        #expect(
            operations == Set(AdminRoutes.all.map { "\($0.method.rawValue) \($0.pattern)" }))
        for route in AdminRoutes.all {
            let operation = try #require(
                document["paths"]?[route.pattern]?[route.method.rawValue])
            let content = try #require(operation["responses"]?["200"]?["content"]?.members.first)
            if case .events = route.content { continue }
            let isPut = route.method == .put
            var path = route.pattern.replacing("{name}", with: isPut ? "r.martlet" : "guessed")
            if route.parameters.contains(where: \.isRequired) { path += "?version=1" }
            let body: String? =
                switch route.body?.content {
                case .json:
                    JSONValue.object([.init("r.martlet", .string(RunningService.rules))]).json
                case .some: RunningService.rules
                case nil: nil
                }
            let answer = try await running.ask(
                path, method: route.method.rawValue.uppercased(), token: RunningService.token,
                body: body)
            #expect(answer.status == 200, "\(path): \(answer.text)")
            let type = try #require(answer.headers["content-type"])
            #expect(type.split(separator: ";").first.map(String.init) == content.name)
            guard case .json = route.content else { continue }
            let value = try #require(JSONValue(Array(answer.text.utf8)))
            let schema = try #require(content.value["schema"])
            #expect(Self.problem(value, schema, schemas) == nil, "\(path)")
        }
    }

    @Test func aProblemIsAsTheDocumentSays() async throws {
        let running = try await RunningService.start()
        defer { running.end() }
        let answer = try await running.ask("/api/v1/rules/none/attempts")
        let value = try #require(JSONValue(Array(answer.text.utf8)))
        let schemas = try #require(JSONValue(Array(OpenAPISchemas.text.utf8)))
        #expect(Self.problem(value, try #require(schemas["Problem"]), schemas) == nil)
        #expect(Self.problem(.object([]), try #require(schemas["Problem"]), schemas) != nil)
    }
}
