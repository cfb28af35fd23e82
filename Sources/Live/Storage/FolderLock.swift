// SPDX-License-Identifier: Apache-2.0
// Exercised by AcceptQueueTests.

internal import Glibc

/// Keeps a second process out of a folder. The system gives the lock back when the process ends,
/// however it does.
package struct FolderLock: ~Copyable {
    private let descriptor: CInt

    /// - Throws: with `EWOULDBLOCK` where another process has the lock.
    package init(_ folder: String) throws(StateError) {
        let path = "\(folder)/lock"
        // SAFETY: the path is a C string for the call.
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StateError.system("open", path, errno: errno) }
        // `deinit` closes it.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw StateError.system("lock", path, errno: errno)
        }
    }

    deinit { if descriptor >= 0 { Glibc.close(descriptor) } }
}
