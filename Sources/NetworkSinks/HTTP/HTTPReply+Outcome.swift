// SPDX-License-Identifier: Apache-2.0
// Exercised by WebhookSinkTests.

internal import EventModel
internal import Live

extension HTTPReply {
    /// What an answer to a request with `count` alerts means for them.
    ///
    /// Only what says that a body is wrong is the fault of the alert. An address that is gone, or
    /// credentials that are refused, are put right by people, and then the alerts are wanted.
    func outcome(_ count: Int, at now: StreamTime) -> SendOutcome {
        switch self {
        case .failed(let reason): return .failed(reason: reason)
        case .answered(let status, let retryAfter, let text):
            let reason = "answer \(status)" + (text.isEmpty ? "" : ": \(text)")
            switch status {
            case 200..<300: return .sent(count)
            case 400, 406, 409, 411, 412, 413, 414, 415, 416, 417, 422, 431, 451:
                return .refused(count, reason: reason)
            default:
                return .failed(
                    reason: reason, retryAfter: retryAfter.flatMap { Self.wait($0, at: now) })
            }
        }
    }

    /// How long `Retry-After` asks to wait: a number of seconds, or a date.
    private static func wait(_ text: String, at now: StreamTime) -> Int64? {
        if let seconds = Int64(text) {
            return seconds < 0 ? nil : min(seconds, 1_000_000_000) * 1_000_000_000
        }
        guard let format = TimeFormat("%a, %d %b %Y %H:%M:%S GMT"),
            case .time(let time) = format.read(text: text.utf8.span)
        else { return nil }
        return max(time.nanoseconds - now.nanoseconds, 0)
    }
}

/// How many alerts go in a request: where a request with several is refused, they go one by one,
/// so that the one that is to blame is refused alone.
struct BatchSize {
    let most: Int
    private var singleCount = 0

    init(_ most: Int) { self.most = most }

    var count: Int { singleCount > 0 ? 1 : most }

    /// What is said of an outcome of a request with as many alerts as `count` said.
    mutating func take(_ outcome: SendOutcome) -> SendOutcome {
        switch outcome {
        case .refused(let count, _) where count > 1:
            singleCount = count
            return .sent(0)
        case .sent(let count), .refused(let count, _): singleCount = max(singleCount - count, 0)
        case .failed: break
        }
        return outcome
    }
}
