// SPDX-License-Identifier: Apache-2.0
// Exercised by FuzzTests.

package import EventModel
internal import Glibc

/// A program run to its end: how the fuzzer survives a trap, and how a whole process is measured.
package struct ChildProcess: Sendable {
    package enum End: Hashable, Sendable {
        case exited(Int32)
        case killed(signal: Int32)
        /// It could not be started: an `errno`.
        case notStarted(Int32)
    }

    package var end: End
    package var wall = TimeSpan.zero
    /// User and system time.
    package var cpu = TimeSpan.zero
    /// The most memory it held at once.
    package var peakBytes = 0

    /// Runs `arguments[0]`, looked up in the `PATH` if it has no slash, and waits for it.
    ///
    /// - Parameter outputPath: the file that gets its standard output; nil: this process's own.
    /// - Precondition: `arguments` is not empty.
    package static func run(_ arguments: [String], outputPath: String? = nil) -> ChildProcess {
        precondition(!arguments.isEmpty, "a child has a program")
        forgetPeak()
        let begin = MonotonicClock.now
        var child = pid_t()
        let status = spawn(arguments, outputPath, &child)
        guard status == 0 else { return ChildProcess(end: .notStarted(status)) }
        var word: Int32 = 0
        var usage = rusage()
        // SAFETY: both are valid for the call, which fills them.
        while unsafe wait4(child, &word, 0, &usage) < 0 {
            guard errno == EINTR else { return ChildProcess(end: .notStarted(errno)) }
        }
        // As <sys/wait.h> takes the word apart: its macros do not reach Swift.
        let signal = word & 0x7f
        var result = ChildProcess(
            end: signal == 0 ? .exited(word >> 8 & 0xff) : .killed(signal: signal))
        result.wall = TimeSpan(nanoseconds: MonotonicClock.now - begin)
        result.cpu = TimeSpan(
            nanoseconds: nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime))
        result.peakBytes = usage.ru_maxrss * 1024
        return result
    }

    private init(end: End) { self.end = end }

    /// Makes the peak of this process what it holds now: until the child is another program it
    /// counts as the child's too.
    private static func forgetPeak() {
        // SAFETY: the path is a C string for the call.
        let file = unsafe open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
        if file < 0 { return }
        // SAFETY: the text has that one byte.
        _ = unsafe write(file, "5", 1)
        close(file)
    }

    private static func nanoseconds(_ time: timeval) -> Int64 {
        Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_usec) * 1_000
    }

    private static func spawn(
        _ arguments: [String], _ outputPath: String?, _ child: inout pid_t
    ) -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        // SAFETY: the actions are initialised here and destroyed when the child has been started.
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        if let outputPath {
            let flags = O_WRONLY | O_CREAT | O_TRUNC
            // SAFETY: the call copies the path.
            let status = unsafe posix_spawn_file_actions_addopen(
                &actions, STDOUT_FILENO, outputPath, flags, 0o644)
            guard status == 0 else { return status }
        }
        // SAFETY: strdup copies each argument; the copies are freed when the child has its own.
        var words: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) }
        unsafe words.append(nil)
        defer { unsafe words.forEach { unsafe free($0) } }
        // SAFETY: `words` ends with a null pointer, as the call wants it; `environ` does too.
        return unsafe posix_spawnp(&child, words[0]!, &actions, nil, words, environ)
    }
}

/// Time that only moves forward, for measuring. Never event time.
package enum MonotonicClock {
    /// - Unit: nanoseconds from some moment on.
    package static var now: Int64 { read(CLOCK_MONOTONIC) }

    /// - Unit: nanoseconds of user and system time of this process.
    package static var processCPU: Int64 { read(CLOCK_PROCESS_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        // SAFETY: `time` is valid for the call, which fills it.
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
