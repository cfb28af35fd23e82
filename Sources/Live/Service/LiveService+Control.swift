// SPDX-License-Identifier: Apache-2.0
// Exercised by LiveControlTests.

extension LiveService {
    /// Answers those who look in.
    func answer(_ requests: [LiveControl.Request], _ node: borrowing LiveNode) {
        for request in requests {
            if case .look(let body) = request.wish { body(node) }
        }
    }

    func publish(_ node: borrowing LiveNode, _ monitor: LiveMonitor) {
        control.publish(
            monitor.status(
                of: node, sinkBoard, at: clock.now, waitingByteCount: queue.waitingByteCount))
    }
}
