// SPDX-License-Identifier: Apache-2.0
// Most events of a feed come in order, so the buffer is a queue of those that do, at O(1) each, and
// a binary heap of those that do not; the first of the two heads goes first.
// Exercised by RecordedFeedTests and FeedMergerTests.

package import EventModel

/// Events that wait for earlier ones, given back in order of (time, arrival).
///
/// - Shape: events live in pages of `pageEventCount`, which are used again when all of theirs
///   are gone.
package struct ReorderBuffer: Sendable {
    static let pageEventCount = 256

    private struct Entry: Sendable {
        var time: StreamTime
        var arrival: Int64
        var page: Int32
        var index: Int32

        func isBefore(_ other: Entry) -> Bool {
            time != other.time ? time < other.time : arrival < other.arrival
        }
    }

    private let slotCount: Int
    private var pages: [EventBatch] = []
    private var liveCounts: [Int] = []
    private var freePages: [Int] = []
    /// The page that events are decoded into.
    private var current = -1
    private var queue: [Entry] = []
    private var queueStart = 0
    private var heap: [Entry] = []
    private var arrivals: Int64 = 0

    package init(slotCount: Int) { self.slotCount = slotCount }

    package var count: Int { queue.count - queueStart + heap.count }
    package var isEmpty: Bool { count == 0 }

    /// The time of the first event.
    package var firstTime: StreamTime? {
        let queued = queueStart < queue.count ? queue[queueStart].time : nil
        guard let first = heap.first?.time else { return queued }
        return queued.map { min($0, first) } ?? first
    }

    /// Shows all events in order: each by the batch that it is in, and its index there.
    package func forEach(_ body: (EventBatch, Int) -> Void) {
        for entry in (queue[queueStart...] + heap).sorted(by: { $0.isBefore($1) }) {
            body(pages[Int(entry.page)], Int(entry.index))
        }
    }

    /// Holds the one event that `decode` appends to the batch it is given.
    package mutating func hold(time: StreamTime, _ decode: (inout EventBatch) -> Void) {
        if current < 0 || pages[current].count >= ReorderBuffer.pageEventCount { openPage() }
        decode(&pages[current])
        liveCounts[current] += 1
        arrivals += 1
        let entry = Entry(
            time: time, arrival: arrivals, page: Int32(current),
            index: Int32(pages[current].count - 1))
        if queueStart == queue.count || queue[queue.count - 1].time <= time {
            queue.append(entry)
        } else {
            push(entry)
        }
    }

    /// Appends the first event to `batch` if it is not after `time`; false: there is none such.
    package mutating func release(notAfter time: StreamTime, into batch: inout EventBatch) -> Bool {
        let hasQueue = queueStart < queue.count
        let isHeapFirst =
            !heap.isEmpty && (!hasQueue || heap[0].isBefore(queue[queueStart]))
        guard hasQueue || isHeapFirst else { return false }
        let entry = isHeapFirst ? heap[0] : queue[queueStart]
        guard entry.time <= time else { return false }
        if isHeapFirst { popHeap() } else { popQueue() }
        let page = Int(entry.page)
        batch.append(eventAt: Int(entry.index), of: pages[page])
        liveCounts[page] -= 1
        if liveCounts[page] == 0, page != current {
            pages[page].removeAll()
            freePages.append(page)
        }
        return true
    }

    /// Marks the symbols of waiting events, for `SymbolTable.sweep`.
    package func markSymbols(in live: inout [Bool]) {
        for entry in queue[queueStart...] + heap {
            pages[Int(entry.page)].markSymbols(ofEvent: Int(entry.index), in: &live)
        }
    }

    private mutating func openPage() {
        if current >= 0, liveCounts[current] == 0 {
            pages[current].removeAll()
        } else if let free = freePages.popLast() {
            current = free
        } else {
            current = pages.count
            pages.append(EventBatch(slotCount: slotCount))
            liveCounts.append(0)
        }
    }

    private mutating func popQueue() {
        queueStart += 1
        if queueStart == queue.count {
            queue.removeAll(keepingCapacity: true)
            queueStart = 0
        } else if queueStart >= 1024, queueStart * 2 >= queue.count {
            queue.removeSubrange(..<queueStart)
            queueStart = 0
        }
    }

    private mutating func push(_ entry: Entry) {
        var i = heap.count
        heap.append(entry)
        while i > 0, entry.isBefore(heap[(i - 1) / 2]) {
            heap[i] = heap[(i - 1) / 2]
            i = (i - 1) / 2
        }
        heap[i] = entry
    }

    private mutating func popHeap() {
        let last = heap.removeLast()
        if heap.isEmpty { return }
        var i = 0
        while 2 * i + 1 < heap.count {
            var child = 2 * i + 1
            if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(last) else { break }
            heap[i] = heap[child]
            i = child
        }
        heap[i] = last
    }
}

extension EventBatch {
    /// Appends a copy of one event of a batch of the same plan.
    mutating func append(eventAt index: Int, of other: EventBatch) {
        var event = other.events[index]
        let place = append(text: other.text[other.textRange(index)])
        event.textStart = place.lowerBound
        event.textEnd = place.upperBound
        if event.form.kind == .row {
            event.form = form(ofRowsWith: other.columns[event.form.place])
        }
        append(event)
        let from = index * slotCount
        let to = slots.count - slotCount
        for k in 0..<slotCount { slots[to + k] = other.slots[from + k] }
    }

    func markSymbols(ofEvent index: Int, in live: inout [Bool]) {
        let event = events[index]
        live[Int(event.typeName.id)] = true
        if event.id.holdsSymbol { live[Int(event.id.symbol.id)] = true }
        for slot in slots[index * slotCount..<(index + 1) * slotCount] where slot.holdsSymbol {
            live[Int(slot.symbol.id)] = true
        }
    }
}
