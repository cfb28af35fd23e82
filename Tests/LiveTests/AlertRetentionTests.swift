// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Live

@Suite struct AlertRetentionTests {
    private let folder: ScratchFolder
    private let store: SQLiteAlertStore
    private var path: String { "\(folder.path)/alerts.sqlite" }

    init() throws {
        folder = try ScratchFolder()
        store = try SQLiteAlertStore(path: "\(folder.path)/alerts.sqlite")
    }

    private func lines(
        _ numbers: ClosedRange<Int64>, padding: Int = 0, _ status: String? = nil
    ) -> NumberedLines {
        var lines = NumberedLines(firstNumber: numbers.lowerBound)
        let more = status.map { ",\"status\":\"\($0)\"" } ?? ""
        let pad = String(repeating: "x", count: padding)
        for number in numbers {
            let id = status == nil ? "a\(number)" : "shared"
            lines.bytes += "{\"id\":\"\(id)\",\"rule\":\"r\"\(more),\"pad\":\"\(pad)\"}\n".utf8
            lines.endLine()
        }
        return lines
    }

    private func retention(
        _ change: (inout RetentionOptions) -> Void
    ) throws -> AlertRetention {
        var options = RetentionOptions.everything
        change(&options)
        return try AlertRetention(options, of: store, sinks: ["out"])
    }

    private func sent(before number: Int64) throws {
        try store.setCursor(LineCursor(nextNumber: number), of: "out")
    }

    private func removeAll(
        _ retention: inout AlertRetention, at time: StreamTime
    ) throws -> Int {
        var count = 0
        while case .removed(let some, _) = try retention.step(at: time) { count += some }
        return count
    }

    private func numbers() throws -> [Int64] {
        try store.alerts(from: 0, limit: .max).map(\.number)
    }

    @Test func anAlertGoesWhenItHasBeenThereForLongEnough() throws {
        var retention = try retention { $0.alertSpan = TimeSpan(seconds: 1000) }
        try sent(before: 100)
        try store.append(lines(1...3))
        #expect(try removeAll(&retention, at: at(0)) == 0)
        try store.append(lines(4...5))
        #expect(try removeAll(&retention, at: at(500)) == 0)
        #expect(try removeAll(&retention, at: at(999)) == 0)
        #expect(try removeAll(&retention, at: at(1000)) == 3)
        #expect(try numbers() == [4, 5])
        #expect(try removeAll(&retention, at: at(1500)) == 2)
        #expect(try numbers() == [])
        #expect(try store.nextNumber() == 6)
    }

    @Test func whatASinkHasNotHadStays() throws {
        var retention = try retention { $0.alertSpan = TimeSpan(seconds: 10) }
        try store.append(lines(1...9))
        _ = try retention.step(at: at(0))
        // Nobody knows yet where the sink begins.
        #expect(try removeAll(&retention, at: at(60)) == 0)
        try sent(before: 4)
        #expect(try removeAll(&retention, at: at(60)) == 3)
        #expect(try numbers() == [4, 5, 6, 7, 8, 9])
        try sent(before: 10)
        #expect(try removeAll(&retention, at: at(60)) == 6)
    }

    @Test func whatIsRemovedDoesNotComeAgain() throws {
        var retention = try retention { $0.alertSpan = TimeSpan(seconds: 10) }
        try store.append(lines(1...6))
        try sent(before: 5)
        _ = try retention.step(at: at(0))
        #expect(try removeAll(&retention, at: at(60)) == 4)
        let again = try SQLiteAlertStore(path: path)
        try again.append(lines(1...7))
        #expect(try again.alerts(from: 0, limit: .max).map(\.number) == [5, 6, 7])
        #expect(try again.firstKeptNumber() == 5 && again.nextNumber() == 8)
    }

    @Test func theNumbersGoOnWhenEverythingIsRemoved() throws {
        var retention = try retention { $0.alertSpan = TimeSpan(seconds: 10) }
        try store.append(lines(1...6))
        try sent(before: 7)
        _ = try retention.step(at: at(0))
        #expect(try removeAll(&retention, at: at(60)) == 6)
        let again = try SQLiteAlertStore(path: path)
        #expect(try again.nextNumber() == 7)
        #expect(try again.alerts(from: 0, limit: .max) == [])
    }

    @Test func anOpenAlertStaysUntilItsNoticeGoes() throws {
        var retention = try retention { $0.alertSpan = TimeSpan(seconds: 100) }
        try sent(before: 100)
        try store.append(lines(1...1, "open"))
        try store.append(lines(2...3))
        _ = try retention.step(at: at(0))
        #expect(try removeAll(&retention, at: at(100)) == 2)
        #expect(try numbers() == [1])
        #expect(try store.openAlerts(before: 4).map(\.number) == [1])
        try store.append(lines(4...4, "resolved"))
        #expect(try removeAll(&retention, at: at(110)) == 0)
        #expect(try numbers() == [1, 4])
        #expect(try removeAll(&retention, at: at(210)) == 2)
        #expect(try numbers() == [])
    }

    @Test func theOldestGoWhereThereAreTooMany() throws {
        try store.append(lines(1...3000, padding: 500))
        try sent(before: 2900)
        let full = try store.usedByteCount()
        var retention = try retention { $0.alertByteCap = full / 2 }
        #expect(try retention.step(at: at(0)) == .removed(200, isForRoom: true))
        let count = try removeAll(&retention, at: at(0)) + 200
        #expect(try store.usedByteCount() <= full / 2)
        #expect(count > 1300 && count < 2000)
        // What nobody has had stays, however much it takes.
        try store.append(lines(20_000...23_000, padding: 500))
        _ = try removeAll(&retention, at: at(0))
        #expect(try store.firstKeptNumber() == 2900)
    }

    @Test func whatWasRemovedLeavesItsRoomToOthers() throws {
        let path = "\(folder.path)/other.sqlite"
        var options = RetentionOptions.everything
        options.alertByteCap = 1 << 20
        do {
            let store = try SQLiteAlertStore(path: path)
            var retention = try AlertRetention(options, of: store, sinks: [])
            for first in stride(from: Int64(1), to: 8000, by: 1000) {
                try store.append(lines(first...(first + 999), padding: 500))
                _ = try removeAll(&retention, at: at(0))
            }
        }
        // All in all there were five times as many bytes.
        let byteCount = try SystemDisk().byteCount(of: path) ?? .max
        #expect(byteCount < 2 << 20)
    }

    @Test func aClockThatIsSetBackRemovesNothingTooEarly() throws {
        var retention = try retention { $0.alertSpan = TimeSpan(seconds: 100) }
        try sent(before: 100)
        try store.append(lines(1...3))
        _ = try retention.step(at: at(1_000_000))
        #expect(try removeAll(&retention, at: at(0)) == 0)
        #expect(try removeAll(&retention, at: at(99)) == 0)
        #expect(try removeAll(&retention, at: at(100)) == 3)
    }

    @Test func marksAreKnownToTheNextStartAndStayFew() throws {
        try sent(before: 1)
        do {
            var retention = try retention { $0.alertSpan = TimeSpan(seconds: 100) }
            for number in Int64(1)...1200 {
                try store.append(lines(number...number))
                _ = try retention.step(at: at(Double(number)))
            }
        }
        let marks = try store.ageMarks()
        #expect(marks.count <= 1024 && marks.count > 400)
        #expect(marks == marks.sorted { $0.before < $1.before })
        try sent(before: 1201)
        var retention = try retention { $0.alertSpan = TimeSpan(seconds: 100) }
        #expect(try removeAll(&retention, at: at(1400)) == 1200)
    }
}
