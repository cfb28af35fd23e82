// SPDX-License-Identifier: Apache-2.0
// Exercised by JournalSurveyTests.

package import EventModel

/// What is in a journal, whatever is wrong with it: a start gives up at the first damage, and this
/// goes on behind it.
package struct JournalSurvey: Sendable {
    package struct Segment: Sendable {
        package var name: String
        package var byteCount: Int
        /// Whole entries.
        package var entryCount = 0
        package var eventLineCount = 0
        /// The numbers of the first and the last of them.
        package var firstNumber: Int64?
        package var lastNumber: Int64?
        /// When the first and the last record or tick came, by the wall clock.
        package var firstTime: StreamTime?
        package var lastTime: StreamTime?
    }

    package private(set) var segments: [Segment] = []
    /// What is damaged, missing or of another version, with its place.
    package private(set) var problems: [String] = []
    /// Bytes behind the last whole entry, which a crash cut off: a start leaves them out.
    package private(set) var tornByteCount = 0
    /// The number that the next entry should have; nil: none is known yet.
    private var expected: Int64?

    package init(_ disk: any Disk, folder: String) throws(StateError) {
        let found = try JournalReader.segments(in: folder, disk)
        for (index, segment) in found.enumerated() {
            let path = "\(folder)/\(segment.name)"
            let bytes = try disk.read(path)
            if let expected, segment.firstNumber != expected {
                problems.append(JournalSurvey.gap(expected, segment.firstNumber))
            }
            expected = segment.firstNumber
            look(at: segment, path, bytes, isLast: index == found.count - 1)
        }
    }

    /// Tells of what is missing from a journal that a checkpoint was made with.
    ///
    /// - Parameters:
    ///   - last: the last entry that is in the newest whole checkpoint.
    ///   - oldest: the same of the oldest that is kept, up to which the journal reaches back; nil:
    ///     there is one.
    package mutating func hold(againstCheckpoint last: Int64, oldest: Int64? = nil) {
        guard let first = segments.first, let expected else {
            problems.append("there is no journal, and the newest checkpoint is of entry \(last)")
            return
        }
        let begin = first.firstNumber ?? expected
        let needed = min(oldest ?? last, last) + 1
        if begin > needed {
            problems.append(
                JournalSurvey.gap(needed, begin)
                    + (begin > last + 1
                        ? "" : ", which the checkpoint of entry \(needed - 1) needs"))
        }
        if expected <= last {
            problems.append(
                "it ends before entry \(expected), and the newest checkpoint is of entry \(last)")
        }
    }

    private static func gap(_ expected: Int64, _ found: Int64) -> String {
        found > expected
            ? "entries \(expected) to \(found &- 1) are missing"
            : "entries \(found) to \(expected &- 1) are there twice"
    }

    private mutating func look(
        at segment: JournalSegment, _ path: String, _ bytes: [UInt8], isLast: Bool
    ) {
        var told = Segment(name: segment.name, byteCount: bytes.count)
        defer { segments.append(told) }
        let head = bytes.prefix(JournalSegment.headByteCount)
        if let problem = segment.problem(ofHead: head) {
            if isLast, bytes.count <= JournalSegment.headByteCount {
                tornByteCount = bytes.count
                return
            }
            problems.append("`\(path)` cannot be used: \(problem)")
            // What is behind the head of another version means something else.
            if !JournalSegment.isOfThisFormat(head) { return }
        }
        var place = min(JournalSegment.headByteCount, bytes.count)
        while place < bytes.count {
            guard let frame = JournalSegment.frame(in: bytes, at: place) else {
                guard let end = passOver(place, in: bytes, path, isLast: isLast) else { return }
                place = end
                continue
            }
            if let expected, frame.number != expected {
                problems.append("`\(path)`, byte \(place): \(Self.gap(expected, frame.number))")
            }
            if let entry = JournalEntry(bytes[frame.content]) {
                told.add(entry, number: frame.number)
            } else {
                problems.append(
                    "`\(path)`, byte \(place): entry \(frame.number) is of no kind that is known")
            }
            expected = frame.number &+ 1
            place = frame.content.upperBound
        }
    }

    /// Tells of bytes that are no entry; the place of the next one, or nil: there is none.
    private mutating func passOver(
        _ place: Int, in bytes: [UInt8], _ path: String, isLast: Bool
    ) -> Int? {
        let number = expected ?? 1
        let next = JournalSegment.nextFrame(in: bytes, behind: place, number: number)
        if next == nil, isLast {
            tornByteCount = bytes.count - place
            return nil
        }
        problems.append(
            "`\(path)` is damaged from byte \(place) to byte \(next ?? bytes.count), where entry "
                + "\(number) should be")
        return next
    }
}

extension JournalSurvey.Segment {
    fileprivate mutating func add(_ entry: JournalEntry, number: Int64) {
        entryCount += 1
        firstNumber = firstNumber ?? number
        lastNumber = number
        let time: StreamTime
        switch entry {
        case .records(let records):
            time = records.acceptedAt
            eventLineCount += records.lines.count(where: { $0 == 0x0a })
        case .tick(let moment): time = moment
        case .alertsContinue, .rules: return
        }
        firstTime = firstTime ?? time
        lastTime = time
    }
}
