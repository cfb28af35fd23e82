// SPDX-License-Identifier: Apache-2.0

internal import Connectors
internal import Diagnostics
internal import EventModel
internal import Live
internal import MatchCore
internal import RuleLanguage

/// What comes to a live pipeline in a simulation: chunks of records of two feeds, of one format or
/// another, with quiet times in between.
struct LiveWorkload {
    /// Rules that no version of them changes.
    static let steady = """
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
        """
    static let steadyNames = ["unpaid", "busy"]
    static let burst = """
        rule burst {
          by user
          when within 1m {
            3 login as fails where outcome == "fail"
            then login as ok where outcome == "ok"
          }
        }
        """
    static let often = """
        rule often {
          by user
          when within 5m { 2 alert as hits }
          suppress 1m
        }
        """
    private static let dear = """
        rule dear {
          by user
          when within 2m {
            order as first where amount > 40
            then each order as second where amount > first.amount
          }
          skip none
          resolve on payment
          alert "{user}: {first.amount}, {second.amount}"
        }
        """
    /// What is in force at some time, in different orders: with a rule more, a rule less, a rule
    /// that means something else, and one that only says something else.
    static let texts = [
        [burst, steady, often], [steady, dear, burst, often], [often, steady],
        [dear, burst.replacing("3 login", with: "2 login"), steady],
        [burst.replacing("by user", with: "severity high\n  by user"), often, dear, steady],
    ]
    static let versions = texts.map { version($0.joined(separator: "\n")) }

    struct Step {
        var feed: String
        var acceptedAt: StreamTime
        var lines: [UInt8]
        /// Whether the wall clock is looked at behind it.
        var tick: StreamTime?
        /// What is done to the rules behind that.
        var wish: RulesRequest.Wish?
    }

    let feeds: [LiveFeedOptions]
    let rules: LiveRulesDraw
    private(set) var steps: [Step] = []

    init(seed: UInt64, stepCount: Int) {
        var random = SeededRandom(seed: seed)
        var sources = ["a", "b"].map { LiveFeedSource($0, &random) }
        feeds = sources.map(\.options)
        let hasLines = sources.contains { $0.text.format == .lines }
        rules = LiveRulesDraw(hasLines: hasLines, &random)
        let sharesLimits = random.below(3) == 0
        // Where all is of whole seconds, deadlines and the watermark are at the same time often.
        let grain: Int64 = random.below(2) == 0 ? 1 : 1000
        var wall: Int64 = 1_800_000_000_000
        // Or a little before a year ends.
        if random.below(3) == 0 { wall = 1_798_761_600_000 - Int64(random.below(60)) * 1000 }
        for _ in 0..<stepCount {
            wall += Int64(random.below(3000)) / grain * grain
            let isQuiet = random.below(8) == 0
            let number = random.below(3) == 0 ? 1 : 0
            var step = Step(
                feed: feeds[number].name,
                acceptedAt: StreamTime(nanoseconds: wall * 1_000_000),
                lines: sources[number].lines(at: wall, grain: grain, &random))
            if isQuiet {
                wall += Int64(4000 + random.below(60_000)) / grain * grain
                step.tick = StreamTime(nanoseconds: wall * 1_000_000)
            }
            if random.below(7) == 0 {
                step.wish = wish(&random, sharesLimits: sharesLimits)
            }
            steps.append(step)
        }
    }

    /// The same without any change of rules; limits change as they do.
    var withoutChanges: LiveWorkload {
        var same = self
        for index in same.steps.indices {
            if case .limits? = same.steps[index].wish { continue }
            same.steps[index].wish = nil
        }
        return same
    }

    /// Whether what one rule holds leaves the others less.
    var sharesLimits: Bool {
        steps.contains { step in
            guard case .limits(let caps)? = step.wish else { return false }
            return caps.keys != .max
        }
    }

    private func wish(
        _ random: inout SeededRandom, sharesLimits: Bool
    ) -> RulesRequest.Wish {
        switch random.below(7) {
        case 0: .disable(random.pick(rules.changingNames))
        case 1: .enable(random.pick(rules.changingNames))
        case 2: .version(Int64(1 + random.below(3)))
        case 3: .limits(LiveWorkload.limits(&random, areShared: sharesLimits))
        default: .rules(random.pick(rules.versions))
        }
    }

    private static func limits(_ random: inout SeededRandom, areShared: Bool) -> Caps {
        var caps = Caps()
        if random.below(2) == 0 { caps.choicesPerEvent = 1 }
        if random.below(2) == 0 { caps.suppressionsPerRule = 1 }
        if random.below(2) == 0 { caps.attemptsPerKey = 1 }
        if random.below(2) == 0 { caps.windowEventsPerKey = 3 }
        if random.below(2) == 0 { caps.matchesPerEvent = 1 }
        if random.below(2) == 0 { caps.openAlertsPerRule = 1 }
        if areShared, random.below(4) > 0 { caps.keys = 1 + random.below(6) }
        return caps
    }

    /// - Parameter table: what is in the file `watch.csv`.
    static func version(_ text: String, table: String? = nil) -> ConfiguredRules {
        let texts = RulesTexts(
            files: [RulesTexts.File(name: "live.martlet", bytes: Array(text.utf8))],
            tablesFrom: table.flatMap {
                try? StateSample.disk([.init(path: "watch.csv", bytes: Array($0.utf8))])
            })
        let check = texts.check()
        guard let ruleset = check.ruleset else {
            preconditionFailure("the rules are right: \(check.diagnostics.map(\.message))")
        }
        return ConfiguredRules(texts, ruleset)
    }
}
