// SPDX-License-Identifier: Apache-2.0

import EventModel
import GRDB
import Glibc
import MatchCore
import RuleLanguage
import Testing

@testable import Live

@Suite struct RulesRegistryTests {
    private let folder: ScratchFolder
    private let path: String

    init() throws {
        folder = try ScratchFolder()
        path = SQLiteRulesRegistry.path(in: folder.path)
    }

    /// Rules with a table whose file is what `bytes` says.
    private func texts(_ rules: String, table bytes: [UInt8] = Array("r1\n".utf8)) throws
        -> RulesTexts
    {
        let file = try SystemDisk().openForAppending("\(folder.path)/robots.txt")
        try file.truncate(to: 0)
        try file.append(bytes)
        try file.close()
        let text = "table robots from \"robots.txt\"\n" + rules
        return RulesTexts(
            files: [.init(name: "\(folder.path)/r.martlet", bytes: Array(text.utf8))],
            tablesFrom: SystemDisk())
    }

    /// The admin server opens the database that the service has open. If that cost the service its
    /// locks, another process would remove the log that the service goes on to write to.
    @Test func oneMoreConnectionOfTheProcessLeavesTheOthersTheirLocks() throws {
        let first = try SQLiteRulesRegistry(path: path)
        _ = try first.changes()
        _ = try SQLiteRulesRegistry(path: path).changes()
        // SAFETY: the path is a C string for the call.
        let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
        defer { close(descriptor) }
        // What a connection holds a lock on from its first query on: SQLite's shared bytes.
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_start = 0x4000_0002
        lock.l_len = 510
        // A lock of this kind (F_OFD_GETLK) is held against those of the process itself, too.
        // SAFETY: the structure outlives the call, which fills it.
        #expect(unsafe fcntl(descriptor, 36, &lock) == 0)
        #expect(lock.l_type == F_RDLCK)
        _ = try first.changes()
    }

    private static let rule = """
        rule r "One" { by user when { login as l where user in robots } }
        rule off { disabled when { login } }
        """

    private func configured(_ texts: RulesTexts) throws -> ConfiguredRules {
        ConfiguredRules(texts, try #require(texts.check().ruleset))
    }

    @Test(arguments: [
        Array("r1\nr2\n".utf8), [0x72, 0, 0x0a], Array("ü\r\n".utf8),
    ]) func aVersionIsKeptToTheByte(table: [UInt8]) throws {
        let texts = try texts(Self.rule, table: table)
        let rules = try configured(texts)
        let number = try SQLiteRulesRegistry(path: path).add(texts, rules: rules.registered)
        let registry = try SQLiteRulesRegistry(path: path)
        #expect(try registry.texts(ofVersion: number) == texts)
        #expect(try registry.version(ofHash: texts.hash) == number)
        #expect(try registry.hash(ofVersion: number) == texts.hash)
        #expect(try registry.texts(ofVersion: number + 1) == nil)
        #expect(try registry.rules(ofVersion: number) == rules.registered)
        // What it is compiled from are the bytes that were read, whatever the file has by now.
        _ = try self.texts(Self.rule, table: Array("other\n".utf8))
        let again = try #require(registry.texts(ofVersion: number)?.check().ruleset)
        let rows = again.tables[0].contents
        #expect(rows.rowCount == rules.ruleset.tables[0].contents.rowCount)
        #expect(rows.value(row: 0, column: 0) != .string("other"))
    }

    @Test(arguments: [[], [0x41], [0xff, 0x41, 0x0a], [0x00], Array("ü\r\n".utf8)])
    func aFileIsKeptAsATextWhereItIsOne(bytes: [UInt8]) {
        let content = FileContent(bytes)
        #expect(content.bytes == bytes)
        #expect(content.isHex == (bytes.contains(0xff) || bytes.contains(0)))
    }

    @Test func rulesAreRegisteredAsTheyAreWritten() throws {
        let rules = try configured(try texts(Self.rule)).registered
        #expect(rules.map(\.name) == ["r", "off"])
        #expect(rules.map(\.isDisabledInText) == [false, true])
        #expect(rules[0].place == "\(folder.path)/r.martlet:2")
        #expect(rules[0].text == Self.rule.split(separator: "\n")[0])
    }

    @Test func theHashIsThatOfFilesAndTables() throws {
        let first = try texts(Self.rule)
        #expect(try texts(Self.rule).hash == first.hash)
        #expect(try texts(Self.rule + " ").hash != first.hash)
        #expect(try texts(Self.rule, table: Array("r2\n".utf8)).hash != first.hash)
        #expect(first.hash.utf8.count == 32)
    }

    @Test func aDatabaseOfANewerVersionIsRefused() throws {
        do {
            let registry = try SQLiteRulesRegistry(path: path)
            try registry.queue.write {
                try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('of the future')")
            }
        }
        #expect { try SQLiteRulesRegistry(path: path) } throws: {
            "\($0)".contains("a newer version of Martlet has written it")
        }
    }

    @Test func changesAreKeptInTheirOrder() throws {
        let registry = try SQLiteRulesRegistry(path: path)
        let texts = try texts(Self.rule)
        let version = try registry.add(texts, rules: [])
        func limits(_ number: Int) -> Caps {
            var caps = Caps()
            if number > 1 { caps.attemptsPerKey = number }
            return caps
        }
        let changes = (1...3).map { number in
            RulesChange(
                number: Int64(number), time: at(Double(number)), source: .watch, author: "ann",
                note: "why", version: version, disabled: number == 2 ? ["a", "b"] : [],
                limits: limits(number), summary: "1 kept")
        }
        for change in changes { try registry.add(change) }
        #expect(try registry.changes() == changes)
        try registry.forgetChanges(after: 2)
        #expect(try registry.changes() == Array(changes.prefix(2)))
    }
}
