// SPDX-License-Identifier: Apache-2.0
// Exercised by RunCommandTests.

internal import Automata
internal import EventModel

/// The world around a node: feeds, sinks and clocks, each on its own thread, until it is told to
/// stop or no feed has anything more.
package final class LiveService: Sendable {
    private static let second: Int64 = 1_000_000_000
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
        let store = try SQLiteAlertStore(path: "\(folder)/alerts.sqlite")
        var options = LiveNodeOptions()
        options.checkpointCount = configuration.checkpointCount
        options.syncsBeforeAlerts = configuration.feeds.contains { $0.sync != .never }
        options.deadLetterPath = configuration.deadLetterPath
        options.startedAt = clock.now
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
            worker.announce(upTo: node.pipeline.alerts.nextNumber)
        }
        var monitor = LiveMonitor(
            startedAt: startedAt, feedNames: configuration.feeds.map(\.options.name),
            feedCounters)
        monitor.checkpoint = try firstCheckpoint(of: node)
        publish(node, monitor)
        var duty = CheckpointDuty(
            begunAt: clock.nanoseconds, coveredEntry: node.pipeline.entryNumber)
        var feeds = RunningFeeds()
        var failure: StateError?
        do throws(StateError) {
            threads.append(try startRulesKeeper(registry))
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
            try node.checkpoint()
        } catch {
            failure = error
        }
        abandon(&duty)
        queue.abandon()
        rulesInbox.close()
        for feed in feeds.network { feed.close() }
        for (worker, _) in workers {
            worker.announce(upTo: node.pipeline.alerts.nextNumber)
            worker.stop()
        }
        for thread in feeds.threads + threads { thread.join() }
        _ = lock
        if let failure { throw failure }
        reportEnd(at: node.pipeline.entryNumber)
    }

    // MARK: The loop

    private func work(
        _ node: inout LiveNode, _ workers: [SinkWorker], _ monitor: inout LiveMonitor,
        _ duty: inout CheckpointDuty
    ) throws(StateError) {
        var syncedAt = clock.nanoseconds
        var tickedAt = clock.nanoseconds
        while let waiting = queue.take(waitingUpTo: LiveService.longestWait) {
            let begun = clock.nanoseconds
            if !waiting.isEmpty {
                try accept(waiting, &node)
                monitor.batches.add(TimeSpan(nanoseconds: clock.nanoseconds - begun))
            }
            try changeRules(of: &node, monitor)
            let now = clock.nanoseconds
            node.serve(control.tap)
            let requests = control.takeRequests()
            answer(requests, node)
            duty.add(requests)
            if now - tickedAt >= LiveService.second {
                tickedAt = now
                try whereThereIsRoom { () throws(StateError) in try node.tick(at: clock.now) }
                tellLosses(of: &node, &monitor)
                publish(node, monitor)
            }
            if now - syncedAt >= configuration.syncSpan.nanoseconds {
                syncedAt = now
                try node.sync()
            }
            try tend(&duty, of: &node, &monitor)
            let next = node.pipeline.alerts.nextNumber
            for worker in workers { worker.announce(upTo: next) }
        }
    }

    /// Does what can wait: with a full disk it is done the next time.
    private func whereThereIsRoom(
        _ body: () throws(StateError) -> Void
    ) throws(StateError) {
        do throws(StateError) {
            try body()
        } catch {
            guard error.isOutOfSpace else { throw error }
            log.write(.error, "\(error)")
        }
    }

    /// Logs what has been lost since the last call.
    private func tellLosses(of node: inout LiveNode, _ monitor: inout LiveMonitor) {
        if let problem = node.takeProblem() { log.write(.warning, problem) }
        let lost = node.takeLostLetterCount()
        monitor.lostLetters += lost
        if lost > 0 { log.write(.error, "\(lost) dead letters could not be written") }
    }

    /// Accepts records; where the disk is full, waits until it is not.
    private func accept(
        _ waiting: [AcceptQueue.Waiting], _ node: inout LiveNode
    ) throws(StateError) {
        let syncs = waiting.contains { $0.sync == .always }
        var hasComplained = false
        while true {
            do throws(StateError) {
                try node.accept(waiting.map(\.records), syncs: syncs)
                if hasComplained { control.setWaitsForRoom(false) }
                for one in waiting {
                    one.acknowledge?(true)
                    feedCounters[one.records.feed]?.countAccepted(one.records.lines)
                }
                return
            } catch {
                if error.isOutOfSpace, !queue.isClosed {
                    if !hasComplained { log.write(.error, "\(error): waiting for room") }
                    hasComplained = true
                    control.setWaitsForRoom(true)
                    if !queue.sleep(LiveService.second) { continue }
                }
                for one in waiting { one.acknowledge?(false) }
                throw error
            }
        }
    }
}
