// SPDX-License-Identifier: Apache-2.0

internal import Connectors
internal import EventModel
internal import Live
internal import NetworkFeeds

/// Somebody far away who sends each event until it is known to have arrived: what it does not know
/// of, it sends again.
final class NetworkSender {
    private enum Way: CaseIterable {
        case lines, octetCounted
        case ndjson, array, gzip
    }

    /// What is on its way.
    private enum Course {
        case nothing
        /// The parts of a body.
        case request(ReceivedBody)
        case answer(Answer)
        case connection(ReceivedStream)
    }

    /// An answer that has come, or not yet.
    // SAFETY: `@unchecked Sendable`: a simulation has one thread.
    @safe
    private final class Answer: @unchecked Sendable {
        var hasCome = false
    }

    private let way: Way
    private let events: [NetworkEvent]
    /// Events that are known to have arrived.
    private var knownCount = 0
    /// Events that have been sent.
    private var sentCount = 0
    private var course = Course.nothing
    /// What is left to send of what has been begun.
    private var rest: ArraySlice<UInt8> = []
    /// Records at the far end of a connection for which there was no room.
    private var unread: [UInt8] = []
    private(set) var lostCount = 0
    private(set) var floodCount = 0

    private init(_ way: Way, _ events: [NetworkEvent]) {
        self.way = way
        self.events = events
    }

    /// Deals the events out to some senders.
    static func share(
        _ events: [NetworkEvent], _ random: inout SeededRandom
    ) -> [NetworkSender] {
        var hands = [[NetworkEvent]](repeating: [], count: 1 + random.below(4))
        for event in events { hands[random.below(hands.count)].append(event) }
        return hands.map { NetworkSender(random.pick(Way.allCases), $0) }
    }

    var isDone: Bool { knownCount == events.count }

    /// When it has an event that it has not sent; nil: it has none.
    var nextTime: StreamTime? { sentCount < events.count ? events[sentCount].time : nil }

    func isReady(at time: StreamTime) -> Bool {
        if !rest.isEmpty || !unread.isEmpty { return true }
        if case .nothing = course { return nextTime.map { $0 <= time } ?? false }
        if case .connection = course, let nextTime { return nextTime <= time }
        return true
    }

    /// Does the next thing.
    func step(_ node: NetworkNode, at time: StreamTime, _ random: inout SeededRandom) {
        switch course {
        case .nothing: begin(at: time, &random)
        case .request(let body): goOn(body, node, &random)
        case .answer(let answer): look(at: answer, &random)
        case .connection(var stream):
            if random.chance(1, in: 40) {
                end(&stream, node)
                return
            }
            goOn(&stream, node, at: time, &random)
            course = .connection(stream)
        }
    }

    /// Has what is on its way be lost.
    func loseConnection() {
        course = .nothing
        rest = []
        unread = []
        sentCount = knownCount
        lostCount += 1
    }

    /// Takes note of what has arrived over a connection, on which nobody answers: all of it, if
    /// nothing is on its way any more.
    func lookBack(at node: NetworkNode) {
        guard case .connection(let stream) = course, rest.isEmpty, unread.isEmpty,
            stream.heldByteCount == 0, node.isIdle
        else { return }
        knownCount = sentCount
    }

    // MARK: Sending

    private func begin(at time: StreamTime, _ random: inout SeededRandom) {
        switch way {
        case .lines:
            course = .connection(ReceivedStream(.lines, maxByteCount: 4096, format: .jsonLines))
        case .octetCounted:
            course = .connection(
                ReceivedStream(.octetCounted, maxByteCount: 4096, format: .jsonLines))
        case .ndjson, .array, .gzip:
            let due = events[knownCount...].prefix { $0.time <= time }
                .prefix(1 + random.below(8)).map(\.text)
            sentCount = knownCount + due.count
            var bytes: [UInt8]
            if way == .array {
                bytes = Array("[\(due.joined(separator: random.pick([",", " ,\n "])))]".utf8)
            } else {
                bytes = Array((due.joined(separator: "\n") + "\n").utf8)
            }
            if way == .gzip { bytes = StoredGzip.pack(bytes) }
            let body = ReceivedBody(
                contentType: way == .array ? "application/json" : "application/x-ndjson",
                contentEncoding: way == .gzip ? "gzip" : nil, format: .jsonLines,
                byteCap: 1 << 20)
            guard let body else { preconditionFailure("the head of the request is understood") }
            course = .request(body)
            rest = bytes[...]
        }
    }

    /// A part of what is to be sent, cut anywhere.
    private func nextPart(_ random: inout SeededRandom) -> ArraySlice<UInt8> {
        let part = rest.prefix(1 + random.below(random.chance(1, in: 4) ? 8 : 200))
        rest = rest.dropFirst(part.count)
        return part
    }

    private func goOn(
        _ body: ReceivedBody, _ node: NetworkNode, _ random: inout SeededRandom
    ) {
        if random.chance(1, in: 30) { return loseConnection() }
        do throws(ReceivedBody.Refusal) {
            try body.take(nextPart(&random))
            if !rest.isEmpty { return }
            let lines = try body.finish().lines
            let answer = Answer()
            switch node.inlet.offer(lines, acknowledge: { answer.hasCome = $0 }) {
            case .taken: course = .answer(answer)
            case .full, .closed:
                floodCount += 1
                course = .nothing
                sentCount = knownCount
            }
        } catch {
            preconditionFailure("what is right is not refused: \(error)")
        }
    }

    private func look(at answer: Answer, _ random: inout SeededRandom) {
        if random.chance(1, in: 12) { return loseConnection() }
        guard answer.hasCome else { return }
        knownCount = sentCount
        course = .nothing
    }

    private func goOn(
        _ stream: inout ReceivedStream, _ node: NetworkNode, at time: StreamTime,
        _ random: inout SeededRandom
    ) {
        if unread.isEmpty {
            if rest.isEmpty, let nextTime, nextTime <= time {
                let text = Array(events[sentCount].text.utf8)
                rest =
                    (way == .lines ? text + [0x0a] : Array("\(text.count) ".utf8) + text)[...]
                sentCount += 1
            }
            stream.take(nextPart(&random), into: &unread)
        }
        handOver(to: node)
    }

    /// What is not whole when a connection ends counts as a record, which it is not.
    private func end(_ stream: inout ReceivedStream, _ node: NetworkNode) {
        stream.finish(into: &unread)
        handOver(to: node)
        loseConnection()
    }

    private func handOver(to node: NetworkNode) {
        if unread.isEmpty { return }
        switch node.inlet.offer(unread) {
        case .taken: unread = []
        case .full, .closed: floodCount += 1
        }
    }
}

/// Gzip data that is not packed any tighter: RFC 1952, with the stored blocks of RFC 1951, section
/// 3.2.4.
enum StoredGzip {
    static func pack(_ bytes: [UInt8]) -> [UInt8] {
        var packed: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(0xffff)
            rest = rest.dropFirst(block.count)
            let count = UInt16(block.count)
            packed.append(rest.isEmpty ? 1 : 0)
            for word in [count, ~count] {
                packed += [UInt8(truncatingIfNeeded: word), UInt8(word >> 8)]
            }
            packed += block
        } while !rest.isEmpty
        for word in [crc32(bytes), UInt32(truncatingIfNeeded: bytes.count)] {
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                packed.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return packed
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = .max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 0 ? 0 : 0xedb8_8320) }
        }
        return ~crc
    }
}
