// SPDX-License-Identifier: Apache-2.0

internal import EventModel
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

    /// Why the process ends though it has not come to its end.
    enum Reason: Sendable {
        case secondSignal
        case tooLate
    }

    /// Has `body` called with the first signal, on a thread of its own.
    ///
    /// - Parameters:
    ///   - reload: is called with every SIGHUP; nil: that is a signal like the others.
    ///   - limit: how long the process may take from then on; nil: as long as it wants.
    ///   - giveUp: is called before the process is ended with a second signal or behind the limit.
    static func watch(
        calling body: @escaping @Sendable () -> Void,
        reloading reload: (@Sendable () -> Void)? = nil,
        endingWithin limit: TimeSpan? = nil,
        giveUp: @escaping @Sendable (Reason) -> Void = { _ in }
    ) {
        _ = signal(SIGPIPE, SIG_IGN)
        hold()
        let waited = signals
        // Nobody waits for this thread: it ends with the process.
        _ = try? WorkerThread {
            let clock = SystemClock()
            var deadline: Int64?
            var isEnding = false
            while true {
                guard let number = next(of: waited, before: deadline, clock) else {
                    giveUp(.tooLate)
                    _exit(ExitStatus.environment.rawValue)
                }
                if number == SIGHUP, let reload {
                    reload()
                } else if isEnding {
                    giveUp(.secondSignal)
                    _exit(128 + number)
                } else {
                    isEnding = true
                    deadline = limit.map { clock.nanoseconds + $0.nanoseconds }
                    body()
                }
            }
        }
    }

    /// The next signal; nil: none has come before the deadline.
    private static func next(
        of signals: sigset_t, before deadline: Int64?, _ clock: SystemClock
    ) -> CInt? {
        var signals = signals
        guard let deadline else {
            var number: CInt = 0
            // SAFETY: both are valid for the call.
            unsafe sigwait(&signals, &number)
            return number
        }
        while true {
            let left = max(deadline - clock.nanoseconds, 0)
            var wait = timespec(
                tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
            // SAFETY: both are valid for the call, which writes nothing where there is no place.
            let number = unsafe sigtimedwait(&signals, nil, &wait)
            if number > 0 { return number }
            if errno != EINTR { return nil }
        }
    }
}
