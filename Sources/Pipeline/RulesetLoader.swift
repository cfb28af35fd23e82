// SPDX-License-Identifier: Apache-2.0
// Rules files from paths: the only place that looks for them. Exercised by CheckCommandTests.

internal import Connectors
package import Diagnostics
package import EventModel
internal import Glibc
package import RuleLanguage

/// A ruleset as it stands on disk, checked.
package struct LoadedRuleset: Sendable {
    /// In the order in which their declarations count.
    package var files: [SourceFile]
    package var check: CheckResult

    package init(files: [SourceFile], check: CheckResult) {
        self.files = files
        self.check = check
    }
}

/// Why the files of a ruleset could not be read.
package enum RulesetLoadError: Error, Hashable, Sendable {
    case cannotOpen(path: String, errno: CInt)
    case cannotRead(path: String, errno: CInt)
    case cannotWrite(path: String, errno: CInt)
    /// A folder without a file that ends in `.martlet`, all the way down.
    case noRules(folder: String)
    /// A folder that should be a new one has something in it.
    case notEmpty(folder: String)
    /// A socket, a device or the like.
    case notAFile(path: String)
    case tooLarge(path: String)

    /// Whether other arguments would help, and not another state of the machine.
    package var isUsage: Bool {
        switch self {
        case .noRules, .notAFile, .notEmpty: true
        case .cannotOpen, .cannotRead, .cannotWrite, .tooLarge: false
        }
    }
}

extension RulesetLoadError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cannotOpen(let path, let errno): "cannot open `\(path)`: \(message(errno))"
        case .cannotRead(let path, let errno): "cannot read `\(path)`: \(message(errno))"
        case .cannotWrite(let path, let errno): "cannot write `\(path)`: \(message(errno))"
        case .noRules(let folder): "there is no rules file (`*.martlet`) in `\(folder)`"
        case .notEmpty(let folder): "`\(folder)` is not empty"
        case .notAFile(let path): "`\(path)` is neither a file nor a folder"
        case .tooLarge(let path):
            "`\(path)` is larger than \(RulesetLoader.fileByteCap >> 20) MB: is it a rules file?"
        }
    }
}

