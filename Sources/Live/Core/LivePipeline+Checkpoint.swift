// SPDX-License-Identifier: Apache-2.0
// What of a pipeline has to last, as bytes. Exercised by LivePipelineTests.

internal import Connectors
internal import Engine
package import EventModel
package import MatchCore

/// All that a pipeline remembers.
package struct PipelineState: Sendable {
    package struct Feed: Sendable {
        package var name: String
        package var heardAt: StreamTime?
        var base: StreamTime?
        package var resumption: [UInt8]
        var pushed: PushedFeedState
    }

    /// The number of the last journal entry that it has taken in.
    package var entryNumber: Int64
    /// The change of rules that is in force.
    package var rulesChange: Int64
    package var nextAlertNumber: Int64
    package var nextDeadLetterNumber: Int64
    var wallTime: StreamTime?
    var watermark: StreamTime?
    /// In the order of their numbers.
    package var feeds: [Feed]
    /// The engine's snapshot; empty: it is written elsewhere.
    var engine: ArraySlice<UInt8>
}

/// What has to be known of a pipeline's state before it is written piece by piece.
package struct MeasuredState: Sendable {
    /// All but the engine's snapshot.
    fileprivate let head: [UInt8]
    fileprivate let engineByteCount: Int

    /// As `PipelineState.bytes` has it: with the length of the snapshot and the checksum.
    package var byteCount: Int { head.count + 8 + engineByteCount + 8 }
}

extension LivePipeline {
    /// - Precondition: alerts and dead letters have been taken.
    package var state: PipelineState {
        var state = outline
        state.engine = engine.snapshot()[...]
        return state
    }

    /// - Shape: goes through everything once, and keeps next to nothing.
    /// - Precondition: like that of `state`.
    package var measuredState: MeasuredState {
        var head = SnapshotWriter()
        outline.writeHead(to: &head)
        var counting = SnapshotWriter.counting
        engine.write(to: &counting)
        return MeasuredState(head: head.bytes, engineByteCount: counting.byteCount)
    }

    /// Writes what `state.bytes` would be, which is never there as a whole.
    ///
    /// - Precondition: nothing has come since it was measured.
    package func write(
        _ measured: MeasuredState, handingOnTo take: @escaping ([UInt8]) -> Void
    ) {
        var writer = SnapshotWriter(handingOnTo: take)
        writer.begin()
        writer.append(written: measured.head)
        writer.write(measured.engineByteCount)
        let start = writer.byteCount
        engine.write(to: &writer)
        precondition(
            writer.byteCount - start == measured.engineByteCount,
            "a snapshot is as long as it was measured to be")
        writer.seal()
        writer.finish()
    }

    private var outline: PipelineState {
        precondition(alerts.isEmpty && deadLetters.isEmpty, "outputs are taken before a checkpoint")
        return PipelineState(
            entryNumber: entryNumber, rulesChange: rules.change, nextAlertNumber: alerts.nextNumber,
            nextDeadLetterNumber: deadLetters.nextNumber, wallTime: wallTime, watermark: watermark,
            feeds: feeds.map {
                PipelineState.Feed(
                    name: $0.options.name, heardAt: $0.heardAt, base: $0.base,
                    resumption: $0.resumption, pushed: $0.pushed.state)
            }, engine: [])
    }

    /// Goes on where another pipeline of the same rules was.
    ///
    /// - Precondition: nothing has been applied, and the feeds begin with those of the state, in
    ///   their order.
    /// - Throws: `otherRules` before anything has changed; after anything else the pipeline is not
    ///   usable.
    package mutating func restore(_ state: PipelineState) throws(SnapshotError) {
        precondition(entryNumber == 0, "a state goes into a fresh pipeline")
        precondition(
            feeds.map(\.options.name).starts(with: state.feeds.map(\.name)),
            "feeds keep their place")
        try engine.restore(state.engine)
        goOn(behind: state)
        for (feed, known) in zip(feeds, state.feeds) {
            (feed.heardAt, feed.base) = (known.heardAt, known.base)
            lostHeldCount += feed.pushed.restore(known.pushed, symbols: &engine.symbols)
        }
    }

