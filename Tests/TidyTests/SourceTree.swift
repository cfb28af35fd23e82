// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The files of the repository, as the tests of its style read them.
enum SourceTree {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A file with what is in it.
    struct File: Sendable {
        /// From the repository's root.
        let path: String
        let text: String

        /// `Engine` for `Sources/Engine/…`.
        var target: String { String(path.split(separator: "/").dropFirst().first ?? "") }
        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
        /// The text without comments and without what stands in texts; every line keeps its number.
        var code: String { SourceTree.codes[path] ?? CodeText.withoutTextsAndComments(text) }
    }

    /// The files below `folder` whose names end in one of `suffixes`, in order.
    static func files(in folder: String, _ suffixes: String...) -> [File] {
        names(in: folder).filter { name in suffixes.contains { name.hasSuffix($0) } }.map { name in
            let data = FileManager.default.contents(atPath: root.appending(path: name).path)
            return File(path: name, text: String(decoding: data ?? Data(), as: UTF8.self))
        }
    }

    /// The paths of all files below `folder`, in order, without what is hidden.
    static func names(in folder: String) -> [String] {
        let start = root.appending(path: folder).path
        let found = FileManager.default.enumerator(atPath: start)?.allObjects as? [String] ?? []
        return found.filter { name in
            let path = "\(start)/\(name)"
            let type = try? FileManager.default.attributesOfItem(atPath: path)[.type]
            return !name.split(separator: "/").contains { $0.hasPrefix(".") }
                && type as? FileAttributeType == .typeRegular
        }.map { "\(folder)/\($0)" }.sorted()
    }

    static let sources = files(in: "Sources", ".swift")
    static let tests = files(in: "Tests", ".swift")

    /// Of the sources, by path: made once, which takes longer than to look through them.
    private static let codes = [String: String](
        uniqueKeysWithValues: sources.map { ($0.path, CodeText.withoutTextsAndComments($0.text)) })
}

/// Swift code without what is not code.
enum CodeText {
    /// The code with comments and the insides of texts as blanks; every line keeps its number. What
    /// is interpolated into a text counts as its inside.
    static func withoutTextsAndComments(_ text: String) -> String {
        var bytes = Array(text.utf8)
        var place = 0
        while place < bytes.count {
            let end =
                if bytes[place] == slash, starts("//", bytes, place) {
                    bytes[place...].firstIndex(of: newline) ?? bytes.count
                } else if bytes[place] == slash, starts("/*", bytes, place) {
                    endOfComment(bytes, place)
                } else if bytes[place] == quote {
                    endOfText(bytes, place)
                } else {
                    place
                }
            if end == place {
                place += 1
                continue
            }
            for i in place..<end where bytes[i] != newline { bytes[i] = blank }
            place = end
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let newline = UInt8(ascii: "\n")
    private static let quote = UInt8(ascii: "\"")
    private static let slash = UInt8(ascii: "/")
    private static let blank = UInt8(ascii: " ")

    private static func starts(_ word: StaticString, _ bytes: [UInt8], _ place: Int) -> Bool {
        bytes[place...].starts(with: "\(word)".utf8)
    }

    private static func endOfComment(_ bytes: [UInt8], _ start: Int) -> Int {
        var place = start + 2
        while place < bytes.count, !starts("*/", bytes, place) { place += 1 }
        return min(place + 2, bytes.count)
    }

    /// The place behind a text, which may be raw or of several lines.
    private static func endOfText(_ bytes: [UInt8], _ start: Int) -> Int {
        var hashes = 0
        while start - hashes > 0, bytes[start - hashes - 1] == UInt8(ascii: "#") { hashes += 1 }
        let isLong = starts("\"\"\"", bytes, start)
        let mark = [UInt8](repeating: quote, count: isLong ? 3 : 1)
        let closing = mark + [UInt8](repeating: UInt8(ascii: "#"), count: hashes)
        let escape = [UInt8(ascii: "\\")] + [UInt8](repeating: UInt8(ascii: "#"), count: hashes)
        var place = start + mark.count
        while place < bytes.count {
            if bytes[place...].starts(with: escape) {
                place += escape.count
                if place < bytes.count, bytes[place] == UInt8(ascii: "(") {
                    place = endOfInterpolation(bytes, place)
                } else {
                    place += 1
                }
            } else if bytes[place...].starts(with: closing) {
                return place + closing.count
            } else {
                place += 1
            }
        }
        return bytes.count
    }

    /// The place behind the parenthesis that closes the one at `start`.
    private static func endOfInterpolation(_ bytes: [UInt8], _ start: Int) -> Int {
        var depth = 0
        var place = start
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            case quote:
                place = endOfText(bytes, place)
                continue
            default: break
            }
            place += 1
            if depth == 0 { return place }
        }
        return bytes.count
    }

    /// A function with the number of its lines, from its name to its last brace.
    struct Function: Hashable {
        var name: String
        var lineCount: Int
    }

    /// The functions and initialisers with bodies of code without texts and comments.
    static func functions(in code: String) -> [Function] {
        let bytes = Array(code.utf8)
        return code.matches(of: /\b(?:func\s+([^\s(<]+)|(init)[?]?)\s*[(<]/).compactMap { match in
            let start = code.utf8.distance(from: code.startIndex, to: match.range.lowerBound)
            guard let body = body(in: bytes, from: start) else { return nil }
            let lines = bytes[start..<body].count { $0 == newline } + 1
            return Function(
                name: String(match.output.1 ?? match.output.2 ?? ""), lineCount: lines)
        }
    }

    /// The place behind the body of what is declared at `start`; nil where it has none.
    private static func body(in bytes: [UInt8], from start: Int) -> Int? {
        var depth = 0
        var braces = 0
        for place in start..<bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"):
                depth -= 1
                if depth < 0 { return nil }
            case UInt8(ascii: "{"): braces += 1
            case UInt8(ascii: "}"):
                braces -= 1
                if braces < 0 { return nil }
                if braces == 0, depth == 0 { return place + 1 }
            default: break
            }
        }
        return nil
    }
}
