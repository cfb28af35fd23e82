// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Live

@Suite struct DeadLetterFileTests {
    private let folder: ScratchFolder
    private let store: SQLiteAlertStore
    private var path: String { "\(folder.path)/dead-letters.jsonl" }

    init() throws {
        folder = try ScratchFolder()
        store = try SQLiteAlertStore(path: "\(folder.path)/alerts.sqlite")
    }

    private func letters(_ numbers: ClosedRange<Int64>) -> NumberedLines {
        var lines = NumberedLines(firstNumber: numbers.lowerBound)
        for number in numbers {
            lines.bytes += "letter \(number)\n".utf8
            lines.endLine()
        }
        return lines
    }

    private func open(
        _ cursor: LineCursor?, on disk: any Disk = SystemDisk()
    ) throws -> DeadLetterFile {
        try DeadLetterFile(disk, path: path, cursor: cursor, store: store, fileByteCount: 30)
    }

    private var all: String {
        get throws {
            let names = try SystemDisk().names(in: folder.path)
                .filter { $0.hasPrefix("dead-letters") }
            return try names.map { try folder.text(of: $0) }.joined()
        }
    }

    private func text(_ numbers: ClosedRange<Int64>) -> String {
        String(decoding: letters(numbers).bytes, as: UTF8.self)
    }

    /// Adds letters, and begins new files where it is time.
    private func append(_ numbers: ClosedRange<Int64>, to file: inout DeadLetterFile) throws {
        for number in numbers {
            if file.isFull { try file.rotate() }
            try file.append(letters(number...number))
        }
    }

    /// Wherever the last checkpoint was, and however many files there have been since.
    @Test(arguments: [0, 3, 4, 5, 8, 11, 12])
    func whatComesAgainBehindACheckpointIsThereOnce(checkpointBehind count: Int) throws {
        var cursor: LineCursor?
        do {
            var file = try open(nil)
            cursor = file.cursor
            for number in Int64(1)...12 {
                try append(number...number, to: &file)
                if number == count { cursor = file.cursor }
            }
        }
        #expect(try all == text(1...12))
        var file = try open(cursor)
        try file.append(letters(Int64(count + 1)...14))
        #expect(try all == text(1...14))
        #expect(file.takeProblem() == nil)
        #expect(file.cursor.nextNumber == 15)
    }

    /// The checkpoint is of the time of the file before the one that was to get its number.
    @Test(arguments: [2, 4, 5, 8])
    func aRotationThatWasCutShortDoublesNothing(checkpointBehind count: Int64) throws {
        let disk = FillableDisk()
        var cursor: LineCursor?
        do {
            var file = try open(nil, on: disk)
            for number in Int64(1)...8 {
                try append(number...number, to: &file)
                if number == count { cursor = file.cursor }
            }
            disk.fill("dead-letters.0")
            #expect(throws: StateError.self) { try file.rotate() }
        }
        disk.fill(nil)
        var file = try open(cursor, on: disk)
        try file.append(letters(count + 1...10))
        #expect(try all == text(1...10))
        #expect(file.takeProblem() == nil)
        try append(11...20, to: &file)
        #expect(try all == text(1...20))
    }

    @Test func filesOfAnotherLifeAreLeftAlone() throws {
        do {
            var file = try open(nil)
            try append(1...12, to: &file)
        }
        // The state is gone, and the files have stayed.
        let store = try SQLiteAlertStore(path: "\(folder.path)/other.sqlite")
        let open = { (cursor: LineCursor?) in
            try DeadLetterFile(
                SystemDisk(), path: path, cursor: cursor, store: store, fileByteCount: 30)
        }
        var first = try open(nil)
        let cursor = first.cursor
        try append(1...2, to: &first)
        var again = try open(cursor)
        try append(1...5, to: &again)
        #expect(try all.split(separator: "\n").count == 17)
    }

    @Test func anotherPastAfterALossIsWritten() throws {
        var file = try open(nil)
        let cursor = file.cursor
        try append(1...6, to: &file)
        // The journal has lost what led to all but the first two.
        var again = try open(cursor)
        try again.append(letters(1...2))
        try again.goOn(at: 3)
        try again.append(letters(3...3))
        let later = try open(again.cursor)
        #expect(later.cursor.nextNumber == 4)
        #expect(try all.hasSuffix("letter 3\n"))
    }

    @Test func theOldestFilesGoAndAreCounted() throws {
        var file = try open(nil)
        try append(1...20, to: &file)
        let retention = LetterRetention([path], keeping: 2, SystemDisk())
        let before = try all.split(separator: "\n").count
        let removed = try retention.step()
        let kept = try all
        #expect(before == 20 && removed == 20 - kept.split(separator: "\n").count && removed > 4)
        #expect(text(1...20).hasSuffix(kept))
        #expect(try retention.step() == 0)
    }

    @Test func aSinksDeadLettersGoToANewFileWhereTheyAreMany() throws {
        var letters = SinkDeadLetters(
            "far", in: folder.path, fileByteCount: 200, SystemDisk())
        for number in Int64(1)...9 {
            try letters.append(
                [StoredAlert(number: number, json: "{\"n\":\(number)}")], reason: "no", at: at(0))
        }
        let names = try SystemDisk().names(in: folder.path)
            .filter { $0.hasPrefix("dead-letters-far") }
        #expect(names.count > 2)
        let lines = try names.flatMap { try folder.text(of: $0).split(separator: "\n") }
        #expect(lines.count == 9)
        for (number, line) in lines.enumerated() { #expect(line.contains("{\"n\":\(number + 1)}")) }
    }
}
