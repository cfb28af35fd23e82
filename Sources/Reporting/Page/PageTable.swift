// SPDX-License-Identifier: Apache-2.0
// Exercised by PageTests.

/// A table of a page, which scrolls by itself where it is wider than the screen.
package struct PageTable: Sendable {
    package struct Column: Sendable {
        package var title: String
        /// Numbers are set flush right, so that their digits stand below each other.
        package var isNumber: Bool

        package init(_ title: String, isNumber: Bool = false) {
            self.title = title
            self.isNumber = isNumber
        }
    }

    package enum Cell: Sendable {
        case text(String)
        /// A text in the type of code: names and values.
        case code(String)
        case number(Int)
        case markup(Markup)
        case empty
    }

    package struct Row: Sendable {
        package var cells: [Cell]
        /// A class of the style sheet.
        package var style: String?

        package init(_ cells: [Cell], style: String? = nil) {
            self.cells = cells
            self.style = style
        }
    }

    /// What it shows, for who cannot see it beside what is around it.
    package var label: String
    package var columns: [Column]
    package var rows: [Row] = []
    /// Whether the first cell of a row names the row.
    package var hasRowHeads = true

    package init(_ label: String, columns: [Column]) {
        self.label = label
        self.columns = columns
    }

    package mutating func add(_ cells: Cell..., style: String? = nil) {
        rows.append(Row(cells, style: style))
    }

    package func write(to page: inout MarkupWriter) {
        // Who uses the keyboard can scroll only what can have the focus.
        let scroll: MarkupWriter.Attributes = [
            "class": "scroll", "tabindex": "0", "role": "region", "aria-label": label,
        ]
        page.element("div", scroll) { area in
            area.element("table") { table in
                if columns.contains(where: { !$0.title.isEmpty }) { writeHead(&table) }
                table.element("tbody") { body in
                    for row in rows { write(row, &body) }
                }
            }
        }
    }

    private func writeHead(_ table: inout MarkupWriter) {
        table.element("thead") { head in
            head.element("tr") { row in
                for column in columns {
                    row.element(
                        "th", ["scope": "col", "class": column.isNumber ? "number" : nil],
                        text: column.title)
                }
            }
        }
    }

    private func write(_ row: Row, _ body: inout MarkupWriter) {
        body.element("tr", ["class": row.style]) { line in
            for (index, cell) in row.cells.enumerated() {
                let isHead = hasRowHeads && index == 0
                let isNumber = index < columns.count && columns[index].isNumber
                line.element(
                    isHead ? "th" : "td",
                    ["scope": isHead ? "row" : nil, "class": isNumber ? "number" : nil]
                ) { write(cell, &$0) }
            }
        }
    }

    private func write(_ cell: Cell, _ writer: inout MarkupWriter) {
        switch cell {
        case .text(let text): writer.write(text)
        case .code(let text): writer.element("code", text: text)
        case .number(let number): writer.write(Figures.grouped(number))
        case .markup(let markup): writer.append(markup)
        case .empty: break
        }
    }
}
