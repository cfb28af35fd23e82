// SPDX-License-Identifier: Apache-2.0

internal import BasicContainers
internal import DequeModule
internal import HeapModule
internal import MatchCore

/// A rule's wake-up, in the order in which wake-ups are worked off: by time, then by the turn of
/// its rule. Of one rule at one time, keys may come in any order: their matches are sorted.
struct Timer: Comparable, BitwiseCopyable {
    var time: Int64
    var turn: Int32
    var key: Int32

    @inline(__always)
    static func < (a: Timer, b: Timer) -> Bool {
        a.time != b.time ? a.time < b.time : (a.turn, a.key) < (b.turn, b.key)
    }

    /// Whether it may stand before another in a lane.
    @inline(__always)
    func isInOrder(before other: Timer) -> Bool {
        time != other.time ? time < other.time : turn <= other.turn
    }
}

/// In which order rules are woken at one time: those of higher rank read the alerts of lower ones,
/// so they come later; else by number.
struct TurnOrder {
    private var turns: [Int32] = []
    private var rules: [Int32] = []
    private var ranks: [Int32] = []

    /// - Parameter ranksOfRules: by rule.
    init(ranksOfRules: [Int32]) {
        rules = ranksOfRules.indices.map { Int32($0) }
        rules.sort { (ranksOfRules[Int($0)], $0) < (ranksOfRules[Int($1)], $1) }
        ranks = rules.map { ranksOfRules[Int($0)] }
        turns = Array(repeating: 0, count: rules.count)
        for turn in rules.indices { turns[Int(rules[turn])] = Int32(turn) }
    }

    func timer(_ wakeUp: RuleRuntime.WakeUp) -> Timer {
        Timer(time: wakeUp.time, turn: turns[Int(wakeUp.rule)], key: wakeUp.key)
    }

    func wakeUp(_ timer: Timer) -> RuleRuntime.WakeUp {
        RuleRuntime.WakeUp(time: timer.time, rule: rules[Int(timer.turn)], key: timer.key)
    }

    func rank(_ timer: Timer) -> Int32 { ranks[Int(timer.turn)] }
}

/// Timers that come in order, in chunks: it grows without a copy of what it holds, and gives back
/// what it has left behind.
struct TimerLane: ~Copyable {
    private static let chunkTimerCount = 512

    private var chunks = UniqueDeque<UniqueArray<Timer>>()
    /// A chunk that is empty, kept for the next time that one is needed.
    private var spare = UniqueArray<Timer>()
    /// The place of the first timer in the first chunk.
    private var head = 0
    private(set) var count = 0
    private(set) var last = Timer(time: .min, turn: 0, key: 0)

    var isEmpty: Bool { count == 0 }

    /// The timer that comes so many behind the first.
    ///
    /// - Precondition: there is one.
    subscript(_ distance: Int) -> Timer {
        let place = head + distance
        return chunks[place / TimerLane.chunkTimerCount][place % TimerLane.chunkTimerCount]
    }

    mutating func append(_ timer: Timer) {
        if head + count == chunks.count * TimerLane.chunkTimerCount { addChunk() }
        chunks[chunks.count - 1].append(timer)
        count += 1
        last = timer
    }

    private mutating func addChunk() {
        var chunk = UniqueArray<Timer>()
        swap(&chunk, &spare)
        if chunk.capacity == 0 { chunk.reserveCapacity(TimerLane.chunkTimerCount) }
        chunks.append(chunk)
    }

    mutating func removeFirst() -> Timer {
        let timer = chunks[0][head]
        head += 1
        count -= 1
        if head == TimerLane.chunkTimerCount {
            head = 0
            spare = chunks.removeFirst()
            spare.removeAll(keepingCapacity: true)
        }
        return timer
    }

    func append(to list: inout [Timer]) {
        for distance in 0..<count { list.append(self[distance]) }
    }
}

/// Pending wake-ups, the earliest first.
///
/// Delays are constants of the rules and time is ordered, so those of one delay come in order:
/// they wait in lanes, which are plain queues, and the heap is for what fits into no lane.
///
/// - Shape: 16 bytes a timer; inserting and removing O(lanes) for what fits into a lane, else
///   O(log n).
struct TimerQueue: ~Copyable {
    private static let laneCount = 8

    private var lanes = UniqueArray<TimerLane>()
    private var heap = Heap<Timer>()
    private(set) var count = 0
    /// The time of the first timer; `Int64.max` if there is none.
    private(set) var firstTime = Int64.max
    /// The first timer, if there is one.
    private(set) var first = Timer(time: .max, turn: 0, key: 0)
    /// Where the first timer is: a lane, or -1 for the heap.
    private var firstPlace = -1

    var isEmpty: Bool { count == 0 }

    mutating func insert(_ timer: Timer) {
        count += 1
        let lane = laneThatFits(timer)
        if lane >= 0 {
            lanes[lane].append(timer)
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
            } else if lanes[lane].last.isInOrder(before: timer),
                best < 0 || lanes[best].last.isInOrder(before: lanes[lane].last)
            {
                best = lane
            }
        }
        if best >= 0 || empty >= 0 { return best >= 0 ? best : empty }
        guard lanes.count < TimerQueue.laneCount else { return -1 }
        lanes.append(TimerLane())
        return lanes.count - 1
    }

    private mutating func findFirst() {
        firstPlace = -1
        first = heap.min ?? Timer(time: .max, turn: .max, key: .max)
        for lane in 0..<lanes.count where !lanes[lane].isEmpty {
            let front = lanes[lane][0]
            // Any timer comes before none, also one of the last time that there is.
            if front < first || firstPlace < 0 && heap.isEmpty {
                (first, firstPlace) = (front, lane)
            }
        }
        firstTime = first.time
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
        for lane in 0..<lanes.count { lanes[lane].append(to: &result) }
        return result
    }
}
