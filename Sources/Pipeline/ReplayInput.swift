// SPDX-License-Identifier: Apache-2.0
// Exercised by ReplayInputTests.

package import Automata
package import Connectors
internal import Diagnostics
internal import EventModel
internal import Glibc
package import RuleLanguage

/// A recorded file with all that has to be known to read it.
package struct ReplayInput: Sendable {
    package var path: String
    package var options: FeedOptions
    /// What its events are called after, where the path does not say it.
    package var name: String?

    package init(path: String, options: FeedOptions = FeedOptions(), name: String? = nil) {
        self.path = path
        self.options = options
        self.name = name
    }
}

/// What stands in the way of reading the files as asked for: another command line would help.
package struct ReplayInputError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// The files of a replay as a command line names them.
package struct ReplayFiles: Sendable {
    /// Files whose events say of what type they are, unless `common` does.
    package var events: [String] = []
    /// Files whose events are all of one type: of the feed that an event type is `from`.
    package var feeds: [(name: String, path: String)] = []
    /// How to read all of them. Its format is that of every file; nil: guessed from each name.
    package var common = FeedOptions()

    package init() {}

    /// What to read, in the order given, events before feeds.
    ///
    /// Files of text lines have no types of their own: where `common` gives none, they are of the
    /// one feed that the rules read.
    package func inputs(
        for ruleset: CheckedRuleset, _ program: RulesetProgram
    ) throws(ReplayInputError) -> [ReplayInput] {
        if events.count(where: { $0 == "-" }) + feeds.count(where: { $0.path == "-" }) > 1 {
            throw ReplayInputError("standard input (`-`) can be read only once")
        }
        var inputs: [ReplayInput] = []
        for path in events {
            var options = common
            // A pipe has no name to guess from; events as programs write them are JSON lines.
            if path == "-", options.format == nil { options.format = .jsonLines }
            let format = options.format ?? FeedFormat(guessedFrom: path)
            if format == .lines, options.fixedType == nil {
                options.fixedType = try onlyFeed(of: ruleset, for: path)
            } else if let type = options.fixedType {
                try requireKnown(type, in: program, "--type")
            }
            inputs.append(ReplayInput(path: path, options: options))
        }
        for feed in feeds {
            try requireKnown(feed.name, in: program, "--feed")
            var options = common
            options.fixedType = feed.name
            inputs.append(ReplayInput(path: feed.path, options: options))
        }
        return inputs
    }

    /// Sees to it that the files are there, before anything else is said about them.
    ///
    /// - Throws: `cannotOpen`, `cannotRead`.
    package func requireReadable() throws(FeedError) {
        for path in events + feeds.map(\.path) where path != "-" {
            var status = stat()
            // SAFETY: `status` is valid for the call, which fills it; the path is a C string for
            // both calls.
            guard unsafe stat(path, &status) == 0, unsafe access(path, R_OK) == 0 else {
                throw FeedError.cannotOpen(path: path, errno: errno)
            }
            if status.st_mode & S_IFMT == S_IFDIR {
                throw FeedError.cannotRead(path: path, errno: EISDIR)
            }
        }
    }

    /// Sees to it that no output is a file that is read, which opening it would empty.
    ///
    /// - Parameter outputs: options and the paths behind them; `-` is standard output.
    package func requireApart(
        _ outputs: [(option: String, path: String)], rules: [String]
    ) throws(ReplayInputError) {
        let read = rules + events + feeds.map(\.path)
        for output in outputs {
            guard let file = FileIdentity(output.path, standard: STDOUT_FILENO),
                let path = read.first(where: {
                    FileIdentity($0, standard: STDIN_FILENO) == file
                })
            else { continue }
            let writing = output.path == "-" ? "standard output" : "`\(output.option)`"
            let name = path == "-" ? "standard input" : "`\(path)`"
            throw ReplayInputError("\(writing) would overwrite \(name), which is read")
        }
    }

    /// The names of feeds: undeclared event types that declared ones are `from`.
    static func feedNames(of ruleset: CheckedRuleset) -> [String] {
        let sources = ruleset.eventTypes.flatMap { $0.isDeclared ? $0.sources : [] }
        return ruleset.eventTypes.indices.filter {
            !ruleset.eventTypes[$0].isDeclared && sources.contains(EventTypeID($0))
        }.map { ruleset.eventTypes[$0].name }
    }

    private func onlyFeed(
        of ruleset: CheckedRuleset, for path: String
    ) throws(ReplayInputError) -> String {
        let names = ReplayFiles.feedNames(of: ruleset)
        if names.count == 1 { return names[0] }
        let why =
            names.isEmpty
            ? "no event type of the rules is `from` a feed"
            : "the rules read several feeds: \(names.map { "`\($0)`" }.joined(separator: ", "))"
        throw ReplayInputError(
            "`\(path)` holds lines of text, and it is not clear of which event type: \(why); say so"
                + " with `--feed NAME=\(path)` or `--type NAME`, or give its format with `--input`")
    }

    /// Sees to it that events of a type named on the command line reach some rule.
    private func requireKnown(
        _ type: String, in program: RulesetProgram, _ option: String
    ) throws(ReplayInputError) {
        guard !program.typeNames.contains(type), program.decodePlan.otherFields == nil else {
            return
        }
        let hint = Spelling.closest(to: type, among: program.typeNames)
            .map { "; did you mean `\($0)`?" }
        throw ReplayInputError(
            "no rule reads events of type `\(type)`, which `\(option)` names\(hint ?? "")")
    }
}

/// What makes two paths one file, however they are written.
private struct FileIdentity: Hashable {
    var device: dev_t
    var number: ino_t

    /// Nil where there is no file yet, or a device or a pipe, which hold nothing to lose.
    init?(_ path: String, standard descriptor: CInt) {
        var status = stat()
        // SAFETY: `status` is valid for the call, which fills it; the path is a C string for it.
        let result = unsafe path == "-" ? fstat(descriptor, &status) : stat(path, &status)
        guard result == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        (device, number) = (status.st_dev, status.st_ino)
    }
}
