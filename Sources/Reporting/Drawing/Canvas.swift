// SPDX-License-Identifier: Apache-2.0
// Exercised by DrawingTests.

/// What has been drawn, and how much room it takes.
///
/// Frames lie below lines, lines below what they join, whatever the order in which they are drawn.
///
/// - Unit: pixels, from the top left.
struct Canvas {
    /// How a line is meant: classes of the style sheet.
    enum Stroke: String {
        /// An event takes an attempt along it.
        case flow
        /// The clock does.
        case clock
        /// It ends the attempt.
        case kill
    }

    struct Text {
        var text: String
        var style = "code"
        /// The whole, where `text` is a part.
        var whole: String?
        /// What a text begins with that is a word of the language.
        var keyword: String?
    }

    /// The inner ones first.
    private var frames: [Markup] = []
    private var lines = MarkupWriter()
    private var front = MarkupWriter()
    private(set) var width = 0
    private(set) var height = 0

    var markup: Markup {
        Markup {
            for frame in frames.reversed() { $0.append(frame) }
            $0.append(lines.markup)
            $0.append(front.markup)
        }
    }

    mutating func cover(x: Int, y: Int) {
        width = max(width, x)
        height = max(height, y)
    }

    /// Begins to measure anew: what is inside a box decides how large it is.
    mutating func clearExtent() { (width, height) = (0, 0) }

    /// Measures again as `other` did, whatever has been drawn since.
    mutating func restoreExtent(_ other: Canvas) {
        (width, height) = (max(width, other.width), max(height, other.height))
    }

    // MARK: boxes

    mutating func frame(_ style: String, x: Int, y: Int, width: Int, height: Int) {
        frames.append(Markup { Canvas.rect(&$0, style, x, y, width, height) })
        cover(x: x + width, y: y + height)
    }

    mutating func box(_ style: String, x: Int, y: Int, width: Int, height: Int) {
        Canvas.rect(&front, style, x, y, width, height)
        cover(x: x + width, y: y + height)
    }

    private static func rect(
        _ writer: inout MarkupWriter, _ style: String, _ x: Int, _ y: Int, _ width: Int,
        _ height: Int
    ) {
        writer.element(
            "rect",
            [
                "class": style, "x": "\(x)", "y": "\(y)", "width": "\(width)",
                "height": "\(height)", "rx": style == "bar" ? "2" : "6",
            ])
    }

    mutating func dot(_ style: String, x: Int, y: Int, radius: Int) {
        front.element(
            "circle", ["class": style, "cx": "\(x)", "cy": "\(y)", "r": "\(radius)"])
        cover(x: x + radius, y: y + radius)
    }

    // MARK: lines

    mutating func path(_ stroke: Stroke, _ d: String) {
        lines.element("path", ["class": stroke.rawValue, "d": d])
    }

    /// A line straight down, with a point at its end.
    mutating func arrowDown(_ stroke: Stroke, x: Int, from top: Int, to bottom: Int) {
        path(stroke, "M\(x) \(top)V\(bottom - 6)")
        front.element("path", ["class": "tip", "d": "M\(x - 4) \(bottom - 7)h8l-4 7z"])
        cover(x: x, y: bottom)
    }

    mutating func tipRight(x: Int, y: Int) {
        front.element("path", ["class": "tip", "d": "M\(x - 7) \(y - 4)v8l7 -4z"])
    }

    mutating func tipLeft(x: Int, y: Int) {
        front.element("path", ["class": "tip", "d": "M\(x + 7) \(y - 4)v8l-7 -4z"])
    }

    /// Where an attempt ends for good.
    mutating func cross(x: Int, y: Int) {
        let d = "M\(x - 4) \(y - 4)l8 8M\(x - 4) \(y + 4)l8 -8"
        front.element("path", ["class": "cross", "d": d])
        cover(x: x + 4, y: y + 4)
    }

    mutating func clock(x: Int, y: Int) {
        front.element("circle", ["class": "dial", "cx": "\(x)", "cy": "\(y)", "r": "5"])
        front.element("path", ["class": "dial", "d": "M\(x) \(y - 3)v3h2.5"])
    }

    // MARK: texts

    /// - Parameter y: of the line on which its letters stand.
    mutating func text(_ text: Text, x: Int, y: Int, size: Int = TextLines.size) {
        let place: MarkupWriter.Attributes = ["class": text.style, "x": "\(x)", "y": "\(y)"]
        front.element("text", place) { element in
            if let whole = text.whole, whole != text.text {
                element.element("title", text: whole)
            }
            var rest = text.text[...]
            if let keyword = text.keyword, rest.hasPrefix(keyword) {
                element.element("tspan", ["class": "word"], text: keyword)
                rest = rest.dropFirst(keyword.count)
            }
            element.write(String(rest))
        }
        front.newline()
        cover(x: x + TextLines.width(text.text, size: size), y: y + 4)
    }

    /// Lines below each other; gives the height that they take.
    mutating func texts(_ texts: [Text], x: Int, y: Int) -> Int {
        for (index, text) in texts.enumerated() {
            self.text(text, x: x, y: y + 13 + index * TextLines.lineHeight)
        }
        return texts.count * TextLines.lineHeight
    }
}
