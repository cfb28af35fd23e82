// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Live

@Suite struct AsideCheckpointTests {
    private static let rules = """
        rule twice {
          by user
          when within 1m { login as a then login as b }
          alert "{user} twice"
        }
        rule unpaid {
          by user
          when { order as o then no payment for 30s }
          alert "{user} unpaid"
        }
        """

    private let folder: ScratchFolder
    private let store: SQLiteAlertStore
    private let registry: SQLiteRulesRegistry

    init() throws {
        folder = try ScratchFolder()
        store = try SQLiteAlertStore(path: "\(folder.path)/alerts.sqlite")
        registry = try SQLiteRulesRegistry(path: SQLiteRulesRegistry.path(in: folder.path))
    }

    private func rules(_ text: String) throws -> ConfiguredRules {
        try ConfiguredRules(
            checking: RulesTexts(
                files: [.init(name: "r.martlet", bytes: Array(text.utf8))], tablesFrom: nil))
    }

    private func open() throws -> LiveNode {
        var options = LiveNodeOptions()
        options.segmentByteCount = 2000
        options.checkpointCount = 2
        return try LiveNode.open(
            try rules(Self.rules), registry: registry, feeds: [feed("a")], disk: SystemDisk(),
            folder: folder.path, store: store, options: options)
    }

    private func send(_ node: inout LiveNode, _ seconds: ClosedRange<Int>) throws {
        for second in seconds {
            let type = second.isMultiple(of: 3) ? "order" : "login"
            let text = line(type, "u\(second % 7)", Double(second)) + (second == 20 ? "{\n" : "")
            try node.accept([records("a", Double(second), text)], syncs: false)
        }
    }

    private var checkpoints: CheckpointStore {
        CheckpointStore(SystemDisk(), folder: LiveNode.checkpointFolder(folder.path))
    }

    /// Makes a checkpoint of a mark; its size.
    private func make(
        _ mark: CheckpointMark, beside node: borrowing LiveNode
    ) throws -> Int {
        var checkpoint = try node.checkpointMaker.begin(mark)
        while !(try checkpoint.step(upTo: 3)) {}
        return try checkpoint.finish()
    }

    @Test func itIsWhatTheNodeItselfWouldHaveWritten() throws {
        var node = try open()
        try send(&node, 1...40)
        let mark = node.checkpointMark
        try send(&node, 41...90)
        let size = try make(mark, beside: node)
        node.noteCheckpoint(of: mark)
        let made = try #require(try checkpoints.newest().checkpoint)
        #expect(made.entryNumber == mark.entryNumber)
        #expect(try checkpoints.newestByteCount() == size)

        let other = try ScratchFolder()
        let otherStore = try SQLiteAlertStore(path: "\(other.path)/alerts.sqlite")
        var same = try LiveNode.open(
            try rules(Self.rules),
            registry: try SQLiteRulesRegistry(path: SQLiteRulesRegistry.path(in: other.path)),
            feeds: [feed("a")], disk: SystemDisk(), folder: other.path, store: otherStore)
        try send(&same, 1...40)
        try same.checkpoint()
        let written = try CheckpointStore(
            SystemDisk(), folder: LiveNode.checkpointFolder(other.path)
        ).newest().checkpoint
        #expect(made.cursors == written?.cursors)
        #expect(made.pipeline == written?.pipeline)
    }

    @Test func aStartGoesOnFromIt() throws {
        var alerts: [StoredAlert] = []
        do {
            var node = try open()
            try send(&node, 1...40)
            let mark = node.checkpointMark
            try send(&node, 41...90)
            _ = try make(mark, beside: node)
            alerts = try store.alerts(from: 1, limit: 1000)
            #expect(alerts.count > 20)
        }
        let node = try open()
        #expect(node.recovery.checkpoint == 41)
        #expect(node.recovery.entryCount == 50)
        #expect(node.recovery.orphanedAlerts == nil)
        #expect(try store.alerts(from: 1, limit: 1000) == alerts)
    }

    @Test func oneComesAfterAnotherAndTheJournalIsCutOff() throws {
        var node = try open()
        for round in 0..<4 {
            try send(&node, round * 50 + 1...round * 50 + 50)
            let mark = node.checkpointMark
            _ = try make(mark, beside: node)
            node.noteCheckpoint(of: mark)
        }
        #expect(try checkpoints.numbers() == [151, 201])
        let segments = try JournalReader.segments(
            in: LiveNode.journalFolder(folder.path), SystemDisk())
        #expect(segments[0].firstNumber <= 152)
        #expect(segments[1].firstNumber > 152)
    }

    @Test func rulesThatChangeGoAlong() throws {
        var node = try open()
        try send(&node, 1...20)
        for wish: RulesRequest.Wish in [
            .disable("twice"), .rules(try rules(Self.rules.replacing("30s", with: "20s"))),
        ] {
            _ = try node.change(RulesRequest(wish, at: at(0), from: .api))
            try send(&node, 21...30)
        }
        let mark = node.checkpointMark
        _ = try node.change(RulesRequest(.enable("twice"), at: at(0), from: .api))
        try send(&node, 31...70)
        _ = try make(mark, beside: node)
        #expect(try checkpoints.newest().checkpoint?.entryNumber == mark.entryNumber)
    }

    @Test func whatIsNotWhatRanIsThrownAway() throws {
        var node = try open()
        try send(&node, 1...40)
        let mark = node.checkpointMark
        // Another journal of the same length: nobody writes to it but the node.
        let journal = LiveNode.journalFolder(folder.path)
        let reader = try JournalReader(SystemDisk(), folder: journal)
        var (entries, rest): ([JournalEntry], JournalReader) = ([], reader)
        while let entry = try rest.next() { entries.append(entry) }
        for segment in try JournalReader.segments(in: journal, SystemDisk()) {
            try SystemDisk().remove("\(journal)/\(segment.name)")
        }
        guard case .records(var records) = entries[20] else { return #expect(Bool(false)) }
        records.lines = Array(line("login", "u4", 20).utf8)
        entries[20] = .records(records)
        let writer = try JournalWriter(
            SystemDisk(), goingOnBehind: try JournalReader(SystemDisk(), folder: journal),
            in: journal)
        try writer.append(entries)
        let before = try checkpoints.numbers()
        #expect {
            _ = try make(mark, beside: node)
        } throws: { error in
            guard case .checkpointDiffers? = error as? StateError else { return false }
            return true
        }
        #expect(try checkpoints.numbers() == before)
    }

    @Test func aJournalThatIsDamagedIsNoReasonToStop() throws {
        var node = try open()
        try send(&node, 1...40)
        let mark = node.checkpointMark
        let journal = LiveNode.journalFolder(folder.path)
        let segment = try JournalReader.segments(in: journal, SystemDisk())[0]
        try SystemDisk().remove("\(journal)/\(segment.name)")
        #expect(throws: StateError.self) { _ = try make(mark, beside: node) }
        // What the node holds is not touched.
        try node.checkpoint()
        #expect(try checkpoints.newest().checkpoint?.entryNumber == mark.entryNumber)
    }
}
