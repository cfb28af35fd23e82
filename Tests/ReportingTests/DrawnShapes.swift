// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationXML
import Testing

@testable import Reporting

/// Where texts and lines of a drawing are.
final class DrawnShapes: NSObject, XMLParserDelegate {
    private struct Box {
        var text = ""
        var left = 0.0
        var right = 0.0
        var top = 0.0
        var bottom = 0.0

        func meets(_ other: Box) -> Bool {
            left < other.right && other.left < right && top < other.bottom && other.top < bottom
        }
    }

    private var group = 0
    private var width = 0.0
    private var texts: [Box] = []
    private var lines: [Box] = []
    private var inText = false
    private var inTitle = false
    private var rules: [(texts: Range<Int>, lines: Range<Int>)] = []

    init(_ drawing: String) throws {
        super.init()
        let parser = XMLParser(data: Data(drawing.utf8))
        parser.delegate = self
        let isWhole = parser.parse()
        try #require(isWhole, "line \(parser.lineNumber)")
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String]
    ) {
        switch name {
        case "svg": width = Double(attributes["width"] ?? "") ?? 0
        case "g": rules.append((texts.count..<texts.count, lines.count..<lines.count))
        case "title": inTitle = true
        case "text":
            inText = true
            let x = Double(attributes["x"] ?? "") ?? 0
            let y = Double(attributes["y"] ?? "") ?? 0
            texts.append(Box(left: x, right: x, top: y - 9, bottom: y + 2))
        case "path": addPath(attributes["d"] ?? "", attributes["class"] ?? "")
        default: break
        }
    }

    func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
        qualifiedName: String?
    ) {
        switch name {
        case "title": inTitle = false
        case "text":
            inText = false
            texts[texts.count - 1].right += Double(TextLines.width(texts[texts.count - 1].text))
        case "g":
            let last = rules.count - 1
            rules[last].texts = rules[last].texts.lowerBound..<texts.count
            rules[last].lines = rules[last].lines.lowerBound..<lines.count
        default: break
        }
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
        if inText, !inTitle { texts[texts.count - 1].text += text }
    }

    /// The straight parts; bends are small, and between two of them.
    private func addPath(_ d: String, _ style: String) {
        guard ["flow", "clock", "kill"].contains(style) else { return }
        var (x, y) = (0.0, 0.0)
        for match in d.matches(of: /([MVHQhvq])([-\d. ]*)/) {
            let numbers = match.output.2.split(separator: " ").compactMap { Double($0) }
            let before = (x, y)
            switch match.output.1 {
            case "M": (x, y) = (numbers[0], numbers[1])
            case "H": x = numbers[0]
            case "V": y = numbers[0]
            case "h": x += numbers[0]
            case "v": y += numbers[0]
            case "Q": (x, y) = (numbers[2], numbers[3])
            default: break
            }
            guard ["H", "V", "h", "v"].contains(match.output.1) else { continue }
            lines.append(
                Box(
                    text: d, left: min(before.0, x) - 0.5, right: max(before.0, x) + 0.5,
                    top: min(before.1, y) - 0.5, bottom: max(before.1, y) + 0.5))
        }
    }

    func expectLegible(_ name: String) throws {
        try #require(!rules.isEmpty && texts.count > 3 && lines.count > 1)
        for rule in rules {
            for (index, text) in texts[rule.texts].enumerated() {
                #expect(text.right <= width, "\(name): \(text.text) ends outside")
                for other in texts[rule.texts].dropFirst(index + 1) {
                    #expect(!text.meets(other), "\(name): \(text.text) on \(other.text)")
                }
                for line in lines[rule.lines] {
                    #expect(!text.meets(line), "\(name): \(line.text) through \(text.text)")
                }
            }
        }
    }
}
