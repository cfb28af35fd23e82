// SPDX-License-Identifier: Apache-2.0
// Exercised by LiveCrashTests, and at length by `martlet-sim live`.

internal import EventModel

/// One workload through a pipeline that is disturbed, and through one that is not: what came out
/// has to be the same.
package struct LiveTrial {
    /// What is done to the pipeline.
    package enum Disturbance: String, CaseIterable, Sendable {
        /// The process ends in the middle of a disk operation.
        case kill
        /// The machine does.
        case powerLoss
        /// The disk is full for a while.
        case fullDisk
        /// A bit of what is kept changes between two lives.
        case bitFlip
        /// A receiver of alerts fails, is down, does not answer, or does not take some.
        case sinks
        /// Any of these but the bits, each at its own rate or not at all.
        case all
    }

    /// How much of what is done.
    private struct Troubles {
        /// Operations of the disk in a life, about; nil: no life is ended.
        var lifeSpan: Int?
        /// Ends in a hundred that are those of the machine.
        var powerLossShare = 0
        var fillsDisk = false
        var flipsBits = false
        var receiver = ReceiverTroubles(share: 5)
        /// How long an alert waits for the receiver.
        var giveUpSpan: TimeSpan?

        init(_ disturbance: Disturbance, _ random: inout SeededRandom) {
            switch disturbance {
            case .kill: lifeSpan = 120
            case .powerLoss: (lifeSpan, powerLossShare) = (120, 100)
            case .fullDisk: fillsDisk = true
            case .bitFlip: (lifeSpan, flipsBits) = (120, true)
            case .sinks:
                lifeSpan = random.chance(1, in: 2) ? 600 : nil
                receiver = ReceiverTroubles(share: 60, refusesSome: random.chance(1, in: 2))
                giveUpSpan = random.chance(1, in: 2) ? TimeSpan(seconds: 120) : nil
            case .all:
                lifeSpan = random.chance(3, in: 4) ? 60 + random.below(600) : nil
                powerLossShare = random.pick([0, 50, 100])
                fillsDisk = random.chance(1, in: 2)
                receiver = ReceiverTroubles(
                    share: random.pick([0, 10, 80]), refusesSome: random.chance(1, in: 2))
                giveUpSpan = random.chance(1, in: 2) ? TimeSpan(seconds: 120) : nil
            }
        }
    }

    package let seed: UInt64
    package let disturbance: Disturbance

    package init(seed: UInt64, disturbance: Disturbance) {
        self.seed = seed
        self.disturbance = disturbance
    }

    package struct Result: Sendable {
        package var crashes = 0
        package var alerts = 0
        /// Changes of rules in the undisturbed run.
        package var changes = 0
        /// Checkpoints that were made beside a node, over all lives.
        package var asideCheckpoints = 0
        /// Attempts to send that failed.
        package var failedSends = 0
        /// Alerts that the receiver got again.
        package var repeats = 0
        /// Alerts that the receiver never got, by its own fault.
        package var givenUp = 0
        /// How a damaged state was refused; nil: it was not.
        package var refusal: String?
        /// What differs from the undisturbed run; nil: nothing.
        package var difference: String?
    }

    package func run() -> Result {
        var random = SeededRandom(seed: seed)
        let workload = LiveWorkload(seed: random.next(), stepCount: 20 + random.below(60))
        let calm = LiveWorld.calm(from: workload)
        var result = Result()
        switch calm.live(through: workload, syncs: true, &random) {
        case .done: break
        case .ended:
            result.difference = "the undisturbed run came to no end"
            return result
        case .refused(let reason):
            result.difference = "the undisturbed run came to no end: \(reason)"
            return result
        }
        result.alerts = calm.store.alerts.count
        result.changes = calm.changeCount
        let unchanged = LiveWorld.calm(from: workload)
        _ = unchanged.live(through: workload.withoutChanges, syncs: true, &random)
        if !workload.sharesLimits,
            let difference = calm.steadyDifference(
                from: unchanged, of: workload.rules.steadyNames)
        {
            result.difference = difference
            return result
        }
        let troubles = Troubles(disturbance, &random)
        disturb(workload, troubles, calm, &random, &result)
        return result
    }

    /// Lives until one comes to the end of the workload.
    private func disturb(
        _ workload: LiveWorkload, _ troubles: Troubles, _ calm: LiveWorld,
        _ random: inout SeededRandom, _ result: inout Result
    ) {
        let receiver = SimulatedReceiver(troubles.receiver, seed: random.next())
        var world = LiveWorld(
            SimulatedDisk(seed: random.next()), receiver, from: workload,
            giveUpAfter: troubles.giveUpSpan)
        // Enough for every life to get somewhere, few enough for many lives.
        while result.crashes < 200 {
            prepare(world, troubles, &random)
            let syncs = troubles.powerLossShare > 0 || disturbance != .kill
            let end = world.live(through: workload, syncs: syncs, &random)
            result.asideCheckpoints = world.asideCount
            switch end {
            case .done:
                // The last entry with a wrong bit is like one that a crash cut off. What it had led
                // to is stored, comes again with the entry, and the start says so.
                if troubles.flipsBits, world.hasOrphans {
                    result.refusal = "alerts whose events were lost"
                } else {
                    result.difference = calm.difference(from: world)
                }
                result.failedSends = receiver.failureCount
                result.repeats = receiver.repeatCount
                result.givenUp = world.givenUp.count
                return
            case .refused(let reason):
                result.refusal = reason
                if !troubles.flipsBits { result.difference = "refused: \(reason)" }
                return
            case .ended:
                result.crashes += 1
                let losesPower = random.below(100) < troubles.powerLossShare
                world = world.afterCrash(losesPower: losesPower, &random)
                if troubles.flipsBits, random.below(3) == 0 {
                    world.damage()
                }
            }
        }
        result.difference = "no life came to an end"
    }

    private func prepare(
        _ world: LiveWorld, _ troubles: Troubles, _ random: inout SeededRandom
    ) {
        let isOver = random.below(8) == 0
        let fillsDisk = troubles.fillsDisk && !isOver && random.below(4) > 0
        world.disk.capacity = fillsDisk ? world.disk.byteCount + random.below(4000) : .max
        world.disk.lastOperation = nil
        if let lifeSpan = troubles.lifeSpan, !isOver {
            world.disk.lastOperation = 1 + random.below(lifeSpan)
        }
    }
}
