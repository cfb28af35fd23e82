// SPDX-License-Identifier: Apache-2.0
// Exercised by MarkupWriterTests.

/// HTML or SVG that is whole and escaped; only a `MarkupWriter` makes it.
package struct Markup: Hashable, Sendable {
    package let text: String

    fileprivate init(_ text: String) { self.text = text }

    /// Markup that `write` makes.
    package init(_ write: (inout MarkupWriter) -> Void) {
        var writer = MarkupWriter()
        write(&writer)
        self = writer.markup
    }
}

/// Writes markup that is HTML and well-formed XML at the same time.
///
/// Texts and the values of attributes may be anything: they are escaped here, and nowhere else, so
/// a value of an event can never become markup. The names of elements and attributes are ours.
package struct MarkupWriter: Sendable {
    /// Nil: the attribute is left out.
    package typealias Attributes = KeyValuePairs<String, String?>

    private var text = ""

    package init() {}

    package var markup: Markup { Markup(text) }

    /// Appends an element with what `content` writes inside it.
    package mutating func element(
        _ name: String, _ attributes: Attributes = [:], _ content: (inout MarkupWriter) -> Void
    ) {
        open(name, attributes)
        text += ">"
        content(&self)
        text += "</\(name)>"
        if MarkupWriter.blocks.contains(name) { text += "\n" }
    }

    /// Appends an element that holds a text.
    package mutating func element(
        _ name: String, _ attributes: Attributes = [:], text: String
    ) {
        element(name, attributes) { $0.write(text) }
    }

    /// Appends an element with nothing inside.
    package mutating func element(_ name: String, _ attributes: Attributes = [:]) {
        guard MarkupWriter.selfClosing.contains(name) else {
            return element(name, attributes) { _ in }
        }
        open(name, attributes)
        text += "/>"
        if MarkupWriter.blocks.contains(name) { text += "\n" }
    }

    private mutating func open(_ name: String, _ attributes: Attributes) {
        text += "<\(name)"
        for (name, value) in attributes {
            guard let value else { continue }
            text += " \(name)=\""
            MarkupWriter.append(value, to: &text, isAttribute: true)
            text += "\""
        }
    }

    /// Appends a text, escaped.
    package mutating func write(_ text: String) { MarkupWriter.append(text, to: &self.text) }

    package mutating func append(_ markup: Markup) { text += markup.text }

    /// Appends a style sheet or a script.
    ///
    /// - Precondition: `code` is ours and constant, and holds neither `<` nor `&`: HTML takes it
    ///   as it stands, and XML does not.
    package mutating func code(_ element: String, _ code: String) {
        precondition(!code.utf8.contains(0x3c) && !code.utf8.contains(0x26), "code is plain")
        text += "<\(element)>\n\(code)\n</\(element)>\n"
    }

    package mutating func newline() { text += "\n" }

    /// The document's first line in HTML.
    package mutating func doctype() { text += "<!DOCTYPE html>\n" }

    /// HTML closes nothing else by itself; SVG's shapes are never filled.
    private static let selfClosing: Set = [
        "meta", "br", "hr", "img", "link", "col", "input",
        "path", "rect", "line", "circle", "ellipse", "polyline", "polygon", "use", "stop",
    ]

    /// A line ends behind these, for who reads the source; it is no text of theirs.
    private static let blocks: Set = [
        "html", "head", "body", "meta", "header", "main", "footer", "nav", "section",
        "article", "h1", "h2", "h3", "p", "ul", "ol", "li", "dl", "div", "table", "thead", "tbody",
        "tr", "details", "summary", "figure", "figcaption", "caption", "svg", "g", "path", "rect",
        "line", "circle", "polyline", "polygon", "defs", "marker", "pre",
    ]

    /// Appends `value` for the inside of an element or, between quotes, of an attribute; what XML
    /// 1.0 cannot hold is replaced.
    static func append(_ value: String, to text: inout String, isAttribute: Bool = false) {
        for scalar in value.unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            case "\n", "\t":
                if isAttribute {
                    text += "&#\(scalar.value);"
                } else {
                    text.unicodeScalars.append(scalar)
                }
            case "\u{0}"..<"\u{20}", "\u{fffe}", "\u{ffff}": text += "\u{fffd}"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
