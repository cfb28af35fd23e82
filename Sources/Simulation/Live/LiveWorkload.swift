// SPDX-License-Identifier: Apache-2.0

internal import Automata
internal import Connectors
internal import Diagnostics
internal import EventModel
internal import Live
internal import RuleLanguage

/// What comes to a live pipeline in a simulation: chunks of lines of two feeds, with quiet times in
/// between.
struct LiveWorkload {
    static let rules = """
        rule burst {
          by user
          when within 1m {
            3 login as fails where outcome == "fail"
            then login as ok where outcome == "ok"
          }
        }
        rule unpaid {
          by user
          when {
            order
            then no payment for 20s
          }
        }
        rule busy {
          by user
          when over tumbling 30s { login as l }
          having count(l) >= 4
        }
        rule often {
          by user
          when within 5m { 2 alert as hits }
          suppress 1m
        }
        """

    struct Step {
        var feed: String
        var acceptedAt: StreamTime
        var lines: [UInt8]
        /// Whether the wall clock is looked at behind it.
        var tick: StreamTime?
    }

    let program: RulesetProgram
    let feeds: [LiveFeedOptions]
    private(set) var steps: [Step] = []

    init(seed: UInt64, stepCount: Int) {
        var random = SeededRandom(seed: seed)
        program = LiveWorkload.program
        feeds = ["a", "b"].map { name in
            var reading = FeedOptions()
            reading.lateness = TimeSpan(seconds: Int64(random.below(3) * 4))
            return LiveFeedOptions(
                name: name, reading: reading, idleAfter: TimeSpan(seconds: 5))
        }
        var wall: Int64 = 1_800_000_000_000
        for _ in 0..<stepCount {
            wall += Int64(random.below(3000))
            let isQuiet = random.below(8) == 0
            var step = Step(
                feed: random.below(3) == 0 ? "b" : "a",
                acceptedAt: StreamTime(nanoseconds: wall * 1_000_000),
                lines: LiveWorkload.lines(at: wall, &random))
            if isQuiet {
                wall += Int64(4000 + random.below(60_000))
                step.tick = StreamTime(nanoseconds: wall * 1_000_000)
            }
            steps.append(step)
        }
    }

    private static let program: RulesetProgram = {
        let check = RuleChecker.check([
            RuleSyntax.parse(SourceFile(name: "live.martlet", text: rules))
        ])
        guard let ruleset = check.ruleset else {
            preconditionFailure(
                "the rules are right: \(check.diagnostics.map(\.message))")
        }
        return RulesetCompiler.compile(ruleset)
    }()

    /// Events about `wall`, some late, some twice, and now and then something that is none.
    private static func lines(at wall: Int64, _ random: inout SeededRandom) -> [UInt8] {
        var text = ""
        for _ in 0..<1 + random.below(6) {
            let user = "u\(random.below(4))"
            let time =
                wall - Int64(random.below(10) == 0 ? random.below(15_000) : random.below(800))
            var line: String
            switch random.below(12) {
            case 0..<5:
                let outcome = random.below(3) == 0 ? "ok" : "fail"
                line = """
                    {"type":"login","user":"\(user)","outcome":"\(outcome)","time":\(time)}
                    """
            case 5..<8: line = "{\"type\":\"order\",\"user\":\"\(user)\",\"time\":\(time)}"
            case 8..<10: line = "{\"type\":\"payment\",\"user\":\"\(user)\",\"time\":\(time)}"
            case 10: line = "{\"type\":\"other\",\"time\":\(time)}"
            default: line = "{\"type\":\"login\", nothing"
            }
            text += line + "\n"
            if random.below(20) == 0 { text += line + "\n" }
        }
        return Array(text.utf8)
    }
}
