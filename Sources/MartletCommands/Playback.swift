// SPDX-License-Identifier: Apache-2.0
// Exercised by PlaybackTests.

internal import Connectors
internal import EventModel
internal import Glibc
internal import Live

/// A clock that can be waited by.
protocol PlaybackClock: WallClock {
    func sleep(nanoseconds: Int64)
}

extension SystemClock: PlaybackClock {
    func sleep(nanoseconds: Int64) {
        // What comes a microsecond early is not early.
        var left = nanoseconds / 1000
        while left > 0 {
            let step = min(left, 500_000)
            usleep(UInt32(step))
            left -= step
        }
    }
}

/// Recordings that are played as if they happened now.
struct Playback {
    struct Options {
        var paths: [String] = []
        var format: FeedFormat?
        var timeField: String?
        var speed = 1.0
        var loops = false
        /// Whether each file begins now, and not only the one with the earliest record.
        var beginsTogether = false
        /// Whether times stay as far apart as they are, whatever the speed.
        var keepsDistances = false
        /// The time that the first record gets; nil: that of the clock.
        var start: StreamTime?
    }

    /// Why nothing is played.
    enum Problem: Error, CustomStringConvertible {
        case noTimes(path: String)
        case mixedFormats(String, String)
        case otherHeader(path: String)

        var description: String {
            switch self {
            case .noTimes(let path):
                "no record of `\(path)` has a time that can be read; `--time-field` names the "
                    + "field that holds it"
            case .mixedFormats(let one, let other):
                "`\(one)` and `\(other)` are of different formats, and what comes out is of one"
            case .otherHeader(let path):
                "`\(path)` has other columns than the file before it"
            }
        }
    }

    let options: Options
    let clock: any PlaybackClock
    /// Takes lines, each with its newline; `flushes`: they are awaited now.
    let write: (_ bytes: [UInt8], _ flushes: Bool) throws(FeedError) -> Void

    /// Plays everything once, or for ever.
    ///
    /// - Throws: `Problem`, `FeedError`.
    func run() throws {
        do {
            try playRounds()
        } catch {
            // What came before it comes out.
            try? write([], true)
            throw error
        }
    }

    private func playRounds() throws {
        var start = options.start ?? clock.now
        var isFirst = true
        repeat {
            let last = try playOnce(from: start, writesHeader: isFirst)
            isFirst = false
            if options.loops, last <= start {
                // Of one moment: a round a second, and not as many as can be written.
                clock.sleep(nanoseconds: 1_000_000_000)
                start = start + TimeSpan(seconds: 1)
            } else {
                start = last
            }
        } while options.loops
    }

    /// Plays everything once; gives the time of the last record.
    private func playOnce(from start: StreamTime, writesHeader: Bool) throws -> StreamTime {
        let files = try open()
        if writesHeader, let header = files[0].header { try write(header + [0x0a], true) }
        let earliest = files.compactMap(\.firstTime).min() ?? .zero
        let begunAt = clock.nanoseconds
        var last = start
        for file in files {
            for line in file.leaders { try write(line + [0x0a], false) }
        }
        while let (file, offset) = next(of: files, since: earliest), let dated = file.next {
            let due = scaled(offset)
            let wait = due - (clock.nanoseconds - begunAt)
            if wait > 0 {
                try write([], true)
                clock.sleep(nanoseconds: wait)
            }
            let moved = start + TimeSpan(nanoseconds: options.keepsDistances ? offset : due)
            // Whole milliseconds, which every form of a time can hold.
            let time = StreamTime(nanoseconds: moved.nanoseconds / 1_000_000 * 1_000_000)
            last = max(last, moved)
            try write(dated.record.bytes(at: time) + [0x0a], false)
            for line in dated.followers { try write(line + [0x0a], false) }
            try file.advance()
        }
        try write([], true)
        return last
    }

    private func open() throws -> [PlayedFile] {
        var files: [PlayedFile] = []
        for path in options.paths {
            let file = try PlayedFile(
                path: path, format: options.format, timeField: options.timeField)
            guard file.firstTime != nil else { throw Problem.noTimes(path: path) }
            if let first = files.first {
                if first.format != file.format { throw Problem.mixedFormats(first.path, path) }
                if first.header != file.header { throw Problem.otherHeader(path: path) }
            }
            files.append(file)
        }
        return files
    }

    /// The file whose record comes next, and how far that is behind the beginning.
    private func next(
        of files: [PlayedFile], since earliest: StreamTime
    ) -> (file: PlayedFile, offset: Int64)? {
        var found: (file: PlayedFile, offset: Int64)?
        for file in files {
            guard let time = file.next?.record.time else { continue }
            let origin = options.beginsTogether ? file.firstTime ?? earliest : earliest
            let (distance, over) = time.nanoseconds.subtractingReportingOverflow(
                origin.nanoseconds)
            let offset = over ? Int64.max : distance
            if offset < found?.offset ?? .max { found = (file, offset) }
        }
        return found
    }

    /// How long after the beginning a record is due.
    private func scaled(_ offset: Int64) -> Int64 {
        if options.speed == 1 { return offset }
        return Int64(exactly: (Double(offset) / options.speed).rounded(.down)) ?? .max
    }
}
