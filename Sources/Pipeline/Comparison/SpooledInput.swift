// SPDX-License-Identifier: Apache-2.0

package import Connectors
import Glibc

/// A copy of standard input, which can be read more than once: a file without a name, gone when
/// nobody has it open any more.
///
/// - Shape: as much room in the folder for temporary files as the input is long, and one chunk of
///   memory.
package final class SpooledInput: Sendable {
    private static let chunkByteCount = 1 << 20

    private let descriptor: CInt
    /// Where it can be opened anew, from its beginning.
    package var path: String { "/proc/self/fd/\(descriptor)" }

    /// Reads standard input to its end.
    ///
    /// - Throws: `cannotRead`, `cannotWrite`.
    package init() throws(FeedError) {
        // SAFETY: getenv gives a C string or nothing, which is copied at once.
        let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        let free = String(repeating: "X", count: 6)
        var template = Array("\(folder)/martlet-\(free)".utf8CString)
        // SAFETY: the template is a C string with its six last signs free, as both calls want it.
        descriptor = unsafe template.withUnsafeMutableBufferPointer { name in
            guard let start = name.baseAddress else { return -1 }
            let file = unsafe mkstemp(start)
            if file >= 0 { unsafe unlink(start) }
            return file
        }
        guard descriptor >= 0 else { throw FeedError.cannotWrite(path: folder, errno: errno) }
        let problem = SpooledInput.copy(to: descriptor)
        if let errno = problem.reading { throw FeedError.cannotRead(path: "-", errno: errno) }
        if let errno = problem.writing { throw FeedError.cannotWrite(path: folder, errno: errno) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private static func copy(to descriptor: CInt) -> (reading: CInt?, writing: CInt?) {
        var chunk = [UInt8](repeating: 0, count: chunkByteCount)
        while true {
            // SAFETY: the buffer has as many bytes as are said to be there.
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe read(STDIN_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            if count < 0 { return (errno, nil) }
            if count == 0 { return (nil, nil) }
            var rest = chunk[..<count]
            while !rest.isEmpty {
                // SAFETY: the buffer has as many bytes as are said to be there.
                let written = unsafe rest.withUnsafeBytes {
                    unsafe write(descriptor, $0.baseAddress, $0.count)
                }
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { return (nil, written < 0 ? errno : EIO) }
                rest = rest.dropFirst(written)
            }
        }
    }
}
