// SPDX-License-Identifier: Apache-2.0
// Exercised by NetworkTrialTests, and at length by `martlet-sim network`.

internal import Connectors
internal import EventModel
internal import Live

/// Events from senders far away, over a network that cuts what it carries anywhere and loses
/// connections, to a node that crashes, is flooded, and is never asked twice what it has; and the
/// same events in one go. What came out has to be the same.
package struct NetworkTrial {
    package let seed: UInt64
    /// Whether the node knows by its id what comes again.
    private let remembersIDs: Bool

    package init(seed: UInt64, remembersIDs: Bool = true) {
        self.seed = seed
        self.remembersIDs = remembersIDs
    }

    package struct Result: Sendable {
        package var events = 0
        package var alerts = 0
        package var crashes = 0
        package var lostConnections = 0
        /// Requests that were answered with 429, or not read further.
        package var floods = 0
        /// Events that came again, and were known by their ids.
        package var repeats = 0
        /// What differs from the undisturbed run; nil: nothing.
        package var difference: String?
    }

    package func run() -> Result {
        var random = SeededRandom(seed: seed)
        let events = NetworkEvent.draw(60 + random.below(200), &random)
        var result = Result()
        result.events = events.count
        let calm = NetworkNode(SimulatedDisk(seed: 1), SimulatedAlertStore(), NetworkNode.feed)
        do throws(StateError) {
            try calm.open(at: events[0].time)
            try calm.take(events)
            try calm.finish(at: events[events.count - 1].time)
            result.alerts = calm.store.alerts.count
            let node = try disturb(events, &random, &result)
            result.difference = NetworkTrial.difference(calm.store.alerts, node.store.alerts)
        } catch {
            result.difference = "the node came to an end: \(error)"
        }
        return result
    }

    /// Has senders send everything, whatever happens; gives the node as it is then.
    private func disturb(
        _ events: [NetworkEvent], _ random: inout SeededRandom, _ result: inout Result
    ) throws(StateError) -> NetworkNode {
        let senders = NetworkSender.share(events, &random)
        var feed = NetworkNode.feed
        if !remembersIDs { feed.reading.rememberedIDSpan = nil }
        var node = NetworkNode(
            SimulatedDisk(seed: random.next()), SimulatedAlertStore(), feed)
        let isFrail = random.chance(2, in: 3)
        var clock = events[0].time
        try node.open(at: clock)
        while senders.contains(where: { !$0.isDone }) {
            clock = clock + TimeSpan(milliseconds: Int64(random.below(60)))
            let ready = senders.indices.filter { senders[$0].isReady(at: clock) }
            if ready.isEmpty, let next = senders.compactMap(\.nextTime).min(), next > clock {
                clock = next
            }
            node.clock.advance(to: clock)
            if !ready.isEmpty { senders[random.pick(ready)].step(node, at: clock, &random) }
            do throws(StateError) {
                if isFrail, node.disk.lastOperation == nil, random.chance(1, in: 100) {
                    node.disk.lastOperation = node.disk.operationCount + 1 + random.below(60)
                }
                if random.chance(1, in: 3) { try node.work() }
                if random.chance(1, in: 40) { try node.checkpoint() }
            } catch {
                guard node.disk.hasStopped else { throw error }
                result.crashes += 1
                result.repeats += node.repeatCount
                node = node.afterCrash(losesPower: random.chance(1, in: 2), &random)
                try node.open(at: clock)
                for index in senders.indices { senders[index].loseConnection() }
            }
            for index in senders.indices { senders[index].lookBack(at: node) }
        }
        node.disk.lastOperation = nil
        try node.work()
        try node.finish(at: max(clock, events[events.count - 1].time))
        result.repeats += node.repeatCount
        for sender in senders {
            result.lostConnections += sender.lostCount
            result.floods += sender.floodCount
        }
        return node
    }

    private static func difference(_ calm: [StoredAlert], _ other: [StoredAlert]) -> String? {
        if calm == other { return nil }
        let place = zip(calm, other).prefix { $0 == $1 }.count
        return "alerts differ from number \(place + 1) on (\(calm.count) and \(other.count)): "
            + "\(other.dropFirst(place).first?.json ?? "nothing") instead of "
            + "\(calm.dropFirst(place).first?.json ?? "nothing")"
    }
}

/// An event that a sender has from a moment on, with an id of its own.
struct NetworkEvent {
    var time: StreamTime
    /// A JSON object.
    var text: String

