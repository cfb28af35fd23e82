// SPDX-License-Identifier: Apache-2.0
// Exercised by RunCommandTests.

internal import Automata
internal import EventModel

/// The world around a node: feeds, sinks and clocks, each on its own thread, until it is told to
/// stop or no feed has anything more.
package final class LiveService: Sendable {
    private static let second: Int64 = 1_000_000_000
    /// How often the wall clock moves time on where feeds are quiet: what is due is at most so late
    /// and by `longestWait`.
    private static let tickSpan: Int64 = 500_000_000
    /// The longest that the node sleeps: what is due is at most so late.
    private static let longestWait: Int64 = 250_000_000

    package let configuration: LiveConfiguration
    /// Those of the configured files.
    package let rules: ConfiguredRules
    package let disk: any Disk
    let clock: any WallClock
    package let log: LiveLog
    let queue = AcceptQueue()
    /// What is wished of the rules, and how they are.
    package let rulesInbox = RulesInbox()
    /// Whether rules files are read when they have changed.
    let watchesRules: Bool
    /// How the sinks are.
    package let sinkBoard = SinkBoard()
    let networkSinks: NetworkSinkFactory?
    let output: @Sendable ([UInt8]) throws(StateError) -> Void
    let outputTerminal: OutputTerminal?
    let inputDescriptor: Int32
    let networkFeeds: (any NetworkFeedOpener)?
    /// What each feed counts, by its name.
    package let feedCounters: [String: FeedCounters]
    let stateKeeper: StateKeeper
    /// For those who look in.
    package let control: LiveControl

    /// - Parameters:
    ///   - networkFeeds: opens the feeds that listen; nil: there may be none.
    ///   - outputTerminal: nil: standard output is none.
    ///   - output: writes bytes to standard output.
    package init(
        _ configuration: LiveConfiguration, _ rules: ConfiguredRules,
        disk: any Disk = SystemDisk(), clock: any WallClock = SystemClock(), log: LiveLog,
        inputDescriptor: Int32 = 0, watchesRules: Bool = false,
        networkFeeds: (any NetworkFeedOpener)? = nil,
        networkSinks: NetworkSinkFactory? = nil,
        outputTerminal: OutputTerminal? = nil,
        output: @escaping @Sendable ([UInt8]) throws(StateError) -> Void
    ) {
        self.configuration = configuration
        self.rules = rules
        self.disk = disk
        self.clock = clock
        self.log = log
        self.inputDescriptor = inputDescriptor
        self.watchesRules = watchesRules
        self.networkSinks = networkSinks
        self.output = output
        self.outputTerminal = outputTerminal
        self.networkFeeds = networkFeeds
        stateKeeper = StateKeeper(configuration.retention, clock, log)
        feedCounters = Dictionary(
            configuration.feeds.map { ($0.options.name, FeedCounters()) },
            uniquingKeysWith: { first, _ in first })
        let queue = queue
        control = LiveControl(clock: clock) { queue.wake() }
    }

    /// Has `run` come to its end; from any thread.
    package var stopper: @Sendable () -> Void {
        let (queue, control) = (queue, control)
        return {
            control.enter(.draining)
            queue.close()
        }
    }

    /// Works until it is stopped, or every feed has ended; then everything that was accepted has
    /// been worked in, written down and sent.
    package func run() throws(StateError) {
        defer { control.enter(.ended) }
        let startedAt = clock.now
        let folder = configuration.stateFolder
        try disk.makeFolder(folder)
        let lock = try FolderLock(folder)
        let store = try openStore(in: folder)
        var options = LiveNodeOptions()
        options.checkpointCount = configuration.checkpointCount
        options.syncsBeforeAlerts = configuration.feeds.contains { $0.sync != .never }
        options.deadLetterPath = configuration.deadLetterPath
        options.deadLetterByteCount = configuration.retention.letterFileByteCount
        options.startedAt = clock.now
        options.limits = configuration.limits
        let registry = try SQLiteRulesRegistry(path: SQLiteRulesRegistry.path(in: folder))
        var node = try LiveNode.open(
            rules, registry: registry, feeds: configuration.feeds.map(\.options), disk: disk,
            folder: folder, store: store, options: options)
        report(node.recovery)
        rulesInbox.note(node.pipeline.rules, isChange: false)
        try registry.renewRequests()
        let workers = try makeWorkers(store)
        var threads: [WorkerThread] = []
        for (worker, first) in workers {
            threads.append(try WorkerThread { worker.run(from: first) })
            worker.announce(upTo: node.nextStoredAlert)
        }
        var monitor = LiveMonitor(
            startedAt: startedAt, feedNames: configuration.feeds.map(\.options.name),
            feedCounters)
        monitor.checkpoint = try firstCheckpoint(of: node)
        monitor.reachedCaps = ReachedCaps(knowing: node.pipeline.ruleStatus)
        publish(node, &monitor)
        var duty = CheckpointDuty(
            begunAt: clock.nanoseconds, coveredEntry: node.pipeline.entryNumber)
        var feeds = RunningFeeds()
        var failure: StateError?
        do throws(StateError) {
            threads.append(try startRulesKeeper(registry))
            threads.append(try startStateKeeper(store))
            try start(&feeds, node.pipeline)
            log.write(
                .info,
                "running \(counted(node.pipeline.program.rules.count, "rule")) over "
                    + "\(counted(configuration.feeds.count, "feed"))")
            control.enter(.running)
            try work(&node, workers.map(\.worker), &monitor, &duty)
            control.enter(.draining)
            log.write(.info, "ending: nothing more is taken, and what was accepted is worked in")
            abandon(&duty)
            publish(node, &monitor)
            try lastCheckpoint(of: &node)
        } catch {
            failure = error
        }
        abandon(&duty)
        queue.abandon()
        rulesInbox.close()
        stateKeeper.close()
        for feed in feeds.network { feed.close() }
        for (worker, _) in workers {
            worker.announce(upTo: node.nextStoredAlert)
            worker.stop()
        }
        for thread in feeds.threads + threads { thread.join() }
        _ = lock
        if let failure { throw failure }
        reportEnd(at: node.pipeline.entryNumber)
    }

    /// - Throws: where it is gone: with it, how far each sink is, and what comes again would come
    ///   twice.
    private func openStore(in folder: String) throws(StateError) -> SQLiteAlertStore {
        let path = "\(folder)/alerts.sqlite"
        let checkpoints = LiveNode.checkpointFolder(folder)
        if try disk.byteCount(of: path) == nil, try disk.byteCount(of: checkpoints) != nil,
            try !CheckpointStore(disk, folder: checkpoints).numbers().isEmpty
        {
            throw .gone(path)
        }
        return try SQLiteAlertStore(path: path)
    }

    // MARK: The loop

    private func work(
        _ node: inout LiveNode, _ workers: [SinkWorker], _ monitor: inout LiveMonitor,
        _ duty: inout CheckpointDuty
    ) throws(StateError) {
        var syncedAt = clock.nanoseconds
        var tickedAt = clock.nanoseconds
        var toldAt = clock.nanoseconds
        // What there is no room for; while there is any, nothing more is taken.
        var held: [AcceptQueue.Waiting] = []
        while let waiting = try toAccept(behind: held) {
            let begun = clock.nanoseconds
            held = try accept(waiting, &node, &monitor)
            if !waiting.isEmpty, held.isEmpty {
                monitor.batches.add(TimeSpan(nanoseconds: clock.nanoseconds - begun))
            }
            try changeRules(of: &node, &monitor)
            let now = clock.nanoseconds
            node.serve(control.tap)
            let requests = control.takeRequests()
            answer(requests, node)
            duty.add(requests)
            if now - tickedAt >= LiveService.tickSpan {
                tickedAt = now
                if held.isEmpty { try tick(&node, &monitor) }
            }
            if now - toldAt >= LiveService.second {
                toldAt = now
                tellLosses(of: &node, &monitor)
                publish(node, &monitor)
            }
            if now - syncedAt >= configuration.syncSpan.nanoseconds {
                syncedAt = now
                try node.sync()
            }
            try tend(&duty, of: &node, &monitor)
            let next = node.nextStoredAlert
            for worker in workers { worker.announce(upTo: next) }
        }
    }

    /// What to accept next: what is held, after a while, or what has come; nil: nothing more comes.
    ///
    /// - Throws: where it is to end, and there still is no room for what is held.
    private func toAccept(
        behind held: [AcceptQueue.Waiting]
    ) throws(StateError) -> [AcceptQueue.Waiting]? {
        if held.isEmpty { return queue.take(waitingUpTo: LiveService.longestWait) }
        guard queue.sleep(LiveService.second) else { return held }
        for one in held { one.acknowledge?(false) }
        throw .noRoom(held.reduce(0) { $0 + $1.records.lines.count })
    }

    /// Accepts records.
    ///
    /// - Returns: them, where there is no room for them on the disk.
    /// - Throws: where the node cannot go on.
    private func accept(
        _ waiting: [AcceptQueue.Waiting], _ node: inout LiveNode, _ monitor: inout LiveMonitor
    ) throws(StateError) -> [AcceptQueue.Waiting] {
        if waiting.isEmpty { return [] }
        let syncs = waiting.contains { $0.sync == .always }
        do throws(StateError) {
            try node.accept(waiting.map(\.records), syncs: syncs)
        } catch {
            if error.isOutOfSpace {
                note(lackOfRoom: error, &monitor)
                return waiting
            }
            for one in waiting { one.acknowledge?(false) }
            throw error
        }
        for one in waiting {
            one.acknowledge?(true)
            feedCounters[one.records.feed]?.countAccepted(one.records.lines)
        }
        if !node.hasUnstoredAlerts { noteRoom(&monitor) }
        return []
    }

    /// Moves time on by the wall clock; with a full disk that is done later.
    private func tick(
        _ node: inout LiveNode, _ monitor: inout LiveMonitor
    ) throws(StateError) {
        do throws(StateError) {
            try node.deliver()
            try node.tick(at: clock.now)
            if !node.hasUnstoredAlerts { noteRoom(&monitor) }
        } catch {
            guard error.isOutOfSpace else { throw error }
            note(lackOfRoom: error, &monitor)
        }
    }

    /// Tells of a full disk once, whatever finds it full how often.
    private func note(lackOfRoom error: StateError, _ monitor: inout LiveMonitor) {
        if monitor.isWithoutRoom { return }
        monitor.isWithoutRoom = true
        monitor.roomWaitCount += 1
        log.write(.error, "\(error): nothing is accepted until there is room")
        control.setWaitsForRoom(true)
        queue.setIsWithoutRoom(true)
    }

    private func noteRoom(_ monitor: inout LiveMonitor) {
        guard monitor.isWithoutRoom else { return }
        monitor.isWithoutRoom = false
        log.write(.info, "there is room again")
        control.setWaitsForRoom(false)
        queue.setIsWithoutRoom(false)
    }

    /// Logs what has been lost since the last call.
    private func tellLosses(of node: inout LiveNode, _ monitor: inout LiveMonitor) {
        if let problem = node.takeProblem() { log.write(.warning, problem) }
        let lost = node.takeLostLetterCount()
        monitor.lostLetters += lost
        if lost > 0 { log.write(.error, "\(lost) dead letters could not be written") }
    }
}
