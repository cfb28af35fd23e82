// SPDX-License-Identifier: Apache-2.0
// Exercised by RunAdminTests.

package import ArgumentParser

/// `martlet health`: whether a running service does what it is for.
package struct HealthCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Tells whether a running service takes events.",
        discussion: """
            Exits with 0 if it does, with 1 if it starts, ends or waits for room on the disk, and \
            with 3 if nothing answers: for supervisors and containers.
            """)

    @Flag(help: "Ask only whether the process is alive.")
    package var alive = false

    @OptionGroup package var server: AdminClientOptions

    package init() {}

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        let path = alive ? "/healthz" : "/readyz"
        return server.outcome { client throws(AdminClientError) in
            let answer = try Waiting.result { () async throws(AdminClientError) in
                try await client.answer(path)
            }
            return CommandOutcome(
                output: answer.text.isEmpty || answer.text.hasSuffix("\n")
                    ? answer.text : answer.text + "\n",
                status: answer.status == 200 ? .clean : .findings)
        }
    }
}
