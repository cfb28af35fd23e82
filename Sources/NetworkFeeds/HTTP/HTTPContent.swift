// SPDX-License-Identifier: Apache-2.0
// Exercised by HTTPBodyTests.

internal import Connectors
internal import HTTPTypes

/// How the records of a body are told from each other.
enum HTTPContent: Hashable, Sendable {
    /// By their lines; an array where one begins the body.
    case linesOrArray
    case lines
    /// By their lines, of which the first names the cells.
    case rows
    /// As JSON texts, over any number of lines.
    case json

    /// Nil: a type that is not taken by feeds of a format.
    init?(contentType: String?, _ format: FeedFormat) {
        let isJSON = format == .jsonLines
        let text = (contentType ?? "").prefix { $0 != ";" }.lowercased()
        let type = text.split(separator: " ").joined()
        switch type {
        case "", "text/plain", "application/octet-stream":
            self = isJSON ? .linesOrArray : format == .csv ? .rows : .lines
        case "text/csv":
            guard format == .csv else { return nil }
            self = .rows
        case "application/x-ndjson", "application/ndjson", "application/jsonl",
            "application/jsonlines", "application/x-jsonlines":
            guard isJSON else { return nil }
            self = .linesOrArray
        case "application/json":
            guard isJSON else { return nil }
            self = .json
        default:
            guard isJSON, type.hasPrefix("application/"), type.hasSuffix("+json") else {
                return nil
            }
            self = .json
        }
    }

    /// The records of a body as lines, and how many they are without the blank ones.
    func lines(of body: [UInt8]) throws(HTTPAnswer) -> (lines: [UInt8], count: Int) {
        if self == .json || self == .linesOrArray && JSONElements.isArray(body) {
            do throws(JSONElements.Problem) {
                return try JSONElements.cut(body)
            } catch {
                throw .refused(
                    .badRequest, "the body is no JSON: at byte \(error.offset) \(error.message)",
                    closes: false)
            }
        }
        var count = 0
        var isBlank = true
        for byte in body {
            if byte == 0x0a {
                isBlank = true
            } else if isBlank, byte != 0x20, byte != 0x0d, byte != 0x09 {
                isBlank = false
                count += 1
            }
        }
        if self == .rows, count > 0 { count -= 1 }
        return (body.last == 0x0a || body.isEmpty ? body : body + [0x0a], count)
    }
}