/// Reads the files of a ruleset.
package enum RulesetLoader {
    /// Bytes of one rules file: more are no rules, and would stall the parser.
    package static let fileByteCap = 64 << 20

    /// Reads, parses and checks the ruleset at `paths`.
    ///
    /// A file counts whatever its name is (`-` is standard input); of a folder, all `*.martlet`
    /// below it in the order of their paths' bytes, without what is hidden. Paths count in the
    /// order given, and a file that is met again counts once.
    ///
    /// - Parameter today: what exceptions with an end are held against.
    package static func load(
        _ paths: [String], today: StreamTime? = nil
    ) throws(RulesetLoadError) -> LoadedRuleset {
        let files = try sources(paths)
        return LoadedRuleset(files: files, check: check(files, today: today))
    }

    /// Parses and checks files, with the tables that they name.
    package static func check(_ files: [SourceFile], today: StreamTime? = nil) -> CheckResult {
        let trees = files.map(RuleSyntax.parse)
        return RuleChecker.check(trees, today: today, tableFiles: tableFiles(of: trees))
    }

    /// The files that the tables of rules name.
    package static func tableFiles(of trees: [ParseResult]) -> TableFiles {
        var tables: TableFiles = [:]
        for place in trees.flatMap(\.tree.tablePlaces) where tables[place] == nil {
            tables[place] = table(at: place)
        }
        return tables
    }

    /// The table of a file, as a rules file names it.
    package static func table(at place: TablePlace) -> Result<LookupTable, TableFileProblem> {
        do throws(TableFileProblem) {
            let path = beside(place.rulesFile, place.path)
            return .success(try TableFile.read(path, key: place.key))
        } catch {
            return .failure(error)
        }
    }

    /// A relative path counts from the folder of the rules file.
    package static func beside(_ rulesFile: String, _ path: String) -> String {
        guard !path.hasPrefix("/"), let slash = rulesFile.lastIndex(of: "/") else { return path }
        return rulesFile[...slash] + path
    }

    /// The files at `paths`, unparsed.
    package static func sources(_ paths: [String]) throws(RulesetLoadError) -> [SourceFile] {
        var files: [SourceFile] = []
        for path in try self.paths(paths) {
            if path == "-" {
                files.append(
                    SourceFile(name: "<stdin>", bytes: try read(STDIN_FILENO, "<stdin>")))
            } else {
                files.append(SourceFile(name: path, bytes: try read(path)))
            }
        }
        return files
    }

    /// The files that rules are read from, in the order in which their declarations count; `-` is
    /// standard input.
    package static func paths(_ paths: [String]) throws(RulesetLoadError) -> [String] {
        var files: [String] = []
        var seen: Set<FileIdentity> = []
        for path in paths {
            guard path != "-" else {
                if seen.insert(FileIdentity(device: 0, number: 0)).inserted { files.append(path) }
                continue
            }
            let found = try status(of: path)
            let members = found.isFolder ? try members(of: path) : [path]
            for member in members {
                let file = found.isFolder ? try status(of: member) : found
                guard !file.isSpecial else { throw RulesetLoadError.notAFile(path: member) }
                if seen.insert(file.identity).inserted { files.append(member) }
            }
        }
        return files
    }

    private struct FileIdentity: Hashable {
        var device: UInt64
        var number: UInt64
    }

    private struct FileStatus {
        var identity: FileIdentity
        var isFolder: Bool
        /// Neither a folder nor something that can be read to its end.
        var isSpecial: Bool
    }

    private static func status(of path: String) throws(RulesetLoadError) -> FileStatus {
        var status = stat()
        // SAFETY: `status` is valid for the call, which fills it.
        guard unsafe stat(path, &status) == 0 else {
            throw RulesetLoadError.cannotOpen(path: path, errno: errno)
        }
        let kind = status.st_mode & S_IFMT
        return FileStatus(
            identity: FileIdentity(device: UInt64(status.st_dev), number: UInt64(status.st_ino)),
            isFolder: kind == S_IFDIR,
            isSpecial: kind != S_IFDIR && kind != S_IFREG && kind != S_IFIFO)
    }

    // MARK: folders

    /// All rules files below `folder`, sorted by path. Links are followed; a folder counts once, so
    /// circles of links end.
    private static func members(of folder: String) throws(RulesetLoadError) -> [String] {
        var found: [String] = []
        var waiting = [folder]
        var visited = [try status(of: folder).identity]
        while let next = waiting.popLast() {
            for name in try names(in: next) where !name.hasPrefix(".") {
                let path = next.hasSuffix("/") ? next + name : "\(next)/\(name)"
                let isRulesFile = name.hasSuffix(".martlet")
                // A link into nowhere is of no concern unless it is called like a rules file.
                guard let status = try isRulesFile ? status(of: path) : try? status(of: path) else {
                    continue
                }
                if status.isFolder {
                    guard !visited.contains(status.identity) else { continue }
                    visited.append(status.identity)
                    waiting.append(path)
                } else if isRulesFile {
                    found.append(path)
                }
            }
        }
        guard !found.isEmpty else { throw RulesetLoadError.noRules(folder: folder) }
        return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The names in a folder, sorted, so that which of two links to one folder counts is certain.
    static func names(in folder: String) throws(RulesetLoadError) -> [String] {
        // SAFETY: the path is a C string for the call; the stream is closed below.
        guard let stream = unsafe opendir(folder) else {
            throw RulesetLoadError.cannotOpen(path: folder, errno: errno)
        }
        // SAFETY: the stream is open and not used afterwards.
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            // SAFETY: the stream is open; the entry is read before the next call.
            guard let entry = unsafe readdir(stream) else { break }
            // SAFETY: d_name is a C string inside the entry, which is valid until the next call.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            names.append(name)
        }
        guard errno == 0 else { throw RulesetLoadError.cannotRead(path: folder, errno: errno) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    // MARK: files

    private static func read(_ path: String) throws(RulesetLoadError) -> [UInt8] {
        // SAFETY: the path is a C string for the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw RulesetLoadError.cannotOpen(path: path, errno: errno) }
        defer { close(descriptor) }
        return try read(descriptor, path)
    }

    private static func read(
        _ descriptor: CInt, _ path: String
    ) throws(RulesetLoadError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            // SAFETY: the buffer has as many bytes as are asked for.
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw RulesetLoadError.cannotRead(path: path, errno: errno) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= fileByteCap else { throw RulesetLoadError.tooLarge(path: path) }
        }
    }
}

private func message(_ errno: CInt) -> String {
    // SAFETY: strerror gives a C string, which is copied at once.
    unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
}
