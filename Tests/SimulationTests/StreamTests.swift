// SPDX-License-Identifier: Apache-2.0

import Foundation
import RuleLanguage
import Simulation
import Testing

/// The recorded streams against their generator, and the shipped rules against what is planted.
@Suite struct StreamTests {
    static let ofAnotherSeed = RecordedStream.all(seed: 2)

    @Test(arguments: StreamFixtures.names)
    func theCommittedFileIsWhatTheGeneratorGives(name: String) throws {
        let stream = StreamFixtures.stream(name)
        let lines = try StreamFixtures.lines(StreamFixtures.path(name))
        // `==` alone: a difference must not print megabytes.
        let isSame = Array(lines.joined(separator: [0x0a])) + [0x0a] == stream.text
        #expect(isSame, "run `swift run martlet-sim streams fixtures/streams`")
    }

    @Test func theIncidentsAreListed() throws {
        let listed = try StreamFixtures.lines(
            StreamFixtures.folder.appending(path: "planted.ndjson").path)
        let planted = RecordedStream.plantedText(StreamFixtures.streams)
        #expect(Array(listed.joined(separator: [0x0a])) + [0x0a] == planted)
    }

    /// `MARTLET_UPDATE_GOLDEN=1` writes the alerts anew.
    @Test(arguments: StreamFixtures.names)
    func aReplayGivesTheExpectedAlerts(name: String) throws {
        let alerts = try StreamFixtures.alerts(
            of: StreamFixtures.path(name), rules: try StreamFixtures.ruleset())
        let file = StreamFixtures.expectedAlerts(name)
        if ProcessInfo.processInfo.environment["MARTLET_UPDATE_GOLDEN"] == "1" {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try alerts.write(to: file)
        }
        let expected = try Data(contentsOf: file)
        #expect(
            String(decoding: alerts, as: UTF8.self) == String(decoding: expected, as: UTF8.self))
    }

    @Test(arguments: StreamFixtures.names)
    func theExpectedAlertsAreThoseThatWerePlanted(name: String) throws {
        let expected = try StreamFixtures.marks(
            try Data(contentsOf: StreamFixtures.expectedAlerts(name)))
        let planted = StreamFixtures.stream(name).incidents.filter { !$0.isNearMiss }
        #expect(expected.sorted() == planted.map { StreamFixtures.mark($0) }.sorted())
    }

    /// The rules were not fitted to one seed.
    @Test(arguments: StreamFixtures.names)
    func whatIsPlantedInAStreamOfAnotherSeedIsFoundToo(name: String) throws {
        let ruleset = try StreamFixtures.ruleset()
        let stream = try #require(Self.ofAnotherSeed.first { $0.name == name })
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "martlet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: name)
        try Data(stream.text).write(to: file)
        let found = try StreamFixtures.marks(
            try StreamFixtures.alerts(of: file.path, rules: ruleset))
        let planted = stream.incidents.filter { !$0.isNearMiss }
        #expect(found.sorted() == planted.map { StreamFixtures.mark($0) }.sorted())
    }

    @Test func aSeedGivesTheSameBytesEachTime() {
        let again = RecordedStream.all(seed: RecordedStream.committedSeed)
        let same = zip(again, StreamFixtures.streams).allSatisfy { $0.text == $1.text }
        #expect(same)
        let anySame = zip(Self.ofAnotherSeed, again).contains { $0.text == $1.text }
        #expect(!anySame)
    }

    @Test func eachRuleHasIncidentsAndNearMisses() throws {
        let incidents = StreamFixtures.streams.flatMap(\.incidents)
        let rules = try StreamFixtures.ruleset().rules.filter { !$0.onlyEmits }.map(\.name)
        #expect(rules.count >= 12)
        for rule in rules {
            let own = incidents.filter { $0.rule == rule }
            #expect(own.contains { !$0.isNearMiss }, "\(rule) has no incident")
            #expect(own.contains { $0.isNearMiss }, "\(rule) has no near miss")
        }
        #expect(Set(incidents.map(\.rule)) == Set(rules))
    }
}
