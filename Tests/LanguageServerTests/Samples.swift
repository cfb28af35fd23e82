// SPDX-License-Identifier: Apache-2.0

@testable import LanguageServer

/// A ruleset for tests of the features, two files in one folder.
enum Samples {
    static let events = """
        event login {
          user: string, ip: ip?, outcome: "ok" | "fail", tries: int
          score: float = 1.5 * tries
        }
        event raw from syslog {
          message matches r"Failed for (?<account>\\S+)"
          account: string
        }
        event failure from login where outcome == "fail"
        table bad = [{ ip: 10.0.0.1, why: "scan" }, { ip: 10.0.0.2, why: "spam" }] key ip
        let cap = 3 * 2

        """

    static let rules = """
        // é😀
        rule guess "Guessing" {
          severity high
          by user
          when within 10m {
            at least 5 failure as fails where ip in bad
            then login as ok where outcome == "ok" and score > cap
          }
          alert "😀 {user}: {count(fails)} from {ok.ip}, {bad[ok.ip].why}" {
            attempts: count(fails)
          }
        }

        rule chain {
          by user
          when within 1d { 2 guess as hits where attempts > 5 }
          alert "{last(hits).title}"
        }

        rule quiet {
          by device
          when { ping as p then no ping for 5m }
          alert "{device} {p.battery + 1}"
        }

        test guess {
          case "none" {
            at 0s login { user: "ann", outcome: "ok" }
            expect alert { user: "ann", attempts: 5 }
          }
        }

        """

    static let eventsPath = "/w/events.martlet"
    static let rulesPath = "/w/rules.martlet"

    /// An editor with the folder, in which both files are open.
    static func editor() -> Editor {
        let editor = Editor(files: [eventsPath: events, rulesPath: rules], folder: "/w")
        editor.open(eventsPath, events)
        editor.open(rulesPath, rules)
        return editor
    }

    /// The position of the `number`th `word` of a text, `into` bytes inside.
    static func position(
        of word: String, _ number: Int = 1, in text: String = rules, into: Int = 0
    ) -> Position {
        let bytes = Array(text.utf8)
        let wanted = Array(word.utf8)
        var left = number
        for start in bytes.indices where bytes[start...].starts(with: wanted) {
            left -= 1
            if left == 0 { return DocumentPlaces(bytes, .utf16).position(start + into) }
        }
        fatalError("`\(word)` is not there \(number) times")
    }

    /// `file:line:text` of locations, without the folder.
    static func shown(_ locations: JSON) -> [String] {
        (locations.array ?? []).map { location in
            let uri = location["uri"].string ?? ""
            let text = uri.hasSuffix("events.martlet") ? events : rules
            let bytes = Array(text.utf8)
            let range = DocumentPlaces(bytes, .utf16).offsets(location["range"]) ?? 0..<0
            let line = location["range"]["start"]["line"].int ?? -1
            let name = uri.split(separator: "/").last ?? ""
            return "\(name):\(line + 1):\(String(decoding: bytes[range], as: UTF8.self))"
        }
    }
}
