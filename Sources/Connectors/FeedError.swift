// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What the world did to a feed or a sink.
package enum FeedError: Error, Hashable, Sendable {
    case cannotOpen(path: String, errno: CInt)
    case cannotRead(path: String, errno: CInt)
    case cannotWrite(path: String, errno: CInt)
    /// Whoever reads the output has gone (EPIPE).
    case readerGone(path: String)
    /// The compressed data ends before its end mark.
    case truncated(path: String)
    /// The compressed data is damaged.
    case corrupt(path: String, detail: String)
}

extension FeedError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cannotOpen(let path, let errno): "cannot open `\(path)`: \(message(errno))"
        case .cannotRead(let path, let errno): "cannot read `\(path)`: \(message(errno))"
        case .cannotWrite(let path, let errno): "cannot write `\(path)`: \(message(errno))"
        case .readerGone(let path): "nobody reads `\(path)` any more"
        case .truncated(let path): "the compressed data of `\(path)` is cut off"
        case .corrupt(let path, let detail):
            "the compressed data of `\(path)` is damaged: \(detail)"
        }
    }
}

private func message(_ errno: CInt) -> String {
    // SAFETY: strerror gives a C string, which is copied at once.
    unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
}
