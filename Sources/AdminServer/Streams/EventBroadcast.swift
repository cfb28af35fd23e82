// SPDX-License-Identifier: Apache-2.0
// Exercised by EventStreamTests.

internal import Connectors
internal import Live
internal import Synchronization

/// What goes on in a service, for all who follow it: made once a second, whoever is there.
///
/// Each follower has a queue of its own. One that does not take what is in it for so long that it
/// is full is dropped, and nobody waits for it.
final class EventBroadcast: Sendable {
    enum Topic: String, Sendable {
        /// How it stands, each second, and every alert as it comes.
        case events
        /// Decoded events.
        case tap
    }

    /// Callers that may follow at once.
    static let followerCap = 32
    /// Pieces that wait for one follower.
    static let pieceCap = 64
    /// Alerts that are told of in one second.
    static let alertCap = 200

    private struct Follower {
        var number: Int
        var topic: Topic
        /// Whose alerts are wanted; nil: every rule's.
        var rule: String?
        var continuation: AsyncStream<[UInt8]>.Continuation
    }

    private struct State {
        var followers: [Follower] = []
        var nextNumber = 0
        var isOver = false
    }

    private let state = Mutex(State())
    private let tap: EventTap

    init(tap: EventTap) { self.tap = tap }

    var followerCount: Int { state.withLock { $0.followers.count } }

    /// Nil: there are as many as may be.
    func follow(_ topic: Topic, rule: String?) -> AsyncStream<[UInt8]>? {
        let (stream, continuation) = AsyncStream.makeStream(
            of: [UInt8].self, bufferingPolicy: .bufferingOldest(EventBroadcast.pieceCap))
        let number: Int? = state.withLock { state in
            guard !state.isOver, state.followers.count < EventBroadcast.followerCap else {
                return nil
            }
            state.nextNumber += 1
            state.followers.append(
                Follower(
                    number: state.nextNumber, topic: topic, rule: rule, continuation: continuation))
            return state.nextNumber
        }
        guard let number else { return nil }
        if topic == .tap { tap.begin() }
        continuation.onTermination = { [weak self] _ in self?.drop(number) }
        // The caller learns at once that it is heard.
        continuation.yield(Array(": following\n\n".utf8))
        return stream
    }

    private func drop(_ number: Int) {
        let dropped = state.withLock { state -> Follower? in
            guard let place = state.followers.firstIndex(where: { $0.number == number }) else {
                return nil
            }
            return state.followers.remove(at: place)
        }
        guard let dropped else { return }
        if dropped.topic == .tap { tap.end() }
        dropped.continuation.finish()
    }

    /// Ends all streams, for good.
    func end() {
        let all = state.withLock { state in
            state.isOver = true
            return state.followers.map(\.number)
        }
        for number in all { drop(number) }
    }

    /// Sends a piece to those who follow a topic.
    ///
    /// - Parameter rule: whose it is; nil: it is for everybody.
    func send(_ piece: [UInt8], to topic: Topic, rule: String? = nil) {
        let followers = state.withLock { $0.followers }
        for follower in followers where follower.topic == topic {
            if let rule, let wanted = follower.rule, wanted != rule { continue }
            if case .dropped = follower.continuation.yield(piece) { drop(follower.number) }
        }
    }

    func isFollowed(_ topic: Topic) -> Bool {
        state.withLock { state in state.followers.contains { $0.topic == topic } }
    }

    /// A server-sent event.
    static func piece(_ name: String, id: Int64? = nil, _ data: [UInt8]) -> [UInt8] {
        var piece = Array("event: \(name)\n".utf8)
        if let id { piece += "id: \(id)\n".utf8 }
        piece += "data: ".utf8
        // Data is a line: what JSON leaves of line ends is none.
        piece += data
        piece += "\n\n".utf8
        return piece
    }
}
