// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

@testable import AdminServer
@testable import Live

@Suite struct EventStreamTests {
    /// Follows a stream until `isEnough`, half a minute at most; gives what came.
    private func follow(
        _ running: RunningService, _ path: String, then body: @escaping @Sendable () -> Void,
        until isEnough: @escaping @Sendable (String) -> Bool
    ) async throws -> String {
        let request = HTTPClientRequest(url: "http://\(running.server.address)\(path)")
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
        #expect(response.status == .ok)
        var text = ""
        var hasBegun = false
        for try await part in response.body {
            text += String(buffer: part)
            if !hasBegun, text.contains("event: status") || path.contains("tap") {
                hasBegun = true
                body()
            }
            if isEnough(text) { break }
        }
        return text
    }

    @Test func statusAndAlertsComeAsTheyHappen() async throws {
        let running = try await RunningService.start()
        defer { running.end() }
        let text = try await follow(running, "/api/v1/events") {
            running.write(guesses(of: "ann", at: 0) + line("beat", 90, "\"host\":\"h\""))
        } until: {
            $0.contains("event: alert")
        }
        #expect(text.contains("\"title\":\"ann came in\""))
        #expect(text.contains("id: 1\n"))
        #expect(text.contains("\"rules\":[{\"name\":\"guessed\""))
        for piece in text.split(separator: "\n\n") where piece.hasPrefix("event: ") {
            let data = try #require(piece.split(separator: "\n").last)
            #expect(data.hasPrefix("data: {"))
        }
    }

    @Test func decodedEventsAreSeenWhileSomebodyLooks() async throws {
        let running = try await RunningService.start()
        defer { running.end() }
        try await running.wait { running.service.control.isReady }
        #expect(!running.service.control.tap.isWanted)
        let text = try await follow(running, "/api/v1/tap") {
            // The loop learns within a moment that somebody looks.
            for k in 0..<40 {
                running.write(line("beat", Double(k), "\"host\":\"h\""))
                usleep(50_000)
            }
        } until: {
            $0.contains("event: event")
        }
        #expect(text.contains("\"feed\":\"in\""))
        #expect(text.contains("\"type\":\"beat\""))
        #expect(text.contains("\"event\":{\"type\":\"beat\""))
        try await running.wait { !running.service.control.tap.isWanted }
    }

    @Test func aFollowerThatDoesNotReadIsDropped() async throws {
        let broadcast = EventBroadcast(tap: EventTap())
        let stream = try #require(broadcast.follow(.events, rule: nil))
        for _ in 0..<EventBroadcast.pieceCap + 1 { broadcast.send([0x0a], to: .events) }
        #expect(broadcast.followerCount == 0)
        var count = 0
        for await _ in stream { count += 1 }
        #expect(count == EventBroadcast.pieceCap)
    }

    @Test func onlySoManyMayFollow() throws {
        let broadcast = EventBroadcast(tap: EventTap())
        var streams: [AsyncStream<[UInt8]>] = []
        for _ in 0..<EventBroadcast.followerCap {
            streams.append(try #require(broadcast.follow(.tap, rule: nil)))
        }
        #expect(broadcast.follow(.events, rule: nil) == nil)
        streams.removeLast()
        #expect(broadcast.followerCount == EventBroadcast.followerCap - 1)
        broadcast.end()
        #expect(broadcast.followerCount == 0)
        #expect(broadcast.follow(.events, rule: nil) == nil)
    }

    @Test func alertsOfOtherRulesAreLeftOut() async throws {
        let broadcast = EventBroadcast(tap: EventTap())
        let stream = try #require(broadcast.follow(.events, rule: "a"))
        broadcast.send([1], to: .events, rule: "a")
        broadcast.send([2], to: .events, rule: "b")
        broadcast.send([3], to: .events)
        broadcast.send([4], to: .tap)
        broadcast.end()
        var pieces: [[UInt8]] = []
        for await piece in stream { pieces.append(piece) }
        #expect(pieces.dropFirst() == [[1], [3]])
    }

    @Test func aTapKeepsSoMuchAndCountsTheRest() {
        let tap = EventTap()
        tap.begin()
        tap.offer([[UInt8]](repeating: [0x7b, 0x7d], count: EventTap.eventCap + 5), skipped: 0)
        let taken = tap.take()
        #expect(taken.events.count == EventTap.eventCap)
        #expect(taken.skippedCount == 5)
        #expect(tap.take().events.isEmpty)
    }
}
