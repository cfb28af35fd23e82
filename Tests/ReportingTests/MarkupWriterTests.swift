// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Reporting

@Suite struct MarkupWriterTests {
    @Test(arguments: [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\" onload='x' & more", "&quot; onload=&#39;x&#39; &amp; more"),
        ("nul \u{0} and \u{1b}[31m", "nul \u{fffd} and \u{fffd}[31m"),
        ("\u{ffff}\r", "\u{fffd}\u{fffd}"),
        ("zwölf 😀 \u{202e}", "zwölf 😀 \u{202e}"),
    ])
    func valuesCannotBecomeMarkup(value: String, escaped: String) {
        let markup = Markup { $0.element("a", ["title": value], text: value) }
        #expect(markup.text == "<a title=\"\(escaped)\">\(escaped)</a>")
    }

    @Test func linesOfAnAttributeStayLines() {
        let markup = Markup { $0.element("span", ["title": "a\n\tb"], text: "a\n\tb") }
        #expect(markup.text == "<span title=\"a&#10;&#9;b\">a\n\tb</span>")
    }

    @Test func onlyWhatHTMLClosesByItselfIsClosedInPlace() {
        let markup = Markup {
            $0.element("br")
            $0.element("span")
            $0.element("circle", ["r": "4", "class": nil])
        }
        #expect(markup.text == "<br/><span></span><circle r=\"4\"/>\n")
    }
}
