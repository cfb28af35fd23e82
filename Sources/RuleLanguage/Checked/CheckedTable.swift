// SPDX-License-Identifier: Apache-2.0

package import Diagnostics
package import EventModel

package struct TableID: Hashable, Comparable, Sendable {
    package let index: Int
    package init(_ index: Int) { self.index = index }
    package static func < (a: TableID, b: TableID) -> Bool { a.index < b.index }
}

/// A table that is declared, with its rows.
package struct CheckedTable: Sendable {
    package var name: String
    package var contents: LookupTable
    /// Its name.
    package var span: SourceSpan

    package init(name: String, contents: LookupTable, span: SourceSpan) {
        self.name = name
        self.contents = contents
        self.span = span
    }
}

/// The files of a ruleset's tables, read by whoever reads its rules: this target reads none.
package typealias TableFiles = [TablePlace: Result<LookupTable, TableFileProblem>]

/// What a declaration says of a file.
package struct TablePlace: Hashable, Sendable {
    /// The rules file, which a relative path counts from.
    package var rulesFile: String
    package var path: String
    /// The key column; nil: the first.
    package var key: String?

    package init(rulesFile: String, path: String, key: String?) {
        self.rulesFile = rulesFile
        self.path = path
        self.key = key
    }
}

extension SyntaxTree {
    /// The files that the tables of this one are read from.
    package var tablePlaces: [TablePlace] {
        declarations.compactMap { declaration in
            guard case .table(let table) = declaration, case .file(let path, let key) = table.source
            else { return nil }
            return TablePlace(rulesFile: file.name, path: path.value, key: key?.text)
        }
    }
}
