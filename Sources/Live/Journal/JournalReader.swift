// SPDX-License-Identifier: Apache-2.0
// Exercised by JournalTests.

/// The entries of a journal from a number on, segment by segment.
///
/// - Shape: holds one segment at a time.
package struct JournalReader {
    private let disk: any Disk
    private let folder: String
    private let segments: [JournalSegment]
    /// The segment after the one in `bytes`.
    private var nextSegment = 0
    private var bytes: [UInt8] = []
    private var place = 0
    private var path = ""
    /// The number of the entry that comes next.
    package private(set) var nextNumber: Int64
    /// Bytes behind the last whole entry, which a crash cut off.
    package private(set) var tornByteCount = 0
    /// Where the last segment is whole up to.
    private(set) var wholeByteCount: Int64 = 0

    /// - Parameter first: the number of the first entry wanted, from 1; nil: the first that is
    ///   there.
    /// - Throws: `system`, `journalLacks` if the journal begins later, and `gone` if there is
    ///   none although entries came before the first one wanted.
    package init(
        _ disk: any Disk, folder: String, from first: Int64? = nil
    ) throws(StateError) {
        self.disk = disk
        self.folder = folder
        segments = try JournalReader.segments(in: folder, disk)
        nextNumber = first ?? segments.first?.firstNumber ?? 1
        guard let start = segments.last(where: { $0.firstNumber <= nextNumber }) else {
            if let earliest = segments.first {
                throw .journalLacks(folder: folder, from: nextNumber, to: earliest.firstNumber - 1)
            }
            if nextNumber > 1 { throw .gone(folder) }
            return
        }
        nextSegment = segments.firstIndex(of: start) ?? 0
        let wanted = nextNumber
        nextNumber = start.firstNumber
        while nextNumber < wanted {
            guard try next() != nil else { break }
        }
        guard nextNumber >= wanted else {
            throw .journalLacks(folder: folder, from: nextNumber, to: wanted - 1)
        }
    }

    static func segments(
        in folder: String, _ disk: any Disk
    ) throws(StateError) -> [JournalSegment] {
        try disk.names(in: folder).compactMap(JournalSegment.init)
            .sorted { $0.firstNumber < $1.firstNumber }
    }

    /// The next entry; nil at the end.
    ///
    /// - Throws: `journalDamaged`, `journalLacks`, `unusable`, `system`.
    package mutating func next() throws(StateError) -> JournalEntry? {
        while true {
            if place == bytes.count {
                guard nextSegment < segments.count else { return nil }
                guard try open(segments[nextSegment]) else { return nil }
                continue
            }
            guard let frame = JournalSegment.frame(in: bytes, at: place) else {
                try endTorn()
                return nil
            }
            guard frame.number == nextNumber, nextNumber < .max,
                let entry = JournalEntry(bytes[frame.content])
            else {
                throw .journalDamaged(path: path, offset: Int64(place), number: nextNumber)
            }
            nextNumber += 1
            place = frame.content.upperBound
            wholeByteCount = Int64(place)
            return entry
        }
    }

    /// False: the segment was being made when everything ended.
    private mutating func open(_ segment: JournalSegment) throws(StateError) -> Bool {
        guard segment.firstNumber == nextNumber else {
            throw .journalLacks(folder: folder, from: nextNumber, to: segment.firstNumber - 1)
        }
        path = "\(folder)/\(segment.name)"
        bytes = try disk.read(path)
        nextSegment += 1
        place = min(JournalSegment.headByteCount, bytes.count)
        wholeByteCount = 0
        if let problem = segment.problem(ofHead: bytes[..<place]) {
            let isLast = nextSegment == segments.count
            guard isLast, bytes.count <= JournalSegment.headByteCount else {
                throw .unusable(path: path, reason: problem)
            }
            tornByteCount = bytes.count
            place = bytes.count
            return false
        }
        wholeByteCount = Int64(place)
        return true
    }

    /// What is no entry ends the journal if nothing can be behind it.
    private mutating func endTorn() throws(StateError) {
        guard nextSegment == segments.count,
            JournalSegment.nextFrame(in: bytes, behind: place, number: nextNumber) == nil
        else { throw .journalDamaged(path: path, offset: Int64(place), number: nextNumber) }
        tornByteCount = bytes.count - place
        place = bytes.count
    }

    /// The segment that was read last, which a writer goes on with; nil: there is none.
    var lastSegment: JournalSegment? { nextSegment > 0 ? segments[nextSegment - 1] : nil }
}
