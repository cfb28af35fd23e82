// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Glibc
import Testing

@testable import Live
@testable import MartletCommands

/// The machine's clocks, and what has been done to them, in seconds.
private final class ShiftedClock: WallClock {
    private let shifts = Guarded((monotonic: Int64(0), wall: Int64(0)))

    var now: StreamTime { SystemClock().now + TimeSpan(seconds: shifts.with { $0.wall }) }
    var nanoseconds: Int64 {
        SystemClock().nanoseconds + shifts.with { $0.monotonic } * 1_000_000_000
    }

    func shift(by seconds: Int64, wallClockBy wallSeconds: Int64) {
        shifts.with { $0 = ($0.monotonic + seconds, $0.wall + wallSeconds) }
    }
}

/// A socket as a service manager has one.
private final class NotifySocket {
    let path: String
    private let descriptor: Int32

    init(path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array(path.utf8)
        try #require(name.count < MemoryLayout.size(ofValue: address.sun_path))
        // SAFETY: the name is shorter than the room for it, and the address is valid for the call.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(status == 0)
    }

    deinit { close(descriptor) }

    /// What comes next, or nothing after ten seconds.
    func next() -> String {
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        var bytes = [UInt8](repeating: 0, count: 1024)
        // SAFETY: both are valid for the calls and as long as they are said to be.
        guard unsafe poll(&wait, 1, 10_000) == 1 else { return "" }
        let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }
}

@Suite struct ServiceManagerTests {
    @Test func nobodyIsToldWhereNobodyWantsToKnow() {
        #expect(ServiceManager { _ in nil } == nil)
        #expect(ServiceManager { $0 == "NOTIFY_SOCKET" ? "" : nil } == nil)
        #expect(ServiceManager { $0 == "NOTIFY_SOCKET" ? "vsock:2:1" : nil } == nil)
    }

    @Test(
        arguments: [
            (nil, nil, nil), ("30000000", nil, 30_000_000_000), ("0", nil, nil), ("x", nil, nil),
            ("30000000", "1", nil),
        ] as [(String?, String?, Int64?)])
    func signsOfLifeAreForWhoeverWantsThem(span: String?, owner: String?, expected: Int64?) {
        let values = ["NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": span, "WATCHDOG_PID": owner]
        #expect(ServiceManager { values[$0] ?? nil }?.watchdogSpan == expected)
    }

    /// A loop that is held up gives no sign of life, whatever is done to the wall clock meanwhile
    /// and however full the disk was, and one that goes on does again.
    @Test func aLoopThatHangsIsNotAlive() throws {
        let clock = ShiftedClock()
        let control = LiveControl(clock: clock) {}
        let supervision = Supervision(
            manager: try #require(ServiceManager { _ in "/run/x" }), control: control)
        #expect(supervision.isAlive(.starting))
        control.enter(.running)
        // Nothing has been told yet.
        #expect(supervision.isAlive(.running))
        control.publish(LiveStatus(takenAt: clock.now, startedAt: clock.now))
        #expect(supervision.isAlive(.running))
        control.setWaitsForRoom(true)
        clock.shift(by: 14, wallClockBy: 3600)
        #expect(supervision.isAlive(.running))
        clock.shift(by: 2, wallClockBy: -7200)
        #expect(!supervision.isAlive(.running))
        #expect(supervision.isAlive(.draining))
        control.publish(LiveStatus(takenAt: clock.now, startedAt: clock.now))
        #expect(supervision.isAlive(.running))
    }

    @Test func aServiceTellsThatItIsReadyAliveAndEnding() throws {
        let folder = try RulesFolder([
            "r.martlet": "rule twice { by user when within 1m { 2 login as l } }",
            "c.yaml": "rules: r.martlet\nadmin: { listen: off }\n"
                + "feeds: { web: { type: http, listen: \"127.0.0.1:0\" } }\n",
        ])
        let socket = try NotifySocket(path: "\(folder.path)/n")
        let process = Process()
        let program: URL = try #require(builtBinary(), "martlet has been built")
        process.executableURL = program
        process.arguments = ["run", "c.yaml"]
        process.currentDirectoryURL = URL(filePath: folder.path)
        process.standardError = FileHandle.nullDevice
        process.environment = ProcessInfo.processInfo.environment.merging([
            "NOTIFY_SOCKET": socket.path, "WATCHDOG_USEC": "600000",
        ]) { $1 }
        try process.run()
        var told: [String] = []
        while told.last?.isEmpty != true, !told.contains("READY=1\nSTATUS=running") {
            told.append(socket.next())
        }
        #expect(told.last == "READY=1\nSTATUS=running")
        #expect(socket.next() == "WATCHDOG=1")
        process.terminate()
        while told.last?.isEmpty != true, told.last?.hasPrefix("STOPPING=1") != true {
            told.append(socket.next())
        }
        #expect(told.last?.hasPrefix("STOPPING=1") == true)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
