// SPDX-License-Identifier: Apache-2.0

import Connectors
import EventModel
import Live
import Testing

@testable import NetworkSinks

@Suite struct WebhookBodyTests {
    private func body(
        _ alert: StoredAlert, _ change: (inout WebhookOptions) -> Void
    ) throws -> String {
        var options = WebhookOptions(url: .text("http://127.0.0.1"))
        change(&options)
        let body = try WebhookBody("hook", options)
        let content = AlertContent(alert, withEvents: body.needsEvents)
        return String(decoding: body.bytes(of: [alert], [content]), as: UTF8.self)
    }

    @Test func slackIsGivenATextAndFields() throws {
        #expect(
            try body(alert(1)) { $0.preset = .slack } == """
                {"text":"[high] ann: &lt;2&gt; \\"failures\\"","attachments":[{"color":"#d50200",\
                "fallback":"ann: &lt;2&gt; \\"failures\\"","fields":[\
                {"title":"rule","value":"guessed","short":true},\
                {"title":"user","value":"ann","short":true},\
                {"title":"n","value":"2","short":true},\
                {"title":"tags","value":"T1110","short":true}],\
                "footer":"martlet id1","ts":1800000020}]}
                """)
    }

    @Test func pagerDutyIsGivenAnEventThatTheNoticeEnds() throws {
        let options = { (options: inout WebhookOptions) in
            options.preset = .pagerduty
            options.routingKey = .text("r0uting")
        }
        #expect(
            try body(alert(1, ",\"status\":\"open\",\"resolved_at\":null"), options) == """
                {"routing_key":"r0uting","event_action":"trigger","dedup_key":"id1",\
                "client":"martlet","payload":{"summary":"ann: <2> \\"failures\\"",\
                "source":"user=ann","severity":"error","timestamp":"2027-01-15T08:00:20.500Z",\
                "class":"guessed","custom_details":{"tags":["T1110"],"labels":{"team":"blue"},\
                "key":{"user":"ann"},"start":"2027-01-15T08:00:00.000Z",\
                "end":"2027-01-15T08:00:20.500Z","fields":{"n":2,"none":null}}}}
                """)
        let notice = try body(alert(1, ",\"status\":\"resolved\",\"resolved_at\":null"), options)
        #expect(notice.contains("\"event_action\":\"resolve\",\"dedup_key\":\"id1\""))
    }

    @Test func aTemplateIsFilledFromTheAlert() throws {
        let text = try body(alert(1)) {
            $0.template = """
                {"t": "{{title}}", "n": "{{fields.n}}", "none": "{{fields.none}}",
                 "who": "{{#key_list}}{{name}} is {{value}}{{/key_list}}",
                 "tags": [{{#tags}}"{{.}}"{{^last()}},{{/last()}}{{/tags}}],
                 "open": "{{#is_resolved}}no{{/is_resolved}}{{^is_resolved}}yes{{/is_resolved}}",
                 "first": "{{#events._1}}{{type}}{{/events._1}}"}
                """
        }
        let json = try #require(JSONValue(Array(text.utf8)))
        #expect(json["t"] == .string("ann: <2> \"failures\""))
        #expect(json["n"] == .string("2"))
        #expect(json["none"] == .string(""))
        #expect(json["who"] == .string("user is ann"))
        #expect(json["tags"] == .array([.string("T1110")]))
        #expect(json["open"] == .string("yes"))
        #expect(json["first"] == .string("login"))
    }

    @Test func aTemplateOfTextEscapesNothing() throws {
        let text = try body(alert(1)) {
            $0.template = "{{severity}}: {{title}}"
            $0.contentType = "text/plain"
        }
        #expect(text == "high: ann: <2> \"failures\"")
    }

    @Test(arguments: [
        ("{\"a\": {{title}}}", "does not give JSON"),
        ("{{#tags}}", "has a mistake in line 1"),
        ("\n\n{{#tags}}{{/tag}}", "has a mistake in line 3"),
    ])
    func aTemplateWithAMistakeIsRefused(template: String, problem: String) {
        #expect { try body(alert(1)) { $0.template = template } } throws: {
            "\($0)".contains("the sink `hook`: the template \(problem)")
        }
    }

    /// The digest was made by another program.
    @Test func aSignatureIsOneOfTheTimeAndTheBody() {
        let header = RequestSignature(secret: "Jefe").header(
            of: Array("{}".utf8), at: StreamTime(nanoseconds: 1_800_000_000_500_000_000))
        #expect(header == "t=1800000000,v1=\(Self.digest)")
    }

    private static let digest = "563cca7abd54f48855c1c9484a5a2a001686eff21ce90de8ef9f8df772a78c46"
}
