// SPDX-License-Identifier: Apache-2.0

/// One diagnostic as a block of lines:
///
///     error[E0204]: `login` has no field `outcom`
///       --> rules/auth.martlet:6:37
///        |
///      6 |     at least 5 login as fails where outcom == "fail"
///        |                                     ^^^^^^ did you mean `outcome`?
///        = login has: user, ip, outcome (declared at rules/events.martlet:1)
struct HumanBlock {
    private(set) var text = ""
    private let palette: Palette
    private let severity: Severity
    private let gutter: Int

    /// A place to show under its line.
    private struct Mark {
        let span: SourceSpan
        let label: String
        let isPrimary: Bool
    }

    init(_ diagnostic: Diagnostic, _ palette: Palette) {
        self.palette = palette
        severity = diagnostic.severity
        let file = diagnostic.span.file
        var marks = [Mark(span: diagnostic.span, label: diagnostic.label, isPrimary: true)]
        var elsewhere: [Diagnostic.Note] = []
        for note in diagnostic.notes {
            if let span = note.span, span.file === file {
                marks.append(Mark(span: span, label: note.message, isPrimary: false))
            } else {
                elsewhere.append(note)
            }
        }
        gutter = String(marks.map(\.span.line).max() ?? 1).count
        let code = palette.severity(severity, "\(severity.rawValue)[\(diagnostic.code)]")
        text = "\(code): \(palette.bold(printable(diagnostic.message)))\n"
        let place = "\(file.name):\(diagnostic.span.line):\(diagnostic.span.column)"
        text += "\(pad(""))\(palette.blue(" -->")) \(place)\n"
        row("", "")
        show(marks, of: file)
        for note in elsewhere { show(note) }
    }

    private func pad(_ number: String) -> String {
        String(repeating: " ", count: max(0, gutter - number.count)) + number
    }

    private mutating func row(_ number: String, _ content: String) {
        let bar = palette.blue(" \(pad(number)) |")
        text += content.isEmpty ? "\(bar)\n" : "\(bar) \(content)\n"
    }

    /// All places in order of line; a gap of lines between two is shown by dots.
    private mutating func show(_ marks: [Mark], of file: SourceFile) {
        let ordered = marks.enumerated().sorted {
            ($0.element.span.line, $0.element.span.range.lowerBound, $0.offset)
                < ($1.element.span.line, $1.element.span.range.lowerBound, $1.offset)
        }
        var shown = 0
        for (_, mark) in ordered {
            let line = mark.span.line
            let excerpt = LineExcerpt(mark.span)
            if line != shown {
                if shown > 0, line > shown + 1 { text += palette.blue(" \(pad("")) ⋮") + "\n" }
                row(String(line), excerpt.text)
                shown = line
            } else if excerpt.isCut {
                row(String(line), excerpt.text)
            }
            let sign = String(repeating: mark.isPrimary ? "^" : "-", count: excerpt.width)
            let under = mark.label.isEmpty ? sign : "\(sign) \(printable(mark.label))"
            let blank = String(repeating: " ", count: excerpt.indent)
            row(
                "",
                blank + (mark.isPrimary ? palette.severity(severity, under) : palette.blue(under)))
        }
    }

    private mutating func show(_ note: Diagnostic.Note) {
        var message = printable(note.message)
        if let span = note.span { message += " (\(span.file.name):\(span.line):\(span.column))" }
        text += "\(palette.blue(" \(pad("")) =")) \(message)\n"
    }
}

/// A source line as a terminal shows it, cut around a span where it is long.
struct LineExcerpt {
    private(set) var text = ""
    /// Columns before the span.
    private(set) var indent = 0
    /// Columns of the span: at least 1, at most to the line's end.
    private(set) var width = 0
    private(set) var isCut = false

    static let columnsShown = 200
    static let tabWidth = 4

    init(_ span: SourceSpan) {
        let file = span.file
        let lineStart = file.textStart(ofLine: span.line)
        let from = max(0, span.range.lowerBound - lineStart)
        let to = max(0, span.range.upperBound - lineStart)
        // Reading stops well behind the span: a line may be megabytes long.
        let limit = from + 4 * LineExcerpt.columnsShown
        var cells: [(text: String, columns: Int)] = []
        var first = 0
        var last = 0
        var offset = 0
        let bytes = file.bytes[lineStart...]
        let start = from > limit / 2 ? max(0, from - 2 * LineExcerpt.columnsShown) : 0
        let line = bytes.dropFirst(start).prefix(limit - start).prefix { $0 != 0x0a }
        offset = start
        if start > 0 { cells.append(("…", 1)) }
        for scalar in String(decoding: line, as: UTF8.self).unicodeScalars {
            if scalar == "\r", offset - start == line.count - 1 { break }
            if offset < from { first = cells.count + 1 }
            if offset < to { last = cells.count + 1 }
            offset += scalar == "\u{fffd}" ? 1 : UTF8.width(scalar)
            cells.append(cell(scalar))
        }
        if start > 0 { first = max(first, 1) }
        layOut(cells, first: first, last: max(first, last), isCutBefore: start > 0)
    }

    /// Joins the cells around the span.
    private mutating func layOut(
        _ cells: [(text: String, columns: Int)], first: Int, last: Int, isCutBefore: Bool
    ) {
        var from = 0
        var to = cells.count
        let total = cells.reduce(0) { $0 + $1.columns }
        if total > LineExcerpt.columnsShown {
            from = max(0, first - LineExcerpt.columnsShown / 3)
            to = min(cells.count, from + LineExcerpt.columnsShown)
        }
        isCut = isCutBefore || from > 0 || to < cells.count
        if from > 0 {
            text = "…"
            indent = 1
        }
        for cell in cells[from..<to] { text += cell.text }
        if to < cells.count { text += "…" }
        indent += cells[from..<min(max(from, first), to)].reduce(0) { $0 + $1.columns }
        let spanned = cells[min(max(from, first), to)..<min(max(first, last), to)]
        width = max(1, spanned.reduce(0) { $0 + $1.columns })
    }

    private func cell(_ scalar: Unicode.Scalar) -> (String, Int) {
        if scalar == "\t" { return (String(repeating: " ", count: LineExcerpt.tabWidth), 4) }
        if isControl(scalar) { return ("\u{fffd}", 1) }
        return (String(scalar), columns(of: scalar))
    }
}

/// Controls and marks of direction: they could hide what a terminal shows.
func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
}

/// `text` on one line without what would act on a terminal.
func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
        result.unicodeScalars.append(isControl(scalar) ? "\u{fffd}" : scalar)
    }
    return result
}

/// The columns a terminal gives to `scalar`.
///
/// - Source: Unicode Standard Annex 11 (East Asian Width), the wide blocks; marks that combine and
///   joiners take none.
func columns(of scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    switch scalar.value {
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff,
        0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f680...0x1f6ff,
        0x1f900...0x1f9ff, 0x20000...0x3fffd:
        return 2
    default: return 1
    }
}
