// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Live

/// SIGTERM and SIGINT as a wish to end cleanly; the second one ends the process at once. SIGHUP is
/// one too, or a wish for the rules to be read again.
enum Termination {
    /// Keeps them from ending the process before they are watched for, here and in every thread
    /// that is started from now on: before there is any other, since one that does not keep them
    /// would be the one that gets them.
    static func hold() {
        var signals = Termination.signals
        // SAFETY: `signals` is valid for the call.
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    private static var signals: sigset_t {
        var signals = sigset_t()
        // SAFETY: `signals` is valid for the calls.
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe sigaddset(&signals, SIGHUP)
        return signals
    }

    /// Has `body` called with the first signal, on a thread of its own.
    ///
    /// - Parameter reload: is called with every SIGHUP; nil: that is a signal like the others.
    static func watch(
        calling body: @escaping @Sendable () -> Void,
        reloading reload: (@Sendable () -> Void)? = nil
    ) {
        _ = signal(SIGPIPE, SIG_IGN)
        hold()
        let waited = signals
        // Nobody waits for this thread: it ends with the process.
        _ = try? WorkerThread {
            var number: CInt = 0
            var signals = waited
            var isEnding = false
            while true {
                // SAFETY: both are valid for the call.
                unsafe sigwait(&signals, &number)
                if number == SIGHUP, let reload {
                    reload()
                } else if isEnding {
                    _exit(128 + number)
                } else {
                    isEnding = true
                    body()
                }
            }
        }
    }
}
