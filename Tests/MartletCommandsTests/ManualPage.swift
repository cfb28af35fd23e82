// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Testing

@testable import MartletCommands

/// The manual page, made from what the argument parser knows of the commands.
struct ManualPage {
    /// What `--experimental-dump-help` tells.
    private struct Help: Decodable { var command: Command }

    private struct Command: Decodable {
        var commandName: String
        var abstract: String?
        var discussion: String?
        var subcommands: [Command]?
        var arguments: [Argument]?
    }

    private struct Argument: Decodable {
        struct Name: Decodable {
            var kind: String
            var name: String

            var text: String { (kind == "long" ? "--" : "-") + name }
        }
        var kind: String
        var shouldDisplay: Bool
        var isOptional: Bool
        var isRepeating: Bool
        var names: [Name]?
        var preferredName: Name?
        var valueName: String?
        var defaultValue: String?
        var allValues: [String]?
        var abstract: String?
        var discussion: String?
    }

    private let command: Command

    init() throws {
        command = try JSONDecoder().decode(
            Help.self, from: Data(Martlet._dumpHelp().utf8)
        ).command
    }

    var text: String {
        var lines = [
            ".\\\" Made from the help of the commands by ManualPageTests.",
            ".TH MARTLET 1 \"\" \"martlet \(Martlet.version)\" \"User Commands\"", ".SH NAME",
            "martlet \\- \(escaped(command.abstract ?? ""))", ".SH SYNOPSIS",
        ]
        let commands = (command.subcommands ?? []).filter { $0.commandName != "help" }
        for (index, subcommand) in commands.enumerated() {
            lines += index > 0 ? [".br"] : []
            lines.append(synopsis(subcommand))
        }
        lines += [".SH DESCRIPTION"] + paragraphs(command.discussion)
        lines.append(".SH COMMANDS")
        for subcommand in commands { lines += section(subcommand) }
        lines += [".SH SEE ALSO", "docs/reference/cli.md"]
        return lines.map { "\($0)\n" }.joined()
    }

    private func synopsis(_ command: Command) -> String {
        let arguments = shown(command).filter { $0.kind == "positional" }.map { argument in
            let name = "\\fI\(escaped(argument.valueName ?? ""))\\fR"
            let repeated = name + (argument.isRepeating ? "..." : "")
            return argument.isOptional ? "[\(repeated)]" : repeated
        }
        return (["\\fBmartlet \(command.commandName)\\fR"] + arguments + ["[\\fIoptions\\fR]"])
            .joined(separator: " ")
    }

    private func shown(_ command: Command) -> [Argument] {
        (command.arguments ?? []).filter { argument in
            argument.shouldDisplay && !["help", "version"].contains(argument.preferredName?.name)
        }
    }

    private func section(_ command: Command) -> [String] {
        var lines = [".SS martlet \(command.commandName)", escaped(command.abstract ?? "")]
        lines += paragraphs(command.discussion).flatMap { [".PP", $0] }
        for argument in shown(command) {
            lines += [".TP", title(argument)]
            lines.append(escaped(argument.abstract ?? ""))
            lines += paragraphs(argument.discussion)
            if let values = argument.allValues, !values.isEmpty {
                lines.append(escaped("One of: \(values.joined(separator: ", "))."))
            }
            if let value = argument.defaultValue, !value.isEmpty {
                lines.append(escaped("Default: \(value)."))
            }
        }
        return lines
    }

    private func title(_ argument: Argument) -> String {
        let value = argument.valueName.map { "\\fI\(escaped($0))\\fR" } ?? ""
        guard argument.kind != "positional" else { return value }
        let names = (argument.names ?? []).map { "\\fB\(escaped($0.text))\\fR" }
        let list = names.joined(separator: ", ")
        return argument.kind == "option" ? "\(list) \(value)" : list
    }

    private func paragraphs(_ text: String?) -> [String] {
        (text ?? "").split(separator: "\n").map { escaped(String($0)) }
    }

    private func escaped(_ text: String) -> String {
        let plain = text.replacingOccurrences(of: "\\", with: "\\e")
            .replacingOccurrences(of: "-", with: "\\-")
        return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
    }
}

@Suite struct ManualPageTests {
    private static let path = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs/man/martlet.1")

    /// `MARTLET_UPDATE_GOLDEN=1` writes it anew.
    @Test func theManualPageSaysWhatTheOptionsAre() throws {
        let text = try ManualPage().text
        if ProcessInfo.processInfo.environment["MARTLET_UPDATE_GOLDEN"] == "1" {
            try FileManager.default.createDirectory(
                at: Self.path.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: Self.path)
        }
        #expect(try String(contentsOf: Self.path, encoding: .utf8) == text)
    }

    @Test func everyCommandAndOptionIsInIt() throws {
        let text = try ManualPage().text
        for command in Martlet.configuration.subcommands {
            #expect(text.contains(".SS martlet \(try #require(command.configuration.commandName))"))
        }
        for option in ["strict", "filter", "lateness", "check", "color"] {
            #expect(text.contains("\\fB\\-\\-\(option)\\fR"), "\(option)")
        }
    }
}
