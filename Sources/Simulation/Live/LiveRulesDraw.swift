// SPDX-License-Identifier: Apache-2.0

internal import Live

/// The rules of one simulation: what they are at first, and what they may become.
struct LiveRulesDraw {
    /// Rules out of lines of a log. Where there is such a feed they are always in force, so that
    /// the same records are events all the time.
    private static let ofLines = """
        event entered from line where app == "sshd" {
          message matches r"^(?<outcome>\\w+) password for (?<user>\\S+)"
        }
        rule guessed {
          by user
          when within 1m {
            2 entered as fails where outcome == "Failed"
            then entered as success where outcome == "Accepted"
          }
          alert "{user} on {success.host}"
        }
        rule knocking {
          by host
          when over sliding 30s { entered as e }
          having count_distinct(e.user) >= 2
          suppress 20s
        }
        """
    /// What is not declared has the types that all rules together give it, so that a rule more may
    /// change what another one means.
    private static let types = """
        event login { user: string, outcome: string }
        event order { user: string, amount: int }
        event payment { user: string }
        """
    private static let tables = """
        table staff = [
          { name: "u0", team: "red" },
          { name: "u2", team: "blue" },
          { name: "u9" },
        ]
        table watch from "watch.csv" key user
        """
    /// The rows that there are at one time or another.
    private static let watched = [
        "user,most,reason\nu0,10,new\nu1,50,\"late, twice\"\n", "user,most,reason\nu1,5,old\n",
        "user,most,reason\n",
    ]

    /// The first are in force from the start.
    let versions: [ConfiguredRules]
    /// Names of rules that no version changes.
    let steadyNames: Set<String>
    /// Names of the others.
    let changingNames: [String]

    init(hasLines: Bool, _ random: inout SeededRandom) {
        var pool = LiveRuleText.all
        random.shuffle(&pool)
        pool = Array(pool.prefix(random.below(pool.count + 1)))
        let steady = pool.filter { $0.standsAlone }.prefix(random.below(4))
        let changing = pool.filter { one in !steady.contains { $0.name == one.name } }
        var head = [LiveWorkload.steady] + steady.map(\.text)
        if hasLines { head.append(LiveRulesDraw.ofLines) }
        steadyNames = Set(
            LiveWorkload.steadyNames + steady.map(\.name)
                + (hasLines ? ["guessed", "knocking"] : []))
        changingNames = ["burst"] + changing.map(\.name)
        versions = LiveWorkload.texts.map { texts in
            var texts = texts.filter { $0 != LiveWorkload.steady }
            for rule in changing where random.chance(2, in: 3) {
                texts.insert(
                    random.chance(1, in: 4) ? rule.other : rule.text,
                    at: random.below(texts.count + 1))
            }
            let all = [LiveRulesDraw.types, LiveRulesDraw.tables] + head + texts
            return LiveWorkload.version(
                all.joined(separator: "\n"), table: random.pick(LiveRulesDraw.watched))
        }
    }
}
