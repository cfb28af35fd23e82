// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Live

/// What a node does where there is no room: nothing is lost, and it goes on once there is some.
@Suite struct FullDiskTests {
    private static let rules = """
        rule twice {
          by user
          when within 1m { login as a then login as b }
          alert "{user} twice"
        }
        """

    private let folder: ScratchFolder
    private let disk = FillableDisk()
    private let store: FillableStore
    private let registry: SQLiteRulesRegistry

    init() throws {
        folder = try ScratchFolder()
        store = FillableStore(try SQLiteAlertStore(path: "\(folder.path)/alerts.sqlite"))
        registry = try SQLiteRulesRegistry(path: SQLiteRulesRegistry.path(in: folder.path))
    }

    private func rules(_ text: String) throws -> ConfiguredRules {
        try ConfiguredRules(
            checking: RulesTexts(
                files: [.init(name: "r.martlet", bytes: Array(text.utf8))], tablesFrom: nil))
    }

    private func open() throws -> LiveNode {
        try LiveNode.open(
            try rules(Self.rules), registry: registry, feeds: [feed("a")], disk: disk,
            folder: folder.path, store: store)
    }

    private func send(_ node: inout LiveNode, _ user: String, _ seconds: Double) throws(StateError)
    {
        try node.accept(
            [records("a", seconds, line("login", user, seconds))], syncs: false)
    }

    private var alertCount: Int {
        get throws { try store.alerts(from: 1, limit: 100).count }
    }

    /// Whether something fails for want of room.
    private func lacksRoom(_ body: () throws(StateError) -> Void) -> Bool {
        do throws(StateError) {
            try body()
            return false
        } catch {
            return error.isOutOfSpace
        }
    }

    @Test func whatTheJournalHasNoRoomForIsTakenLater() throws {
        var node = try open()
        try send(&node, "ann", 1)
        disk.fill("journal-")
        #expect(lacksRoom { () throws(StateError) in try send(&node, "ann", 2) })
        #expect(lacksRoom { () throws(StateError) in try send(&node, "ann", 2) })
        #expect(node.pipeline.lineCount(ofFeed: "a") == 1)
        disk.fill(nil)
        try send(&node, "ann", 2)
        try send(&node, "bob", 3)
        #expect(try alertCount == 1)
        node = try open()
        #expect(node.pipeline.lineCount(ofFeed: "a") == 3)
        #expect(node.recovery.tornByteCount == 0)
    }

    @Test func alertsThatThereIsNoRoomForAreStoredBeforeAnythingElseIsTaken() throws {
        var node = try open()
        try send(&node, "ann", 1)
        store.isFull.with { $0 = true }
        try send(&node, "ann", 2)
        #expect(node.hasUnstoredAlerts == true)
        #expect(node.nextStoredAlert == 1)
        #expect(lacksRoom { () throws(StateError) in try send(&node, "bob", 3) })
        #expect(lacksRoom { () throws(StateError) in try node.checkpoint() })
        let other = try rules(Self.rules.replacing("1m", with: "2m"))
        do throws(RulesRefusal) {
            _ = try node.change(RulesRequest(.rules(other), at: at(4), from: .api))
            Issue.record("rules changed although alerts were not stored")
        } catch {
            #expect(error.fatal == nil)
        }
        store.isFull.with { $0 = false }
        try send(&node, "bob", 4)
        #expect(node.hasUnstoredAlerts == false)
        #expect(try alertCount == 1)
        try send(&node, "bob", 5)
        #expect(try alertCount == 2)
        #expect(node.nextStoredAlert == 3)
    }

    @Test func aCrashBeforeAlertsAreStoredStoresThem() throws {
        do {
            var node = try open()
            try send(&node, "ann", 1)
            store.isFull.with { $0 = true }
            try send(&node, "ann", 2)
            #expect(node.hasUnstoredAlerts == true)
        }
        store.isFull.with { $0 = false }
        let node = try open()
        #expect(try alertCount == 1)
        #expect(node.recovery.orphanedAlerts == nil)
    }

    @Test func aCheckpointThatThereIsNoRoomForLeavesNothing() throws {
        var node = try open()
        try send(&node, "ann", 1)
        let folder = LiveNode.checkpointFolder(folder.path)
        let before = try disk.names(in: folder)
        disk.fill("checkpoint.new")
        #expect(lacksRoom { () throws(StateError) in try node.checkpoint() })
        #expect(
            lacksRoom { () throws(StateError) in
                var made = try node.checkpointMaker.begin(node.checkpointMark)
                while !(try made.step()) {}
                _ = try made.finish()
            })
        #expect(try disk.names(in: folder) == before)
        disk.fill(nil)
        try node.checkpoint()
        #expect(try disk.names(in: folder) != before)
    }

    @Test func aStartWithoutRoomForACheckpointGoesOn() throws {
        do {
            var node = try open()
            try send(&node, "ann", 1)
        }
        disk.fill("checkpoint.new")
        var node = try open()
        #expect(node.recovery.entryCount == 1)
        #expect(node.recovery.problems.count == 1)
        try send(&node, "ann", 2)
        try send(&node, "bob", 3)
        #expect(try alertCount == 1)
    }
}
