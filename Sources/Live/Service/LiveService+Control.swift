// SPDX-License-Identifier: Apache-2.0
// Exercised by LiveControlTests.

extension LiveService {
    /// Answers those who look in.
    func answer(_ requests: [LiveControl.Request], _ node: borrowing LiveNode) {
        for request in requests {
            if case .look(let body) = request.wish { body(node) }
        }
    }

    /// Gives an account of all, and logs which limits rules have reached since the last one.
    func publish(_ node: borrowing LiveNode, _ monitor: inout LiveMonitor) {
        let status = monitor.status(
            of: node, sinkBoard, stateKeeper.figures, at: clock.now,
            waitingByteCount: queue.waitingByteCount)
        for news in monitor.reachedCaps.news(status.rules) { log.write(.warning, news) }
        control.publish(status)
    }

    func startStateKeeper(_ store: any AlertStore) throws(StateError) -> WorkerThread {
        let (keeper, configuration, disk) = (stateKeeper, configuration, disk)
        return try WorkerThread {
            keeper.run { () throws(StateError) in
                try Retention(
                    configuration.retention, of: store, sinks: configuration.sinks.map(\.name),
                    folder: configuration.stateFolder, letterPath: configuration.deadLetterPath,
                    disk)
            }
        }
    }
}
