// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationXML
import Testing

/// What a parser of XML makes of a page or drawing.
final class WellFormed: NSObject, XMLParserDelegate {
    private(set) var elements: [String: Int] = [:]
    private(set) var classes: [String: Int] = [:]
    private(set) var ids: [String] = []
    private(set) var links: [String] = []
    private(set) var texts: [String] = []
    private(set) var problem: String?

    /// - Throws: where the text is not well formed.
    init(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        super.init()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = self
        let isWhole = parser.parse()
        try #require(
            isWhole, "\(parser.parserError.map { "\($0)" } ?? "") line \(parser.lineNumber)",
            sourceLocation: sourceLocation)
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String]
    ) {
        elements[name, default: 0] += 1
        if let style = attributes["class"] { classes[style, default: 0] += 1 }
        if let id = attributes["id"] { ids.append(id) }
        if let link = attributes["href"] { links.append(link) }
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) { texts.append(text) }

    /// Links into the page that lead nowhere.
    var brokenLinks: [String] { links.filter { !ids.contains(String($0.dropFirst())) } }
}
