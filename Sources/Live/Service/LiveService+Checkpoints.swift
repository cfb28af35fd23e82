// SPDX-License-Identifier: Apache-2.0
// Exercised by LiveControlTests.

internal import EventModel

/// What the loop of a service knows of the checkpoints that it has made.
struct CheckpointDuty {
    /// When one was last begun, by a clock that nobody sets.
    var begunAt: Int64
    /// The last entry that one is known to have, or will have.
    var coveredEntry: Int64
    /// The one under way.
    var errand: CheckpointErrand?
    /// Those who asked before that was begun, and those who asked since: what they have seen
    /// accepted is not in it.
    var served: [LiveControl.Request] = []
    var asking: [LiveControl.Request] = []

    init(begunAt: Int64, coveredEntry: Int64) {
        self.begunAt = begunAt
        self.coveredEntry = coveredEntry
    }

    mutating func add(_ requests: [LiveControl.Request]) {
        asking += requests.filter { if case .checkpoint = $0.wish { true } else { false } }
    }

    /// Whoever has asked and not been answered.
    mutating func takeAll() -> [LiveControl.Request] {
        defer { (served, asking) = ([], []) }
        return served + asking
    }
}

extension LiveService {
    /// Sees what has come of the checkpoint under way, and begins one where it is time or somebody
    /// wants one.
    ///
    /// - Throws: where the node cannot go on.
    func tend(
        _ duty: inout CheckpointDuty, of node: inout LiveNode, _ monitor: inout LiveMonitor
    ) throws(StateError) {
        if let errand = duty.errand {
            guard let outcome = errand.outcome else { return }
            errand.join()
            duty.errand = nil
            try take(outcome, of: errand, &duty, &node, &monitor)
        }
        // There is no room for alerts that a checkpoint would have to have behind it.
        if node.hasUnstoredAlerts { return }
        let now = clock.nanoseconds
        let isDue = now - duty.begunAt >= configuration.checkpointSpan.nanoseconds
        guard !duty.asking.isEmpty || (isDue && node.pipeline.entryNumber > duty.coveredEntry)
        else { return }
        duty.begunAt = now
        (duty.served, duty.asking) = (duty.asking, [])
        let mark = node.checkpointMark
        let queue = queue
        do throws(StateError) {
            duty.errand = try CheckpointErrand(
                mark, node.checkpointMaker, begunAt: now, done: { queue.wake() })
            duty.coveredEntry = mark.entryNumber
        } catch {
            try makeHere(&duty, of: &node, &monitor, since: error)
        }
    }

    private func take(
        _ outcome: CheckpointErrand.Outcome, of errand: CheckpointErrand,
        _ duty: inout CheckpointDuty, _ node: inout LiveNode, _ monitor: inout LiveMonitor
    ) throws(StateError) {
        switch outcome {
        case .written(let size):
            node.noteCheckpoint(of: errand.mark)
            let status = CheckpointStatus(
                writtenAt: clock.now, entryNumber: errand.mark.entryNumber, byteCount: size,
                span: TimeSpan(nanoseconds: clock.nanoseconds - errand.begunAt))
            monitor.checkpoint = status
            tell(duty.served, .success(status))
            duty.served = []
        case .failed(let error):
            duty.coveredEntry = monitor.checkpoint?.entryNumber ?? 0
            monitor.failedCheckpointCount += 1
            if error.isOutOfSpace {
                log.write(.error, "no checkpoint: \(error)")
                tell(duty.served, .failure(error))
                duty.served = []
            } else if error.endsService {
                throw error
            } else {
                try makeHere(&duty, of: &node, &monitor, since: error)
            }
        case .cancelled: break
        }
    }

    /// Writes a checkpoint of what the node itself holds, while everything waits: what can always
    /// be done.
    private func makeHere(
        _ duty: inout CheckpointDuty, of node: inout LiveNode, _ monitor: inout LiveMonitor,
        since reason: StateError
    ) throws(StateError) {
        if case .checkpointDiffers = reason { monitor.differingCheckpointCount += 1 }
        log.write(
            .error, "no checkpoint could be made aside, so everything waits for one: \(reason)")
        try checkpoint(&duty, of: &node, &monitor)
    }

    /// Writes a checkpoint while everything waits, for all who have asked; a full disk is logged,
    /// and it is written the next time.
    private func checkpoint(
        _ duty: inout CheckpointDuty, of node: inout LiveNode, _ monitor: inout LiveMonitor
    ) throws(StateError) {
        let start = clock.nanoseconds
        let asking = duty.takeAll()
        do throws(StateError) {
            let size = try node.checkpoint()
            let status = CheckpointStatus(
                writtenAt: clock.now, entryNumber: node.pipeline.entryNumber, byteCount: size,
                span: TimeSpan(nanoseconds: clock.nanoseconds - start))
            monitor.checkpoint = status
            duty.coveredEntry = status.entryNumber
            tell(asking, .success(status))
        } catch {
            tell(asking, .failure(error))
            guard error.isOutOfSpace else { throw error }
            monitor.failedCheckpointCount += 1
            log.write(.error, "no checkpoint: \(error)")
        }
    }

    /// Tells those who asked for a checkpoint what came of it.
    private func tell(
        _ requests: [LiveControl.Request], _ outcome: Result<CheckpointStatus, StateError>
    ) {
        for request in requests {
            guard case .checkpoint(let finish) = request.wish else { continue }
            switch outcome {
            case .success(let status): finish(status)
            case .failure(let error): request.refuse(.failed(error))
            }
        }
    }

    /// Gives up the checkpoint under way, if there is one.
    func abandon(_ duty: inout CheckpointDuty) {
        duty.errand?.cancel()
        duty.errand?.join()
        duty.errand = nil
        for request in duty.takeAll() { request.refuse(.notRunning) }
    }

    /// Has the next start go on from here. The journal has all that it needs in any case.
    func lastCheckpoint(of node: inout LiveNode) throws(StateError) {
        do throws(StateError) {
            try node.checkpoint()
        } catch {
            guard error.isOutOfSpace else { throw error }
            log.write(.warning, "no checkpoint, so the next start works in more: \(error)")
        }
    }

    /// The checkpoint of a node that has just been opened: mostly all that it has accepted is in
    /// it.
    func firstCheckpoint(of node: borrowing LiveNode) throws(StateError) -> CheckpointStatus {
        let folder = LiveNode.checkpointFolder(configuration.stateFolder)
        let checkpoints = CheckpointStore(disk, folder: folder)
        return CheckpointStatus(
            writtenAt: clock.now,
            entryNumber: try checkpoints.numbers().last ?? node.pipeline.entryNumber,
            byteCount: try checkpoints.newestByteCount(), span: .zero)
    }
}

extension StateError {
    /// Whether a node cannot go on after this: nobody knows what is on the disk, or alerts cannot
    /// be stored. What is wrong with the files of the past does not touch what it holds.
    fileprivate var endsService: Bool {
        switch self {
        case .system, .alertStore: true
        case .noRoom, .rulesRegistry, .journalDamaged, .journalLacks, .unusable, .noJournal, .sink,
            .noCheckpoint, .checkpointDiffers, .gone:
            false
        }
    }
}
