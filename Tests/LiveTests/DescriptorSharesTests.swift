// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Live

@Suite struct DescriptorSharesTests {
    private func configuration() -> LiveConfiguration {
        let address = ListenAddress(port: 0)
        var configuration = LiveConfiguration()
        configuration.feeds = [
            .http(HTTPFeedOptions(listen: address)), .tcp(TCPFeedOptions(listen: address)),
            .udp(UDPFeedOptions(listen: address)), .standardInput,
        ].enumerated().map { number, source in
            FeedConfiguration(options: LiveFeedOptions(name: "f\(number)"), source: source)
        }
        configuration.sinks = [SinkConfiguration(name: "a", target: .standardOutput(.automatic))]
        return configuration
    }

    @Test func withRoomForAllNothingIsLess() {
        var configuration = configuration()
        let shares = DescriptorShares(of: configuration, limit: 65_536)
        #expect(shares.apply(to: &configuration) == [])
        #expect(DescriptorShares.served(256, of: shares.each) == 256)
        #expect(configuration.feeds.allSatisfy { $0.descriptorCap == shares.each })
    }

    /// Three share what is left of 112 behind what is kept for the process itself.
    @Test func oneWithFewServesFewer() {
        var configuration = configuration()
        let shares = DescriptorShares(of: configuration, limit: 112)
        #expect(shares.each == 20)
        #expect(
            shares.apply(to: &configuration) == [
                "the process may have 112 files and sockets open: the feed `f0` serves 15 "
                    + "connections, and not 256",
                "the process may have 112 files and sockets open: the feed `f1` serves 15 "
                    + "connections, and not 256",
            ])
        configuration.admin.listen = nil
        #expect(DescriptorShares(of: configuration, limit: 112).each == 30)
        #expect(DescriptorShares(of: configuration, limit: 10).each == 4)
        #expect(DescriptorShares.served(256, of: 1) == 1)
    }
}