    /// Takes over the numbers and the feeds' places of a state, and nothing that depends on rules.
    ///
    /// - Precondition: alerts and dead letters have been taken.
    package mutating func goOn(behind state: PipelineState) {
        entryNumber = state.entryNumber
        alerts.goOn(at: state.nextAlertNumber)
        deadLetters.goOn(at: state.nextDeadLetterNumber)
        (wallTime, watermark) = (state.wallTime, state.watermark)
        for (feed, known) in zip(feeds, state.feeds) {
            (feed.heardAt, feed.resumption) = (known.heardAt, known.resumption)
        }
    }
}

extension PipelineState {
    package var bytes: [UInt8] {
        var writer = SnapshotWriter()
        writer.reserve(engine.count + feeds.reduce(4096) { $0 + $1.resumption.count })
        writer.begin()
        writeHead(to: &writer)
        writer.write(engine)
        writer.seal()
        return writer.bytes
    }

    fileprivate func writeHead(to writer: inout SnapshotWriter) {
        for number in [entryNumber, rulesChange, nextAlertNumber, nextDeadLetterNumber] {
            writer.write(number)
        }
        writer.write(wallTime)
        writer.write(watermark)
        writer.write(feeds.count)
        for feed in feeds {
            writer.write(Array(feed.name.utf8))
            writer.write(feed.heardAt)
            writer.write(feed.base)
            writer.write(feed.resumption)
            writer.write(feed.pushed)
        }
    }

    /// - Throws: `damaged`, `notASnapshot`.
    package init(_ bytes: ArraySlice<UInt8>) throws(SnapshotError) {
        var reader = try SnapshotReader(bytes)
        entryNumber = Int64(try reader.int())
        rulesChange = Int64(try reader.int())
        nextAlertNumber = try reader.int64()
        nextDeadLetterNumber = try reader.int64()
        wallTime = try reader.time()
        watermark = try reader.time()
        feeds = []
        for _ in 0..<(try reader.int()) {
            feeds.append(
                Feed(
                    name: String(decoding: try reader.byteString(), as: UTF8.self),
                    heardAt: try reader.time(), base: try reader.time(),
                    resumption: Array(try reader.byteString()), pushed: try reader.pushedFeed()))
        }
        engine = try reader.byteString()
        guard reader.isAtEnd else { throw .damaged }
    }
}

extension SnapshotWriter {
    fileprivate mutating func write(_ time: StreamTime?) {
        write(time == nil ? 0 : 1)
        write(time?.nanoseconds ?? 0)
    }

    fileprivate mutating func write(_ state: PushedFeedState) {
        write(state.lineCount)
        write(state.watermark)
        write(state.held.count)
        for event in state.held {
            write(event.time.nanoseconds)
            write(event.position)
            write(event.isObject ? 1 : 0)
            write(event.text)
        }
        write(state.recentIDs.count)
        for entry in state.recentIDs {
            write(Int64(bitPattern: entry.id.high))
            write(Int64(bitPattern: entry.id.low))
            write(entry.time.nanoseconds)
        }
    }
}

extension SnapshotReader {
    fileprivate mutating func time() throws(SnapshotError) -> StreamTime? {
        let isThere = try int(below: 2) == 1
        let time = StreamTime(nanoseconds: try int64())
        return isThere ? time : nil
    }

    fileprivate mutating func pushedFeed() throws(SnapshotError) -> PushedFeedState {
        var state = PushedFeedState()
        state.lineCount = Int64(try int())
        state.watermark = try time()
        for _ in 0..<(try int()) {
            let time = StreamTime(nanoseconds: try int64())
            let position = try int64()
            let isObject = try int(below: 2) == 1
            state.held.append(
                .init(
                    time: time, position: position, isObject: isObject,
                    text: Array(try byteString())))
        }
        for _ in 0..<(try int()) {
            let id = RecentIDs.ID(
                high: UInt64(bitPattern: try int64()), low: UInt64(bitPattern: try int64()))
            state.recentIDs.append(
                RecentIDs.Entry(id, at: StreamTime(nanoseconds: try int64())))
        }
        return state
    }
}
