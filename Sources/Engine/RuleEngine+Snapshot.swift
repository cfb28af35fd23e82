// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import EventModel
package import MatchCore

/// Snapshots: the state of a range of key groups as bytes, sealed with a checksum.
///
/// What a snapshot holds is independent of where the engine keeps it: symbols are written as bytes,
/// events and bindings once each, keys with their parts.
extension RuleEngine {
    private static let magic: Int64 = 0x4d41_5254_4c45_5401
    private static let format = 15

    /// That of the rules, and of what runs them: neither sets nor counters can go on as attempts.
    private var fingerprint: UInt64 { program.fingerprint ^ shard.backendMark }

    /// The state of the keys in `keyGroups`, with the time and the counters.
    ///
    /// - Precondition: matches have been drained: they belong to whoever took them.
    package func snapshot(_ keyGroups: Range<Int> = RuleEngine.allKeyGroups) -> [UInt8] {
        var writer = SnapshotWriter()
        write(keyGroups, to: &writer)
        return writer.bytes
    }

    /// Writes the same as a part.
    ///
    /// - Precondition: matches have been drained.
    package func write(
        _ keyGroups: Range<Int> = RuleEngine.allKeyGroups, to writer: inout SnapshotWriter
    ) {
        precondition(!hasMatches, "matches are drained before a snapshot")
        begin(fingerprint, &writer)
        shard.write(keyGroups, pending: pendingWakeUps, to: &writer)
        policies.write(to: &writer)
        chain.write(to: &writer)
        shard.writeWatchStarts(to: &writer)
        writer.seal()
    }

    private func begin(_ fingerprint: UInt64, _ writer: inout SnapshotWriter) {
        writer.begin()
        writer.write(RuleEngine.magic)
        writer.write(RuleEngine.format)
        writer.write(Int64(bitPattern: fingerprint))
        writer.write(now.nanoseconds)
        writer.write(counters.events)
        writer.write(counters.outOfOrder)
    }

    /// Goes on where an engine of other rules is, with what those hold that go on; the others begin
    /// now.
    ///
    /// - Preconditions: this engine has seen nothing yet, and the other one's matches have been
    ///   drained. Rules that go on are laid out alike, and take in the same events.
    /// - Throws: `damaged` where they are not; the engine is not usable afterwards.
    package mutating func takeOver(
        from old: borrowing RuleEngine, _ succession: RuleSuccession
    ) throws(SnapshotError) {
        precondition(!old.hasMatches, "matches are drained before rules change")
        // Nothing has happened yet.
        if old.shard.watchedFrom == .distantFuture { return }
        var writer = SnapshotWriter()
        old.begin(fingerprint, &writer)
        old.shard.write(as: shard, succession, pending: old.pendingWakeUps, to: &writer)
        old.policies.write(as: policies, succession, to: &writer)
        old.chain.write(to: &writer)
        // Since when each is watched is said below.
        writer.write(0)
        writer.seal()
        try restore(writer.bytes)
        begin(after: old, succession)
    }

    /// Takes over the state of a snapshot of the same rules.
    ///
    /// - Precondition: the engine has seen nothing yet.
    /// - Throws: `SnapshotError`; the engine is not usable afterwards.
    package mutating func restore(_ bytes: [UInt8]) throws(SnapshotError) {
        try restore(bytes[...])
    }

    /// Takes over what is a part of other bytes.
    package mutating func restore(_ bytes: ArraySlice<UInt8>) throws(SnapshotError) {
        precondition(counters.events == 0 && keyCount == 0, "a snapshot goes into a fresh engine")
        var reader = try SnapshotReader(bytes)
        guard try reader.int64() == RuleEngine.magic else { throw .notASnapshot }
        let format = try reader.int64()
        guard format == RuleEngine.format else {
            throw .otherFormat(UInt32(truncatingIfNeeded: format))
        }
        guard try reader.int64() == Int64(bitPattern: fingerprint) else {
            throw .otherRules
        }
        let time = try reader.int64()
        var counters = EngineCounters()
        counters.events = try reader.int()
        counters.outOfOrder = try reader.int()
        // The alert of a window that ends with this instant is of the next, and an event by now.
        let latest = time.addingReportingOverflow(1)
        resume(
            at: time, counters,
            try shard.read(&reader, now: latest.overflow ? time : latest.partialValue))
        try policies.read(&reader)
        try chain.read(&reader)
        try shard.readWatchStarts(&reader)
        guard reader.isAtEnd else { throw .damaged }
    }
}
