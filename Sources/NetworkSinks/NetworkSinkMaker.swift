// SPDX-License-Identifier: Apache-2.0

package import Live

/// Makes the sinks that need the network.
package enum NetworkSinkMaker {
    package static let make: NetworkSinkFactory = {
        (sink: SinkConfiguration, clock: any WallClock) throws(StateError) in
        switch sink.target {
        case .webhook(let options):
            return try WebhookSink(sink.name, options, sink.delivery, clock: clock)
        case .alertmanager(let options):
            return try AlertmanagerSink(options, sink.delivery, clock: clock)
        case .mail(let options):
            return try MailSink(sink.name, options, sink.delivery, clock: clock)
        case .standardOutput, .file:
            throw .sink(sink.name, reason: "it is none that needs the network")
        }
    }

    /// Tries to make each sink, without a connection: what stands in the way of one.
    package static func problem(of sinks: [SinkConfiguration]) -> StateError? {
        for sink in sinks {
            do throws(StateError) {
                switch sink.target {
                case .webhook, .alertmanager, .mail: try make(sink, SystemClock()).close()
                case .standardOutput, .file: break
                }
            } catch {
                return error
            }
        }
        return nil
    }
}
