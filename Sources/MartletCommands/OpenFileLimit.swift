// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// How many files and sockets the process may have open.
enum OpenFileLimit {
    /// Raises it as far as the system lets anybody: what is usual is for programs that have few.
    ///
    /// - Returns: what it is then.
    static func raise() -> Int {
        var limit = rlimit()
        // SAFETY: `limit` is valid for the calls.
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return usual
        }
        limit.rlim_cur = limit.rlim_max
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }

    private static let usual = 1024
}
