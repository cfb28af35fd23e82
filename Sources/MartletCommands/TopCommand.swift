// SPDX-License-Identifier: Apache-2.0
// Exercised by RunAdminTests.

package import ArgumentParser
internal import Connectors
internal import Glibc
internal import NIOCore

/// `martlet top`: rules, feeds and sinks of a running service, live.
package struct TopCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Shows what a running service does, live.",
        discussion: """
            Once a second, until Ctrl-C; with `--once` a single time, without colours and for as \
            many rules as there are.
            """)

    package enum Order: String, ExpressibleByArgument, CaseIterable, Sendable {
        case events, alerts, attempts, name
    }

    @Option(help: "What stands first: the rules with the most events a second, or others.")
    package var sort = Order.events

    @Flag(help: "Show it once, and end.")
    package var once = false

    @OptionGroup package var server: AdminClientOptions

    package init() {}

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        server.outcome { client throws(AdminClientError) in try show(client, surroundings) }
    }

    private func show(
        _ client: AdminClient, _ surroundings: Surroundings
    ) throws(AdminClientError) -> CommandOutcome {
        var before = try TopCommand.look(client)
        if once {
            usleep(1_100_000)
            let now = try TopCommand.look(client)
            let table = TopTable(now, before, order: sort, isColoured: false)
            return CommandOutcome(
                output: table.lines(width: 120, height: nil).joined(
                    separator: "\n") + "\n")
        }
        TerminalScreen.enter()
        defer { TerminalScreen.leave() }
        Termination.watch {
            TerminalScreen.leave()
            _exit(0)
        }
        while true {
            let now: TopTable.Look
            do throws(AdminClientError) {
                now = try TopCommand.look(client)
            } catch {
                // It may come back.
                TerminalScreen.show(
                    ["\(error)", "it is tried again each second; Ctrl-C ends this"])
                usleep(1_000_000)
                continue
            }
            let size = TerminalScreen.size
            let table = TopTable(
                now, before, order: sort, isColoured: !surroundings.refusesColour)
            TerminalScreen.show(table.lines(width: size.width, height: size.height))
            before = now
            usleep(1_000_000)
        }
    }

    private static func look(_ client: AdminClient) throws(AdminClientError) -> TopTable.Look {
        try Waiting.result { () async throws(AdminClientError) in
            let status = try await client.json("/api/v1/status", within: .seconds(5))
            let rules = try await client.json("/api/v1/rules", within: .seconds(5))
            return TopTable.Look(status: status, rules: rules["rules"]?.elements ?? [])
        }
    }
}

/// The terminal as one screen that is written over and over.
enum TerminalScreen {
    static func enter() { write("\u{1b}[?1049h\u{1b}[?25l") }
    static func leave() { write("\u{1b}[?25h\u{1b}[?1049l") }

    /// Writes over what is there, so that nothing flickers.
    static func show(_ lines: [String]) {
        write("\u{1b}[H" + lines.map { $0 + "\u{1b}[K" }.joined(separator: "\r\n") + "\u{1b}[J")
    }

    private static func write(_ text: String) {
        _ = CommandOutcome.write(Array(text.utf8), to: STDOUT_FILENO)
    }

    static var size: (width: Int, height: Int) {
        var size = winsize()
        // SAFETY: the structure is valid for the call, which fills it.
        let status = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size)
        guard status == 0, size.ws_col > 0, size.ws_row > 0 else { return (100, 30) }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}
