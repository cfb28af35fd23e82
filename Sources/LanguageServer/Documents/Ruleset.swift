// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import EventModel
internal import RuleLanguage

/// Files that are checked as one, with what is known of them so far.
struct Ruleset {
    /// The folder, or the one file.
    let root: String
    /// A document that belongs to no ruleset of the workspace.
    let isAlone: Bool
    /// As on disk; nil: to be read.
    private var disk: [SourceFile]?
    private var parsed: [String: ParseResult] = [:]
    private var tables: TableFiles = [:]
    /// Nil: something has changed since.
    private var analysis: Analysis?
    /// The names of files for which diagnostics are shown.
    var shown: Set<String> = []
    /// Whether what is shown is what is known.
    var isShown = false

    init(root: String, isAlone: Bool) {
        self.root = root
        self.isAlone = isAlone
    }

    /// A document of it has changed.
    mutating func invalidate() {
        analysis = nil
        isShown = false
    }

    /// Files on disk may have changed.
    mutating func invalidateDisk() {
        disk = nil
        tables = [:]
        invalidate()
    }

    mutating func analysed(_ documents: [SourceFile], _ machine: RulesFiles) -> Analysis {
        if let analysis { return analysis }
        var sources: [String: SourceFile] = [:]
        if !isAlone {
            let onDisk = disk ?? machine.files(root)
            disk = onDisk
            for file in onDisk { sources[file.name] = file }
        }
        for file in documents { sources[file.name] = file }
        let ordered = sources.values.sorted {
            $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
        }
        var kept: [String: ParseResult] = [:]
        for file in ordered {
            if let known = parsed[file.name], known.tree.file === file {
                kept[file.name] = known
            } else {
                kept[file.name] = RuleSyntax.parse(file)
            }
        }
        parsed = kept
        let trees = ordered.compactMap { kept[$0.name] }
        for place in trees.flatMap(\.tree.tablePlaces) where tables[place] == nil {
            tables[place] = machine.table(place)
        }
        let check = RuleChecker.check(
            trees, today: machine.today(), tableFiles: tables, indexed: true)
        let result = Analysis(trees: trees, check: check)
        analysis = result
        return result
    }
}

/// A ruleset as it stands, checked.
struct Analysis {
    let trees: [ParseResult]
    let check: CheckResult

    var files: [SourceFile] { trees.map(\.tree.file) }

    func tree(_ name: String) -> ParseResult? { trees.first { $0.tree.file.name == name } }
}
