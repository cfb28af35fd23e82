// SPDX-License-Identifier: Apache-2.0
// Exercised by RunCommandTests.

internal import Connectors
internal import Glibc

/// Standard input as a feed. What it has given it cannot give again: what was not accepted before
/// a crash is lost with it.
struct StandardInputFeed {
    static let chunkByteCount = 256 * 1024

    let configuration: FeedConfiguration
    let clock: any WallClock
    let descriptor: CInt

    /// Reads to the end, or until the queue is closed.
    func run(into queue: AcceptQueue) throws(StateError) {
        var cutter = LineCutter(maxLineByteCount: configuration.maxLineByteCount)
        var pieces = configuration.delimiter.map {
            CSVPieces(delimiter: $0, maxRowByteCount: configuration.maxLineByteCount)
        }
        var chunk = [UInt8](repeating: 0, count: StandardInputFeed.chunkByteCount)
        var isAtEnd = false
        while !isAtEnd {
            guard try waitForInput(queue) else { return }
            // SAFETY: the buffer has as many bytes as are asked for.
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count >= 0 else { throw .system("read", "standard input", errno: errno) }
            isAtEnd = count == 0
            var lines: [UInt8] = []
            if isAtEnd {
                cutter.finish(into: &lines)
            } else {
                cutter.take(chunk[..<count], into: &lines)
            }
            if let taken = pieces?.take(lines) {
                lines = taken + (isAtEnd ? pieces?.finish() ?? [] : [])
            }
            if lines.isEmpty { continue }
            let records = AcceptedRecords(
                feed: configuration.options.name, acceptedAt: clock.now, lines: lines)
            guard queue.push(records, sync: configuration.sync) else { return }
        }
    }

    /// Waits until there is something to read; false: the queue was closed meanwhile.
    private func waitForInput(_ queue: AcceptQueue) throws(StateError) -> Bool {
        while !queue.isClosed {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            // SAFETY: one entry, valid for the call.
            let count = unsafe poll(&waiting, 1, 100)
            if count > 0 { return true }
            if count < 0, errno != EINTR {
                throw .system("read", "standard input", errno: errno)
            }
        }
        return false
    }
}
