// SPDX-License-Identifier: Apache-2.0

import Automata
import Connectors
import Diagnostics
import Foundation
import Harness
import Pipeline
import RuleLanguage
import Testing

/// Laws of comparing rulesets, over shipped rules, small changes of them, and a recorded stream.
@Suite struct ComparisonMutantTests {
    private static let original = try? RulesetLoader.sources([
        StreamFixtures.rules.appending(path: "identity.martlet").path
    ])

    /// The first lines of the stream, with what is planted in them.
    private final class Events {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "martlet-\(UUID().uuidString).jsonl").path

        init() throws {
            let lines = try StreamFixtures.lines(StreamFixtures.path("identity.jsonl")).prefix(1500)
            let text = lines.map { String(decoding: $0, as: UTF8.self) + "\n" }.joined()
            try Data(text.utf8).write(to: URL(filePath: path))
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private func compare(
        _ old: CheckedRuleset, _ new: CheckedRuleset, _ path: String, batch: Int = 512
    ) throws -> RulesetComparison {
        func side(_ rules: CheckedRuleset) throws -> (RulesetProgram, [ReplayInput]) {
            let program = RulesetCompiler.compile(rules)
            var files = ReplayFiles()
            files.events = [path]
            files.common.lateness = StreamFixtures.lateness
            return (program, try files.inputs(for: rules, program))
        }
        var options = ComparisonOptions()
        options.batchEventCount = batch
        options.exampleCount = 5
        var session = try ComparisonSession(
            RulesetPairing(old: old, new: new), old: try side(old), new: try side(new),
            options: options)
        while try session.step() {}
        try session.runOut()
        return session.finish().result
    }

    @Test func mutantsDifferAsMuchSeenFromEitherSide() throws {
        let files = try #require(Self.original)
        let events = try Events()
        let old = try StreamFixtures.checked(files)
        var differing = 0
        let mutants = MutationRun(files).mutants
        for mutant in mutants.enumerated().filter({ $0.offset % 3 == 0 }).map(\.element) {
            var bytes = files[0].bytes
            bytes.replaceSubrange(mutant.span.range, with: Array(mutant.replacement.utf8))
            let changed = SourceFile(name: files[0].name, bytes: bytes)
            guard let new = try? StreamFixtures.checked([changed]) else { continue }
            let there = try compare(old, new, events.path)
            let back = try compare(new, old, events.path, batch: 7)
            for (rule, mirror) in zip(there.rules, back.rules) {
                let counts = [rule.same, rule.lost, rule.new, rule.changed]
                let mirrored = [mirror.same, mirror.new, mirror.lost, mirror.changed]
                #expect(counts == mirrored, "\(rule.pair.name) \(mutant)")
                #expect(rule.pair.name == mutant.rule || !rule.hasDifferences, "\(mutant)")
                #expect(
                    rule.examples.count == mirror.examples.count, "\(rule.pair.name) \(mutant)")
            }
            if there.hasDifferences { differing += 1 }
        }
        #expect(differing >= 3)
    }

    @Test func noRulesetDiffersFromItself() throws {
        let rules = try StreamFixtures.ruleset()
        for name in ["orders.jsonl", "sshd.log"] {
            let result = try compare(rules, rules, StreamFixtures.path(name))
            #expect(!result.hasDifferences, "\(name)")
            #expect(result.total.same > 0, "\(name)")
        }
    }
}
