// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Simulation

@Suite struct SimulationCommandTests {
    @Test(arguments: [
        [], ["--seed"], ["--seed", "x"], ["--seed", "1", "2"], ["nothing"], ["live", "one"],
        ["live", "1", "2", "3"], ["week", "--days", "0"], ["live", "--days", "3"],
        ["small", "--chains"], ["streams"], ["streams", "folder", "x"], ["--chains"],
    ])
    func argumentsThatMakeNoSenseAreRefused(_ arguments: [String]) {
        #expect(SimulationCommand(arguments) == nil)
    }

    @Test(arguments: [
        ["--seed", "7"], ["small"], ["differential"], ["differential", "1", "2", "3", "--trace"],
        ["windows", "1"], ["live", "1", "2"], ["network", "1"], ["week", "--seed", "1"],
        ["week", "--days", "1"], ["streams", "folder", "2"], ["--help"],
    ])
    func argumentsThatMakeSenseAreTaken(_ arguments: [String]) {
        #expect(SimulationCommand(arguments) != nil)
    }

    @Test func whatWasDoneIsTold() throws {
        var lines: [String] = []
        let trial = try #require(SimulationCommand(["network", "1", "1"]))
        let status = trial.run { lines.append($0) }
        #expect(status == 0)
        #expect(lines.count == 1 && lines[0].hasPrefix("network: 1 runs, "))
        lines = []
        let help = try #require(SimulationCommand(["--help"]))
        let helpStatus = help.run { lines.append($0) }
        #expect(helpStatus == 0)
        #expect(lines.joined().hasPrefix("usage: martlet-sim --seed N"))
    }
}
