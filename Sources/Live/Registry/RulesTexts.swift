// SPDX-License-Identifier: Apache-2.0
// Exercised by RulesRegistryTests.

internal import Connectors
package import Diagnostics
internal import EventModel
package import Pipeline
package import RuleLanguage

/// A ruleset as it was read: every byte that its meaning depends on, so that it can be compiled
/// again when its files are others.
package struct RulesTexts: Hashable, Sendable {
    package struct File: Hashable, Sendable {
        package var name: String
        package var bytes: [UInt8]

        package init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    /// The file of a table.
    package struct Table: Hashable, Sendable {
        package var place: TablePlace
        /// Nil: it could not be read, so that the rules are not right.
        package var bytes: [UInt8]?
    }

    /// In the order in which their declarations count.
    package var files: [File]
    package private(set) var tables: [Table] = []

    /// Reads the tables' files that rules files name.
    ///
    /// - Parameter disk: nil: they are not read, and rules that name one are not right.
    package init(files: [File], tablesFrom disk: (any Disk)?) {
        self.files = files
        let trees = sources.map(RuleSyntax.parse)
        var known: Set<TablePlace> = []
        for place in trees.flatMap(\.tree.tablePlaces) where known.insert(place).inserted {
            let path = RulesetLoader.beside(place.rulesFile, place.path)
            tables.append(Table(place: place, bytes: try? disk?.read(path)))
        }
    }

    init(files: [File], tables: [Table]) {
        self.files = files
        self.tables = tables
    }

    /// Reads the ruleset at `paths`.
    package static func read(
        _ paths: [String], _ disk: any Disk
    ) throws(RulesetLoadError) -> RulesTexts {
        let files = try RulesetLoader.sources(paths)
        return RulesTexts(
            files: files.map { File(name: $0.name, bytes: $0.bytes) }, tablesFrom: disk)
    }

    package var sources: [SourceFile] { files.map { SourceFile(name: $0.name, bytes: $0.bytes) } }

    package func check() -> CheckResult {
        var read: TableFiles = [:]
        for table in tables { read[table.place] = RulesTexts.table(table) }
        return RuleChecker.check(sources.map(RuleSyntax.parse), tableFiles: read)
    }

    private static func table(_ table: Table) -> Result<LookupTable, TableFileProblem> {
        guard let bytes = table.bytes else {
            // Looked for once more, to say what is wrong.
            let again = RulesetLoader.table(at: table.place)
            if case .failure = again { return again }
            return .failure(TableFileProblem(reason: "it could not be read"))
        }
        do throws(TableFileProblem) {
            return .success(
                try TableFile.read(table.place.path, bytes: bytes, key: table.place.key))
        } catch {
            return .failure(error)
        }
    }

    /// The same for the same texts under the same names.
    package var hash: String {
        var hash = ContentHash()
        for file in files {
            hash.add(Array(file.name.utf8))
            hash.add(file.bytes)
        }
        for table in tables {
            let place = table.place
            for text in [place.rulesFile, place.path, place.key ?? ""] {
                hash.add(Array(text.utf8))
            }
            hash.add(table.bytes ?? [])
        }
        return hash.text
    }
}

/// FNV-1a of 128 bits, over byte strings with their lengths.
package struct ContentHash {
    private var value: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
    private static let prime: UInt128 = 0x0000_0000_0100_0000_0000_0000_0000_013b

    package init() {}

    package mutating func add(_ bytes: [UInt8]) {
        for shift in stride(from: 0, to: 64, by: 8) {
            add(UInt8(truncatingIfNeeded: bytes.count >> shift))
        }
        for byte in bytes { add(byte) }
    }

    private mutating func add(_ byte: UInt8) {
        value = (value ^ UInt128(byte)) &* ContentHash.prime
    }

    /// 32 digits.
    package var text: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}
