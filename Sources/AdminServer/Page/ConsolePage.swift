// SPDX-License-Identifier: Apache-2.0
// Exercised by ConsolePageTests.

internal import Reporting

/// The page of the admin server: three files, which tell nothing by themselves and ask nobody else
/// for anything.
enum ConsolePage {
    /// What a browser may do with the page: nothing that is not this server's.
    static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    static let html: String = {
        var page = MarkupWriter()
        page.doctype()
        page.element("html", ["lang": "en"]) { html in
            html.newline()
            html.element("head") { head in
                head.newline()
                head.element("meta", ["charset": "utf-8"])
                head.element(
                    "meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
                head.element("meta", ["name": "color-scheme", "content": "light dark"])
                head.element("title", text: "Martlet")
                // Without it browsers ask for one.
                head.element("link", ["rel": "icon", "href": "data:,"])
                head.element("link", ["rel": "stylesheet", "href": "/console.css"])
                head.element("script", ["src": "/console.js", "defer": "defer"])
            }
            html.element("body", [:], writeBody)
        }
        return page.markup.text
    }()

    private static func writeBody(_ body: inout MarkupWriter) {
        body.element("header") { header in
            header.element("p", ["class": "kind"], text: "Martlet")
            header.element("h1", ["id": "phase"], text: "Connecting")
            header.element("p", ["class": "quiet", "id": "since", "role": "status"])
            header.element("noscript") {
                $0.element("p", ["class": "warning"], text: "This page needs its script.")
            }
            header.element("form", ["id": "token-form", "hidden": "hidden"]) { form in
                form.element("label", ["for": "token"], text: "Token")
                form.element(
                    "input", ["id": "token", "type": "password", "autocomplete": "off"])
                form.element("button", ["type": "submit"], text: "Show")
                form.element("span", ["id": "token-problem", "role": "alert"])
            }
            header.element("dl", ["class": "figures", "id": "figures", "hidden": "hidden"])
        }
        body.element("main", ["id": "content", "hidden": "hidden"]) { main in
            section("rate", "Events a second", &main) { $0.element("div", ["id": "rate-plot"]) }
            section("alerts", "Alerts", &main) { part in
                part.element("div", ["id": "alert-list"])
                part.element("button", ["id": "older", "type": "button"], text: "Older alerts")
            }
            section("rules", "Rules", &main) { part in
                part.element("p", ["class": "quiet", "id": "ruleset"])
                part.element("p", ["class": "finder"]) { line in
                    line.element("label", ["for": "find"], text: "Find")
                    line.element("input", ["id": "find", "type": "search"])
                    line.element("span", ["class": "quiet", "id": "rule-count"])
                }
                part.element("div", ["class": "scroll", "id": "rule-table"])
                part.element(
                    "article",
                    ["id": "rule", "hidden": "hidden", "tabindex": "-1", "aria-live": "polite"])
            }
            section("feeds", "Feeds", &main) {
                $0.element("div", ["class": "scroll", "id": "feed-table"])
            }
            section("sinks", "Sinks", &main) {
                $0.element("div", ["class": "scroll", "id": "sink-table"])
            }
        }
        body.element("footer", ["id": "foot"], text: "Times are UTC.")
    }

    private static func section(
        _ id: String, _ title: String, _ main: inout MarkupWriter,
        _ content: (inout MarkupWriter) -> Void
    ) {
        main.element("section", ["aria-labelledby": "\(id)-title"]) { section in
            section.element("h2", ["id": "\(id)-title"], text: title)
            content(&section)
        }
    }

    static let style =
        PageStyle.text + """

            [hidden] { display: none !important; }
            #phase::first-letter { text-transform: uppercase; }
            #phase.bad { color: var(--bad); }
            button, input { background: var(--raised); border: 1px solid var(--strong);
              border-radius: 6px; color: inherit; font: inherit; padding: 0.25rem 0.7rem; }
            button { cursor: pointer; }
            button:hover { border-color: var(--accent); }
            button.plain { background: none; border: 0; color: var(--accent); padding: 0;
              text-align: left; }
            button.plain:hover { text-decoration: underline; }
            button[aria-pressed="true"] { font-weight: 600; }
            form, .finder { align-items: center; display: flex; flex-wrap: wrap;
              gap: 0.4rem 0.75rem; max-width: none; }
            form { margin: 0.75rem 0; }
            label { color: var(--quiet); font-size: 0.88rem; }
            #rate-plot svg { display: block; height: 120px; overflow: visible; width: 100%; }
            #rate-plot .bar { fill: var(--series-1); }
            #rate-plot .axis { stroke: var(--strong); stroke-width: 1; }
            #rate-plot .legend { color: var(--quiet); display: flex; font-size: 0.85rem;
              justify-content: space-between; margin: 0.35rem 0 0; max-width: none; }
            .fresh > summary { animation: fresh 4s ease-out; }
            @keyframes fresh { from { background: var(--fair-tint); } }
            .match > summary code { color: var(--quiet); }
            #older { margin-top: 0.75rem; }
            .state-up { color: var(--good); } .state-failing { color: var(--fair); }
            .state-down, .bad-number { color: var(--bad); font-weight: 600; }
            #rule { margin-top: 1.5rem; }
            .attempt:last-child { border-bottom: 0; }
            .attempt > summary .quiet { font-size: 0.88rem; }
            @media (max-width: 640px) {
              .match > summary code { order: 1; }
              .match > summary strong { flex-basis: 100%; order: 2; }
              .match > summary .quiet { order: 3; }
            }
            """
}
