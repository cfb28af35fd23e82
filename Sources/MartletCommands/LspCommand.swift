// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Diagnostics
internal import Glibc
internal import LanguageServer
internal import Pipeline

/// `martlet lsp`: rules in an editor.
package struct LspCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "lsp",
        abstract: "Serves an editor, which starts it.",
        discussion: """
            Speaks the Language Server Protocol over standard input and output. Mistakes are shown \
            as they are typed; a folder of rules is one ruleset, and what is not saved yet counts.

            Without any arguments the rulesets are those of the editor's workspace: its folder \
            `rules`, or else the whole of it.

            Example: martlet lsp
            """)

    @Argument(help: "Folders and files that are a ruleset each.")
    var rulesets: [String] = []

    package init() {}

    package func run() throws {
        var session = LanguageServerSession(
            LspCommand.machine, version: Martlet.version,
            rulesets: rulesets.map(LspCommand.absolute))
        var reader = MessageReader()
        while session.exitCode == nil {
            guard LspCommand.hasInput(waiting: false) else {
                try LspCommand.send(session.idle())
                guard LspCommand.hasInput(waiting: true) else { continue }
                continue
            }
            guard let bytes = LspCommand.read() else { throw ExitCode(1) }
            reader.append(bytes)
            var items: [MessageReader.Item] = []
            while let item = reader.next() {
                items.append(item)
                if item == .lost { break }
            }
            try LspCommand.send(session.receive(items))
        }
        throw ExitCode(session.exitCode ?? 1)
    }

    // MARK: the machine

    private static var machine: RulesFiles {
        RulesFiles(
            files: { path in
                do throws(RulesetLoadError) {
                    return try RulesetLoader.sources([path])
                } catch {
                    return []
                }
            },
            isFolder: { path in
                var status = stat()
                // SAFETY: `status` is valid for the call, which fills it.
                return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            },
            table: RulesetLoader.table(at:),
            today: { Surroundings.current.today })
    }

    private static func absolute(_ path: String) -> String {
        // SAFETY: the path is a C string for the call, which allocates its answer.
        guard let real = unsafe realpath(path, nil) else { return path }
        // SAFETY: the answer is a C string of our own, and not used afterwards.
        defer { unsafe free(real) }
        // SAFETY: as above.
        return unsafe String(cString: real)
    }

    // MARK: input and output

    /// Whether there is something to read, or the end; `waiting` waits for it.
    private static func hasInput(waiting: Bool) -> Bool {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        // SAFETY: one descriptor is handed over for the call.
        return unsafe poll(&descriptor, 1, waiting ? -1 : 0) > 0
    }

    /// What is there to read; nil at the end.
    private static func read() -> ArraySlice<UInt8>? {
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            // SAFETY: the buffer has as many bytes as are asked for.
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            return count > 0 ? chunk[..<count] : nil
        }
    }

    private static func send(_ messages: [JSON]) throws {
        guard !messages.isEmpty else { return }
        let problem = CommandOutcome.write(messages.flatMap(\.framed), to: STDOUT_FILENO)
        if problem != 0 { throw ExitCode(ExitStatus.environment.rawValue) }
    }
}
