// SPDX-License-Identifier: Apache-2.0
// Exercised by ServiceManagerTests.

internal import Glibc
internal import Live
internal import ServiceLifecycle

/// The program that has started this one and wants to know how it is, such as systemd:
/// sd_notify(3), which is a datagram to a socket that the environment names.
struct ServiceManager: Sendable {
    /// The path of the socket; one that begins with `@` is none of the file system.
    let address: String
    /// How often it wants a sign of life at least, in nanoseconds; nil: it wants none.
    let watchdogSpan: Int64?

    /// Nil: nobody wants to know.
    init?(variable: (String) -> String? = Surroundings.variable) {
        guard let address = variable("NOTIFY_SOCKET"), let first = address.utf8.first,
            first == UInt8(ascii: "/") || first == UInt8(ascii: "@")
        else { return nil }
        self.address = address
        let isMeant = variable("WATCHDOG_PID").map { $0 == "\(getpid())" } ?? true
        let span = variable("WATCHDOG_USEC").flatMap { Int64($0) }
        watchdogSpan = isMeant ? span.flatMap { $0 > 0 ? $0 &* 1000 : nil } : nil
    }

    /// Tells it something; where that cannot be done nobody is helped by hearing of it.
    func tell(_ text: String) {
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        let name =
            Array(address.utf8.prefix(1).map { $0 == UInt8(ascii: "@") ? 0 : $0 })
            + Array(address.utf8.dropFirst())
        let room = MemoryLayout.size(ofValue: target.sun_path)
        guard name.count < room else { return }
        // SAFETY: the name is shorter than the room that the address has for it.
        unsafe withUnsafeMutableBytes(of: &target.sun_path) { unsafe $0.copyBytes(from: name) }
        let length = socklen_t(room + MemoryLayout<sa_family_t>.size - (room - name.count))
        let bytes = Array(text.utf8)
        // SAFETY: the address is `length` bytes long at least, and the text as long as it says.
        unsafe withUnsafePointer(to: &target) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bytes.withUnsafeBytes { text in
                    _ = unsafe sendto(
                        descriptor, text.baseAddress, text.count, Int32(MSG_NOSIGNAL),
                        address, length)
                }
            }
        }
    }
}

/// Tells a service manager how the pipeline is: ready, alive, ending.
struct Supervision: Service {
    /// How old what the loop tells of itself may be; it does so once a second.
    private static let longestSilence: Int64 = 15_000_000_000
    private static let step = Duration.milliseconds(100)
    /// A start takes as long as what is to be worked in again does: a minute more, said again
    /// before it is over.
    private static let starting =
        "STATUS=going on from the state folder\nEXTEND_TIMEOUT_USEC=60000000"
    private static let startingSpan: Int64 = 10_000_000_000

    let manager: ServiceManager
    let control: LiveControl

    func run() async throws {
        let isStopping = await cancelWhenGracefulShutdown {
            var told: LiveControl.Phase?
            var toldAt: Int64 = 0
            var signedAt = Int64.min
            while !Task.isCancelled {
                let phase = control.phase
                let now = control.clock.nanoseconds
                let isDue = phase == .starting && now - toldAt >= Supervision.startingSpan
                if phase != told || isDue {
                    tell(phase)
                    toldAt = now
                }
                told = phase
                if let span = manager.watchdogSpan, isAlive(phase),
                    signedAt == .min || now - signedAt >= span / 3
                {
                    signedAt = now
                    manager.tell("WATCHDOG=1")
                }
                try? await Task.sleep(for: Supervision.step)
            }
            return told == .draining || told == .ended
        }
        // It may have ended between two looks.
        if !isStopping { manager.tell("STOPPING=1") }
    }

    private func tell(_ phase: LiveControl.Phase) {
        switch phase {
        case .starting: manager.tell(Supervision.starting)
        case .running: manager.tell("READY=1\nSTATUS=running")
        case .draining: manager.tell("STOPPING=1\nSTATUS=finishing what was accepted")
        case .ended: manager.tell("STOPPING=1")
        }
    }

    /// Whether the loop goes round, as it does with a full disk too; before and behind it there is
    /// no telling.
    func isAlive(_ phase: LiveControl.Phase) -> Bool {
        guard phase == .running, let silence = control.silence else { return true }
        return silence < Supervision.longestSilence
    }
}
