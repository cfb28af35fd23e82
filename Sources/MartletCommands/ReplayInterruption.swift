// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// SIGINT and SIGTERM as a flag, so that a replay ends between two batches with its output whole.
enum Interruption {
    private static let received = Atomic<CInt>(0)
    private static let replacement = Atomic<CInt>(-1)

    /// The signal that came; 0: none.
    static var signal: CInt { received.load(ordering: .relaxed) }

    /// - Parameter standardInputIsRead: a read may wait there for ever; a signal then makes it end,
    ///   as though the input did.
    static func watch(standardInputIsRead: Bool) {
        received.store(0, ordering: .relaxed)
        if standardInputIsRead {
            // SAFETY: the path is a C string for the call.
            let nothing = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
            replacement.store(nothing, ordering: .relaxed)
        }
        var action = sigaction()
        // Without SA_RESTART, so that a read that waits returns; only async-signal-safe calls.
        // SAFETY: `action` is zeroed but for its handler, and valid for the calls.
        unsafe action.__sigaction_handler.sa_handler = { number in
            let nothing = Interruption.replacement.load(ordering: .relaxed)
            // Who asks a second time does not want to wait for the end of the batch.
            if Interruption.received.exchange(number, ordering: .relaxed) != 0 { _exit(130) }
            if nothing >= 0 { _ = dup2(nothing, STDIN_FILENO) }
        }
        unsafe sigaction(SIGINT, &action, nil)
        unsafe sigaction(SIGTERM, &action, nil)
        // Whoever started us may have blocked them for its own sake, and the mask is inherited.
        var signals = sigset_t()
        // SAFETY: `signals` is valid for the calls.
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
}
