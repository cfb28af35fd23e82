// SPDX-License-Identifier: Apache-2.0
// Exercised by RulesKeeperTests.

internal import Glibc

/// What tells that a file is another one, or has been written to.
struct FileStamp: Hashable, Sendable {
    let path: String
    private var device: UInt64 = 0
    private var number: UInt64 = 0
    private var byteCount: Int64 = -1
    private var modified: Int64 = 0

    init(_ path: String) {
        self.path = path
        var status = stat()
        // SAFETY: `status` is valid for the call, which fills it; the path is a C string for it.
        guard unsafe stat(path, &status) == 0 else { return }
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
        byteCount = Int64(status.st_size)
        modified =
            Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
    }
}
