// SPDX-License-Identifier: Apache-2.0

import Automata
import Connectors
import Diagnostics
import EventModel
import Foundation
import RuleLanguage

@testable import Live

/// A folder that goes away with its owner.
final class ScratchFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "martlet-live-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"))
    }

    func append(_ text: String, to name: String) throws {
        let file = try SystemDisk().openForAppending("\(path)/\(name)")
        try file.append(Array(text.utf8))
        try file.close()
    }

    func permissions(of path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    func text(of name: String) throws -> String {
        String(decoding: try SystemDisk().read("\(path)/\(name)"), as: UTF8.self)
    }
}

/// A state folder with its databases, for nodes that live one after the other.
struct ScratchState {
    let folder: ScratchFolder
    let registry: SQLiteRulesRegistry
    let store: SQLiteAlertStore

    init() throws {
        folder = try ScratchFolder()
        registry = try SQLiteRulesRegistry(path: SQLiteRulesRegistry.path(in: folder.path))
        store = try SQLiteAlertStore(path: "\(folder.path)/alerts.sqlite")
    }

    /// Members of the alerts so far, as their JSON has them.
    func texts(_ members: String...) throws -> [String] {
        try store.alerts(from: 1, limit: 1000).map { alert in
            members.map { name in
                let rest = alert.json.split(separator: "\"\(name)\":\"", maxSplits: 1)[1]
                return String(rest.prefix { $0 != "\"" })
            }.joined(separator: " ")
        }
    }
}

func program(_ rules: String) throws -> RulesetProgram {
    let check = RuleChecker.check([RuleSyntax.parse(SourceFile(name: "r.martlet", text: rules))])
    guard let ruleset = check.ruleset else {
        throw WrongRules(messages: check.diagnostics.map(\.message))
    }
    return RulesetCompiler.compile(ruleset)
}

struct WrongRules: Error {
    var messages: [String]
}

func feed(
    _ name: String, lateness: Int64 = 0, idleAfter: Int64 = 5
) -> LiveFeedOptions {
    var reading = FeedOptions()
    reading.lateness = TimeSpan(seconds: lateness)
    return LiveFeedOptions(name: name, reading: reading, idleAfter: TimeSpan(seconds: idleAfter))
}

/// A time so many seconds after the tests' beginning.
func at(_ seconds: Double) -> StreamTime {
    StreamTime(nanoseconds: 1_800_000_000_000_000_000 + Int64(seconds * 1_000_000_000))
}

/// A line of JSON with an event of that time.
func line(_ type: String, _ user: String, _ seconds: Double, _ more: String = "") -> String {
    let time = at(seconds).nanoseconds / 1_000_000
    return "{\"type\":\"\(type)\",\"user\":\"\(user)\",\"time\":\(time)\(more)}\n"
}

func records(_ feed: String, _ seconds: Double, _ lines: String) -> AcceptedRecords {
    AcceptedRecords(feed: feed, acceptedAt: at(seconds), lines: Array(lines.utf8))
}

extension NumberedLines {
    var text: String { String(decoding: bytes, as: UTF8.self) }
}
