// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Live

@Suite struct AcceptQueueTests {
    @Test func aFeedThatIsQuickerWaits() throws {
        let queue = AcceptQueue(byteCap: 10)
        queue.open()
        let pusher = try WorkerThread {
            for k in 0..<100 {
                _ = queue.push(records("a", 0, "line \(k)\n"), sync: .never)
            }
            queue.end()
        }
        var texts: [String] = []
        while let waiting = queue.take(waitingUpTo: 1_000_000_000) {
            #expect(waiting.reduce(0) { $0 + $1.records.lines.count } <= 10)
            texts += waiting.map { String(decoding: $0.records.lines, as: UTF8.self) }
        }
        pusher.join()
        #expect(texts == (0..<100).map { "line \($0)\n" })
    }

    @Test func aClosedQueueGivesOutWhatItHasAndTakesNoMore() {
        let queue = AcceptQueue(byteCap: 10)
        queue.open()
        #expect(queue.push(records("a", 0, "larger than the queue\n"), sync: .never))
        queue.close()
        #expect(!queue.push(records("a", 0, "x\n"), sync: .never))
        #expect(queue.take(waitingUpTo: 0)?.count == 1)
        #expect(queue.take(waitingUpTo: 0) == nil)
        #expect(queue.sleep(1))
    }

    @Test func whatIsOfferedIsTakenWhereThereIsRoom() {
        let queue = AcceptQueue(byteCap: 1000)
        let told = Guarded<[String]>([])
        func offer(_ text: String) -> AcceptQueue.Offer {
            queue.offer(records("a", 0, text), sync: .never) { isAccepted in
                told.with { $0.append("\(text) \(isAccepted)") }
            }
        }
        queue.open()
        #expect(offer("one") == .taken)
        #expect(offer(String(repeating: "x", count: 900)) == .full)
        for one in queue.take(waitingUpTo: 0) ?? [] { one.acknowledge?(true) }
        #expect(offer("two") == .taken)
        // Many small ones are bounded as well.
        while offer("") == .taken {}
        queue.abandon()
        #expect(offer("three") == .closed)
        #expect(told.with { $0 } == ["one true", "two false", " false", " false"])
    }

    /// Datagrams would be lost, and there still is room in memory.
    @Test func whileTheDiskIsFullOnlyThoseWhoWaitForAnAnswerAreTurnedAway() {
        let queue = AcceptQueue(byteCap: 10_000)
        queue.open()
        queue.setIsWithoutRoom(true)
        let records = records("a", 0, "x\n")
        #expect(queue.offer(records, sync: .never) { _ in } == .full)
        #expect(queue.offer(records, sync: .never) == .taken)
        #expect(queue.push(records, sync: .never))
        queue.setIsWithoutRoom(false)
        #expect(queue.offer(records, sync: .never) { _ in } == .taken)
        queue.setIsWithoutRoom(true)
        queue.close()
        #expect(queue.offer(records, sync: .never) { _ in } == .closed)
    }

    @Test func aDiskThatIsOneSaysWhatWentWrong() throws {
        let folder = try ScratchFolder()
        let disk = SystemDisk()
        try folder.write("x", to: "file")
        #expect { try disk.makeFolder("\(folder.path)/file/below") } throws: {
            "\($0)".hasPrefix("cannot make the folder")
        }
        #expect { try disk.read("\(folder.path)/nothing") } throws: {
            "\($0)" == "cannot open `\(folder.path)/nothing`: No such file or directory"
        }
        #expect(try disk.byteCount(of: "\(folder.path)/nothing") == nil)
        let lock = try FolderLock(folder.path)
        #expect { _ = try FolderLock(folder.path) } throws: {
            "\($0)" == "cannot lock `\(folder.path)/lock`: another process works on this folder"
        }
        _ = lock
    }
}
