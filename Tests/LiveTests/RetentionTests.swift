// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Live

private final class SetClock: WallClock {
    let time = Guarded(at(0))
    var now: StreamTime { time.with { $0 } }
    var nanoseconds: Int64 { now.nanoseconds }
}

@Suite struct RetentionTests {
    @Test func theKeeperRemovesAndTellsOnce() throws {
        let folder = try ScratchFolder()
        let store = try SQLiteAlertStore(path: "\(folder.path)/alerts.sqlite")
        var lines = NumberedLines(firstNumber: 1)
        for _ in 1...1000 {
            lines.bytes += "{\"pad\":\"\(String(repeating: "x", count: 400))\"}\n".utf8
            lines.endLine()
        }
        try store.append(lines)
        try store.setCursor(LineCursor(nextNumber: 1001), of: "out")
        for number in 10...19 {
            try folder.write("{}\n{}\n", to: "dead-letters-out.0000000000\(number).jsonl")
        }
        var options = RetentionOptions.everything
        options.alertByteCap = 100_000
        options.letterFileCount = 7
        let messages = Guarded<[String]>([])
        let keeper = StateKeeper(
            options, SetClock(), LiveLog { _, text in messages.with { $0.append(text) } })
        let (path, kept) = (folder.path, options)
        let thread = try WorkerThread {
            keeper.run { () throws(StateError) in
                try Retention(kept, of: store, sinks: ["out"], folder: path, SystemDisk())
            }
        }
        var figures = RetentionFigures()
        for _ in 0..<1000 where figures.removedLetters == 0 {
            _ = messages.wait(upTo: 10_000_000) { _ in nil as Bool? }
            figures = keeper.figures
        }
        keeper.close()
        thread.join()
        #expect(figures.removedLetters == 6)
        #expect(figures.removedForRoom > 500 && figures.removedAlerts == figures.removedForRoom)
        #expect(figures.alertByteCount > 0 && figures.alertByteCount <= 100_000)
        #expect(messages.with { $0 }.count == 2)
    }

    @Test func aDatabaseIsForItsOwnerAlone() throws {
        let folder = try ScratchFolder()
        let path = "\(folder.path)/alerts.sqlite"
        let store = try SQLiteAlertStore(path: path)
        try store.setCursor(LineCursor(nextNumber: 1), of: "out")
        for name in [path, path + "-wal", path + "-shm"] {
            #expect(try folder.permissions(of: name) == 0o600)
        }
    }
}
