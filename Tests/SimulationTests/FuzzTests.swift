// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Simulation

/// The fuzz bodies for a moment each; `martlet-fuzz` runs them for as long as one likes.
@Suite struct FuzzTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    private static func corpus(_ target: FuzzTarget) -> [[UInt8]] {
        target.corpus.flatMap { ScratchFiles.contents(ofFolder: "\(root)/\($0)") }
    }

    @Test(arguments: FuzzTarget.all.map(\.name))
    func nothingIsFoundInTheCorpusAndNearIt(_ name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let corpus = Self.corpus(target)
        #expect(!corpus.isEmpty, "a target has a corpus")
        let count = corpus.count + target.seeds().count + 60
        var run = FuzzRun(target, seed: 1, limit: .rounds(count), corpus: corpus)
        let result = run.run()
        #expect(result.failure?.reason == nil)
        #expect(result.rounds == count && result.features > 0)
    }

    /// Were they refused, the target would try nothing but the refusal.
    @Test func snapshotsAsTheyStandAreRestored() {
        let target = FuzzTarget.snapshots
        let verdicts = target.seeds().map(target.body)
        #expect(verdicts.allSatisfy { $0.failure == nil })
        // A refusal is one feature; keys, attempts and matches are others.
        #expect(verdicts.count { $0.features.count > 1 } > verdicts.count / 2)
    }

    /// Written anew with `MARTLET_UPDATE_GOLDEN=1` where the format has changed.
    @Test func theSnapshotsOfTheCorpusAreOfThisFormat() throws {
        let folder = "\(Self.root)/fixtures/corpus/snapshots"
        let isUpdate = ProcessInfo.processInfo.environment["MARTLET_UPDATE_GOLDEN"] != nil
        for (name, bytes) in FuzzTarget.corpusSnapshots {
            if isUpdate { #expect(ScratchFiles.write(bytes, to: "\(folder)/\(name)")) }
            let kept = try #require(ScratchFiles.read("\(folder)/\(name)"), "\(name)")
            #expect(kept.prefix(18) == bytes.prefix(18), "\(name) is of another format")
            let verdict = FuzzTarget.snapshots.body(kept)
            #expect(verdict.failure == nil && verdict.features.count > 1, "\(name)")
        }
    }

    @Test func aSnapshotOfAnOlderFormatIsRefused() throws {
        let kept = try #require(
            ScratchFiles.read("\(Self.root)/fixtures/corpus/snapshots/older-format.bin"))
        let verdict = FuzzTarget.snapshots.body(kept)
        #expect(verdict.failure == nil)
        #expect(verdict.features == [FuzzVerdict.hash("the snapshot has format ".utf8)])
    }

    @Test func theCanaryIsHeard() {
        var run = FuzzRun(
            FuzzTarget.canaries[0], seed: 1, limit: .rounds(10_000), corpus: [[1, 2]])
        let result = run.run()
        #expect(result.failure?.reason == "the canary sings")
        #expect(result.failure?.input.contains(0x2a) == true)
    }

    @Test func aRunIsTheSameForTheSameSeed() {
        let target = FuzzTarget.decoders[0]
        let runs = [5, 5, 6].map { (seed: UInt64) in
            var mutator = FuzzMutator(seed: seed, for: target)
            let pool = Self.corpus(target)
            return (0..<40).map { _ in mutator.next(from: pool) }
        }
        #expect(runs[0] == runs[1])
        #expect(runs[0] != runs[2])
    }

    @Test func aChildsEndIsSeen() {
        #expect(ChildProcess.run(["sh", "-c", "exit 7"]).end == .exited(7))
        #expect(ChildProcess.run(["sh", "-c", "kill -9 $$"]).end == .killed(signal: 9))
        let missing = ChildProcess.run(["/nowhere/nothing"]).end
        #expect(missing == .notStarted(2) || missing == .exited(127))
        #expect(ChildProcess.run(["sh", "-c", "exit 0"]).peakBytes > 0)
    }

    @Test func argumentsThatMakeNoSenseAreRefused() {
        for arguments in [[], ["nothing"], ["json", "--seconds"], ["json", "--rounds", "0"]] {
            #expect(FuzzCommand(arguments) == nil, "\(arguments)")
        }
        #expect(FuzzCommand(["all", "--seconds", "1"]) != nil)
    }

    @Test func budgetsAreThereForEveryWorkload() throws {
        for budget in [BenchBudgets.allocations, .instructions] {
            let path = "\(Self.root)/\(budget.path)"
            let text = String(decoding: try #require(ScratchFiles.read(path)), as: UTF8.self)
            for workload in BenchWorkload.all {
                #expect(text.contains("\"\(workload.name)\": "), "\(budget) \(workload.name)")
            }
        }
    }

    @Test func copiesOfARuleDifferInNameAndUser() throws {
        let rule = "rule w3_0 { where user == \"u0\" }"
        let workload = try #require(BenchWorkload.all.first { $0.name == "W3(1000)" })
        let copy = workload.copy(of: rule, number: 12)
        #expect(copy == "rule w3_12 { where user == \"u12\" }")
    }
}
