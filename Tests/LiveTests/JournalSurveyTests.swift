// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Live

@Suite struct JournalSurveyTests {
    private let folder: ScratchFolder
    private let disk = SystemDisk()

    init() throws { folder = try ScratchFolder() }

    private static let entries: [JournalEntry] = (0..<6).map { k in
        k % 3 == 2
            ? .tick(at(Double(k)))
            : .records(
                AcceptedRecords(feed: "a", acceptedAt: at(Double(k)), lines: Array("x\ny\n".utf8)))
    }

    private func write(segmentByteCount: Int64) throws {
        let writer = try JournalWriter(
            disk, goingOnBehind: try JournalReader(disk, folder: folder.path), in: folder.path,
            segmentByteCount: segmentByteCount)
        for entry in Self.entries { try writer.append([entry]) }
    }

    private func change(_ name: String, _ body: (inout [UInt8]) -> Void) throws {
        var bytes = try disk.read("\(folder.path)/\(name)")
        body(&bytes)
        try disk.remove("\(folder.path)/\(name)")
        let file = try disk.openForAppending("\(folder.path)/\(name)")
        try file.append(bytes)
    }

    private var segments: [String] {
        get throws { try disk.names(in: folder.path) }
    }

    private var survey: JournalSurvey {
        get throws { try JournalSurvey(disk, folder: folder.path) }
    }

    @Test func aWholeJournalIsToldOfSegmentBySegment() throws {
        try write(segmentByteCount: 100)
        let survey = try survey
        #expect(survey.problems == [])
        #expect(survey.tornByteCount == 0)
        #expect(survey.segments.count > 1)
        #expect(survey.segments.map(\.entryCount).reduce(0, +) == 6)
        #expect(survey.segments.map(\.eventLineCount).reduce(0, +) == 8)
        #expect(survey.segments.first?.firstTime == at(0))
        #expect(survey.segments.last?.lastTime == at(5))
        #expect(survey.segments.last?.lastNumber == 6)
    }

    @Test func whatACrashCutOffIsNoProblem() throws {
        try write(segmentByteCount: 10_000)
        try change(segments[0]) { $0.removeLast(3) }
        let survey = try survey
        #expect(survey.problems == [])
        #expect(survey.tornByteCount > 0)
        #expect(survey.segments.map(\.entryCount) == [5])
    }

    @Test func damageIsPassedOverAndTheRestLookedAt() throws {
        try write(segmentByteCount: 10_000)
        try change(segments[0]) { $0[50] ^= 1 }
        let survey = try survey
        #expect(survey.problems.count == 2, "the damaged bytes, and the entry that is missing")
        #expect(survey.problems[0].contains("is damaged from byte 24 to byte"))
        #expect(survey.problems[1].contains("entries 1 to 1 are missing"))
        #expect(survey.segments.map(\.entryCount) == [5])
    }

    /// As another version may have written it: a start refuses it, though it is the last.
    @Test func anEntryOfNoKnownKindIsAProblem() throws {
        try write(segmentByteCount: 10_000)
        let (name, whole) = (try segments[0], try survey)
        let entry = try disk.read("\(folder.path)/\(name)").count - 9
        try change(name) {
            $0[entry] = 99
            $0 = StateFuzz.seal(segment: $0, first: 1, renumbers: false)
        }
        let survey = try survey
        #expect(survey.problems.count == 1)
        #expect(survey.problems.first?.hasSuffix("entry 6 is of no kind that is known") == true)
        #expect(survey.tornByteCount == 0)
        #expect(survey.segments.map(\.entryCount) == [whole.segments[0].entryCount - 1])
        var reader = try JournalReader(disk, folder: folder.path)
        for _ in 0..<5 { _ = try reader.next() }
        #expect(throws: StateError.self) { _ = try reader.next() }
    }

    @Test(arguments: [Int64.max, .min, -1, 0])
    func anEntryOfAnOddNumberIsAProblem(number: Int64) throws {
        try write(segmentByteCount: 10_000)
        let name = try segments[0]
        try change(name) { bytes in
            for k in 0..<8 {
                bytes[32 + k] = UInt8(truncatingIfNeeded: number >> Int64(8 * k))
            }
            bytes[90] ^= 1
            bytes = StateFuzz.seal(segment: bytes, first: 1, renumbers: false)
            bytes[90] ^= 1
        }
        #expect(try !survey.problems.isEmpty)
        #expect(throws: StateError.self) {
            var reader = try JournalReader(disk, folder: folder.path)
            while try reader.next() != nil {}
        }
    }

    @Test func aMissingSegmentIsAProblem() throws {
        try write(segmentByteCount: 30)
        try disk.remove("\(folder.path)/\(segments[2])")
        #expect(try survey.problems == ["entries 3 to 3 are missing"])
        #expect(try survey.segments.count == 5)
    }

    @Test func aSegmentOfAnotherVersionIsAProblem() throws {
        try write(segmentByteCount: 30)
        try change(segments[1]) { $0[8] = 9 }
        let problems = try survey.problems
        #expect(problems.contains { $0.contains("its format is 9") })
    }

    @Test(
        arguments: [
            (5, []), (6, []), (4, []),
            (9, ["it ends before entry 7, and the newest checkpoint is of entry 9"]),
            (1, ["entries 2 to 2 are missing"]),
        ] as [(Int64, [String])])
    func itIsHeldAgainstTheNewestCheckpoint(last: Int64, problems: [String]) throws {
        try write(segmentByteCount: 30)
        for name in try segments.prefix(2) { try disk.remove("\(folder.path)/\(name)") }
        var survey = try survey
        survey.hold(againstCheckpoint: last)
        #expect(survey.problems == problems)
    }

    @Test func itReachesBackToTheOldestCheckpoint() throws {
        try write(segmentByteCount: 30)
        for name in try segments.prefix(2) { try disk.remove("\(folder.path)/\(name)") }
        var survey = try survey
        survey.hold(againstCheckpoint: 5, oldest: 2)
        #expect(survey.problems == [])
        survey.hold(againstCheckpoint: 5, oldest: 0)
        #expect(
            survey.problems
                == ["entries 1 to 2 are missing, which the checkpoint of entry 0 needs"])
    }

    @Test func aJournalThatIsGoneIsAProblemForACheckpoint() throws {
        var survey = try survey
        #expect(survey.problems == [])
        survey.hold(againstCheckpoint: 7)
        #expect(
            survey.problems == ["there is no journal, and the newest checkpoint is of entry 7"])
    }

    /// Whatever a start refuses is found, and nothing else is.
    @Test(arguments: 0..<60) func itFindsWhatAStartRefuses(seed: Int) throws {
        try write(segmentByteCount: seed % 2 == 0 ? 80 : 10_000)
        let names = try segments
        try change(names[seed % names.count]) { bytes in
            bytes[seed * 7919 % bytes.count] ^= 1 << UInt8(seed % 8)
        }
        var isRefused = false
        do {
            var reader = try JournalReader(disk, folder: folder.path)
            while try reader.next() != nil {}
        } catch {
            isRefused = true
        }
        #expect(try survey.problems.isEmpty != isRefused)
    }
}
