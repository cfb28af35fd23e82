// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

@testable import Live

@Suite struct LiveControlTests {
    private static let rules = """
        rule twice {
          by user
          when within 1m { login as a then login as b }
          alert "{user} twice"
        }
        """

    /// A service whose standard input is a pipe.
    private struct Running {
        let service: LiveService
        let input = Pipe()
        let thread: WorkerThread

        init(in folder: ScratchFolder, _ disk: any Disk = SystemDisk()) throws {
            var configuration = LiveConfiguration()
            configuration.stateFolder = "\(folder.path)/state"
            // However long a test takes, the wall clock moves no time.
            let options = feed("in", idleAfter: 1_000_000)
            configuration.feeds = [FeedConfiguration(options: options, source: .standardInput)]
            configuration.sinks = [
                SinkConfiguration(
                    name: "out", target: .file(FileSinkOptions(path: "\(folder.path)/out.jsonl")))
            ]
            let texts = RulesTexts(
                files: [.init(name: "r.martlet", bytes: Array(LiveControlTests.rules.utf8))],
                tablesFrom: nil)
            let service = LiveService(
                configuration, try ConfiguredRules(checking: texts), disk: disk,
                log: LiveLog { _, _ in },
                inputDescriptor: input.fileHandleForReading.fileDescriptor
            ) { _ in }
            self.service = service
            thread = try WorkerThread { try? service.run() }
        }

        func write(_ text: String) { input.fileHandleForWriting.write(Data(text.utf8)) }

        /// Waits until the service says what is wanted, half a minute at most.
        func wait(until isSo: (LiveControl) -> Bool) async throws {
            for _ in 0..<3000 where !isSo(service.control) {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(isSo(service.control))
        }

        func end() {
            service.stopper()
            thread.join()
        }
    }

    @Test func aServiceTellsWhatItHasDone() async throws {
        let folder = try ScratchFolder()
        let running = try Running(in: folder)
        running.write(line("login", "ann", 0) + line("login", "ann", 1) + line("other", "x", 1))
        running.write("{\n" + line("login", "bob", 9))
        try await running.wait { ($0.status?.sinks.first?.sent ?? 0) == 1 }
        try await running.wait { ($0.status?.feeds.first?.lines ?? 0) == 5 }
        let status = try #require(running.service.control.status)
        #expect(status.rules.map(\.name) == ["twice"])
        #expect(status.rules[0].alerts == 1)
        #expect(status.rules[0].caps == [Int](repeating: 0, count: RuleStatus.capNames.count))
        #expect(status.feeds[0].name == "in")
        #expect(status.feeds[0].undecodable == 1)
        #expect(status.feeds[0].ignored == 1)
        #expect(status.feeds[0].counts.acceptedByteCount > 200)
        #expect(status.sinks[0].name == "out" && status.sinks[0].waiting == 0)
        #expect(status.work.alerts == 1)
        #expect(status.work.deadLetters == 1)
        #expect(status.work.batches.counts.reduce(0, +) > 0)
        #expect(status.checkpoint?.byteCount ?? 0 > 0)
        running.end()
        #expect(running.service.control.phase == .ended)
    }

    @Test func requestsAreAnsweredBetweenBatches() async throws {
        let folder = try ScratchFolder()
        let running = try Running(in: folder)
        try await running.wait { $0.isReady }
        let count = try await running.service.control.look { $0.pipeline.eventCount }
        #expect(count == 0)
        running.write(line("login", "ann", 0) + line("login", "ann", 1))
        try await running.wait { ($0.status?.feeds.first?.lines ?? 0) == 2 }
        let checkpoint = try await running.service.control.checkpoint()
        #expect(checkpoint.entryNumber > 0)
        #expect(checkpoint.byteCount > 0)
        running.end()
        await #expect(throws: LiveControl.Refusal.notRunning) {
            try await running.service.control.look { _ in 0 }
        }
    }

