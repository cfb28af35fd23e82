// SPDX-License-Identifier: Apache-2.0
// Exercised by AdminServerTests and OpenAPITests.

/// A route of the API, declared once: what serves it and the OpenAPI document come from this.
struct AdminRoute: Sendable {
    enum Method: String, Sendable { case get, post, put }

    /// What a caller may say in the query.
    struct Parameter: Sendable {
        enum Kind: Sendable {
            case text
            case integer(ClosedRange<Int>)
            case word([String])
        }

        var name: String
        var kind: Kind
        /// Whether it may be there more than once.
        var isRepeated = false
        var isRequired = false
        /// One sentence.
        var summary: String
    }

    /// What a caller has to send.
    struct Body: Sendable {
        var content: Content
        var byteCap: Int
        /// One sentence.
        var summary: String
    }

    /// What it answers with when all is well.
    enum Content: Sendable {
        case text
        case html
        case css
        case script
        case svg
        case metrics
        /// A JSON document of this schema.
        case json(String)
        /// Server-sent events.
        case events
    }

    var method: Method
    /// `/api/v1/rules/{name}`.
    var pattern: String
    var need: AdminAccess.Need
    /// One sentence.
    var summary: String
    var places: [(name: String, summary: String)] = []
    var parameters: [Parameter] = []
    /// Nil: what is sent is not looked at.
    var body: Body?
    var content: Content
    var answer: @Sendable (AdminRequest, AdminServices) async -> AdminAnswer

    private var parts: [Substring] { pattern.split(separator: "/") }

    /// What a path has in the places of the pattern; nil: it is not the route's.
    func match(_ path: [String]) -> [String: String]? {
        let parts = parts
        guard parts.count == path.count else { return nil }
        var places: [String: String] = [:]
        for (part, given) in zip(parts, path) {
            if part.hasPrefix("{") {
                places[String(part.dropFirst().dropLast())] = given
            } else if part != given {
                return nil
            }
        }
        return places
    }

    /// What is wrong with a query; nil: nothing is.
    func problem(_ request: AdminRequest) -> String? {
        for name in request.names where !parameters.contains(where: { $0.name == name }) {
            return "there is no parameter `\(name)`"
        }
        for parameter in parameters {
            let values = request.values(parameter.name)
            if values.isEmpty {
                if parameter.isRequired { return "the parameter `\(parameter.name)` is missing" }
                continue
            }
            if values.count > 1, !parameter.isRepeated {
                return "the parameter `\(parameter.name)` is there twice"
            }
            for value in values {
                if let problem = parameter.problem(value) { return problem }
            }
        }
        return nil
    }
}

extension AdminRoute.Parameter {
    fileprivate func problem(_ value: String) -> String? {
        switch kind {
        case .text: return nil
        case .integer(let range):
            guard let number = Int(value), range.contains(number) else {
                return "`\(name)` is no whole number from \(range.lowerBound) to "
                    + "\(range.upperBound)"
            }
            return nil
        case .word(let words):
            if words.contains(value) { return nil }
            return "`\(name)` is none of \(words.map { "`\($0)`" }.joined(separator: ", "))"
        }
    }
}
