// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import RuleLanguage

/// The documents that are open, and the rulesets that they and the files on disk make.
struct Workspace {
    private let machine: RulesFiles
    /// Folders and files that are a ruleset each; inner ones before those around them.
    private(set) var roots: [String] = []
    /// By name.
    private(set) var documents: [String: OpenDocument] = [:]
    /// By root.
    private var rulesets: [String: Ruleset] = [:]

    init(_ machine: RulesFiles) { self.machine = machine }

    // MARK: roots

    /// The rulesets of a folder of the workspace: `paths` below it, or else its folder `rules` if
    /// that has any, or else itself.
    mutating func add(folder: String, rulesets paths: [String]) {
        var found = paths.map { $0.hasPrefix("/") ? $0 : $0 == "." ? folder : "\(folder)/\($0)" }
        if found.isEmpty {
            let usual = "\(folder)/rules"
            let isUsual = machine.isFolder(usual) && !machine.files(usual).isEmpty
            found = [isUsual ? usual : folder]
        }
        for root in found.map(Workspace.trimmed) where !roots.contains(root) {
            roots.append(root)
            rulesets[root] = Ruleset(root: root, isAlone: false)
        }
        roots.sort { ($0.utf8.count, $1) > ($1.utf8.count, $0) }
        regroup()
    }

    mutating func remove(folder: String) {
        for root in roots where root == folder || root.hasPrefix(folder + "/") {
            rulesets[root]?.invalidateDisk()
        }
        roots.removeAll { $0 == folder || $0.hasPrefix(folder + "/") }
        regroup()
    }

    private static func trimmed(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// After roots have changed: whatever is open may belong elsewhere.
    private mutating func regroup() {
        for key in rulesets.keys { rulesets[key]?.invalidate() }
        for name in documents.keys { prepare(root(of: name)) }
    }

    /// The root of the ruleset of a document; its own name where it is alone.
    func root(of name: String) -> String {
        roots.first { Workspace.holds($0, name) } ?? name
    }

    /// Whether a folder's ruleset has a file, as the loader of rules sees it.
    private static func holds(_ root: String, _ name: String) -> Bool {
        if root == name { return true }
        let prefix = root.hasSuffix("/") ? root : root + "/"
        guard name.hasPrefix(prefix), name.hasSuffix(".martlet") else { return false }
        return !name.dropFirst(prefix.count).split(separator: "/").contains { $0.hasPrefix(".") }
    }

    // MARK: documents

    mutating func open(_ document: OpenDocument) {
        let name = document.file.name
        documents[name] = document
        prepare(root(of: name))
        rulesets[root(of: name)]?.invalidate()
    }

    /// Applies changes; false where a part of them can't be read.
    mutating func change(
        _ name: String, _ changes: [JSON], version: Int?, _ encoding: PositionEncoding
    ) -> Bool {
        guard documents[name] != nil else { return false }
        let isWhole =
            documents[name]?.change(changes, version: version, encoding) ?? false
        rulesets[root(of: name)]?.invalidate()
        return isWhole
    }

    mutating func close(_ name: String) {
        guard documents.removeValue(forKey: name) != nil else { return }
        rulesets[root(of: name)]?.invalidateDisk()
    }

    /// Files have changed under way: what was read of them is read again.
    mutating func readAgain() {
        for key in rulesets.keys { rulesets[key]?.invalidateDisk() }
    }

    private mutating func prepare(_ root: String) {
        if rulesets[root] == nil {
            rulesets[root] = Ruleset(root: root, isAlone: !roots.contains(root))
        }
    }

    // MARK: analyses

    /// Checks trees that are not those of the documents.
    func check(_ trees: [ParseResult]) -> CheckResult {
        var tables: TableFiles = [:]
        for place in trees.flatMap(\.tree.tablePlaces) where tables[place] == nil {
            tables[place] = machine.table(place)
        }
        return RuleChecker.check(
            trees, today: machine.today(), tableFiles: tables, indexed: true)
    }

    mutating func analysis(of name: String) -> Analysis? {
        guard documents[name] != nil else { return nil }
        return analysed(root(of: name))
    }

    private mutating func analysed(_ root: String) -> Analysis? {
        let members = documents.keys.filter { self.root(of: $0) == root }.sorted()
        let files = members.compactMap { documents[$0]?.file }
        return rulesets[root]?.analysed(files, machine)
    }

    /// All analyses of rulesets with a document that is open.
    mutating func analyses() -> [Analysis] {
        let used = Set(documents.keys.map { root(of: $0) })
        return used.sorted().compactMap { analysed($0) }
    }

    /// Whether a document of the ruleset is open.
    private func isUsed(_ root: String) -> Bool {
        documents.keys.contains { self.root(of: $0) == root }
    }

    /// What is to be shown anew: the names of files with their diagnostics, empty where none are
    /// left.
    mutating func unshown() -> [(name: String, diagnostics: [Diagnostic])] {
        var result: [(name: String, diagnostics: [Diagnostic])] = []
        for root in rulesets.keys.sorted() where rulesets[root]?.isShown == false {
            let isUsed = isUsed(root)
            var found: [String: [Diagnostic]] = [:]
            for name in rulesets[root]?.shown ?? [] {
                // What has come to another ruleset is shown as a part of that.
                let owner = self.root(of: name)
                if owner == root || !self.isUsed(owner) { found[name] = [] }
            }
            if isUsed, let analysis = analysed(root) {
                for tree in analysis.trees where documents[tree.tree.file.name] != nil {
                    found[tree.tree.file.name] = []
                }
                for diagnostic in analysis.check.diagnostics {
                    found[diagnostic.span.file.name, default: []].append(diagnostic)
                }
            }
            rulesets[root]?.shown = Set(found.filter { !$0.value.isEmpty }.keys)
            rulesets[root]?.isShown = true
            for name in found.keys.sorted() { result.append((name, found[name] ?? [])) }
            let isGone = !isUsed && !roots.contains(root)
            if isGone { rulesets[root] = nil }
        }
        return result
    }

    func uri(_ name: String) -> String { documents[name]?.uri ?? DocumentURI.uri(name) }
}
