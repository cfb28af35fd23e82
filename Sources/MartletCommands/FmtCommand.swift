// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Diagnostics
internal import Pipeline
internal import RuleLanguage

/// `martlet fmt`: rules files in their one layout.
package struct FmtCommand: OutcomeCommand {
    package static let configuration = CommandConfiguration(
        commandName: "fmt",
        abstract: "Lays out rules files.",
        discussion: """
            There is one layout, and no options for it. Files are rewritten in place; what they \
            mean does not change, and comments stay. A file with mistakes of syntax is left alone, \
            and exits with 1.

            Example: martlet fmt --check rules/
            """)

    @Argument(
        help: ArgumentHelp(
            "Rules files and folders.",
            discussion: """
                Of a folder, every `*.martlet` below it; `-` is standard input, and goes to \
                standard output. Without any, the folder at hand.
                """))
    var rules: [String] = []

    @Flag(help: "Change nothing; name the files that differ, and exit with 1 if there are any.")
    var check = false

    @Flag(help: "Change nothing; show what would change.")
    var diff = false

    @Option(help: "When to use colours.")
    var color: ColourChoice = .auto

    package init() {}

    package func outcome(in surroundings: Surroundings) -> CommandOutcome {
        if rules.contains("-"), rules.count > 1 {
            return .failed("`-` stands for itself alone", .usage)
        }
        let files: [SourceFile]
        do {
            files = try RulesetLoader.sources(rules.isEmpty ? ["."] : rules)
        } catch {
            return .failed("\(error)", error.isUsage ? .usage : .environment)
        }
        var tally = Tally()
        for file in files { add(file, to: &tally, in: surroundings) }
        if rules != ["-"] { tally.outcome.errors += tally.summary(check || diff) }
        return tally.outcome
    }

    private struct Tally {
        var outcome = CommandOutcome()
        var differing = 0
        var refused = 0
        var files = 0

        func summary(_ changesNothing: Bool) -> String {
            let verb = changesNothing ? "would change" : "changed"
            let left = refused > 0 ? ", \(refused) left alone" : ""
            return "\(differing) of \(counted(files, "file")) \(verb)\(left)\n"
        }

        mutating func fail(_ message: String, _ status: ExitStatus) {
            outcome.errors += "error: \(message)\n"
            outcome.status = status
        }

        mutating func found() {
            if outcome.status == .clean { outcome.status = .findings }
        }
    }

    private func add(
        _ file: SourceFile, to tally: inout Tally, in surroundings: Surroundings
    ) {
        tally.files += 1
        switch RuleFormatter.format(file) {
        case .refused(let errors):
            let colour = color.isOn(in: surroundings)
            tally.outcome.errors += DiagnosticRenderer.human(errors, colour: colour)
            tally.refused += 1
            tally.found()
        case .changed(let difference):
            tally.fail(
                "\(file.name) is left alone, as its layout would change what it says "
                    + "(\(difference)): this is a fault of martlet", .internalFault)
            tally.refused += 1
        case .formatted(let text): add(text, of: file, to: &tally)
        }
    }

    private func add(_ text: String, of file: SourceFile, to tally: inout Tally) {
        let differs = !text.utf8.elementsEqual(file.bytes)
        if differs { tally.differing += 1 }
        if diff, differs {
            let old = String(decoding: file.bytes, as: UTF8.self)
            tally.outcome.output += UnifiedDiff(old, text, name: file.name).text
        }
        if check, differs {
            if !diff { tally.outcome.output += "\(file.name)\n" }
            tally.found()
        }
        guard !check, !diff else { return }
        if rules == ["-"] {
            tally.outcome.output += text
        } else if differs {
            do throws(RulesetLoadError) {
                try RulesetLoader.replace(file.name, with: Array(text.utf8))
            } catch {
                tally.fail("\(error)", .environment)
            }
        }
    }
}
