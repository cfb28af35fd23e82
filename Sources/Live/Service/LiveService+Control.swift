// SPDX-License-Identifier: Apache-2.0
// Exercised by LiveControlTests.

internal import EventModel

extension LiveService {
    /// Answers those who look in; true: somebody wants a checkpoint.
    func answer(_ requests: [LiveControl.Request], _ node: borrowing LiveNode) -> Bool {
        var wantsCheckpoint = false
        for request in requests {
            switch request.wish {
            case .look(let body): body(node)
            case .checkpoint: wantsCheckpoint = true
            }
        }
        return wantsCheckpoint
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

    /// Writes a checkpoint, for those who asked for one too; a full disk is logged, and it is
    /// written the next time.
    func checkpoint(
        _ node: inout LiveNode, _ monitor: inout LiveMonitor, for requests: [LiveControl.Request]
    ) throws(StateError) {
        let start = clock.nanoseconds
        do throws(StateError) {
            let size = try node.checkpoint()
            let status = CheckpointStatus(
                writtenAt: clock.now, entryNumber: node.pipeline.entryNumber, byteCount: size,
                span: TimeSpan(nanoseconds: clock.nanoseconds - start))
            monitor.checkpoint = status
            tell(requests, .success(status))
        } catch {
            tell(requests, .failure(error))
            guard error.isOutOfSpace else { throw error }
            log.write(.error, "\(error)")
        }
    }

    func publish(_ node: borrowing LiveNode, _ monitor: LiveMonitor) {
        control.publish(
            monitor.status(
                of: node, sinkBoard, at: clock.now, waitingByteCount: queue.waitingByteCount))
    }

    /// The checkpoint of a node that has just been opened: all that it has accepted is in it.
    func firstCheckpoint(of node: borrowing LiveNode) throws(StateError) -> CheckpointStatus {
        let folder = LiveNode.checkpointFolder(configuration.stateFolder)
        let size = try CheckpointStore(disk, folder: folder).newestByteCount()
        return CheckpointStatus(
            writtenAt: clock.now, entryNumber: node.pipeline.entryNumber, byteCount: size,
            span: .zero)
    }
}
