// SPDX-License-Identifier: Apache-2.0
// Exercised by UploadFolderTests.

internal import Diagnostics
internal import Pipeline
internal import RuleLanguage

/// Where rules that come from elsewhere than the configured files have their places: below the
/// folder of those, as though they had been written there.
///
/// Nothing outside of it can be named, nor be read as a table, unless rules in force name it
/// already.
package struct UploadFolder: Sendable {
    package static let fileCap = 4096
    private static let nameByteCap = 255

    /// Ends with a slash, or is empty: where the process runs.
    let path: String

    /// - Parameters:
    ///   - configured: files and folders.
    ///   - files: those that were found there.
    package init(ofRulesAt configured: [String], files: [String]) {
        let folders = configured.map { path in
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            return files.contains(path)
                ? parts.dropLast()
                : path.hasSuffix("/")
                    ? parts.dropLast() : parts[...]
        }
        var common = folders.first ?? []
        for folder in folders {
            let isSame = zip(common, folder).prefix { $0 == $1 }.count
            common = common.prefix(isSame)
        }
        path = common.isEmpty ? "" : common.joined(separator: "/") + "/"
    }

    /// How a file is called from outside.
    package func name(of file: String) -> String {
        file.hasPrefix(path) ? String(file.dropFirst(path.count)) : file
    }

    /// Rules with these texts alone.
    ///
    /// - Parameters:
    ///   - files: by their names below the folder.
    ///   - current: those in force.
    package func texts(
        _ files: [(name: String, bytes: [UInt8])], insteadOf current: RulesTexts, _ disk: any Disk
    ) throws(RulesRefusal) -> RulesTexts {
        guard files.count <= UploadFolder.fileCap else {
            throw .unreadable("there are more than \(UploadFolder.fileCap) files")
        }
        var placed: [RulesTexts.File] = []
        var seen: Set<String> = []
        for (name, bytes) in files {
            let file = try file(named: name, besides: current)
            guard seen.insert(file).inserted else { throw .unreadable("`\(name)` is there twice") }
            placed.append(RulesTexts.File(name: file, bytes: bytes))
        }
        return try confined(inOrder(placed, of: current), current, disk)
    }

    /// The rules in force with another text in one file.
    package func texts(
        _ name: String, _ bytes: [UInt8], within current: RulesTexts, _ disk: any Disk
    ) throws(RulesRefusal) -> RulesTexts {
        let file = RulesTexts.File(name: try file(named: name, besides: current), bytes: bytes)
        var files = current.files
        if let place = files.firstIndex(where: { $0.name == file.name }) {
            files[place] = file
        } else {
            files.append(file)
            files = inOrder(files, of: current)
        }
        return try confined(files, current, disk)
    }

    // MARK: Names

    private func file(
        named name: String, besides current: RulesTexts
    ) throws(RulesRefusal) -> String {
        let file = path + name
        if current.files.contains(where: { $0.name == file }) { return file }
        // One that is configured beside the folder.
        if current.files.contains(where: { $0.name == name }) { return name }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain =
            name.utf8.count <= UploadFolder.nameByteCap
            && parts.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") }
            && !name.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f || $0 == "\\" }
        guard isPlain else {
            throw .unreadable(
                "`\(name)` is no name of a rules file: it has to be plain, and below the folder "
                    + "of the rules")
        }
        guard name.hasSuffix(".martlet") else {
            throw .unreadable("`\(name)` is no name of a rules file: it has to end in `.martlet`")
        }
        return file
    }

    /// As the files of a folder are: by their names, unless those in force count otherwise.
    private func inOrder(
        _ files: [RulesTexts.File], of current: RulesTexts
    ) -> [RulesTexts.File] {
        var places: [String: Int] = [:]
        for (place, file) in current.files.enumerated() { places[file.name] = place }
        if files.count == places.count, files.allSatisfy({ places[$0.name] != nil }) {
            return files.sorted { (places[$0.name] ?? 0) < (places[$1.name] ?? 0) }
        }
        return files.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    // MARK: Tables

    /// Reads the tables that the files name.
    private func confined(
        _ files: [RulesTexts.File], _ current: RulesTexts, _ disk: any Disk
    ) throws(RulesRefusal) -> RulesTexts {
        guard !files.isEmpty else { throw .unreadable("there are no rules files") }
        let known = Set(
            current.tables.map { RulesetLoader.beside($0.place.rulesFile, $0.place.path) })
        for file in RulesTexts(files: files, tables: []).sources {
            for place in RuleSyntax.parse(file).tree.tablePlaces
            where !known.contains(RulesetLoader.beside(place.rulesFile, place.path)) {
                guard isBelow(place) else {
                    throw .unreadable(
                        "`\(name(of: file.name))` has a table of `\(place.path)`, which is not "
                            + "below the folder of the rules")
                }
            }
        }
        return RulesTexts(files: files, tablesFrom: disk)
    }

    private func isBelow(_ place: TablePlace) -> Bool {
        if place.path.hasPrefix("/") { return false }
        var depth = name(of: place.rulesFile).split(separator: "/").count - 1
        for part in place.path.split(separator: "/") where part != "." {
            depth += part == ".." ? -1 : 1
            if depth < 0 { return false }
        }
        return true
    }
}
