// SPDX-License-Identifier: Apache-2.0
// Exercised by EffectiveConfigurationTests.

package import Diagnostics
internal import EventModel
internal import Yams

/// A configuration as it counts: with defaults, with variables put in, and with no secret.
package indirect enum ConfigurationTree: Hashable, Sendable {
    package struct Member: Hashable, Sendable {
        package let name: String
        package let value: ConfigurationTree

        init(_ name: String, _ value: ConfigurationTree) {
            self.name = name
            self.value = value
        }
    }

    /// `isWord`: it can stand without quotes.
    case text(String, isWord: Bool)
    case integer(Int)
    case boolean(Bool)
    case list([ConfigurationTree])
    case mapping([Member])

    /// What stands for a secret.
    package static let secret = ConfigurationTree.text("***", isWord: false)
}

extension LiveConfiguration {
    /// Reads a configuration file, and gives all of it that counts.
    ///
    /// - Parameters:
    ///   - folder: what relative paths of the file's own name count from.
    ///   - variable: the variables of the environment.
    /// - Returns: nil with at least one error.
    package static func effective(
        _ file: SourceFile, folder: String, variable: @escaping (String) -> String?
    ) -> (tree: ConfigurationTree?, diagnostics: [Diagnostic]) {
        let (configuration, diagnostics) = read(file, variable: variable)
        guard configuration != nil else { return (nil, diagnostics) }
        var reader = ConfigurationReader(file, variable: variable)
        guard let document = reader.document() else { return (nil, reader.diagnostics) }
        return (reader.tree(document, folder), [])
    }
}

extension ConfigurationReader {
    fileprivate mutating func tree(_ document: Node, _ folder: String) -> ConfigurationTree {
        let sections = ConfigurationSections.named
        let top = section(
            document, ConfigurationSections.topLevel, "",
            others: sections.map(\.name) + ["feeds", "sinks", "routes"])
        var members = listed(top, folder)
        for declaration in sections {
            let values =
                document.mapping?[Node(declaration.name)].map { section($0, declaration, "") }
                ?? SectionValues(declaration)
            members.append(.init(declaration.name, .mapping(listed(values, folder))))
        }
        members.append(.init("feeds", connectors(document, "feeds", folder)))
        var sinks = connectors(document, "sinks", folder)
        if sinks == .mapping([]) { sinks = .mapping([.init("stdout", typed("stdout", []))]) }
        members.append(.init("sinks", sinks))
        if let routes = document.mapping?[Node("routes")]?.sequence {
            let elements = routes.map { node in
                ConfigurationTree.mapping(
                    listed(section(node, ConfigurationSections.route, ""), folder))
            }
            members.append(.init("routes", .list(elements)))
        }
        return .mapping(members)
    }

    private mutating func connectors(
        _ document: Node, _ name: String, _ folder: String
    ) -> ConfigurationTree {
        guard let node = document.mapping?[Node(name)] else { return .mapping([]) }
        let declarations =
            name == "feeds" ? ConfigurationSections.feeds : ConfigurationSections.sinks
        var result: [ConfigurationTree.Member] = []
        for (name, _, node) in members(of: node, "") {
            guard let values = connector(node, declarations, "") else { continue }
            result.append(.init(name, typed(values.declaration.name, listed(values, folder))))
        }
        return .mapping(result)
    }

    private func typed(
        _ type: String, _ members: [ConfigurationTree.Member]
    ) -> ConfigurationTree {
        .mapping([.init("type", .text(type, isWord: true))] + members)
    }

    /// The options that have a value, in the order of their declaration.
    private func listed(
        _ values: SectionValues, _ folder: String
    ) -> [ConfigurationTree.Member] {
        values.declaration.options.compactMap { option in
            values.value(option.name).map { value in
                .init(option.name, tree(value, option.kind, folder))
            }
        }
    }

    private func tree(
        _ value: OptionValue, _ kind: OptionKind, _ folder: String
    ) -> ConfigurationTree {
        switch (value, kind) {
        case (.namedTexts(let texts), _):
            .mapping(texts.map { .init($0.name, .secret) })
        case (_, .secret): .secret
        case (.integer(let number), .duration):
            .text(TimeSpan(nanoseconds: Int64(number)).description, isWord: true)
        case (.integer(let number), .size): .text(OptionValue.sizeText(number), isWord: true)
        case (.integer(let number), _): .integer(number)
        case (.boolean(let flag), _): .boolean(flag)
        case (.text(let text), .path), (.text(let text), .paths):
            tree(ofPath: text, folder)
        case (.texts(let texts), .paths): .list(texts.map { tree(ofPath: $0, folder) })
        case (.text(let text), .address), (.text(let text), .choice):
            .text(text, isWord: true)
        case (.text(let text), _): .text(text, isWord: false)
        case (.texts(let texts), _): .list(texts.map { .text($0, isWord: false) })
        }
    }

    private func tree(ofPath path: String, _ folder: String) -> ConfigurationTree {
        let path = besideFile(path)
        return .text(path.hasPrefix("/") ? path : "\(folder)/\(path)", isWord: false)
    }
}

extension OptionValue {
    /// A number of bytes in the largest unit that has no fraction.
    static func sizeText(_ count: Int) -> String {
        for (name, shift) in [("TB", 40), ("GB", 30), ("MB", 20), ("KB", 10)]
        where count > 0 && count % (1 << shift) == 0 {
            return "\(count >> shift)\(name)"
        }
        return "\(count)"
    }
}
