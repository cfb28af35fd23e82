// SPDX-License-Identifier: Apache-2.0
// The tables are told of in docs/reference/state-folder.md. Exercised by RulesRegistryTests.

internal import EventModel
internal import GRDB
internal import MatchCore
internal import RuleLanguage

/// The registry in a SQLite database, which other processes may read and leave requests in.
///
/// Files are kept once by their content, whatever the number of versions that have them.
package final class SQLiteRulesRegistry: RulesRegistry {
    let queue: DatabaseQueue

    package static func path(in folder: String) -> String { "\(folder)/rules.sqlite" }

    /// Opens the database, and makes it where there is none.
    package init(path: String) throws(StateError) {
        // A commit is there for good: journal entries rely on it.
        queue = try SQLiteRulesRegistry.trying {
            try SQLiteFile.open(path, .atOnce, SQLiteRulesRegistry.migrator)
        }
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("rules") { database in
            try database.execute(
                sql: """
                    CREATE TABLE files (
                      hash TEXT PRIMARY KEY, content TEXT NOT NULL, is_hex INTEGER NOT NULL
                    );
                    CREATE TABLE versions (number INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE);
                    CREATE TABLE version_files (
                      version INTEGER NOT NULL REFERENCES versions, position INTEGER NOT NULL,
                      name TEXT NOT NULL, table_of TEXT, key TEXT,
                      file TEXT NOT NULL REFERENCES files,
                      PRIMARY KEY (version, position)
                    );
                    CREATE TABLE version_rules (
                      version INTEGER NOT NULL REFERENCES versions, position INTEGER NOT NULL,
                      name TEXT NOT NULL, meaning TEXT NOT NULL, place TEXT NOT NULL,
                      disabled INTEGER NOT NULL, text TEXT NOT NULL,
                      PRIMARY KEY (version, position)
                    );
                    CREATE TABLE changes (
                      number INTEGER PRIMARY KEY, time TEXT NOT NULL, nanoseconds INTEGER NOT NULL,
                      source TEXT NOT NULL, author TEXT NOT NULL, note TEXT NOT NULL,
                      version INTEGER NOT NULL REFERENCES versions, disabled TEXT NOT NULL,
                      summary TEXT NOT NULL
                    );
                    CREATE TABLE requests (
                      number INTEGER PRIMARY KEY AUTOINCREMENT, action TEXT NOT NULL,
                      argument TEXT NOT NULL, author TEXT NOT NULL, note TEXT NOT NULL,
                      taken INTEGER NOT NULL DEFAULT 0, answer TEXT,
                      refused INTEGER NOT NULL DEFAULT 0
                    );
                    """)
        }
        migrator.registerMigration("limits") { database in
            // Changes of before were run under what is the standard still.
            try database.execute(
                sql: "ALTER TABLE changes ADD COLUMN limits TEXT NOT NULL DEFAULT ''")
        }
        return migrator
    }

    static func trying<Result>(_ body: () throws -> Result) throws(StateError) -> Result {
        do {
            return try body()
        } catch {
            throw SQLiteFile.outOfSpace(error, in: "rules.sqlite")
                ?? .rulesRegistry(SQLiteFile.reason(error))
        }
    }

    // MARK: Versions

    package func version(ofHash hash: String) throws(StateError) -> Int64? {
        try SQLiteRulesRegistry.trying {
            try queue.read {
                try Int64.fetchOne(
                    $0, sql: "SELECT number FROM versions WHERE hash = ?", arguments: [hash])
            }
        }
    }

    package func hash(ofVersion number: Int64) throws(StateError) -> String? {
        try SQLiteRulesRegistry.trying {
            try queue.read {
                try String.fetchOne(
                    $0, sql: "SELECT hash FROM versions WHERE number = ?", arguments: [number])
            }
        }
    }

    package func texts(ofVersion number: Int64) throws(StateError) -> RulesTexts? {
        let rows = try SQLiteRulesRegistry.trying {
            try queue.read {
                try Row.fetchAll(
                    $0,
                    sql: """
                        SELECT name, table_of, key, content, is_hex
                        FROM version_files JOIN files ON files.hash = version_files.file
                        WHERE version = ? ORDER BY position
                        """, arguments: [number])
            }
        }
        if rows.isEmpty, try hash(ofVersion: number) == nil { return nil }
        var files: [RulesTexts.File] = []
        var tables: [RulesTexts.Table] = []
        for row in rows {
            let name: String = row[0]
            let content = FileContent(text: row[3], isHex: row[4]).bytes
            if let rulesFile: String = row[1] {
                let place = TablePlace(rulesFile: rulesFile, path: name, key: row[2])
                tables.append(RulesTexts.Table(place: place, bytes: content))
            } else {
                files.append(RulesTexts.File(name: name, bytes: content))
            }
        }
        return RulesTexts(files: files, tables: tables)
    }

    package func add(
        _ texts: RulesTexts, rules: [RegisteredRule]
    ) throws(StateError) -> Int64 {
        let hash = texts.hash
        return try SQLiteRulesRegistry.trying {
            try queue.write { database in
                try database.execute(
                    sql: """
                        INSERT INTO versions (number, hash)
                        SELECT coalesce(max(number), 0) + 1, ? FROM versions
                        """, arguments: [hash])
                let number = database.lastInsertedRowID
                try SQLiteRulesRegistry.add(texts, to: number, database)
                for (position, rule) in rules.enumerated() {
                    try database.execute(
                        sql: "INSERT INTO version_rules VALUES (?, ?, ?, ?, ?, ?, ?)",
                        arguments: [
                            number, position, rule.name, String(rule.meaning, radix: 16),
                            rule.place, rule.isDisabledInText, rule.text,
                        ])
                }
                return number
            }
        }
    }

    private static func add(
        _ texts: RulesTexts, to version: Int64, _ database: Database
    ) throws {
        var position = 0
        func add(_ bytes: [UInt8], _ name: String, of rulesFile: String?, _ key: String?) throws {
            var hash = ContentHash()
            hash.add(bytes)
            let content = FileContent(bytes)
            try database.execute(
                sql: "INSERT OR IGNORE INTO files VALUES (?, ?, ?)",
                arguments: [hash.text, content.text, content.isHex])
            try database.execute(
                sql: "INSERT INTO version_files VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [version, position, name, rulesFile, key, hash.text])
            position += 1
        }
        for file in texts.files { try add(file.bytes, file.name, of: nil, nil) }
        for table in texts.tables {
            let place = table.place
            try add(table.bytes ?? [], place.path, of: place.rulesFile, place.key)
        }
    }

    /// The rules of a version, in its order.
    package func rules(ofVersion number: Int64) throws(StateError) -> [RegisteredRule] {
        try SQLiteRulesRegistry.trying {
            try queue.read {
                try Row.fetchAll(
                    $0,
                    sql: """
                        SELECT name, meaning, place, disabled, text FROM version_rules
                        WHERE version = ? ORDER BY position
                        """, arguments: [number]
                ).map { row in
                    RegisteredRule(
                        name: row[0], meaning: UInt64(row[1] as String, radix: 16) ?? 0,
                        place: row[2], isDisabledInText: row[3], text: row[4])
                }
            }
        }
    }

    // MARK: Changes

    package func changes() throws(StateError) -> [RulesChange] {
        let rows = try SQLiteRulesRegistry.trying {
            try queue.read {
                try Row.fetchAll(
                    $0,
                    sql: """
                        SELECT number, nanoseconds, source, author, note, version, disabled,
                          summary, limits
                        FROM changes ORDER BY number
                        """
                )
            }
        }
        return try rows.map { row throws(StateError) in
            RulesChange(
                number: row[0], time: StreamTime(nanoseconds: row[1]),
                source: RulesSource(rawValue: row[2]) ?? .command, author: row[3],
                note: row[4], version: row[5],
                disabled: (row[6] as String).split(separator: "\n").map(String.init),
                limits: try SQLiteRulesRegistry.limits(row[8], ofChange: row[0]), summary: row[7])
        }
    }

    static func limits(_ text: String, ofChange number: Int64) throws(StateError) -> Caps {
        guard let caps = RuleLimits.caps(text) else {
            throw .rulesRegistry(
                "the limits of change \(number) are of another version of Martlet: "
                    + text.replacing("\n", with: ", "))
        }
        return caps
    }

    package func add(_ change: RulesChange) throws(StateError) {
        try SQLiteRulesRegistry.trying {
            try queue.write {
                try $0.execute(
                    sql: "INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    arguments: [
                        change.number, change.time.description, change.time.nanoseconds,
                        change.source.rawValue, change.author, change.note, change.version,
                        change.disabled.joined(separator: "\n"), change.summary,
                        RuleLimits.text(change.limits),
                    ])
            }
        }
    }

    package func forgetChanges(after number: Int64) throws(StateError) {
        try SQLiteRulesRegistry.trying {
            try queue.write {
                try $0.execute(sql: "DELETE FROM changes WHERE number > ?", arguments: [number])
            }
        }
    }
}

/// The content of a file as a text that people can read, where it is one.
struct FileContent: Hashable {
    var text: String
    var isHex: Bool

    init(text: String, isHex: Bool) {
        self.text = text
        self.isHex = isHex
    }

    init(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        isHex = bytes.contains(0) || !text.utf8.elementsEqual(bytes)
        self.text = isHex ? FileContent.hex(bytes) : text
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    var bytes: [UInt8] {
        if !isHex { return Array(text.utf8) }
        let digits = text.utf8.map { $0 < 0x3a ? $0 &- 0x30 : $0 &- 0x57 }
        return stride(from: 0, to: digits.count - 1, by: 2).map {
            digits[$0] << 4 | digits[$0 + 1] & 15
        }
    }
}
