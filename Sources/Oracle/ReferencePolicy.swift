// SPDX-License-Identifier: Apache-2.0
// docs/reference/matching.md, "From matches to alerts", by looking back over everything that has
// been sent, each time anew.

import EventModel
import RuleLanguage

/// A finished match as its rule's policy looks at it.
struct PolicyMatch {
    var place: OutputPlace
    var match: ReferenceMatch
    /// What `suppress` takes for alike.
    var alike: [Value]
    var isExcepted: Bool
}

/// An event of `resolve on`.
struct PolicyResolution {
    var place: OutputPlace
    var key: [Value]
}

/// The alerts and notices of one rule, worked out from its matches.
struct ReferencePolicy {
    private enum Happening {
        case match(PolicyMatch)
        case resolution(PolicyResolution)

        var place: OutputPlace {
            switch self {
            case .match(let match): match.place
            case .resolution(let resolution): resolution.place
            }
        }
    }

    private struct Sent {
        var match: ReferenceMatch
        var alike: [Value]
        /// Matches that `suppress` has kept back since, and that an alert has yet to tell of.
        var suppressedSince = 0
        /// The last match of its key, while it is kept open.
        var lastMatch: StreamTime
        var held = 0
        var isOpen: Bool
    }

    let policy: AlertPolicy
    let rule: Int
    private var sent: [Sent] = []
    private var limited = 0
    private var excepted = 0
    private(set) var output: [(place: OutputPlace, match: ReferenceMatch)] = []

    init(_ policy: AlertPolicy, rule: Int) {
        self.policy = policy
        self.rule = rule
    }

    /// - Parameter end: how far the clock goes; nil: until nothing is pending.
    mutating func run(
        _ matches: [PolicyMatch], _ resolutions: [PolicyResolution], until end: StreamTime?
    ) {
        let happenings =
            matches.map(Happening.match) + resolutions.map(Happening.resolution)
        for (_, happening) in happenings.enumerated().sorted(by: { a, b in
            a.element.place < b.element.place
                || (!(b.element.place < a.element.place) && a.offset < b.offset)
        }) {
            sendDueNotices { $0 < happening.place.time }
            switch happening {
            case .match(let match): work(match)
            case .resolution(let resolution):
                for index in sent.indices
                where sent[index].isOpen && isSameKey(sent[index].match.key, resolution.key) {
                    sendNotice(of: index, at: resolution.place)
                }
            }
        }
        sendDueNotices { time in end.map { time <= $0 } ?? true }
    }

    private mutating func work(_ match: PolicyMatch) {
        if match.isExcepted {
            excepted += 1
            return
        }
        let time = match.place.time
        if let open = sent.lastIndex(where: {
            $0.isOpen && isSameKey($0.match.key, match.match.key)
        }) {
            sent[open].held += 1
            sent[open].lastMatch = time
            return
        }
        let before = sent.lastIndex { isSameKey($0.alike, match.alike) }
        if let suppression = policy.suppression, let before,
            time <= sent[before].match.end + suppression.duration
        {
            sent[before].suppressedSince += 1
            return
        }
        if let limit = policy.limit,
            sent.count(where: { $0.match.end + limit.duration >= time }) >= limit.count
        {
            limited += 1
            return
        }
        var alert = match.match
        if policy.suppression != nil, let before {
            alert.suppressed = sent[before].suppressedSince
        }
        (alert.limited, alert.excepted) = (limited, excepted)
        (limited, excepted) = (0, 0)
        sent.append(
            Sent(
                match: alert, alike: match.alike, lastMatch: time,
                isOpen: policy.resolution != nil))
        output.append((match.place, alert))
    }

    private mutating func sendDueNotices(_ isDue: (StreamTime) -> Bool) {
        guard let quiet = policy.resolution?.quiet else { return }
        while let index = sent.indices.filter({ sent[$0].isOpen }).min(by: { a, b in
            (sent[a].lastMatch, a) < (sent[b].lastMatch, b)
        }), isDue(sent[index].lastMatch + quiet) {
            sendNotice(
                of: index,
                at: OutputPlace(
                    time: sent[index].lastMatch + quiet, group: OutputPlace.notices, number: 0,
                    path: [.init(rule: rule, key: index, isMatch: false)]))
        }
    }

    private mutating func sendNotice(of index: Int, at place: OutputPlace) {
        sent[index].isOpen = false
        var notice = sent[index].match
        notice.isResolved = true
        notice.moment = place.time
        notice.suppressed = sent[index].held
        (notice.limited, notice.excepted) = (0, 0)
        notice.bound = notice.bound.map { _ in [] }
        notice.completing = 0
        notice.isByClock = false
        output.append((place, notice))
    }
}
