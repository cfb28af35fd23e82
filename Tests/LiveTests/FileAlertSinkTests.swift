// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Live

private final class SteppingClock: WallClock {
    let time = Guarded<Int64>(1_800_000_000_000_000_000)
    var now: StreamTime { StreamTime(nanoseconds: time.with { $0 }) }
    var nanoseconds: Int64 { time.with { $0 } }
}

@Suite struct FileAlertSinkTests {
    private let folder: ScratchFolder
    private let clock = SteppingClock()
    private let noted = Guarded<LineCursor?>(nil)

    init() throws { folder = try ScratchFolder() }

    private func open(_ change: (inout FileSinkOptions) -> Void = { _ in }) throws -> FileAlertSink
    {
        var options = FileSinkOptions(path: "\(folder.path)/out.jsonl")
        change(&options)
        let noted = noted
        return try FileAlertSink(
            options, SystemDisk(), clock: clock, cursor: noted.with { $0 },
            note: { cursor in noted.with { $0 = cursor } })
    }

    private func alerts(_ numbers: ClosedRange<Int64>) -> [StoredAlert] {
        numbers.map { StoredAlert(number: $0, json: "{\"n\":\($0)}") }
    }

    /// Sends all, as a worker does.
    private func send(_ numbers: ClosedRange<Int64>, to sink: FileAlertSink) {
        var rest = alerts(numbers)[...]
        while !rest.isEmpty {
            guard case .sent(let count) = sink.send(rest, until: Interruption { false }) else {
                Issue.record("it is sent")
                return
            }
            rest = rest.dropFirst(count)
        }
    }

    private func names() throws -> [String] { try SystemDisk().names(in: folder.path) }

    @Test func aFileThatIsLongEnoughGetsANumber() throws {
        let sink = try open { $0.rotateByteCount = 20 }
        send(1...7, to: sink)
        #expect(
            try names() == ["out.000000000003.jsonl", "out.000000000006.jsonl", "out.jsonl"])
        #expect(
            try folder.text(of: "out.000000000003.jsonl") == "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n")
        #expect(try folder.text(of: "out.jsonl") == "{\"n\":7}\n")
        #expect(try sink.settle(upTo: 9) == LineCursor(nextNumber: 9, place: 8))
        #expect(sink.takeProblem() == nil)
    }

    @Test func onlyTheNewestFilesAreKept() throws {
        try folder.write("mine", to: "out.notes.jsonl")
        let sink = try open {
            $0.rotateByteCount = 1
            $0.keptCount = 2
        }
        send(1...5, to: sink)
        #expect(
            try names() == [
                "out.000000000003.jsonl", "out.000000000004.jsonl", "out.jsonl", "out.notes.jsonl",
            ])
    }

    @Test func aNewFileIsBegunWithThePeriod() throws {
        let hours = { (options: inout FileSinkOptions) in
            options.rotateSpan = TimeSpan(seconds: 3600)
        }
        let sink = try open(hours)
        send(1...2, to: sink)
        clock.time.with { $0 += 3600_000_000_000 }
        send(3...3, to: sink)
        send(4...4, to: sink)
        #expect(try folder.text(of: "out.000000000002.jsonl") == "{\"n\":1}\n{\"n\":2}\n")
        #expect(try folder.text(of: "out.jsonl") == "{\"n\":3}\n{\"n\":4}\n")
        clock.time.with { $0 += 3600_000_000_000 }
        // Nothing to rotate yet, and no empty file.
        let names = try names()
        #expect(names == ["out.000000000002.jsonl", "out.jsonl"])
    }

    /// The process ends right behind the renaming: the file is known to be a new one.
    @Test func aRotationThatDidNotComeToItsEndIsRecognised() throws {
        let rotating = { (options: inout FileSinkOptions) in options.rotateByteCount = 20 }
        send(1...3, to: try open(rotating))
        noted.with { $0 = LineCursor(nextNumber: 4, place: 24) }
        try SystemDisk().rename(
            "\(folder.path)/out.jsonl", to: "\(folder.path)/out.000000000003.jsonl")
        let second = try open(rotating)
        send(4...4, to: second)
        #expect(second.takeProblem() == nil)
        #expect(try folder.text(of: "out.jsonl") == "{\"n\":4}\n")
        #expect(try names() == ["out.000000000003.jsonl", "out.jsonl"])
    }

    @Test func aFileOfAnotherLifeIsNotOverwritten() throws {
        try folder.write("precious\n", to: "out.000000000003.jsonl")
        let sink = try open { $0.rotateByteCount = 20 }
        send(1...4, to: sink)
        #expect(try folder.text(of: "out.000000000003.jsonl") == "precious\n")
        #expect(
            try names() == ["out.000000000003-1.jsonl", "out.000000000003.jsonl", "out.jsonl"])
    }

    @Test func withoutSyncTheCursorIsNotedAllTheSame() throws {
        let sink = try open { $0.sync = .never }
        send(1...1, to: sink)
        #expect(try sink.settle(upTo: 2) == LineCursor(nextNumber: 2, place: 8))
    }
}
