// SPDX-License-Identifier: Apache-2.0

import MatchCore
import Testing

@testable import Engine

@Suite struct TimerQueueTests {
    /// Some delays, as rules have them, and some that fit into no lane.
    @Test(arguments: [1, 3, 8, 40]) func timersComeByTimeThenTurn(delays: Int64) {
        var queue = TimerQueue()
        var waiting: [Timer] = []
        var state: UInt64 = 7
        var now: Int64 = 0
        for key in 1...5_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let pick = Int64(state >> 33)
            now += pick % 3
            let timer = Timer(
                time: now + pick % delays * 10, turn: Int32(pick % 5), key: Int32(key))
            queue.insert(timer)
            waiting.append(timer)
            if pick % 4 == 0 {
                waiting.sort()
                #expect(queue.firstTime == waiting[0].time)
                let (taken, first) = (queue.removeFirst(), waiting[0])
                #expect((taken.time, taken.turn) == (first.time, first.turn))
                waiting.removeAll { $0 == taken }
            }
        }
        #expect(queue.all.sorted() == waiting.sorted())
        var taken: [Timer] = []
        while !queue.isEmpty { taken.append(queue.removeFirst()) }
        #expect(taken.map(\.time) == waiting.map(\.time).sorted())
        #expect(taken.sorted() == waiting.sorted())
        #expect(queue.firstTime == .max)
    }

    @Test func laterRanksComeLaterAtOneTime() {
        let order = TurnOrder(ranksOfRules: [1, 0, 2, 0])
        var queue = TimerQueue()
        for rule: Int32 in 0..<4 {
            queue.insert(order.timer(RuleRuntime.WakeUp(time: 5, rule: rule, key: rule)))
        }
        var rules: [Int32] = []
        while !queue.isEmpty { rules.append(order.wakeUp(queue.removeFirst()).rule) }
        #expect(rules == [1, 3, 0, 2])
    }
}
