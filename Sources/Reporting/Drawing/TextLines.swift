// SPDX-License-Identifier: Apache-2.0
// Exercised by DrawingTests.

/// Texts of a drawing: how wide they are, and how they are shortened.
///
/// Nobody can ask a font here, so everything whose width matters is set in a typewriter's: there a
/// column is 0.602 of the size in the widest faces that readers have.
enum TextLines {
    static let size = 12
    static let lineHeight = 17

    /// - Unit: pixels, rounded up.
    static func width(_ text: String, size: Int = size) -> Int {
        (columns(text) * size * 61 + 99) / 100
    }

    /// Columns of a typewriter: none for what is set above or below another sign, two for the
    /// signs of East Asia and for pictures.
    static func columns(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + columns($1) }
    }

    private static func columns(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x300...0x36f, 0x200b...0x200f, 0x202a...0x202e, 0x2066...0x2069, 0xfe00...0xfe0f: 0
        case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f,
            0xff00...0xff60, 0xffe0...0xffe6, 0x1f000...0x1faff, 0x20000...0x3fffd:
            2
        default: 1
        }
    }

    /// Lines of at most `width` columns, broken between words where that is possible; what does not
    /// fit into `most` of them is left out, and a sign says so.
    static func wrapped(_ text: String, width: Int, most: Int = 2) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            var rest = word[...]
            let isFitting = line.isEmpty || columns(line) + 1 + columns(String(rest)) <= width
            if !isFitting {
                lines.append(line)
                line = ""
            }
            if !line.isEmpty { line += " " }
            while columns(line) + columns(String(rest)) > width, !rest.isEmpty {
                var part = ""
                while let sign = rest.first, columns(part + String(sign)) <= max(width, 2) {
                    part.append(sign)
                    rest.removeFirst()
                }
                // One sign that is wider than a line.
                if part.isEmpty, let sign = rest.popFirst() { part.append(sign) }
                lines.append(part)
            }
            line += rest
        }
        if !line.isEmpty { lines.append(line) }
        guard lines.count > most else { return lines }
        var last = lines[most - 1]
        while columns(last) + 1 > width, !last.isEmpty { last.removeLast() }
        return lines.prefix(most - 1) + [last + "\u{2026}"]
    }

    /// One line of at most `width` columns; a sign says where something is left out.
    static func shortened(_ text: String, width: Int) -> String {
        let line = text.split(separator: " ").joined(separator: " ")
        guard columns(line) > width else { return line }
        var kept = ""
        for sign in line {
            guard columns(kept + String(sign)) < width else { break }
            kept.append(sign)
        }
        return kept + "\u{2026}"
    }
}
