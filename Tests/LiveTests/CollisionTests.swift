// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Testing

@testable import Live

@Suite struct CollisionTests {
    private func errors(_ text: String) -> [String] {
        LiveConfiguration.read(
            SourceFile(name: "conf/m.yaml", text: "rules: r\n" + text), variable: { _ in nil }
        ).diagnostics.map { "\($0.span.line) \($0.message)" }
    }

    @Test(
        arguments: [
            ("{ a: { type: file, path: o }, b: { type: file, path: p } }", nil),
            (
                "{ a: { type: file, path: o }, b: { type: file, path: ./x/../o } }",
                "4 the sink `a` and the sink `b` write to the same file"
            ),
            (
                "{ a: { type: file, path: /d } }\ndead_letters: //d",
                "4 `dead_letters` and the sink `a` write to the same file"
            ),
            (
                "{ a: { type: file, path: in/x.jsonl } }",
                "4 the feed `f` would read what the sink `a` writes"
            ),
            ("{ a: { type: file, path: in/x.log }, b: { type: file, path: in/y/x.jsonl } }", nil),
            ("{ a: { type: file, path: \"\" } }", "4 `path` is ``, and not a path"),
            (
                "{ a: { type: file, path: state/dead-letters.jsonl } }",
                "4 `dead_letters` and the sink `a` write to the same file"
            ),
            (
                "{ a: { type: file, path: state/./alerts.sqlite-wal } }",
                "4 the sink `a` would write to `conf/state/./alerts.sqlite-wal`, which the state "
                    + "folder keeps for itself"
            ),
            (
                "{ a: { type: file, path: d/journal/x } }\nstate: { folder: d }",
                "4 the sink `a` would write to `conf/d/journal/x`, which the state folder keeps "
                    + "for itself"
            ),
            ("{ a: { type: file, path: state/alerts.jsonl } }", nil),
            (
                "{}\ndead_letters: state/rules.sqlite",
                "4 `dead_letters` would write to `conf/state/rules.sqlite`, which the state folder "
                    + "keeps for itself"
            ),
            (
                "{}\nstate: { folder: in }",
                "4 the feed `f` would read what `dead_letters` writes"
            ),
        ] as [(String, String?)])
    func aFileHasOneWriter(sinks: String, error: String?) {
        let text = "feeds:\n  f: { type: file, path: in/*.jsonl }\nsinks: \(sinks)\n"
        #expect(errors(text).first == error)
    }

    @Test func anAddressIsOfAFeedOrOfTheAdminServer() {
        let feeds = """
            feeds:
              h: { type: http, listen: "127.0.0.1:9464" }
              u: { type: udp, listen: "127.0.0.1:9464" }

            """
        #expect(
            errors(feeds) == [
                "3 the feed `h` and the admin server both listen on 127.0.0.1:9464"
            ])
        #expect(errors(feeds + "admin: { listen: \"127.0.0.1:9465\" }\n") == [])
        #expect(errors(feeds + "admin: { listen: off }\n") == [])
    }

    @Test(
        arguments: [
            ("url: 'http://h/p'", nil), ("url: 'https://h:1?a=b', headers: { X-A: 'b c' }", nil),
            ("url: 'http://'", "the `url` of the sink `w` has no host, or a blank in it"),
            ("url: 'http:///x'", "the `url` of the sink `w` has no host, or a blank in it"),
            ("url: 'http://h/a b'", "the `url` of the sink `w` has no host, or a blank in it"),
            (
                "url: 'http://h', headers: { 'X Y': a }",
                "the header `X Y` of the sink `w` cannot be sent: a name has letters, digits and "
                    + "`-`, and a value stands in one line"
            ),
            (
                "url: 'http://h', headers: { X: \"a\\r\\nY: b\" }",
                "the header `X` of the sink `w` cannot be sent: a name has letters, digits and "
                    + "`-`, and a value stands in one line"
            ),
            (
                "url: 'http://h', headers: { Content-length: 5 }",
                "the header `Content-length` of the sink `w` is made with each request"
            ),
        ] as [(String, String?)])
    func aRequestCanBeSent(options: String, error: String?) {
        let found = errors(
            "feeds: { a: { type: stdin } }\nsinks: { w: { type: webhook, \(options) } }\n")
        #expect(found.first == error.map { "3 \($0)" })
    }
}
