// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Live
import Logging
import Synchronization
import Testing

@testable import MartletCommands

@Suite struct RunLogTests {
    private struct StoppedClock: WallClock {
        let now = StreamTime(nanoseconds: 1_800_000_000_000_000_000)
        let nanoseconds: Int64 = 0
    }

    private final class Written: Sendable {
        let text = Mutex("")
    }

    private func written(isJSON: Bool, _ body: (Logger) -> Void) -> String {
        let written = Written()
        body(
            Logger(label: "x") { _ in
                RunLog(isJSON: isJSON, clock: StoppedClock()) { bytes in
                    written.text.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
                }
            })
        return written.text.withLock { $0 }
    }

    @Test func anEntryIsALineForPeople() {
        let text = written(isJSON: false) { log in
            log.info("running 1 rule")
            log.debug("not shown")
            log.error("a\nb", metadata: ["z": "1", "a": "2"])
        }
        #expect(
            text == """
                2027-01-15T08:00:00.000Z info running 1 rule
                2027-01-15T08:00:00.000Z error a b a=2 z=1

                """)
    }

    @Test func anEntryIsAnObjectForPrograms() throws {
        let text = written(isJSON: true) { log in
            LiveLog(log).write(.warning, "a \"quoted\"\nthing")
        }
        #expect(
            text
                == "{\"time\":\"2027-01-15T08:00:00.000Z\",\"level\":\"warning\","
                + "\"message\":\"a \\\"quoted\\\"\\nthing\"}\n")
    }
}
