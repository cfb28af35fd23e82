// SPDX-License-Identifier: Apache-2.0

import Connectors
import EventModel
import Foundation
import Live
import Testing

@testable import NetworkFeeds

/// Runs what blocks its thread on one of its own: the tests' threads serve the servers as well.
func onThread<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        do {
            _ = try WorkerThread { continuation.resume(with: Result { try body() }) }
        } catch {
            continuation.resume(throwing: error)
        }
    }
}

/// Waits until something holds, at most a minute.
func eventually(_ condition: @Sendable () -> Bool) async throws -> Bool {
    for _ in 0..<6000 {
        if condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return condition()
}

/// A feed that listens, and somebody who takes what it brings.
final class OpenedFeed: Sendable {
    private let queue: AcceptQueue
    private let queueByteCap: Int
    private let server: any OpenFeed
    private let lines = Guarded<[String]>([])
    private let log: Guarded<[String]>
    let counters = FeedCounters()

    /// - Parameter takes: false: what comes waits in the queue.
    static func open(
        _ source: FeedSource, format: FeedFormat = .jsonLines, maxLine: Int = 1 << 20,
        queueByteCap: Int = AcceptQueue.byteCap, takes: Bool = true
    ) async throws -> OpenedFeed {
        try await onThread {
            try OpenedFeed(source, format, maxLine, queueByteCap, takes)
        }
    }

    private init(
        _ source: FeedSource, _ format: FeedFormat, _ maxLine: Int, _ queueByteCap: Int,
        _ takes: Bool
    ) throws {
        var reading = FeedOptions()
        reading.format = format
        reading.maxLineBytes = maxLine
        let configuration = FeedConfiguration(
            options: LiveFeedOptions(name: "in", reading: reading), source: source)
        self.queueByteCap = queueByteCap
        queue = AcceptQueue(byteCap: queueByteCap)
        let log = Guarded<[String]>([])
        self.log = log
        queue.open()
        server = try NetworkFeedServers().open(
            FeedInlet(
                configuration: configuration, counters: counters,
                log: LiveLog { level, message in log.with { $0.append("\(level) \(message)") } },
                queue: queue))
        if takes { try take() }
    }

    /// Bytes that nobody has taken yet.
    var waitingByteCount: Int { queue.waitingByteCount }

    /// Begins to take what comes.
    func take() throws {
        let (queue, lines) = (queue, lines)
        _ = try WorkerThread {
            while let waiting = queue.take(waitingUpTo: 100_000_000) {
                for one in waiting {
                    let texts = one.records.lines.split(separator: 0x0a)
                        .map { String(decoding: $0, as: UTF8.self) }
                    lines.with { $0 += texts }
                    one.acknowledge?(true)
                }
            }
        }
    }

    var port: Int { server.address.split(separator: ":").last.flatMap { Int($0) } ?? 0 }
    var texts: [String] { lines.with { $0 } }
    var logged: [String] { log.with { $0 } }

    var isFull: Bool {
        let one = AcceptedRecords(
            feed: "in", acceptedAt: StreamTime(nanoseconds: 0), lines: [0x0a])
        return queue.offer(one, sync: .never) == .full
    }

    /// Leaves no room in the queue.
    func fill() {
        let records = AcceptedRecords(
            feed: "in", acceptedAt: StreamTime(nanoseconds: 0),
            lines: [UInt8](repeating: 0x0a, count: queueByteCap))
        #expect(queue.offer(records, sync: .never) == .taken)
    }

    func close() async throws {
        try await onThread { [queue, server] in
            queue.abandon()
            server.close()
        }
    }

    /// Opens a feed for as long as `body` takes.
    static func with(
        _ source: FeedSource, format: FeedFormat = .jsonLines, maxLine: Int = 1 << 20,
        queueByteCap: Int = AcceptQueue.byteCap, takes: Bool = true,
        _ body: (OpenedFeed) async throws -> Void
    ) async throws {
        let feed = try await open(
            source, format: format, maxLine: maxLine, queueByteCap: queueByteCap, takes: takes)
        do {
            try await body(feed)
        } catch {
            try await feed.close()
            throw error
        }
        try await feed.close()
    }
}

/// A folder that goes away with its owner.
final class ScratchFolder: Sendable {
    let path: String

    init(_ files: [String: String] = [:]) throws {
        path = NSTemporaryDirectory() + "martlet-feeds-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (name, text) in files {
            try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"))
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The lines of a file; none where there is no such file.
    func lines(of name: String) -> [String] {
        let data = (try? Data(contentsOf: URL(filePath: "\(path)/\(name)"))) ?? Data()
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
