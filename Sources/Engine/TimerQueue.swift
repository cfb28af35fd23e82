// SPDX-License-Identifier: Apache-2.0

internal import BasicContainers
internal import DequeModule
internal import HeapModule
internal import MatchCore

/// A rule's wake-up, in the order in which wake-ups are worked off: by time, rule, and when it was
/// asked for. Rules come by rank first.
struct Timer: Comparable {
    var time: Int64
    var order: Int64
    /// Of the rule: those of higher rank read the alerts of lower ones, so they come later.
    var rank: Int32
    var rule: Int32
    var key: Int32
    var generation: Int32

    init(_ wakeUp: RuleRuntime.WakeUp, order: Int64, rank: Int32 = 0) {
        time = wakeUp.time
        self.rank = rank
        self.order = order
        rule = wakeUp.rule
        key = wakeUp.key
        generation = wakeUp.generation
    }

    var wakeUp: RuleRuntime.WakeUp {
        RuleRuntime.WakeUp(time: time, rule: rule, key: key, generation: generation)
    }

    @inline(__always)
    static func < (a: Timer, b: Timer) -> Bool {
        if a.time != b.time { return a.time < b.time }
        if a.rank != b.rank { return a.rank < b.rank }
        return a.rule != b.rule ? a.rule < b.rule : a.order < b.order
    }
    static func == (a: Timer, b: Timer) -> Bool { a.order == b.order }
}

/// Pending wake-ups, the earliest first.
///
/// Delays are constants of the rules and time is ordered, so those of one delay come in order:
/// they wait in lanes, which are plain queues, and the heap is for what fits into no lane.
///
/// - Shape: inserting and removing O(lanes) for what fits into a lane, else O(log n).
struct TimerQueue: ~Copyable {
    private static let laneCount = 8

    private var lanes = UniqueArray<UniqueDeque<Timer>>()
    /// The last timer of each lane.
    private var backs = UniqueArray<Timer>()
    private var heap = Heap<Timer>()
    private(set) var count = 0
    /// The time of the first timer; `Int64.max` if there is none.
    private(set) var firstTime = Int64.max
    /// The rank of the first timer's rule.
    private(set) var firstRank: Int32 = 0
    /// Where the first timer is: a lane, or -1 for the heap.
    private var firstPlace = -1

    var isEmpty: Bool { count == 0 }

    mutating func insert(_ timer: Timer) {
        count += 1
        let lane = laneThatFits(timer)
        if lane >= 0 {
            lanes[lane].append(timer)
            backs[lane] = timer
        } else {
            heap.insert(timer)
        }
        // Among equal times the rule decides.
        if timer.time <= firstTime { findFirst() }
    }

    /// The lane with the latest last timer that goes before this one; -1: there is none.
    private mutating func laneThatFits(_ timer: Timer) -> Int {
        var best = -1
        var empty = -1
        for lane in 0..<lanes.count {
            if lanes[lane].isEmpty {
                empty = lane
            } else if backs[lane] < timer, best < 0 || backs[best] < backs[lane] {
                best = lane
            }
        }
        if best >= 0 || empty >= 0 { return best >= 0 ? best : empty }
        guard lanes.count < TimerQueue.laneCount else { return -1 }
        lanes.append(UniqueDeque<Timer>())
        backs.append(timer)
        return lanes.count - 1
    }

    private mutating func findFirst() {
        firstPlace = -1
        var first = heap.min
        for lane in 0..<lanes.count where !lanes[lane].isEmpty {
            if let known = first, known < lanes[lane][0] { continue }
            first = lanes[lane][0]
            firstPlace = lane
        }
        firstTime = first?.time ?? .max
        firstRank = first?.rank ?? 0
    }

    /// The timer that comes so many behind the first, if all are of one lane.
    @inline(__always)
    func upcoming(_ distance: Int) -> Timer? {
        guard firstPlace >= 0, lanes[firstPlace].count > distance else { return nil }
        return lanes[firstPlace][distance]
    }

    /// - Precondition: there is one.
    mutating func removeFirst() -> Timer {
        count -= 1
        let timer = firstPlace >= 0 ? lanes[firstPlace].removeFirst() : heap.removeMin()
        findFirst()
        return timer
    }

    /// All timers, in no order.
    var all: [Timer] {
        var result = heap.unordered
        for lane in 0..<lanes.count {
            for i in 0..<lanes[lane].count { result.append(lanes[lane][i]) }
        }
        return result
    }
}
