// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Connectors
package import EventModel
internal import Glibc
internal import Synchronization

/// The exit codes of every command.
package enum ExitStatus: Int32, Sendable {
    case clean = 0
    /// The rules have mistakes, or a test failed.
    case findings = 1
    /// The command line was wrong.
    case usage = 2
    /// A file, a device or the like could not be used.
    case environment = 3
    /// A fault of ours.
    case internalFault = 70
    /// A signal ended the work early (128 + SIGINT).
    case interrupted = 130

    static func leave(_ status: ExitStatus) -> Never { exit(status.rawValue) }
}

/// What a command has to say, and how it ended: a command is a function from its arguments to this.
package struct CommandOutcome: Hashable, Sendable {
    /// For standard output.
    package var output: String
    /// For standard error.
    package var errors: String
    package var status: ExitStatus

    package init(output: String = "", errors: String = "", status: ExitStatus = .clean) {
        self.output = output
        self.errors = errors
        self.status = status
    }

    /// An outcome that is one error message.
    package static func failed(_ message: String, _ status: ExitStatus) -> CommandOutcome {
        CommandOutcome(errors: "error: \(message)\n", status: status)
    }

    /// Writes both, and gives the status to leave with: what could not be written is a failure
    /// whatever the command found.
    func write() -> ExitStatus {
        let problem = CommandOutcome.write(output, to: STDOUT_FILENO)
        guard problem != 0, problem != EPIPE else {
            _ = CommandOutcome.write(errors, to: STDERR_FILENO)
            return status
        }
        let failure = FeedError.cannotWrite(path: "standard output", errno: problem)
        _ = CommandOutcome.write(errors + "error: \(failure)\n", to: STDERR_FILENO)
        return .environment
    }

    private static func write(_ text: String, to descriptor: CInt) -> CInt {
        write(Array(text.utf8), to: descriptor)
    }

    /// Writes all of `bytes`.
    ///
    /// - Returns: 0, or the number of the error that kept a part from being written.
    static func write(_ bytes: [UInt8], to descriptor: CInt) -> CInt {
        var rest = bytes[...]
        while !rest.isEmpty {
            // SAFETY: the buffer has as many bytes as are said to be there.
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count < 0 ? errno : EIO }
            rest = rest.dropFirst(count)
        }
        return 0
    }
}

/// A command that says everything when it is done.
package protocol OutcomeCommand: ParsableCommand {
    func outcome(in surroundings: Surroundings) -> CommandOutcome
}

/// What a command sees of the process around it.
package struct Surroundings: Hashable, Sendable {
    package var outputIsTerminal: Bool
    /// `NO_COLOR` is set and not empty (https://no-color.org), or the terminal is a dumb one.
    package var refusesColour: Bool
    /// The present, by the machine's clock; nil: it is not asked.
    package var today: StreamTime?
    /// The process ends with the command, and with it goes what it holds: a command need not free
    /// thousands of rules one by one before.
    package var endWithCommand = false

    package init(
        outputIsTerminal: Bool = false, refusesColour: Bool = false, today: StreamTime? = nil
    ) {
        self.outputIsTerminal = outputIsTerminal
        self.refusesColour = refusesColour
        self.today = today
    }

    /// Those of this process.
    package static var current: Surroundings {
        Surroundings(
            outputIsTerminal: isatty(STDOUT_FILENO) == 1,
            refusesColour: !(variable("NO_COLOR") ?? "").isEmpty || variable("TERM") == "dumb",
            today: StreamTime(nanoseconds: time(of: CLOCK_REALTIME)))
    }

    private static let kept = Mutex<[any Sendable]>([])

    /// Keeps values until the process ends, where that is when the command does.
    func keep(_ values: any Sendable...) {
        if endWithCommand { Surroundings.kept.withLock { $0 += values } }
    }

    /// Monotonic time, for how long a command took.
    static var nanoseconds: Int64 { time(of: CLOCK_MONOTONIC) }

    private static func time(of clock: clockid_t) -> Int64 {
        var time = timespec()
        // SAFETY: `time` is valid for the call, which fills it.
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// The folder that relative paths count from; empty where it cannot be told.
    static var currentFolder: String {
        // SAFETY: getcwd gives a C string that is ours, or nothing; it is copied and freed at once.
        guard let path = unsafe getcwd(nil, 0) else { return "" }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }

    static func variable(_ name: String) -> String? {
        // SAFETY: getenv gives a C string or nothing; it is copied at once, before other threads.
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}
