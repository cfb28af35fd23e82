// SPDX-License-Identifier: Apache-2.0

package import Diagnostics
package import EventModel
package import RuleLanguage

/// What the server sees of the machine it runs on: it opens no file itself.
package struct RulesFiles {
    /// The rules files at a path: a folder with all below it, or a file; none where nothing can be
    /// read there.
    package var files: (_ path: String) -> [SourceFile]
    package var isFolder: (_ path: String) -> Bool
    package var table: (_ place: TablePlace) -> Result<LookupTable, TableFileProblem>
    /// What exceptions with an end are held against.
    package var today: () -> StreamTime?

    package init(
        files: @escaping (_ path: String) -> [SourceFile],
        isFolder: @escaping (_ path: String) -> Bool,
        table: @escaping (_ place: TablePlace) -> Result<LookupTable, TableFileProblem>,
        today: @escaping () -> StreamTime?
    ) {
        self.files = files
        self.isFolder = isFolder
        self.table = table
        self.today = today
    }
}
