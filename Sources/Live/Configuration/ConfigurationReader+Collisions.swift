// SPDX-License-Identifier: Apache-2.0
// Exercised by CollisionTests.

internal import Glibc
internal import Yams

/// What is right by itself, and not beside something else.
extension ConfigurationReader {
    mutating func refuseWhatCollides(_ configuration: LiveConfiguration, at document: Node) {
        refuseSharedFiles(configuration, at: document.mapping?["sinks"] ?? document)
        guard let admin = configuration.admin.listen, admin.port != 0 else { return }
        for feed in configuration.feeds {
            let listen: ListenAddress? =
                switch feed.source {
                case .http(let options): options.listen
                case .tcp(let options): options.listen
                case .udp, .standardInput, .files: nil
                }
            if listen == admin {
                report(
                    "C003",
                    "the feed `\(feed.options.name)` and the admin server both listen on \(admin)",
                    at: document.mapping?["feeds"]?.mark ?? document.mark)
            }
        }
    }

    /// A file has one writer, which knows what it has written; and what is written is not to come
    /// in again.
    private mutating func refuseSharedFiles(_ configuration: LiveConfiguration, at node: Node) {
        let folder = configuration.stateFolder
        let letters = configuration.deadLetterPath ?? NodeSurroundings.letterPath(in: folder)
        var writers = [ConfigurationReader.plain(letters): "`dead_letters`"]
        if ConfigurationReader.isKept(letters, by: folder), configuration.deadLetterPath != nil {
            report(
                "C003",
                "`dead_letters` would write to `\(letters)`, which the state folder keeps for "
                    + "itself", at: node.mark)
        }
        for sink in configuration.sinks {
            guard case .file(let options) = sink.target else { continue }
            let path = ConfigurationReader.plain(options.path)
            if ConfigurationReader.isKept(options.path, by: folder) {
                report(
                    "C003",
                    "the sink `\(sink.name)` would write to `\(options.path)`, which the state "
                        + "folder keeps for itself", at: node.mark)
            }
            if let other = writers.updateValue("the sink `\(sink.name)`", forKey: path) {
                report(
                    "C003", "\(other) and the sink `\(sink.name)` write to the same file",
                    at: node.mark)
            }
        }
        for feed in configuration.feeds {
            guard case .files(let pattern, _, _) = feed.source else { continue }
            let plain = ConfigurationReader.plain(pattern)
            let read = writers.filter { ConfigurationReader.matches($0.key, plain) }.values.min()
            if let read {
                report(
                    "C003", "the feed `\(feed.options.name)` would read what \(read) writes",
                    at: node.mark)
            }
        }
    }

    /// Whether a path is that of something which only the service itself may write to.
    private static func isKept(_ path: String, by folder: String) -> Bool {
        let path = plain(path)
        var start = plain(folder)
        if start != "", start != "/" { start += "/" }
        guard path.hasPrefix(start) else { return false }
        let name = path.dropFirst(start.count)
        return ["journal/", "checkpoints/", "alerts.sqlite", "rules.sqlite", "dead-letters-"]
            .contains { name.hasPrefix($0) } || name == "lock"
    }

    /// A path without parts that say nothing, as far as that can be seen.
    private static func plain(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else {
                parts.append(part)
            }
        }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }

    private static func matches(_ path: String, _ pattern: String) -> Bool {
        // SAFETY: both are C strings for the call.
        unsafe fnmatch(pattern, path, FNM_PATHNAME | FNM_PERIOD) == 0
    }
}
