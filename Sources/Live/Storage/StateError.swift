// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What stands in the way of keeping, or going on from, what has to last.
package enum StateError: Error, Hashable, Sendable {
    /// What the file system did. The action is a verb: `write`, `open`.
    case system(_ action: String, _ path: String, errno: CInt)
    /// What the store of alerts did.
    case alertStore(String)
    /// What the store of rules did.
    case rulesRegistry(String)
    /// Bytes of a journal are not what was written, in the middle of what was.
    case journalDamaged(path: String, offset: Int64, number: Int64)
    /// No segment has the entries from the first number up to the second.
    case journalLacks(folder: String, from: Int64, to: Int64)
    /// A file or folder that was there when the newest checkpoint was made.
    case gone(_ path: String)
    /// A file of another version, or of another kind.
    case unusable(path: String, reason: String)
    /// A folder that has neither a journal nor a part of one.
    case noJournal(String)
    /// A sink cannot be made of its options.
    case sink(_ name: String, reason: String)
    /// There are checkpoints, and none of them is whole.
    case noCheckpoint(folder: String, problems: [String])
    /// There was no room for so many bytes of records when everything was to end.
    case noRoom(Int)
    /// What the newest checkpoint and the journal lead to is not what runs.
    case checkpointDiffers(String)

    /// Whether there is no room to write, and the same may succeed later. What a failed sync has
    /// left on the disk nobody knows, so that is never tried again.
    package var isOutOfSpace: Bool {
        guard case .system(let action, _, let errno) = self, action != "sync" else { return false }
        return errno == ENOSPC || errno == EDQUOT
    }
}

extension StateError: CustomStringConvertible {
    static let remedy =
        "put it back from a copy, or begin anew with another `state` folder"

    /// What the system calls an error.
    package static func reason(errno: CInt) -> String {
        // SAFETY: strerror gives a C string, which is copied at once.
        let reason = unsafe strerror(errno).map { unsafe String(cString: $0) }
        return reason ?? "error \(errno)"
    }

    package var description: String {
        switch self {
        case .system("lock", let path, EWOULDBLOCK):
            return "cannot lock `\(path)`: another process works on this folder"
        case .system(let action, let path, let errno):
            return "cannot \(action) `\(path)`: \(StateError.reason(errno: errno))"
        case .alertStore(let problem): return "the store of alerts, `alerts.sqlite`: \(problem)"
        case .rulesRegistry(let problem): return "the store of rules, `rules.sqlite`: \(problem)"
        case .journalDamaged(let path, let offset, let number):
            return "`\(path)` is damaged at byte \(offset), where entry \(number) should be: "
                + StateError.remedy
        case .journalLacks(let folder, let from, let to):
            return "the journal in `\(folder)` lacks entries \(from) to \(to): "
                + StateError.remedy
        case .gone(let path):
            return "`\(path)` is gone, and there are checkpoints that need it: " + StateError.remedy
        case .unusable(let path, let reason): return "`\(path)` cannot be used: \(reason)"
        case .noJournal(let folder): return "there is no journal in `\(folder)`"
        case .sink(let name, let reason): return "the sink `\(name)`: \(reason)"
        case .noCheckpoint(let folder, let problems):
            return "no checkpoint in `\(folder)` can be used: "
                + problems.joined(separator: "; ") + ": " + StateError.remedy
        case .noRoom(let byteCount):
            return "there was no room on the disk for \(byteCount) bytes of records, which were "
                + "not accepted"
        case .checkpointDiffers(let difference):
            return "what the state folder leads to is not what runs: \(difference)"
        }
    }
}
