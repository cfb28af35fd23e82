// SPDX-License-Identifier: Apache-2.0
// Exercised by FileSinkTests.

internal import EventModel
import Glibc

/// Buffered writes to a file or to standard output (`-`).
///
/// The signal SIGPIPE is ignored for the process once a sink is opened, so that a reader that
/// goes away is an error to report and not the end of the program.
package struct FileSink: ~Copyable {
    /// Bytes that are gathered before they are written.
    package static let bufferByteCount = 64 * 1024

    package let path: String
    /// Bytes written out so far.
    package private(set) var writtenByteCount: Int64 = 0
    private var descriptor: CInt
    private let ownsDescriptor: Bool
    /// What has been taken and not yet been handed on. Who writes straight into it calls
    /// `flushIfFull` now and then.
    package var buffer: [UInt8] = []

    /// Makes the file anew, or goes on at its end.
    ///
    /// - Throws: `cannotOpen`.
    package init(path: String, appends: Bool = false) throws(FeedError) {
        self.path = path
        _ = signal(SIGPIPE, SIG_IGN)
        ownsDescriptor = path != "-"
        if ownsDescriptor {
            let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (appends ? O_APPEND : O_TRUNC)
            // SAFETY: the path is a C string for the call.
            descriptor = unsafe open(path, flags, 0o644)
            guard descriptor >= 0 else { throw FeedError.cannotOpen(path: path, errno: errno) }
        } else {
            descriptor = STDOUT_FILENO
        }
    }

    deinit {
        if ownsDescriptor, descriptor >= 0 { _ = Glibc.close(descriptor) }
    }

    /// Takes bytes, and writes when enough have gathered.
    ///
    /// - Throws: `cannotWrite`, `readerGone`; the bytes gathered are kept, and a later call tries
    ///   the rest of them again.
    package mutating func write(_ bytes: Span<UInt8>) throws(FeedError) {
        buffer.append(copying: bytes)
        try flushIfFull()
    }

    /// Writes if enough has gathered.
    ///
    /// - Throws: like `write`.
    package mutating func flushIfFull() throws(FeedError) {
        if buffer.count >= FileSink.bufferByteCount { try flush() }
    }

    /// Hands everything to the operating system.
    ///
    /// - Throws: like `write`.
    package mutating func flush() throws(FeedError) {
        var done = 0
        defer {
            writtenByteCount += Int64(done)
            buffer.removeFirst(done)
        }
        while done < buffer.count {
            // SAFETY: write(2) reads buffer.count - done bytes from `done` on.
            let count = unsafe buffer.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw errno == EPIPE
                    ? FeedError.readerGone(path: path)
                    : FeedError.cannotWrite(path: path, errno: errno)
            }
            done += count
        }
    }

    /// Flushes and closes; a file is also closed, without a word, when the sink goes away.
    ///
    /// - Throws: like `write`, and what close(2) reports (a full disk may show only here).
    package consuming func close() throws(FeedError) {
        try flush()
        guard ownsDescriptor else { return }
        let closing = descriptor
        descriptor = -1
        guard Glibc.close(closing) == 0 else {
            throw FeedError.cannotWrite(path: path, errno: errno)
        }
    }
}
