// SPDX-License-Identifier: Apache-2.0

import MatchCore
import Testing

@testable import Engine

@Suite struct TimerQueueTests {
    private static func timer(_ time: Int64, rule: Int32, order: Int64) -> Timer {
        Timer(
            RuleRuntime.WakeUp(time: time, rule: rule, key: 0, generation: 0), order: order)
    }

    /// Some delays, as rules have them, and some that fit into no lane.
    @Test(arguments: [1, 3, 8, 40]) func timersComeByTimeThenRuleThenOrder(delays: Int64) {
        var queue = TimerQueue()
        var waiting: [Timer] = []
        var state: UInt64 = 7
        var now: Int64 = 0
        for order in 1...2_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let pick = Int64(state >> 33)
            now += pick % 3
            let timer = Self.timer(
                now + pick % delays * 10, rule: Int32(pick % 5), order: Int64(order))
            queue.insert(timer)
            waiting.append(timer)
            if pick % 4 == 0 {
                waiting.sort()
                #expect(queue.firstTime == waiting[0].time)
                #expect(queue.removeFirst() == waiting.removeFirst())
            }
        }
        #expect(Set(queue.all.map(\.order)) == Set(waiting.map(\.order)))
        waiting.sort()
        for timer in waiting {
            #expect(queue.removeFirst() == timer)
        }
        #expect(queue.isEmpty && queue.firstTime == .max)
    }
}
