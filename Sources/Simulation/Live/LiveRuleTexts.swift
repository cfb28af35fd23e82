// SPDX-License-Identifier: Apache-2.0

/// A rule that is in force in a simulation of a live pipeline, at times.
struct LiveRuleText {
    let name: String
    let text: String
    /// What is written otherwise at times, and how.
    var otherwise: (text: String, other: String)?
    /// Whether what it says depends on nothing but its own text and the events that come in: then
    /// it may be one that no change touches.
    var standsAlone = true

    var other: String {
        otherwise.map { text.replacing($0.text, with: $0.other) } ?? text
    }
}

extension LiveRuleText {
    /// Rules over windows of each kind, over alerts, over what others emit, and out of tables.
    static let all = windows + overAlerts + outOfTables

    private static let windows = [
        LiveRuleText(
            name: "hops",
            text: """
                rule hops {
                  by user
                  when over hopping 1m every 20s { order as o }
                  having count(o) >= 3
                  alert "{user}: {sum(o.amount)}" { from: match.start }
                }
                """,
            otherwise: ("hopping 1m", "hopping 40s")),
        LiveRuleText(
            name: "slides",
            text: """
                rule slides {
                  by user
                  when over sliding 40s { order as o }
                  having sum(o.amount) > 120
                  resolve on payment for 5s
                  alert "{user}" { most: max(o.amount, in 15s), each: distinct(o.amount) }
                }
                """,
            otherwise: ("> 120", "> 90")),
        LiveRuleText(
            name: "latest",
            text: """
                rule latest {
                  by user
                  when over last 4 { login as l }
                  having count(l) == 4 and count_distinct(l.outcome) == 2
                  limit 2 per 1m
                  alert "{first(l.outcome)}, {last(l.outcome)}"
                }
                """,
            otherwise: ("limit 2", "limit 1")),
        LiveRuleText(
            name: "visit",
            text: """
                rule visit {
                  by user
                  when over session 15s { login as l }
                  having count(l) >= 2
                  suppress 2m
                  alert "{user} {count_distinct(l.outcome)} {match.end}"
                }
                """,
            otherwise: ("suppress 2m", "suppress 1m")),
        LiveRuleText(
            name: "all_of_them",
            text: """
                rule all_of_them {
                  when over tumbling 20s { order as o }
                  having avg(o.amount) > 40
                  alert "{count_distinct(o.user)}" { last: last(o.amount) }
                }
                """,
            otherwise: ("20s", "45s")),
    ]

    private static let overAlerts = [
        LiveRuleText(
            name: "storm",
            text: """
                rule storm {
                  when over tumbling 1m { alert as a }
                  having count(a) >= 3
                  alert "{count(a)} of {distinct(a.rule)}"
                }
                """,
            otherwise: ("tumbling 1m", "sliding 30s"), standsAlone: false),
        LiveRuleText(
            name: "spread",
            text: """
                rule spread {
                  by user
                  when over sliding 2m { alert as a }
                  having count_distinct(a.rule) >= 2
                  suppress 30s
                }
                """,
            standsAlone: false),
        LiveRuleText(
            name: "twice",
            text: """
                rule pair {
                  by user
                  when within 30s {
                    order as o
                    then payment as p
                  }
                  emit { amount: o.amount }
                }
                rule twice {
                  by user
                  when over last 3 { pair as p }
                  having sum(p.amount) > 100
                }
                """,
            otherwise: ("within 30s", "within 10s"), standsAlone: false),
    ]

    private static let outOfTables = [
        LiveRuleText(
            name: "absent",
            text: """
                rule absent {
                  by user
                  keys from staff
                  when {
                    login as l
                    then no login for 45s
                  }
                  alert "{user} since {l.time}" { team: staff[user].team }
                }
                """,
            otherwise: ("45s", "30s")),
        LiveRuleText(
            name: "watched",
            text: """
                rule watched {
                  by user
                  when {
                    order as o where user in watch and amount > watch[user].most
                    then no payment for 10s
                  }
                  alert "{user} {o.amount}: {watch[user].reason}"
                }
                """,
            standsAlone: false),
    ]
}
