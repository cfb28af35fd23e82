// SPDX-License-Identifier: Apache-2.0
// Exercised by PageTests.

/// A page that is one file: what it needs is in it, it asks the network for nothing, and it can be
/// read without its script.
package struct Page: Sendable {
    /// The part of a page under one heading.
    private struct Section: Sendable {
        var id: String
        var title: String
        var body: Markup
    }

    /// What sort of page it is: the small line above its title.
    package var kind: String
    package var title: String
    /// What stands under the title, in short.
    package var summary: Markup
    package var footer = ""
    private var sections: [Section] = []

    package init(kind: String, title: String, summary: Markup = Markup { _ in }) {
        self.kind = kind
        self.title = title
        self.summary = summary
    }

    /// Adds a part; `id` is what links to it name.
    package mutating func add(
        _ id: String, _ title: String, _ content: (inout MarkupWriter) -> Void
    ) {
        sections.append(Section(id: id, title: title, body: Markup(content)))
    }

    /// The whole document.
    package var html: String {
        var page = MarkupWriter()
        page.doctype()
        page.element("html", ["lang": "en", "xmlns": "http://www.w3.org/1999/xhtml"]) { html in
            html.newline()
            html.element("head", [:], writeHead)
            html.element("body") { body in
                body.newline()
                writeHeader(&body)
                body.element("main", ["id": "content"], writeSections)
                if !footer.isEmpty { body.element("footer", text: footer) }
                body.code("script", PageScript.text)
            }
        }
        return page.markup.text
    }

    private func writeHead(_ head: inout MarkupWriter) {
        head.newline()
        head.element("meta", ["charset": "utf-8"])
        head.element(
            "meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
        head.element("meta", ["name": "color-scheme", "content": "light dark"])
        // Nothing is fetched, whatever a value should manage to put here.
        head.element(
            "meta",
            [
                "http-equiv": "Content-Security-Policy",
                "content": "default-src 'none'; style-src 'unsafe-inline'; "
                    + "script-src '\(PageScript.source)'; base-uri 'none'; form-action 'none'",
            ])
        head.element("title", text: title == kind ? title : "\(kind): \(title)")
        head.newline()
        head.code("style", PageStyle.text)
    }

    private func writeHeader(_ body: inout MarkupWriter) {
        body.element("header") { header in
            if title != kind { header.element("p", ["class": "kind"], text: kind) }
            header.element("h1", text: title)
            header.append(summary)
            // Two parts are found without a list of them.
            guard sections.count > 2 else { return }
            header.element("nav", ["aria-label": "Sections"]) { nav in
                nav.element("ul") { list in
                    for section in sections {
                        list.element("li") {
                            $0.element("a", ["href": "#\(section.id)"], text: section.title)
                        }
                    }
                }
            }
        }
    }

    private func writeSections(_ main: inout MarkupWriter) {
        for section in sections {
            main.element("section", ["id": section.id, "aria-labelledby": "\(section.id)-title"]) {
                $0.element("h2", ["id": "\(section.id)-title"], text: section.title)
                $0.append(section.body)
            }
        }
    }
}

/// What the script adds for who has one: what a link points into is opened.
enum PageScript {
    /// The hash by which a browser knows the script, and runs no other.
    static let source: String = {
        let digest = SHA256.digest(of: Array("\n\(text)\n".utf8))
        return "sha256-\(SHA256.base64(digest))"
    }()

    static let text = """
        (function () {
          function reveal() {
            var target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
            for (var node = target; node; node = node.parentElement) {
              if (node.tagName === "DETAILS") { node.open = true; }
            }
            if (target) { target.scrollIntoView(); }
          }
          addEventListener("hashchange", reveal);
          if (location.hash) { reveal(); }
        })();
        """
}
