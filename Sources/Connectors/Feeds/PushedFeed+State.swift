// SPDX-License-Identifier: Apache-2.0
// What a pushed feed has to remember over a restart. Exercised by AcceptQueueTests and
// LivePipelineTests.

package import EventModel

/// What a feed remembers: with it, a fresh feed goes on as though nothing had happened.
package struct PushedFeedState: Hashable, Sendable {
    /// An event that waits for earlier ones.
    package struct HeldEvent: Hashable, Sendable {
        package var time: StreamTime
        package var position: Int64
        /// Whether `text` is a JSON object; otherwise it is a line of a log.
        package var isObject: Bool
        package var text: [UInt8]

        package init(time: StreamTime, position: Int64, isObject: Bool, text: [UInt8]) {
            self.time = time
            self.position = position
            self.isObject = isObject
            self.text = text
        }
    }

    package var lineCount: Int64 = 0
    package var watermark: StreamTime?
    /// In order of (time, arrival).
    package var held: [HeldEvent] = []
    /// Ids of events that came of late, oldest first; none where nobody asked for that.
    package var recentIDs: [RecentIDs.Entry] = []

    package init() {}
}

extension PushedFeed {
    package var state: PushedFeedState {
        var state = PushedFeedState()
        state.lineCount = lineCount
        state.watermark = watermark
        state.recentIDs = gate.recent.map { Array($0.entries) } ?? []
        gate.held.forEach { batch, index in
            let event = batch.events[index]
            let isObject = event.form.kind == .object || event.form.kind == .row
            var text: [UInt8] = []
            if isObject {
                batch.appendObject(ofEvent: index, to: &text)
            } else {
                text = Array(batch.text[batch.textRange(index)])
            }
            state.held.append(
                .init(time: event.time, position: event.position, isObject: isObject, text: text))
        }
        return state
    }

    /// Takes over what another feed of the same options remembered; gives how many of its held
    /// events are none for this one, whose rules may be others.
    ///
    /// - Precondition: the feed has taken nothing yet.
    package mutating func restore(
        _ state: PushedFeedState, symbols: inout SymbolTable
    ) -> Int {
        precondition(lineCount == 0, "a state goes into a fresh feed")
        lineCount = state.lineCount
        gate.recent?.restore(state.recentIDs)
        var lost = 0
        for event in state.held {
            // Its time is known; its stamp is read again, and may be a 29th of February.
            gate.stamps = OldStamps(accepted: event.time)
            let isHeld = gate.holdAgain(
                event.text.span, isObject: event.isObject, time: event.time, at: event.position,
                symbols: &symbols)
            if !isHeld { lost += 1 }
        }
        // Only now, so that nothing that was in time then is late now.
        if let watermark = state.watermark { gate.raiseWatermark(to: watermark) }
        return lost
    }
}
