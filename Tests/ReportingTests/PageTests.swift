// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

@testable import Reporting

@Suite struct PageTests {
    private static func page(title: String) -> Page {
        var page = Page(
            kind: "Report", title: title,
            summary: Markup { $0.element("p", text: "of <b>") })
        page.footer = "made & done"
        page.add("one", "First") { section in
            var table = PageTable(
                "Things", columns: [.init("Name"), .init("Count", isNumber: true)])
            table.add(.code("<i>"), .number(1_234_567))
            table.add(.text("b"), .empty, style: "nothing")
            table.write(to: &section)
        }
        page.add("two", "Second") { section in
            var figures = Figures()
            figures.add(-1200, "alerts", style: "bad")
            figures.add("a\u{0}", "word")
            figures.write(to: &section)
        }
        page.add("three", "Third & last") { SeverityMark.write(9, to: &$0) }
        return page
    }

    @Test func aPageIsWellFormedWhateverIsInIt() throws {
        let page = try WellFormed(Self.page(title: "</title><script>x()</script>").html)
        #expect(page.elements["script"] == 1)
        #expect(page.elements["section"] == 3)
        #expect(page.elements["th"] == 4 && page.elements["td"] == 2)
        #expect(page.brokenLinks.isEmpty && page.links.count == 3)
        #expect(Set(page.ids).count == page.ids.count)
    }

    @Test func aPageAsksTheNetworkForNothing() {
        let html = Self.page(title: "t").html
        for sign in ["src=", "@import", "url(", "//fonts", "<link"] {
            #expect(!html.contains(sign), "\(sign)")
        }
        #expect(html.contains("default-src 'none'") || html.contains("default-src &#39;none&#39;"))
    }

    /// The digests are those of FIPS 180-4.
    @Test(arguments: [
        ("", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        ("abc", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "JI1qYdIGOLjlwCaTDD5gOaM85Flk/yFn9uzt1BnbBsE="
        ),
    ])
    func aHashIsThatOfTheStandard(text: String, digest: String) {
        #expect(SHA256.base64(SHA256.digest(of: Array(text.utf8))) == digest)
    }

    /// The hash that a page names is that of the text between the tags, so no other script runs.
    @Test func aPageRunsItsOwnScriptAlone() throws {
        let html = Self.page(title: "t").html
        let start = try #require(html.range(of: "<script>")?.upperBound)
        let end = try #require(html.range(of: "</script>")?.lowerBound)
        let digest = SHA256.digest(of: Array(html[start..<end].utf8))
        let scripts =
            html.contains("script-src 'sha256-\(SHA256.base64(digest))';")
            || html.contains("script-src &#39;sha256-\(SHA256.base64(digest))&#39;;")
        #expect(scripts)
        #expect(!html.contains("script-src 'unsafe-inline'"))
    }

    @Test func numbersAreGrouped() {
        let html = Self.page(title: "t").html
        #expect(html.contains("<td class=\"number\">1,234,567</td>"))
        #expect(html.contains("<dd>\u{2212}1,200</dd>"))
        #expect(html.contains("severity-critical"))
    }

    @Test func aTimelineSaysWhenEachEventWasAfterTheFirst() throws {
        let start = StreamTime(nanoseconds: 1_000_000_000)
        let timeline = EventTimeline(
            [
                .init(time: start, part: "a", type: "login", fields: [("ip", "<10.0.0.1>")]),
                .init(
                    time: start + TimeSpan(seconds: 200), part: "b", partTitle: "1 \"login\"",
                    type: "logout", fields: []),
            ], hiddenCount: 3)
        var writer = MarkupWriter()
        writer.element("div") { timeline.write(to: &$0) }
        let text = writer.markup.text
        let parsed = try WellFormed(text)
        #expect(parsed.elements["circle"] == 2)
        #expect(text.contains("+3m20s"))
        #expect(text.contains("cx=\"100%\""))
        #expect(text.contains("and 3 more events"))
        #expect(text.contains("<code>&lt;10.0.0.1&gt;</code>"))
    }

    @Test func aTimelineOfOneMomentHasNoLine() throws {
        let event = EventTimeline.Event(time: .distantPast, part: "a", type: "x", fields: [])
        let timeline = EventTimeline([event, event])
        let text = Markup { timeline.write(to: &$0) }.text
        #expect(!text.contains("<svg") && text.contains("+0s"))
        #expect(EventTimeline.offset(from: .distantPast, to: .distantFuture) == "+\u{2026}")
    }
}