    @Test func aFullDiskIsWaitedForWhileEverybodyIsAnswered() async throws {
        let folder = try ScratchFolder()
        let disk = FillableDisk()
        let running = try Running(in: folder, disk)
        running.write(line("login", "ann", 0))
        try await running.wait { ($0.status?.feeds.first?.lines ?? 0) == 1 }
        disk.fill("journal-")
        running.write(line("login", "ann", 1))
        try await running.wait { $0.waitsForRoom && $0.status?.work.roomWaits == 1 }
        #expect(!running.service.control.isReady)
        let lines = try await running.service.control.look { $0.pipeline.lineCount(ofFeed: "in") }
        #expect(lines == 1)
        // What is made while nothing is accepted may make room.
        _ = try await running.service.control.checkpoint()
        disk.fill(nil)
        running.write(line("login", "bob", 9))
        try await running.wait { ($0.status?.sinks.first?.sent ?? 0) == 1 }
        try await running.wait { ($0.status?.feeds.first?.lines ?? 0) == 3 }
        #expect(running.service.control.isReady)
        #expect(running.service.control.status?.work.roomWaits == 1)
        running.end()
    }

    @Test func aCheckpointThatFailsIsToldAndCounted() async throws {
        let folder = try ScratchFolder()
        let disk = FillableDisk()
        let running = try Running(in: folder, disk)
        running.write(line("login", "ann", 0))
        try await running.wait { ($0.status?.feeds.first?.lines ?? 0) == 1 }
        disk.fill("checkpoint.new")
        await #expect(throws: LiveControl.Refusal.self) {
            try await running.service.control.checkpoint()
        }
        try await running.wait { $0.status?.work.failedCheckpoints == 1 }
        disk.fill(nil)
        let checkpoint = try await running.service.control.checkpoint()
        #expect(checkpoint.entryNumber > 1)
        running.end()
    }

    @Test func aJournalThatCannotBeReadHasTheLoopWriteACheckpoint() async throws {
        let folder = try ScratchFolder()
        let running = try Running(in: folder)
        running.write(line("login", "ann", 0))
        try await running.wait { ($0.status?.feeds.first?.lines ?? 0) == 1 }
        let checkpoints = LiveNode.checkpointFolder("\(folder.path)/state")
        let disk = SystemDisk()
        for name in try disk.names(in: checkpoints) { try disk.remove("\(checkpoints)/\(name)") }
        try folder.write("no checkpoint", to: "state/checkpoints/checkpoint-00000000000000000001")
        let made = try await running.service.control.checkpoint()
        #expect(made.entryNumber >= 2)
        try await running.wait { $0.status?.work.failedCheckpoints == 1 }
        running.write(line("login", "ann", 1) + line("login", "bob", 9))
        try await running.wait { ($0.status?.sinks.first?.sent ?? 0) == 1 }
        running.end()
    }

    /// What a request for a look comes to, where nobody answers it.
    private static func refusal(
        _ control: LiveControl, waitingUpTo span: Int64
    ) async -> LiveControl.Refusal? {
        do throws(LiveControl.Refusal) {
            _ = try await control.look(waitingUpTo: span) { _ in 0 }
            return nil
        } catch {
            return error
        }
    }

    @Test func requestsThatNobodyAnswersAreRefused() async throws {
        let wakes = Guarded(0)
        let control = LiveControl(clock: SystemClock()) { wakes.with { $0 += 1 } }
        #expect(await Self.refusal(control, waitingUpTo: 0) == .notRunning)
        control.enter(.running)
        let tooLate = Task { await Self.refusal(control, waitingUpTo: 0) }
        while wakes.with({ $0 }) == 0 { await Task.yield() }
        control.expireRequests()
        #expect(await tooLate.value == .tooLate)

        let waiting = (0..<LiveControl.requestCap).map { _ in
            Task { await Self.refusal(control, waitingUpTo: 60_000_000_000) }
        }
        while wakes.with({ $0 }) <= LiveControl.requestCap { await Task.yield() }
        control.expireRequests()
        #expect(await Self.refusal(control, waitingUpTo: 60_000_000_000) == .busy)
        control.enter(.ended)
        for task in waiting { #expect(await task.value == .notRunning) }
        #expect(control.takeRequests().isEmpty)
    }

    @Test func aHistogramCountsUpToItsBounds() {
        var spans = SpanHistogram()
        spans.add(TimeSpan(milliseconds: 1))
        spans.add(TimeSpan(milliseconds: 2))
        spans.add(TimeSpan(seconds: 100))
        #expect(spans.counts == [1, 1, 0, 0, 0, 0, 0, 1])
        #expect(spans.total == TimeSpan(milliseconds: 100_003))
    }
}
