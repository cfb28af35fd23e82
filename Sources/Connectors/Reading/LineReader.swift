// SPDX-License-Identifier: Apache-2.0
// Exercised by LineReaderTests.

import CByteScan
import Glibc

/// The lines of a byte source, one at a time.
///
/// - Shape: memory is at most the longest line taken and a chunk.
package struct LineReader: ~Copyable {
    /// One line, without its newline.
    package struct Line: Hashable, Sendable {
        /// Where it is in `buffer`, until the next one is asked for. Of a line beyond the cap it is
        /// the beginning.
        package var range: Range<Int>
        /// Its length in bytes.
        package var byteCount: Int
        /// False: the data ends before the line does.
        package var isTerminated: Bool
        package var isTooLong: Bool
    }

    /// The beginning of an overlong line that is kept for its dead letter.
    static let excerptByteCount = DeadLetter.byteCap

    package private(set) var source: ByteSource
    package private(set) var buffer: [UInt8] = []
    /// The number of the line given last, from 1.
    package private(set) var lineNumber: Int64 = 0
    let maxLineBytes: Int
    /// What is before this has been given.
    private(set) var start = 0
    /// There is no newline in start..<scanned.
    private var scanned = 0
    /// Whether the source has no more than what is in the buffer.
    private(set) var isAtEnd = false
    /// Bytes of the overlong line that are gone; 0: the line at hand is all there.
    private var droppedByteCount = 0
    private var excerpt: [UInt8] = []
    private var isFirstChunk = true
    private var pendingError: FeedError?

    package init(_ source: consuming ByteSource, maxLineBytes: Int) {
        LineReader.keepFreedChunks
        self.source = source
        self.maxLineBytes = max(maxLineBytes, 1)
    }

    /// The next line; nil at the end.
    ///
    /// - Throws: what the source did, after every line that could be read before.
    package mutating func next() throws(FeedError) -> Line? {
        while true {
            if let line = nextInBuffer() { return line }
            if isAtEnd { return try last() }
            refill()
        }
    }

    /// The next line, if it ends inside the buffer; `buffer` stays what it is unless the line is
    /// too long.
    mutating func nextInBuffer() -> Line? {
        guard let newline = findNewline() else {
            scanned = buffer.count
            return nil
        }
        let range = start..<newline
        start = newline + 1
        scanned = start
        return finish(range, isTerminated: true)
    }

    /// Where the next line is, if it ends inside the buffer; it is not taken. Nil also in the
    /// middle of an overlong one.
    mutating func peek() -> Range<Int>? {
        guard droppedByteCount == 0 else { return nil }
        guard let newline = findNewline() else {
            scanned = buffer.count
            return nil
        }
        scanned = newline
        return start..<newline
    }

    /// Reads on until a line ends inside the buffer, is overlong, or there is no more to read.
    mutating func readAhead() {
        while !isAtEnd, droppedByteCount == 0, peek() == nil { refill() }
    }

    /// Whether nobody has looked for the end of the next line yet.
    var isAtFreshLine: Bool { scanned == start && droppedByteCount == 0 && start < buffer.count }

    /// Takes note of lines that somebody else found in the buffer.
    ///
    /// - Parameter end: behind the newline of the last one.
    mutating func pass(lineCount: Int64, to end: Int) {
        assert(end >= start && end <= buffer.count, "lines of the buffer")
        lineNumber += lineCount
        start = end
        scanned = end
    }

    private mutating func last() throws(FeedError) -> Line? {
        if start < buffer.count || droppedByteCount > 0 {
            let range = start..<buffer.count
            start = buffer.count
            return finish(range, isTerminated: false)
        }
        if let error = pendingError {
            pendingError = nil
            throw error
        }
        return nil
    }

    private mutating func finish(_ range: Range<Int>, isTerminated: Bool) -> Line {
        lineNumber += 1
        let byteCount = droppedByteCount + range.count
        var line = Line(
            range: range, byteCount: byteCount, isTerminated: isTerminated,
            isTooLong: byteCount > maxLineBytes)
        if droppedByteCount > 0 {
            // The excerpt takes the place of the line's rest, which nobody needs.
            buffer.replaceSubrange(range, with: excerpt)
            let moved = excerpt.count - range.count
            start += moved
            scanned += moved
            line.range = range.lowerBound..<range.lowerBound + excerpt.count
            droppedByteCount = 0
            excerpt = []
        } else if line.isTooLong {
            line.range = range.prefix(LineReader.excerptByteCount)
        }
        return line
    }

    /// A chunk that is lent to a batch is freed with that, and another is made for what comes next.
    private static let keepFreedChunks: Void = martlet_keep_freed_blocks()

    private mutating func drop() {
        excerpt += buffer[start...].prefix(LineReader.excerptByteCount - excerpt.count)
        droppedByteCount += buffer.count - start
        buffer.removeAll(keepingCapacity: true)
        start = 0
        scanned = 0
    }

    private mutating func refill() {
        if buffer.count - start > maxLineBytes { drop() }
        if start > 0 {
            buffer.removeSubrange(..<start)
            scanned -= start
            start = 0
        }
        do throws(FeedError) {
            isAtEnd = try !source.read(appendingTo: &buffer)
        } catch {
            pendingError = error
            isAtEnd = true
        }
        if isFirstChunk {
            isFirstChunk = false
            // A byte order mark may stand at the start of a file, and only there.
            if buffer.starts(with: [0xef, 0xbb, 0xbf]) { start = 3 }
            scanned = start
        }
    }

    private func findNewline() -> Int? {
        guard scanned < buffer.count else { return nil }
        // SAFETY: memchr looks at buffer.count - scanned bytes from `scanned` on, all in bounds.
        return unsafe buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            let from = unsafe base.advanced(by: scanned)
            let hit = unsafe memchr(from, 0x0a, bytes.count - scanned)
            return unsafe hit.map { unsafe UnsafeRawPointer($0) - base }
        }
    }
}
