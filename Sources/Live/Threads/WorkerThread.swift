// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A thread that runs one body to its end.
// SAFETY: `@unchecked Sendable`: the identity is written once, before anybody else knows of it.
@safe
package final class WorkerThread: @unchecked Sendable {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private var identity = pthread_t()

    /// - Throws: `system` where the machine has no thread left.
    package init(_ body: @escaping @Sendable () -> Void) throws(StateError) {
        // SAFETY: the reference that is retained here is taken over by the thread.
        let box = unsafe Unmanaged.passRetained(Body(body))
        let status = unsafe pthread_create(
            &identity, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        if status != 0 {
            unsafe box.release()
            throw .system("start", "a thread", errno: status)
        }
    }

    /// Has the calling thread leave the processor to others where they want it.
    static func stepBack() {
        // Of Linux, 0 is the thread itself; where that is not allowed, nothing depends on it.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5)
    }

    /// Waits for its end. Once only.
    package func join() {
        pthread_join(identity, nil)
    }
}
