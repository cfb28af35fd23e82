// SPDX-License-Identifier: Apache-2.0
// Exercised by PageTests.

/// The few numbers that a page begins with, each large and with a word under it.
package struct Figures: Sendable {
    private var figures: [(number: String, words: String, style: String?)] = []

    package init() {}

    package mutating func add(_ number: Int, _ words: String, style: String? = nil) {
        figures.append((Figures.grouped(number), words, style))
    }

    package mutating func add(_ text: String, _ words: String) {
        figures.append((text, words, nil))
    }

    package func write(to page: inout MarkupWriter) {
        page.element("dl", ["class": "figures"]) { list in
            for figure in figures {
                list.element("div", ["class": figure.style]) { item in
                    item.element("dt", text: figure.words)
                    item.element("dd", text: figure.number)
                }
            }
        }
    }

    /// `1,234,567`.
    package static func grouped(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var text = number < 0 ? "\u{2212}" : ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }

    /// `1 alert`, `3 alerts`.
    package static func counted(_ count: Int, _ noun: String, plural: String? = nil) -> String {
        "\(grouped(count)) \(count == 1 ? noun : plural ?? noun + "s")"
    }
}

/// The severities of alerts, least first, as pages show them.
package enum SeverityMark {
    package static let names = ["info", "low", "medium", "high", "critical"]

    /// The class that gives its colour to marks and bars.
    package static func style(_ severity: Int) -> String {
        "severity-\(names[min(max(severity, 0), names.count - 1)])"
    }

    /// The word with a mark of its colour: neither says anything that the other does not.
    package static func write(_ severity: Int, to page: inout MarkupWriter) {
        let place = min(max(severity, 0), names.count - 1)
        page.element("span", ["class": "severity \(style(place))"], text: names[place])
    }
}