    static func draw(_ count: Int, _ random: inout SeededRandom) -> [NetworkEvent] {
        var time: Int64 = 1_800_000_000_000
        return (0..<count).map { number in
            time += Int64(1 + random.below(random.chance(1, in: 10) ? 40_000 : 3000))
            let user = "u\(random.below(4))"
            let head = "{\"id\":\"e\(number)\",\"time\":\(time),\"user\":\"\(user)\""
            let rest =
                switch random.below(10) {
                case 0..<5:
                    ",\"type\":\"login\",\"outcome\":\"\(random.pick(["ok", "fail", "fail"]))\""
                case 5..<8: ",\"type\":\"order\",\"amount\":\(random.below(100))"
                default: ",\"type\":\"payment\""
                }
            return NetworkEvent(
                time: StreamTime(nanoseconds: time * 1_000_000), text: "\(head)\(rest)}")
        }
    }
}

/// A node behind the queue that the network's feeds push into.
final class NetworkNode {
    static let feed = LiveFeedOptions(
        name: "n", reading: reading, idleAfter: TimeSpan(seconds: 3600))
    private static var reading: FeedOptions {
        var reading = FeedOptions()
        reading.format = .jsonLines
        reading.lateness = TimeSpan(seconds: 600)
        reading.rememberedIDSpan = TimeSpan(seconds: 36_000)
        return reading
    }

    private let feed: LiveFeedOptions
    let disk: SimulatedDisk
    let store: SimulatedAlertStore
    let clock = SimulatedClock(at: .zero)
    private let registry: SimulatedRulesRegistry
    private let queue = AcceptQueue(byteCap: 2000)
    let inlet: FeedInlet
    private var node: LiveNode?

    init(
        _ disk: SimulatedDisk, _ store: SimulatedAlertStore, _ feed: LiveFeedOptions,
        _ registry: SimulatedRulesRegistry = SimulatedRulesRegistry()
    ) {
        self.feed = feed
        self.disk = disk
        self.store = store
        self.registry = registry
        queue.open()
        inlet = FeedInlet(
            configuration: FeedConfiguration(
                options: feed,
                source: .http(HTTPFeedOptions(listen: ListenAddress(port: 0))), sync: .always),
            counters: FeedCounters(), log: LiveLog { _, _ in }, queue: queue, clock: clock)
    }

    func afterCrash(losesPower: Bool, _ random: inout SeededRandom) -> NetworkNode {
        NetworkNode(
            disk.afterCrash(losesPower: losesPower),
            store.afterCrash(losesPower: losesPower, &random), feed, registry)
    }

    func open(at time: StreamTime) throws(StateError) {
        clock.advance(to: time)
        var options = LiveNodeOptions()
        options.segmentByteCount = 8000
        var node = try LiveNode.open(
            nil, registry: registry, feeds: [feed], disk: disk, folder: "state",
            store: store, options: options)
        if node.pipeline.rules.change == 0 {
            do throws(RulesRefusal) {
                let wish = RulesRequest.Wish.rules(LiveWorkload.versions[0])
                _ = try node.change(RulesRequest(wish, at: .zero, from: .api))
            } catch {
                throw .unusable(path: "rules", reason: "\(error)")
            }
        }
        self.node = consume node
    }

    /// Whether everything that was handed over has been accepted.
    var isIdle: Bool { queue.waitingByteCount == 0 }

    var repeatCount: Int { node?.pipeline.feedStatus(of: ["n"]).first?.repeated ?? 0 }

    /// Accepts what waits, and says so to whoever waits for it.
    func work() throws(StateError) {
        for one in queue.take(waitingUpTo: 0) ?? [] {
            try node?.accept([one.records], syncs: true)
            one.acknowledge?(true)
        }
    }

    func take(_ events: [NetworkEvent]) throws(StateError) {
        for event in events {
            let records = AcceptedRecords(
                feed: "n", acceptedAt: event.time, lines: Array((event.text + "\n").utf8))
            try node?.accept([records], syncs: false)
        }
    }

    func checkpoint() throws(StateError) { _ = try node?.checkpoint() }

    /// Lets so much time pass that nothing waits any more.
    func finish(at time: StreamTime) throws(StateError) {
        try node?.tick(at: time + TimeSpan(seconds: 100_000))
        try node?.checkpoint()
    }
}
