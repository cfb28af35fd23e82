// SPDX-License-Identifier: Apache-2.0
// Exercised by PlaybackTests.

internal import Connectors
internal import EventModel

/// A recording that is read a record ahead.
final class PlayedFile {
    /// A record with what follows it without a time of its own.
    struct Dated {
        var record: DatedRecord
        /// Lines that go out right behind it, as they are.
        var followers: [[UInt8]] = []
    }

    static let lineByteCap = 16 << 20

    let path: String
    let format: FeedFormat
    /// Of CSV: the row of names.
    private(set) var header: [UInt8]?
    /// Lines before the first record with a time.
    private(set) var leaders: [[UInt8]] = []
    /// The record that comes next; nil: there is none.
    private(set) var next: Dated?
    /// The time of the first record.
    private(set) var firstTime: StreamTime?
    private var reader: LineReader
    private var records: DatedRecords
    private var ahead: DatedRecord?
    /// What the file did behind what has been read.
    private var problem: FeedError?

    /// Opens a recording, and reads as far as its second record.
    ///
    /// - Throws: what the file did.
    init(path: String, format: FeedFormat?, timeField: String?) throws(FeedError) {
        self.path = path
        let source = try ByteSource(path: path)
        let guessed = path == "-" ? FeedFormat.jsonLines : FeedFormat(guessedFrom: path)
        self.format = format ?? guessed
        let modified = source.modifiedSeconds.map { StreamTime.zero + TimeSpan(seconds: $0) }
        records = DatedRecords(format: self.format, timeField: timeField, modified: modified)
        reader = LineReader(source, maxLineBytes: PlayedFile.lineByteCap)
        ahead = try read(&leaders)
        firstTime = ahead?.time
        try advance()
    }

    /// Goes on to the next record.
    ///
    /// - Throws: what the file did, behind every record that could be read before.
    func advance() throws(FeedError) {
        guard let record = ahead else {
            next = nil
            if let problem {
                self.problem = nil
                throw problem
            }
            return
        }
        ahead = nil
        var followers: [[UInt8]] = []
        do throws(FeedError) {
            ahead = try read(&followers)
        } catch {
            problem = error
        }
        next = Dated(record: record, followers: followers)
    }

    /// The next record with a time; what is before it goes to `undated`.
    private func read(_ undated: inout [[UInt8]]) throws(FeedError) -> DatedRecord? {
        while let line = try reader.next() {
            switch records.take(Array(reader.buffer[line.range])) {
            case .record(let record): return record
            case .header(let header): self.header = header
            case .undated(let line): undated.append(line)
            case .nothing: break
            }
        }
        return nil
    }
}
