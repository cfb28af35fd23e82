// SPDX-License-Identifier: Apache-2.0

package import EventModel

/// A story in a few lines, for a test that failed: times count from the start of the case.
package struct StoryBrief {
    package private(set) var lines: [String] = []
    private let zero: StreamTime

    /// - Parameter time: when an alert was expected.
    package init(_ story: KeyStory, from zero: StreamTime, at time: StreamTime?) {
        self.zero = zero
        let key = story.key.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        let name = key.isEmpty ? story.rule : "\(story.rule) for \(key)"
        let kept = story.matches.first { match in
            match.heldBack != nil && (time == nil || match.end == time)
        }
        if let kept, let why = kept.heldBack {
            lines = ["\(name): a match at \(offset(kept.end)) was kept back:", "  \(why)"]
        } else if let attempt = story.attempts.first {
            lines.append("\(name): \(bound(attempt))")
            add(attempt)
        } else if let notBegun = story.notBegun {
            let begins = notBegun.lines.map { "`\($0)`" }.joined(separator: " or ")
            lines.append("\(name): no attempt began: the first event has to fit \(begins)")
            lines += notBegun.reasons.map { "  \($0)" }
            if let miss = notBegun.nearest.first { add(miss) }
        } else {
            lines.append("\(name): every attempt is a match, or ended with one")
        }
    }

    private func offset(_ time: StreamTime) -> String {
        time < zero ? "-\(zero.since(time))" : "\(time.since(zero))"
    }

    /// `fails at 0s, 30s, 1m, then ok at 2m`.
    private func bound(_ attempt: AttemptStory) -> String {
        var parts: [(name: String, times: [String])] = []
        for event in attempt.bound {
            let name = event.step.flatMap { $0.hasPrefix("_") ? nil : $0 } ?? event.type
            let step = event.keysFrom.map { "`keys from \($0)`" } ?? name
            if parts.last?.name == step {
                parts[parts.count - 1].times.append(offset(event.time))
            } else {
                parts.append((step, [offset(event.time)]))
            }
        }
        return parts.map { part in
            let shown =
                part.times.count > 4
                ? [part.times[0], part.times[1], "…", part.times[part.times.count - 1]]
                : part.times
            let count = part.times.count > 4 ? " (\(part.times.count))" : ""
            return "\(part.name) at \(shown.joined(separator: ", "))\(count)"
        }.joined(separator: ", then ")
    }

    private mutating func add(_ attempt: AttemptStory) {
        for (index, line) in attempt.awaited.enumerated() {
            let quoted = line.hasSuffix("`") ? line : "`\(line)`"
            lines.append("  \(index == 0 ? "waited for" : "or for") \(quoted)")
        }
        let by = attempt.endedBy.map { " by \(text($0))" } ?? ""
        lines.append("  at \(offset(attempt.end)): \(attempt.reason)\(by)")
        lines += attempt.failures.map { "    \($0.description)" }
        if let (event, span) = attempt.late {
            lines.append("  too late by \(span): \(text(event))")
        }
        if let miss = attempt.nearest { add(miss) }
    }

    private mutating func add(_ miss: NearMiss) {
        let failures = miss.failures.map(\.description).joined(separator: "; ")
        lines.append("  nearest: \(text(miss.event)): \(failures)")
    }

    private func text(_ event: StoryEvent) -> String { "\(event.type) at \(offset(event.time))" }
}
